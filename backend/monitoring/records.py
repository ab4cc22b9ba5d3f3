"""What monitoring holds: a running process, one answered request, and the summary on the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.telemetry.spans import Span


@dataclass(frozen=True)
class Instance:
    """One running process of ours; ``operations_url`` is where its figures are read, if it has any."""

    id: str
    role: str
    process_id: int
    host: str
    version: str
    started_at: datetime
    operations_url: str | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True)
class RequestRecord:
    """One answered request: nothing of what was asked, only how it went.

    ``spans`` and ``profile`` (a tree of calls as text, of a sampled slow request) are there where something was made for it.
    """

    id: str
    at: datetime
    method: str
    route: str
    status: int
    seconds: float
    trace_id: str
    instance: str
    actor_id: str | None = None
    degraded: tuple[str, ...] = ()
    error_code: str | None = None
    spans: tuple[Span, ...] = ()
    profile: str | None = None


@dataclass(frozen=True)
class Summary:
    """The API's state at a glance over the last minute. None means: not known, which is not zero."""

    at: datetime
    api_processes: int
    requests_per_second: float | None
    error_ratio: float | None
    p95_seconds: float | None
    degraded_ratio: float | None
    series: dict[str, tuple[float | None, ...]]
    reading_age_seconds: float
