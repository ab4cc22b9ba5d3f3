"""What changed over a range: carried on to its edges, between the last two samples, or counted."""

from __future__ import annotations

import numpy as np

from backend.monitoring.promql.functions.windows import Answer, Indexes, Windows, reduced, windows_of
from backend.monitoring.promql.samples import Block, Mask, Times, Values

_NEAR = 1.1  # samples nearer to an edge than this many mean intervals are taken to reach it
_ONE_BY_ONE = 64  # resets in a window up to which what they lost is added in the order of time


def rate(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=True, per_second=True)


def increase(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=True)


def delta(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=False)


def _carried_on(block: Block, ends: Times, range_ms: int, *, counter: bool, per_second: bool = False) -> Answer:
    """Order of operations and units (ms while subtracting, then s) are Prometheus's."""
    windows = windows_of(block, ends, range_ms)
    first, change = windows.at(windows.low), windows.at(windows.high - 1)
    begins, finishes = windows.when(windows.low), windows.when(windows.high - 1)
    with np.errstate(all="ignore"):
        change -= first
        if counter:
            _add_lost(windows, change)
        lasted = (finishes - begins) / 1000
        mean = lasted / (windows.counts - 1)
        before, after = (begins - (ends - range_ms)) / 1000, (ends - finishes) / 1000
        before = np.where(before >= mean * _NEAR, mean / 2, before)
        after = np.where(after >= mean * _NEAR, mean / 2, after)
        if counter:
            before = _not_below_zero(before, lasted, first, change)
        factor = (lasted + before + after) / lasted
        change *= factor / (range_ms / 1000) if per_second else factor
    return change, windows.holding(2)


def _not_below_zero(before: Values, lasted: Values, first: Values, change: Values) -> Values:
    """A counter began at 0 at the earliest. Only a small first sample comes near: ``before`` is at most 1.1 of ``lasted``."""
    near = (first < change * 1.25) & (first >= 0)
    if not near.any():
        return before
    shape = first.shape
    found = np.array(np.broadcast_to(before, shape))
    to_zero = np.broadcast_to(lasted, shape)[near] * (first[near] / change[near])
    found[near] = np.minimum(found[near], to_zero)
    return found


def _add_lost(windows: Windows, change: Values) -> None:
    """Adds what a counter had reached before each reset in a window."""
    falls = _falls(windows)
    if not len(falls) or not change.size:
        return
    starts = (windows.rows + windows.low[:, :1])[:, 0]
    rows = np.unique(np.searchsorted(starts, falls, side="right")) - 1
    rows = rows[rows >= 0]
    low, high = (windows.low, windows.high) if windows.shared else (windows.low[rows], windows.high[rows])
    passed = np.zeros(len(windows.values) + 1, dtype=np.intp)  # how many falls there are before each place
    passed[falls + 1] = 1
    np.cumsum(passed, out=passed)
    last = passed[windows.rows[rows] + high]
    earliest = np.minimum(passed.take(windows.rows[rows] + low + 1, mode="clip"), last)
    some = np.nonzero(last > earliest)
    places = rows[some[0]], some[1]
    change[places] = _with_lost(change[places], windows.values[falls - 1], earliest[some], last[some])


def _falls(windows: Windows) -> Indexes:
    """Places of samples that are less than the one before, of the same series."""
    samples, times = windows.values, windows.times
    falls = np.flatnonzero(samples[1:] < samples[:-1]) + 1
    return falls[falls % len(times) != 0] if windows.shared else falls[times[falls] > times[falls - 1]]


def _with_lost(change: Values, reached: Values, earliest: Indexes, last: Indexes) -> Values:
    counts = last - earliest
    many = counts > _ONE_BY_ONE
    for place in range(min(int(counts.max(initial=0)), _ONE_BY_ONE)):
        change = np.where((place < counts) & ~many, change + reached.take(earliest + place, mode="clip"), change)
    if many.any():
        change[many] += reduced(np.add, reached, earliest[many], last[many])
    return change


def instant_rate(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    """Between the last two samples, per second; after a reset all that is there is new."""
    windows = windows_of(block, ends, range_ms)
    before, after = windows.at(windows.high - 2), windows.at(windows.high - 1)
    seconds = (windows.when(windows.high - 1) - windows.when(windows.high - 2)) / 1000
    with np.errstate(all="ignore"):
        return np.where(after < before, after, after - before) / seconds, windows.holding(2)


def instant_delta(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    windows = windows_of(block, ends, range_ms)
    with np.errstate(all="ignore"):
        return windows.at(windows.high - 1) - windows.at(windows.high - 2), windows.holding(2)


def changes(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    """How often a sample differs from the one before it; NaN is equal to NaN."""
    windows = windows_of(block, ends, range_ms)
    before, after = windows.values[:-1], windows.values[1:]
    return _counted(windows, (before != after) & ~(np.isnan(before) & np.isnan(after)))


def resets(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    windows = windows_of(block, ends, range_ms)
    return _counted(windows, windows.values[1:] < windows.values[:-1])


def _counted(windows: Windows, happened: Mask) -> Answer:
    before = np.append(0.0, np.cumsum(happened, dtype=np.float64))
    return windows.at(windows.high - 1, before) - windows.at(windows.low, before), windows.holding()
