"""What goes into the metrics store, what comes back, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.samples import Times, Values

BLOCK_MS = 7_200_000  # chunks never cross a multiple of two hours


@dataclass(frozen=True)
class StoreLimits:
    """How much the store takes in and keeps; labels in characters, ``size`` in bytes. What is beyond a limit is dropped and counted."""

    series: int = 200_000
    scrape_samples: int = 50_000
    labels: int = 40
    label_name: int = 128
    label_value: int = 1024
    exemplars: int = 50_000
    retention: timedelta = timedelta(days=15)
    size: int = 2_000_000_000


@dataclass(frozen=True)
class Series:
    """Samples of one series to be written; times ascend."""

    labels: Labels
    times: Times
    values: Values


@dataclass(frozen=True)
class Appended:
    """How many samples were kept, and how many not, by reason."""

    kept: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """One process to be scraped; its labels are put on each of its series."""

    labels: Labels
    url: str


@dataclass(frozen=True)
class Exposition:
    """What a target answered."""

    body: bytes
    content_type: str = "text/plain"


@dataclass(frozen=True)
class Failure:
    """Why a target gave nothing, for people."""

    reason: str


@dataclass(frozen=True)
class TargetState:
    """A target as it was scraped last. ``health`` is 'up' or 'down'; ``seconds`` is how long the scrape took."""

    labels: Labels
    url: str
    last_scrape: datetime
    health: str
    error: str
    seconds: float
    samples: int


@dataclass(frozen=True)
class Metadata:
    """What a metric family says of itself."""

    type: str
    help: str
    unit: str


@dataclass(frozen=True)
class StoredExemplar:
    """One request that stands for a sample: its own labels (a trace's id), the series', the value and when (ms since 1970)."""

    labels: Labels
    series: Labels
    value: float
    at: int


@dataclass(frozen=True)
class StoreStatus:
    """The store's health. ``newest`` is the time of the newest sample; ``files`` is the size of all its files in bytes."""

    newest: datetime | None
    oldest: datetime | None
    series: int
    files: int
    chunks: int
    head_rows: int
    damaged: int
    counters: Mapping[str, int]


class Damaged(Exception):
    """What was read is not what had been written."""
