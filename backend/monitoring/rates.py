"""From counters to rates: differences per process, safe against restarts; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isinf

from backend.monitoring.records import CounterReading, Counters, Histogram

SERIES = ("requests_per_second", "error_ratio", "p95_seconds", "degraded_ratio")
LONGEST_GAP_SECONDS = 60.0
ODD_SHAPE = Histogram()


@dataclass(frozen=True)
class Figures:
    """What happened in a span; None where nothing is known."""

    requests_per_second: float | None = None
    error_ratio: float | None = None
    p95_seconds: float | None = None
    degraded_ratio: float | None = None


@dataclass(frozen=True)
class Increase:
    """What one process counted between two readings of it."""

    start: datetime
    end: datetime
    counters: Counters


def increases(readings: Iterable[CounterReading]) -> list[Increase]:
    """The differences between neighbouring readings of each process; a long silence between two is a gap, not a rate.

    Before the first reading of a young process stands its start, at which it had counted nothing.
    """
    found: list[Increase] = []
    last: dict[str, CounterReading] = {}
    for reading in sorted(readings, key=lambda reading: reading.at):
        before = last.get(reading.instance) or _at_start(reading)
        if before is not None and 0 < (reading.at - before.at).total_seconds() <= LONGEST_GAP_SECONDS:
            found.append(Increase(before.at, reading.at, grown(before.counters, reading.counters)))
        last[reading.instance] = reading
    return found


def _at_start(reading: CounterReading) -> CounterReading | None:
    started_at = reading.counters.started_at
    return None if started_at is None else CounterReading(started_at, reading.instance, Counters())


def grown(before: Counters, after: Counters) -> Counters:
    """How much was counted between the two; a counter that went down began again at zero."""
    if after.requests < before.requests:
        return after
    return Counters(
        requests=after.requests - before.requests,
        errors=_rise(before.errors, after.errors),
        charts=_rise(before.charts, after.charts),
        degraded=_rise(before.degraded, after.degraded),
        latency=_latency_rise(before.latency, after.latency),
    )


def _rise(before: float, after: float) -> float:
    return after - before if after >= before else after


def _latency_rise(before: Histogram, after: Histogram) -> Histogram:
    if before.bounds != after.bounds:
        return after if not before.bounds else ODD_SHAPE
    return Histogram(after.bounds, tuple(_rise(b, a) for b, a in zip(before.counts, after.counts, strict=True)))


def figures(grown_by: Sequence[Increase]) -> Figures:
    """What the increases amount to. Processes add up; the spans of one process follow each other."""
    if not grown_by:
        return Figures()
    requests = sum(increase.counters.requests for increase in grown_by)
    charts = sum(increase.counters.charts for increase in grown_by)
    start, end = min(i.start for i in grown_by), max(i.end for i in grown_by)
    return Figures(
        requests_per_second=requests / (end - start).total_seconds(),
        error_ratio=sum(i.counters.errors for i in grown_by) / requests if requests else None,
        p95_seconds=quantile(0.95, added(i.counters.latency for i in grown_by)),
        degraded_ratio=sum(i.counters.degraded for i in grown_by) / charts if charts else None,
    )


def added(histograms: Iterable[Histogram]) -> Histogram:
    """The sum of histograms with the same bounds; one of another shape is left out."""
    total = Histogram()
    for histogram in histograms:
        if not total.bounds:
            total = histogram
        elif histogram.bounds == total.bounds:
            total = Histogram(total.bounds, tuple(a + b for a, b in zip(total.counts, histogram.counts, strict=True)))
    return total


def quantile(share: float, histogram: Histogram) -> float | None:
    """The value below which ``share`` of the observations lie, by straight lines inside a bucket, as Prometheus does it."""
    if not histogram.counts or histogram.counts[-1] <= 0:
        return None
    rank = share * histogram.counts[-1]
    index = next(i for i, count in enumerate(histogram.counts) if count >= rank)
    upper = histogram.bounds[index]
    lower = histogram.bounds[index - 1] if index else 0.0
    if isinf(upper):
        return lower
    below = histogram.counts[index - 1] if index else 0.0
    inside = histogram.counts[index] - below
    return lower + (upper - lower) * ((rank - below) / inside if inside else 1.0)


def sparks(readings: Sequence[CounterReading], end: datetime, span: timedelta, points: int) -> dict[str, tuple[float | None, ...]]:
    """Each figure over ``span`` up to ``end`` in ``points`` equal steps; None where nothing was read."""
    step = span / points
    per_step: list[list[Increase]] = [[] for _ in range(points)]
    for increase in increases(readings):
        index = int((increase.end - (end - span)) / step - 1e-9)
        if 0 <= index < points and increase.end > end - span:
            per_step[index].append(increase)
    rows = [figures(found) for found in per_step]
    return {name: tuple(getattr(row, name) for row in rows) for name in SERIES}
