"""The windows of a range function: samples of all series in one row, and where each window begins and ends in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.samples import Block, Mask, Times, Values

Indexes = NDArray[np.intp]
_AT_ONCE = 1 << 20  # samples that are spread out for one piece of work


@dataclass(frozen=True)
class Windows:
    """Samples (M,) series after series; window (s, n) is ``begin[s, n] : end[s, n]``."""

    values: Values
    times: Times
    begin: Indexes
    end: Indexes

    @property
    def counts(self) -> Indexes:
        return self.end - self.begin

    def at(self, samples: NDArray[np.float64], index: Indexes) -> Values:
        """``samples`` (M,) at (S, N) places; those outside read as some other sample."""
        if not len(samples):
            return np.zeros(index.shape)
        found: Values = samples[np.clip(index, 0, len(samples) - 1)]
        return found


def windows_of(block: Block, ends: Times, range_ms: int) -> Windows:
    """``ends[n] - range_ms < t <= ends[n]``."""
    low = np.searchsorted(block.times, ends - range_ms, side="right")
    high = np.maximum(np.searchsorted(block.times, ends, side="right"), low)
    series, length = block.values.shape
    if block.present is None:
        rows = np.arange(series)[:, None] * length
        return Windows(block.values.ravel(), np.tile(block.times, series), rows + low, rows + high)
    before = np.zeros((series, length + 1), dtype=np.int32)
    np.cumsum(block.present, axis=1, out=before[:, 1:])
    starts = np.r_[0, np.cumsum(before[:, -1])[:-1]].astype(np.intp)[:, None]
    kept = np.flatnonzero(block.present)
    times = np.tile(block.times, series)[kept]
    return Windows(block.values.ravel()[kept], times, starts + before[:, low], starts + before[:, high])


def reduced(operation: np.ufunc, samples: Values, begin: Indexes, end: Indexes) -> Values:
    """``operation`` over ``samples[begin:end]`` of each window; arbitrary where that is empty."""
    if not begin.size or not len(samples):
        return np.zeros(begin.shape)
    padded = np.r_[samples, samples[-1:]]
    borders = np.stack([begin.ravel(), end.ravel()], axis=1).ravel()
    found: Values = operation.reduceat(padded, np.minimum(borders, len(samples)))[::2].reshape(begin.shape)
    return found


@dataclass(frozen=True)
class Spread:
    """Some windows (W,) that have samples, with all of these in a row (E,), window after window."""

    window: Indexes  # (W,) number among all windows
    starts: Indexes  # (W,) where a window's samples begin
    counts: Indexes  # (W,)
    source: Indexes  # (E,) place of each sample among the samples of all series

    def per_sample(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """One value a window, repeated for each of its samples."""
        return np.repeat(values, self.counts)

    def sums(self, samples: NDArray[np.floating]) -> NDArray[np.floating]:
        found: NDArray[np.floating] = np.add.reduceat(samples, self.starts)
        return found


def spread(windows: Windows, chosen: Mask) -> Iterator[Spread]:
    """The windows where ``chosen``, a bounded number of samples at a time."""
    numbers = np.flatnonzero(chosen & (windows.counts > 0))
    counts = windows.counts.ravel()[numbers]
    pieces = np.cumsum(counts) // _AT_ONCE
    for piece in np.unique(pieces):
        some = pieces == piece
        few, many = numbers[some], counts[some]
        starts = np.r_[0, np.cumsum(many)[:-1]].astype(np.intp)
        source = np.arange(int(many.sum())) - np.repeat(starts, many) + np.repeat(windows.begin.ravel()[few], many)
        yield Spread(few, starts, many, source)
