"""The metrics of what a process keeps of its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from backend.telemetry import api_metrics as metrics
from backend.telemetry.definitions import Reading, one


class KeptFigures(NamedTuple):
    """Answers kept now, their bytes, and how many had to go since the process started."""

    entries: int
    bytes: int
    evictions: int


ReadKept = Callable[[], KeptFigures]


def readings(figures: KeptFigures) -> list[Reading]:
    """What stands in an exposition of them."""
    return [
        one(metrics.CACHE_ENTRIES, figures.entries),
        one(metrics.CACHE_BYTES, figures.bytes),
        one(metrics.CACHE_EVICTIONS, figures.evictions),
    ]
