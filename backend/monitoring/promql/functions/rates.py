"""rate, increase and delta: the change over a range, carried on to its edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.samples import Block, Mask, Times, Values

Indexes = NDArray[np.intp]
_NEAR = 1.1  # samples this many mean intervals from an edge are taken to reach it


@dataclass(frozen=True)
class Edges:
    """First and last sample of each window, (N,) where all series share them, else (S, N); ``enough``: at least two samples."""

    first: Indexes
    last: Indexes
    gaps: Values  # intervals between the samples of the window
    enough: Mask


def rate(block: Block, ends: Times, range_ms: int, at: Times) -> tuple[Values, Mask]:
    found, present = increase(block, ends, range_ms, at)
    return found / (range_ms / 1000), present


def increase(block: Block, ends: Times, range_ms: int, at: Times) -> tuple[Values, Mask]:
    return _changed(block, ends, range_ms, counter=True)


def delta(block: Block, ends: Times, range_ms: int, at: Times) -> tuple[Values, Mask]:
    return _changed(block, ends, range_ms, counter=False)


def _changed(block: Block, ends: Times, range_ms: int, *, counter: bool) -> tuple[Values, Mask]:
    if not len(block.times):
        return np.zeros((len(block.labels), len(ends))), np.zeros((len(block.labels), len(ends)), dtype=bool)
    edges = _edges(block, ends, range_ms)
    first, last = _at(block.values, edges.first), _at(block.values, edges.last)
    with np.errstate(all="ignore"):
        change = last - first
        if counter:
            change = change + _lost(block, edges)
        factor = _reach(block.times, edges, ends, range_ms, first if counter else None, change)
        return change * factor, np.broadcast_to(edges.enough, change.shape)


def _edges(block: Block, ends: Times, range_ms: int) -> Edges:
    length = len(block.times)
    begin = np.searchsorted(block.times, ends - range_ms, side="right")
    end = np.searchsorted(block.times, ends, side="right")
    low, high = np.minimum(begin, length - 1), np.maximum(end - 1, 0)
    if block.present is None:
        return Edges(low, high, (end - 1 - begin).astype(np.float64), end - begin >= 2)
    places = np.arange(length)
    after = np.minimum.accumulate(np.where(block.present, places, length)[:, ::-1], axis=1)[:, ::-1][:, low]
    before = np.maximum.accumulate(np.where(block.present, places, -1), axis=1)[:, high]
    counts = np.concatenate([np.zeros((len(block.labels), 1), dtype=np.intp), np.cumsum(block.present, axis=1)], axis=1)
    many = counts[:, end] - counts[:, begin]
    return Edges(np.minimum(after, length - 1), np.maximum(before, 0), many - 1.0, many >= 2)


def _at(values: Values, index: Indexes) -> Values:
    found: Values = values[:, index] if index.ndim == 1 else np.take_along_axis(values, index, axis=1)
    return found


def _lost(block: Block, edges: Edges) -> Values:
    """What a counter had reached at the resets inside each window."""
    values = block.values
    if block.present is not None:
        newest = np.maximum.accumulate(np.where(block.present, np.arange(values.shape[1]), -1), axis=1)
        values = np.take_along_axis(values, np.maximum(newest, 0), axis=1)
        values = np.where(newest >= 0, values, -np.inf)
    fallen = values[:, 1:] < values[:, :-1]
    if not fallen.any():
        return np.zeros((1, 1))
    lost = np.concatenate([np.zeros((len(values), 1)), np.cumsum(np.where(fallen, values[:, :-1], 0.0), axis=1)], axis=1)
    return _at(lost, edges.last) - _at(lost, edges.first)


def _reach(times: Times, edges: Edges, ends: Times, range_ms: int, first: Values | None, change: Values) -> Values:
    """By how much the samples fall short of the range; a counter is not carried back below zero."""
    begin, end = times[edges.first], times[edges.last]
    lasted = (end - begin) / 1000
    mean = lasted / edges.gaps
    before, after = (begin - (ends - range_ms)) / 1000, (ends - end) / 1000
    before = np.where(before >= mean * _NEAR, mean / 2, before)
    after = np.where(after >= mean * _NEAR, mean / 2, after)
    if first is not None:
        to_zero = np.where((change > 0) & (first >= 0), lasted * (first / change), np.inf)
        before = np.minimum(before, to_zero)
    reach: Values = (lasted + before + after) / lasted
    return reach
