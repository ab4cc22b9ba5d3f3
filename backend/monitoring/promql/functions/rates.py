"""What changed over a range: carried on to its edges, between the last two samples, or counted."""

from __future__ import annotations

import numpy as np

from backend.monitoring.promql.functions.windows import Answer, Indexes, Windows, by_parts, reduced, windows_of
from backend.monitoring.promql.samples import Block, Times, Values

_NEAR = 1.1  # samples nearer to an edge than this many mean intervals are taken to reach it
_ONE_BY_ONE = 64  # resets in a window up to which what they lost is added in the order of time


def rate(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=True, per_second=True)


def increase(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=True)


def delta(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=False)


def _carried_on(block: Block, ends: Times, range_ms: int, *, counter: bool, per_second: bool = False) -> Answer:
    windows = windows_of(block, ends, range_ms)
    with np.errstate(all="ignore"):
        resets_inside = _Resets(windows) if counter else None
        found = by_parts(windows, lambda part: _change(part, ends, range_ms, resets_inside, per_second))
    return found, windows.holding(2)


def _change(windows: Windows, ends: Times, range_ms: int, resets_inside: _Resets | None, per_second: bool) -> Values:
    """Order of operations and units (ms while subtracting, then s) are Prometheus's."""
    first, change = windows.at(windows.low), windows.at(windows.high - 1)
    begins, finishes = windows.when(windows.low), windows.when(windows.high - 1)
    change -= first
    if resets_inside is not None:
        resets_inside.add(windows, change)
    lasted = (finishes - begins) / 1000
    mean = lasted / (windows.counts - 1)
    near = mean * _NEAR
    before, after = (begins - (ends - range_ms)) / 1000, (ends - finishes) / 1000
    before = np.where(before >= near, mean / 2, before)
    after = np.where(after >= near, mean / 2, after)
    if resets_inside is not None:
        before = _not_below_zero(before, lasted, first, change)
    factor = (lasted + before + after) / lasted
    change *= factor / (range_ms / 1000) if per_second else factor
    return change


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


class _Resets:
    """Where counters begin anew: what they had reached before is added to their change, reset after reset."""

    def __init__(self, windows: Windows) -> None:
        self._falls = _falls(windows)
        self._reached = windows.values[self._falls - 1]

    def add(self, windows: Windows, change: Values) -> None:
        if not len(self._falls) or not change.size:
            return
        begin, end = windows.begin, windows.end
        rows = np.flatnonzero(np.searchsorted(self._falls, begin[:, 0], side="right") < np.searchsorted(self._falls, end[:, -1]))
        last = np.searchsorted(self._falls, end[rows])
        earliest = np.minimum(np.searchsorted(self._falls, begin[rows], side="right"), last)
        some = np.nonzero(last > earliest)
        if len(some[0]):
            places = rows[some[0]], some[1]
            change[places] = self._added(change[places], earliest[some], last[some])

    def _added(self, change: Values, earliest: Indexes, last: Indexes) -> Values:
        counts = last - earliest
        many = counts > _ONE_BY_ONE
        for place in range(min(int(counts.max()), _ONE_BY_ONE)):
            more = self._reached.take(earliest + place, mode="clip")
            change = np.where((place < counts) & ~many, change + more, change)
        if many.any():
            change[many] += reduced(np.add, self._reached, earliest[many], last[many])
        return change


def _falls(windows: Windows) -> Indexes:
    """Places of samples that are less than the one before, of the same series."""
    samples, length = windows.values, len(windows.times)
    falls = np.flatnonzero(samples[1:] < samples[:-1]) + 1
    places = windows.kept
    inside = falls % length != 0 if places is None else places[falls] // length == places[falls - 1] // length
    kept: Indexes = falls[inside]
    return kept


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
    """How often a sample differs from the one before it."""
    windows = windows_of(block, ends, range_ms)
    return _within(windows, windows.changed), windows.holding()


def resets(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    windows = windows_of(block, ends, range_ms)
    fallen = np.append(0.0, np.cumsum(windows.values[1:] < windows.values[:-1], dtype=np.float64))
    return _within(windows, fallen), windows.holding()


def _within(windows: Windows, so_far: Values) -> Values:
    return windows.at(windows.high - 1, so_far) - windows.at(windows.low, so_far)
