"""Straight lines through windows, and smoothing."""

from __future__ import annotations

import numpy as np

from backend.errors import QueryProblem
from backend.monitoring.promql.functions.sums import added
from backend.monitoring.promql.functions.windows import Answer, Windows, windows_of
from backend.monitoring.promql.samples import Block, Times, Values


def derivative(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    """Per second, by least squares; two samples at least."""
    windows = windows_of(block, ends, range_ms)
    return _joined([_line(part, part.when(part.low))[0] for part in windows.parts()], windows), windows.holding(2)


def prediction(block: Block, ends: Times, range_ms: int, at: Times, ahead: Values) -> Answer:
    """The value so many seconds after the step."""
    windows = windows_of(block, ends, range_ms)
    lines = [_line(part, at) for part in windows.parts()]
    with np.errstate(all="ignore"):
        return _joined([slope * ahead + level for slope, level in lines], windows), windows.holding(2)


def _joined(parts: list[Values], windows: Windows) -> Values:
    return np.concatenate(parts) if parts else np.zeros(windows.shape)


class _Total:
    """Neumaier's sum of as many terms as a window has samples."""

    def __init__(self, windows: Windows) -> None:
        self._counts = windows.counts
        self._surely = int(self._counts.min(initial=0))
        self._tame = windows.tame
        self._total = self._lost = np.zeros((1, 1))

    def add(self, term: Values, place: int) -> None:
        more = term if place < self._surely else np.where(place < self._counts, term, 0.0)
        self._total, self._lost = added(more, self._total, self._lost, self._tame)

    @property
    def value(self) -> Values:
        return self._total + self._lost


def _line(windows: Windows, origin: Times) -> tuple[Values, Values]:
    """Slope per second and value at ``origin`` (ms; (N,) or like places), by Prometheus's order of operations."""
    sum_x, sum_y, sum_xy, sum_xx = (_Total(windows) for _ in range(4))
    first = windows.at(windows.low)
    constant = np.ones(windows.shape, dtype=bool)
    counts = windows.counts
    with np.errstate(all="ignore"):
        for place in range(windows.most):
            x, y = (windows.when(windows.low + place) - origin) / 1000, windows.at(windows.low + place)
            constant &= (y == first) | (place >= counts) | (place == 0)
            for total, term in ((sum_x, x), (sum_y, y), (sum_xy, x * y), (sum_xx, x * x)):
                total.add(term, place)
        covariance = sum_xy.value - sum_x.value * sum_y.value / counts
        slope = covariance / (sum_xx.value - sum_x.value * sum_x.value / counts)
        level = sum_y.value / counts - slope * sum_x.value / counts
    flat = np.where(np.isinf(first), np.nan, 0.0)
    return np.where(constant, flat, slope), np.where(constant, first + flat, level)


def smoothed(block: Block, ends: Times, range_ms: int, _at: Times, smoothing: Values, trend: Values) -> Answer:
    """Holt's double exponential smoothing. QueryProblem where a factor is not between 0 and 1."""
    for name, factor in (("smoothing", smoothing), ("trend", trend)):
        wrong = factor[~((factor > 0) & (factor < 1))]
        if len(wrong):
            letter = name[0]
            raise QueryProblem("execution", f"invalid {name} factor. Expected: 0 < {letter}f < 1, got: {wrong[0]:f}")
    windows = windows_of(block, ends, range_ms)
    return _joined([_smoothed(part, smoothing, trend) for part in windows.parts()], windows), windows.holding(2)


def _smoothed(windows: Windows, smoothing: Values, trend: Values) -> Values:
    before, level = np.zeros(windows.shape), windows.at(windows.low)
    with np.errstate(all="ignore"):
        slope = windows.at(windows.low + 1) - level
        for place in range(1, windows.most):
            if place > 1:
                slope = trend * (level - before) + (1 - trend) * slope
            new = smoothing * windows.at(windows.low + place) + (1 - smoothing) * (level + slope)
            more = place < windows.counts
            before, level = level, np.where(more, new, level)
    return level
