"""What changed over a range: carried on to its edges, between the last two samples, or counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.monitoring.promql.functions.windows import Indexes, Windows, reduced, windows_of
from backend.monitoring.promql.samples import Block, Mask, Times, Values

Answer = tuple[Values, Mask]
_NEAR = 1.1  # samples this many mean intervals from an edge are taken to reach it


def rate(block: Block, ends: Times, range_ms: int, at: Times) -> Answer:
    found, present = increase(block, ends, range_ms, at)
    return found / (range_ms / 1000), present


def increase(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=True)


def delta(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    return _carried_on(block, ends, range_ms, counter=False)


@dataclass(frozen=True)
class Edges:
    """First and last sample of each window and their times (s): (S, N), or where all series share the times (1, N)."""

    first: Values
    last: Values
    begins: Values
    ends: Values
    counts: Indexes
    lost: Values  # what a counter had reached at the resets inside


def _carried_on(block: Block, ends: Times, range_ms: int, *, counter: bool) -> Answer:
    shape = (len(block.labels), len(ends))
    if not len(block.times):
        return np.zeros(shape), np.zeros(shape, dtype=bool)
    edges = _shared_edges(block, ends, range_ms, counter) if block.present is None else _own_edges(block, ends, range_ms, counter)
    with np.errstate(all="ignore"):
        change = edges.last - edges.first + edges.lost
        lasted = edges.ends - edges.begins
        mean = lasted / (edges.counts - 1)
        before, after = edges.begins - (ends - range_ms) / 1000, ends / 1000 - edges.ends
        before = np.where(before >= mean * _NEAR, mean / 2, before)
        after = np.where(after >= mean * _NEAR, mean / 2, after)
        if counter:  # not carried back below zero
            to_zero = np.where((change > 0) & (edges.first >= 0), lasted * (edges.first / change), np.inf)
            before = np.minimum(before, to_zero)
        return change * ((lasted + before + after) / lasted), np.broadcast_to(edges.counts >= 2, shape)


def _shared_edges(block: Block, ends: Times, range_ms: int, counter: bool) -> Edges:
    length = len(block.times)
    low = np.searchsorted(block.times, ends - range_ms, side="right")
    high = np.searchsorted(block.times, ends, side="right")
    first, last = np.minimum(low, length - 1), np.maximum(high - 1, 0)
    seconds = block.times / 1000
    lost: Values = np.zeros((1, 1))
    if counter and (fallen := block.values[:, 1:] < block.values[:, :-1]).any():
        rows = np.arange(len(block.labels))[:, None] * length
        marks = np.zeros(block.values.shape, dtype=bool)
        marks[:, 1:] = fallen
        lost = _lost(block.values.ravel(), marks.ravel(), rows + first, rows + np.maximum(last, first) + 1)
    return Edges(
        block.values[:, first], block.values[:, last], seconds[first][None, :], seconds[last][None, :], (high - low)[None, :], lost
    )


def _own_edges(block: Block, ends: Times, range_ms: int, counter: bool) -> Edges:
    windows = windows_of(block, ends, range_ms)
    seconds = windows.times / 1000
    lost: Values = np.zeros((1, 1))
    if counter:
        fallen = np.r_[False, windows.values[1:] < windows.values[:-1]]
        lost = _lost(windows.values, fallen, windows.begin, windows.end)
    return Edges(
        windows.at(windows.values, windows.begin),
        windows.at(windows.values, windows.end - 1),
        windows.at(seconds, windows.begin),
        windows.at(seconds, windows.end - 1),
        windows.counts,
        lost,
    )


def _lost(values: Values, fallen: Mask, begin: Indexes, end: Indexes) -> Values:
    """The sum of the samples before each fall after the first sample of a window, only where there is a fall."""
    falls = np.cumsum(fallen)
    place = len(values) - 1
    some = (end > begin) & (falls[np.clip(end - 1, 0, place)] > falls[np.clip(begin, 0, place)])
    lost = np.zeros(begin.shape)
    if some.any():
        before = np.where(fallen, np.r_[0.0, values[:-1]], 0.0)
        lost[some] = reduced(np.add, before, begin[some] + 1, end[some])
    return lost


def instant_rate(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    """Between the last two samples, per second; after a reset all that is there is new."""
    windows = windows_of(block, ends, range_ms)
    before, after, seconds = _last_two(windows)
    with np.errstate(all="ignore"):
        return np.where(after < before, after, after - before) / seconds, (windows.counts >= 2) & (seconds > 0)


def instant_delta(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    windows = windows_of(block, ends, range_ms)
    before, after, seconds = _last_two(windows)
    with np.errstate(all="ignore"):
        return after - before, (windows.counts >= 2) & (seconds > 0)


def _last_two(windows: Windows) -> tuple[Values, Values, Values]:
    seconds = windows.times / 1000
    between = windows.at(seconds, windows.end - 1) - windows.at(seconds, windows.end - 2)
    return windows.at(windows.values, windows.end - 2), windows.at(windows.values, windows.end - 1), between


def changes(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    """How often a sample differs from the one before it; NaN is equal to NaN."""
    windows = windows_of(block, ends, range_ms)
    before, after = windows.values[:-1], windows.values[1:]
    return _counted(windows, (before != after) & ~(np.isnan(before) & np.isnan(after)))


def resets(block: Block, ends: Times, range_ms: int, _at: Times) -> Answer:
    windows = windows_of(block, ends, range_ms)
    return _counted(windows, windows.values[1:] < windows.values[:-1])


def _counted(windows: Windows, happened: Mask) -> Answer:
    before = np.r_[0, np.cumsum(happened)].astype(np.float64)
    return windows.at(before, windows.end - 1) - windows.at(before, windows.begin), windows.counts > 0
