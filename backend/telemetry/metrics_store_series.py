"""The metrics of the embedded metrics store, read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.telemetry import process_metrics as metrics
from backend.telemetry.definitions import Reading, Row, one


@dataclass(frozen=True)
class StoreFigures:
    """What the store holds (None: it cannot be read now), and what it could not keep. ``dropped`` is by reason."""

    series: int | None
    bytes: int | None
    chunks: int | None
    head_rows: int | None
    damaged: int
    failed_writes: int
    dropped: Mapping[str, int]


ReadStore = Callable[[], StoreFigures]


def readings(figures: StoreFigures) -> list[Reading]:
    """What stands in an exposition of them; what cannot be read now is left out."""
    held = (
        (metrics.HELD_SERIES, figures.series),
        (metrics.HELD_BYTES, figures.bytes),
        (metrics.HELD_CHUNKS, figures.chunks),
        (metrics.HELD_HEAD_ROWS, figures.head_rows),
    )
    return [
        *(one(metric, value) for metric, value in held if value is not None),
        one(metrics.DAMAGED, figures.damaged),
        one(metrics.FAILED_WRITES, figures.failed_writes),
        Reading(metrics.SAMPLES_DROPPED, [Row((reason,), number) for reason, number in sorted(figures.dropped.items())]),
    ]
