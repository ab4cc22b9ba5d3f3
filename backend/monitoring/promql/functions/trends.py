"""Straight lines through windows, and smoothing."""

from __future__ import annotations

import numpy as np

from backend.errors import QueryProblem
from backend.monitoring.promql.functions.windows import Windows, spread, windows_of
from backend.monitoring.promql.samples import Block, Mask, Times, Values

Answer = tuple[Values, Mask]


def derivative(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    """Per second, by least squares; two samples at least."""
    windows = windows_of(block, ends, range_ms)
    origin = windows.at(windows.times.astype(np.float64), windows.begin)
    return _line(windows, origin)[0], windows.counts >= 2


def prediction(block: Block, ends: Times, range_ms: int, at: Times, ahead: Values) -> Answer:
    """The value so many seconds after the step."""
    windows = windows_of(block, ends, range_ms)
    slope, level = _line(windows, np.broadcast_to(at.astype(np.float64), windows.begin.shape))
    with np.errstate(all="ignore"):
        return slope * ahead + level, windows.counts >= 2


def _line(windows: Windows, origin: Values) -> tuple[Values, Values]:
    """Slope per second and value at ``origin`` (ms); sums are kept in extended precision, as Prometheus compensates its own."""
    slope, level = np.zeros(windows.begin.shape), np.zeros(windows.begin.shape)
    for some in spread(windows, windows.counts >= 2):
        y = windows.values[some.source].astype(np.longdouble)
        x = ((windows.times[some.source] - some.per_sample(origin.ravel()[some.window])) / 1000).astype(np.longdouble)
        first = windows.values[some.source[some.starts]]
        constant = np.logical_and.reduceat(windows.values[some.source] == some.per_sample(first), some.starts)
        with np.errstate(all="ignore"):
            sum_x, sum_y = some.sums(x), some.sums(y)
            rise = (some.sums(x * y) - sum_x * sum_y / some.counts) / (some.sums(x * x) - sum_x * sum_x / some.counts)
            base = sum_y / some.counts - rise * sum_x / some.counts
        flat = np.where(np.isinf(first), np.nan, 0.0)
        slope.ravel()[some.window] = np.where(constant, flat, rise)
        level.ravel()[some.window] = np.where(constant, first + flat, base)
    return slope, level


def smoothed(block: Block, ends: Times, range_ms: int, _at: Times, smoothing: Values, trend: Values) -> Answer:
    """Holt's double exponential smoothing. QueryProblem where a factor is not between 0 and 1."""
    for name, factor in (("smoothing", smoothing), ("trend", trend)):
        wrong = factor[~((factor >= 0) & (factor <= 1))]
        if len(wrong):
            letter = name[0]
            raise QueryProblem("execution", f"invalid {name} factor. Expected: 0 <= {letter}f <= 1, got: {wrong[0]:f}")
    windows = windows_of(block, ends, range_ms)
    with np.errstate(all="ignore"):
        before, level = np.zeros(windows.begin.shape), windows.at(windows.values, windows.begin)
        slope = windows.at(windows.values, windows.begin + 1) - level
        for place in range(1, int(windows.counts.max(initial=0))):
            more = place < windows.counts
            if place > 1:
                slope = np.where(more, trend * (level - before) + (1 - trend) * slope, slope)
            new = smoothing * windows.at(windows.values, windows.begin + place) + (1 - smoothing) * (level + slope)
            before, level = np.where(more, level, before), np.where(more, new, level)
    return level, windows.counts >= 2
