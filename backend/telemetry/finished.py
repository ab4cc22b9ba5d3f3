"""A request that is over, as traces tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.telemetry.spans import Span


@dataclass(frozen=True, slots=True)
class FinishedRequest:
    """``at``: its end. ``parent_id``: the caller's own span, or '' where the trace begins here. Ids in hexadecimal."""

    trace_id: str
    span_id: str
    parent_id: str
    at: datetime
    seconds: float
    method: str
    route: str
    status: int
    request_id: str
    error_code: str | None
    spans: tuple[Span, ...]
