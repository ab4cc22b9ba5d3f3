"""Functions that make one value of each window: sums, means, extremes, quantiles, spreads, and when they were."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from backend.monitoring.promql.functions.registry_types import Note
from backend.monitoring.promql.functions.sums import added, means, sums
from backend.monitoring.promql.functions.windows import Answer, Indexes, Windows, by_parts, by_pieces, laid_out, reduced, windows_of
from backend.monitoring.promql.samples import Block, Mask, Times, Values

_SPREAD_OUT = 1e4  # where the mean square is more than this many variances, the two ways round differently
_LARGE = 1e300
RangeKernel = Callable[[Block, Times, int, Times], Answer]
Order = Callable[[Values, Values], Mask]


def over(make: Callable[[Windows], Values]) -> RangeKernel:
    """A kernel from what it makes of windows; a window without samples has no value."""

    def kernel(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
        windows = windows_of(block, ends, range_ms)
        with np.errstate(all="ignore"):
            return make(windows), windows.holding()

    return kernel


def least(windows: Windows) -> Values:
    """A NaN only where there is nothing else."""
    return _extreme(windows, np.minimum if windows.tame else np.fmin)


def most(windows: Windows) -> Values:
    return _extreme(windows, np.maximum if windows.tame else np.fmax)


def _extreme(windows: Windows, better: np.ufunc) -> Values:
    """Every window is covered by two runs of 2^n samples; of each sample's run the extreme is made by doubling."""
    counts, found = windows.counts, np.zeros(windows.shape)
    table, length = windows.values, 1
    while length <= windows.most:
        now = (counts >= length) & (counts < 2 * length)
        if now.all():
            return np.asarray(better(windows.at(windows.low, table), windows.at(windows.high - length, table)))
        if now.any():
            places = np.nonzero(np.broadcast_to(now, windows.shape))
            found[places] = better(table[windows.begin[places]], table[windows.end[places] - length])
        table = better(table[:-length], table[length:])
        length *= 2
    return found


def first(windows: Windows) -> Values:
    return windows.at(windows.low)


def last(windows: Windows) -> Values:
    return windows.at(windows.high - 1)


def count(windows: Windows) -> Values:
    return np.broadcast_to(windows.counts.astype(np.float64), windows.shape)


def one(windows: Windows) -> Values:
    return np.ones(windows.shape)


def time_of_first(windows: Windows) -> Values:
    return np.broadcast_to(windows.when(windows.low) / 1000, windows.shape)


def time_of_last(windows: Windows) -> Values:
    return np.broadcast_to(windows.when(windows.high - 1) / 1000, windows.shape)


def time_of_least(windows: Windows) -> Values:
    return by_parts(windows, lambda part: _time_of(part, np.less_equal))


def time_of_most(windows: Windows) -> Values:
    return by_parts(windows, lambda part: _time_of(part, np.greater_equal))


def _time_of(windows: Windows, as_good: Order) -> Values:
    """When the window last had its extreme; NaN gives way to anything."""
    best, found = windows.at(windows.low), np.broadcast_to(windows.when(windows.low), windows.shape)
    for place in range(1, windows.most):
        value = windows.at(windows.low + place)
        better = (place < windows.counts) & (as_good(value, best) | np.isnan(best))
        best, found = np.where(better, value, best), np.where(better, windows.when(windows.low + place), found)
    return found / 1000


def variance(windows: Windows) -> Values:
    """Of the whole window: in extended precision where that agrees with Prometheus's recurrence, else by the recurrence itself."""
    samples, begin, end = windows.values.astype(np.longdouble), windows.begin, windows.end
    mean = reduced(np.add, samples, begin, end) / windows.counts
    found = (reduced(np.add, samples * samples, begin, end) / windows.counts - mean * mean).astype(np.float64)
    steady = windows.at(windows.high - 1, windows.changed) == windows.at(windows.low, windows.changed)
    found[steady] = 0.0
    agreed = (found * _SPREAD_OUT > mean * mean) & (found < _LARGE) | steady & np.isfinite(mean)
    doubtful = windows.holding() & ~agreed
    found[doubtful] = by_pieces(begin[doubtful], end[doubtful], partial(_by_recurrence, windows.values))
    return found


def _by_recurrence(samples: Values, begin: Indexes, end: Indexes) -> Values:
    """Welford's, with what rounding loses kept apart, for all windows (W,) at once."""
    mean, mean_lost, squares, squares_lost = (np.zeros(len(begin)) for _ in range(4))
    counts = end - begin
    for place in range(int(counts.max(initial=0))):
        inside = place < counts
        value = samples.take(begin + place, mode="clip")
        apart = value - (mean + mean_lost)
        new = added(apart / (place + 1), mean, mean_lost)
        more = added(apart * (value - (new[0] + new[1])), squares, squares_lost)
        mean, mean_lost = np.where(inside, new[0], mean), np.where(inside, new[1], mean_lost)
        squares, squares_lost = np.where(inside, more[0], squares), np.where(inside, more[1], squares_lost)
    return (squares + squares_lost) / counts


def deviation(windows: Windows) -> Values:
    return np.sqrt(variance(windows))


def median_deviation(windows: Windows) -> Values:
    """The median distance from the median."""
    found = np.zeros(windows.shape)
    for numbers, counts, samples in laid_out(windows):
        half = np.full(len(numbers), 0.5)
        middle = quantiles_of(samples, counts, half)
        found.ravel()[numbers] = quantiles_of(np.abs(samples - middle[:, None]), counts, half)
    return found


def quantile(block: Block, ends: Times, range_ms: int, _at: Times, phi: Values, *, note: Note) -> Answer:
    windows = windows_of(block, ends, range_ms)
    found, present = np.zeros(windows.shape), windows.holding()
    note_quantiles(phi[present.any(axis=0)], note, 0)
    wanted = np.broadcast_to(phi, windows.shape).ravel()
    for numbers, counts, samples in laid_out(windows):
        found.ravel()[numbers] = quantiles_of(samples, counts, wanted[numbers])
    return found, present


def note_quantiles(phi: Values, note: Note, argument: int) -> None:
    """Warns of shares that are none."""
    for wrong in np.unique(phi[~((phi >= 0) & (phi <= 1))]).tolist():
        written = {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(str(wrong), f"{wrong:g}")
        note("warning", f"quantile value should be between 0 and 1, got {written}", argument)


def quantiles_of(samples: Values, counts: Indexes, phi: Values) -> Values:
    """Between the nearest ranks of each window (W, K), whose samples after ``counts`` are NaN; a NaN sample is the least of all."""
    ordered = np.sort(samples, axis=1)  # NaN last
    nans = counts - (samples.shape[1] - np.isnan(samples).sum(axis=1))
    with np.errstate(all="ignore"):
        rank = np.clip(np.nan_to_num(phi), 0.0, 1.0) * (counts - 1)
        lower = np.floor(rank)
        upper = np.minimum(lower + 1, counts - 1)
        weight = rank - lower
        low, high = (_ranked(ordered, (place - nans).astype(np.intp)) for place in (lower, upper))
        found = low * (1 - weight) + high * weight
    return np.where(np.isnan(phi), np.nan, np.where(phi < 0, -np.inf, np.where(phi > 1, np.inf, found)))


def _ranked(ordered: Values, place: Indexes) -> Values:
    found = np.take_along_axis(ordered, np.maximum(place, 0)[:, None], axis=1)[:, 0]
    return np.where(place < 0, np.nan, found)


sum_over_time = over(sums)
avg_over_time = over(means)
