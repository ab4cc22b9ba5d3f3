"""Functions that make one value of each window: sums, means, extremes, quantiles, spreads, and when they were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backend.monitoring.promql.functions.sums import means, sums
from backend.monitoring.promql.functions.windows import Spread, Windows, reduced, spread, windows_of
from backend.monitoring.promql.samples import Block, Mask, Times, Values

Answer = tuple[Values, Mask]
RangeKernel = Callable[[Block, Times, int, Times], Answer]


def over(make: Callable[[Windows], Values]) -> RangeKernel:
    """A kernel from what it makes of windows; a window without samples has no value."""

    def kernel(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
        windows = windows_of(block, ends, range_ms)
        return make(windows), windows.counts > 0

    return kernel


def least(windows: Windows) -> Values:
    """A NaN only where there is nothing else."""
    return reduced(np.fmin, windows.values, windows.begin, windows.end)


def most(windows: Windows) -> Values:
    return reduced(np.fmax, windows.values, windows.begin, windows.end)


def first(windows: Windows) -> Values:
    return windows.at(windows.values, windows.begin)


def last(windows: Windows) -> Values:
    return windows.at(windows.values, windows.end - 1)


def count(windows: Windows) -> Values:
    return windows.counts.astype(np.float64)


def one(windows: Windows) -> Values:
    return np.ones(windows.begin.shape)


def time_of_first(windows: Windows) -> Values:
    return windows.at(windows.times / 1000, windows.begin)


def time_of_last(windows: Windows) -> Values:
    return windows.at(windows.times / 1000, windows.end - 1)


def time_of_least(windows: Windows) -> Values:
    return _time_of(windows, least(windows))


def time_of_most(windows: Windows) -> Values:
    return _time_of(windows, most(windows))


def _time_of(windows: Windows, wanted: Values) -> Values:
    """When the window last had this value; a window of NaNs only, when it began."""
    found = windows.at(windows.times / 1000, windows.begin)
    for some in spread(windows, windows.counts > 0):
        there = windows.values[some.source] == some.per_sample(wanted.ravel()[some.window])
        latest = np.maximum.reduceat(np.where(there, windows.times[some.source] / 1000, -np.inf), some.starts)
        found.ravel()[some.window] = np.where(np.isfinite(latest), latest, found.ravel()[some.window])
    return found


def variance(windows: Windows) -> Values:
    """Of the whole window, by the squares of what lies apart from the mean."""
    found = np.zeros(windows.begin.shape)
    for some in spread(windows, windows.counts > 0):
        with np.errstate(all="ignore"):
            samples = windows.values[some.source] - some.per_sample(windows.values[some.source[some.starts]])
            apart = samples - some.per_sample(some.sums(samples).astype(np.float64) / some.counts)
            found.ravel()[some.window] = some.sums(apart * apart) / some.counts
    return found


def deviation(windows: Windows) -> Values:
    with np.errstate(all="ignore"):
        return np.sqrt(variance(windows))


def median_deviation(windows: Windows) -> Values:
    """The median distance from the median."""
    found = np.zeros(windows.begin.shape)
    half = np.full(windows.begin.size, 0.5)
    for some in spread(windows, windows.counts > 0):
        samples = windows.values[some.source]
        middle = quantiles_of(some, samples, half)
        found.ravel()[some.window] = quantiles_of(some, np.abs(samples - some.per_sample(middle)), half)
    return found


def quantile(block: Block, ends: Times, range_ms: int, _at: Times, phi: Values) -> Answer:
    windows = windows_of(block, ends, range_ms)
    found = np.zeros(windows.begin.shape)
    wanted = np.broadcast_to(phi, found.shape).ravel()
    for some in spread(windows, windows.counts > 0):
        found.ravel()[some.window] = quantiles_of(some, windows.values[some.source], wanted)
    return found, windows.counts > 0


def quantiles_of(some: Spread, samples: Values, phi: Values) -> Values:
    """Between the nearest ranks of each window; NaN is the least of values. ``phi`` by the number of the window."""
    phi = phi[some.window]
    keys = np.where(np.isnan(samples), -np.inf, samples)
    ordered = samples[np.lexsort((~np.isnan(samples), keys, np.repeat(np.arange(len(some.window)), some.counts)))]
    with np.errstate(all="ignore"):
        rank = np.clip(np.nan_to_num(phi), 0.0, 1.0) * (some.counts - 1)
        lower = np.floor(rank).astype(np.intp)
        upper = np.minimum(lower + 1, some.counts - 1)
        weight = rank - lower
        found = ordered[some.starts + lower] * (1 - weight) + ordered[some.starts + upper] * weight
    return np.where(np.isnan(phi), np.nan, np.where(phi < 0, -np.inf, np.where(phi > 1, np.inf, found)))


sum_over_time = over(sums)
avg_over_time = over(means)
