"""The windows of a range function: samples of all series in one row, and where each window begins and ends in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.samples import Block, Mask, Times, Values

Indexes = NDArray[np.intp]
Answer = tuple[Values, Mask]  # (S, N) each
_CACHED = 1 << 15  # windows in work at once where every sample of each is visited, so that they stay in the processor's cache
_TAME = 1e100
_SPREAD = 1 << 19  # samples of windows laid out side by side at once


@dataclass(frozen=True)
class Windows:
    """Windows (S, N) over the samples of S series, which stand one series after the other in ``values`` (M,).

    Where all series have a sample at each of the T ``times``, places of samples are the same for all, (1, N), and count from ``rows``
    (S, 1). Where there are gaps they are (S, N), count from the first sample of all, and ``kept`` (M,) says which of the S x T it is.
    """

    values: Values
    times: Times
    rows: Indexes
    kept: Indexes | None
    origins: Indexes  # (S, 1): the first of the series' own of the S x T
    low: Indexes  # place of the first sample
    high: Indexes  # place after the last sample
    whole: Windows | None = None  # what these are a part of

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), self.low.shape[1]

    @cached_property
    def counts(self) -> Indexes:
        return self.high - self.low

    @property
    def shared(self) -> bool:
        return self.kept is None

    @property
    def most(self) -> int:
        """The greatest number of samples in a window."""
        return int(self.counts.max(initial=0))

    @cached_property
    def begin(self) -> Indexes:
        """(S, N) in ``values``."""
        return self.rows + self.low

    @cached_property
    def end(self) -> Indexes:
        return self.rows + self.high

    def holding(self, least: int = 1) -> Mask:
        """(S, N): which windows have so many samples."""
        return np.broadcast_to(self.counts >= least, self.shape)

    def at(self, place: Indexes, samples: NDArray[np.float64] | None = None) -> Values:
        """(S, N) of ``values``, or of others in their order; a place outside reads as some other sample."""
        found: Values = (self.values if samples is None else samples).take(self.rows + place, mode="clip")
        return found

    def when(self, place: Indexes) -> Times:
        """Milliseconds, (S, N) or (1, N)."""
        column = place if self.kept is None else self.kept.take(place, mode="clip") - self.origins
        found: Times = self.times.take(column, mode="clip")
        return found

    @cached_property
    def tame(self) -> bool:
        """Neither squares nor sums of the samples overflow, and all are numbers."""
        return self.whole.tame if self.whole is not None else bool(np.abs(self.values).max(initial=0.0) < _TAME)

    @cached_property
    def changed(self) -> Values:
        """(M,): how often a sample differed from the one before, up to each; NaN is equal to NaN."""
        before, after = self.values[:-1], self.values[1:]
        return np.append(0.0, np.cumsum((before != after) & ~(np.isnan(before) & np.isnan(after)), dtype=np.float64))

    def parts(self) -> Iterator[Windows]:
        """Some series each."""
        size = max(1, _CACHED // max(1, self.shape[1]))
        for first in range(0, len(self.rows), size):
            some = slice(first, first + size)
            low, high = (self.low, self.high) if self.shared else (self.low[some], self.high[some])
            yield replace(self, rows=self.rows[some], origins=self.origins[some], low=low, high=high, whole=self)


def windows_of(block: Block, ends: Times, range_ms: int) -> Windows:
    """``ends[n] - range_ms < t <= ends[n]``."""
    series, length = block.values.shape
    rows = np.arange(series)[:, None] * length
    low = np.searchsorted(block.times, ends - range_ms, side="right")
    high = np.maximum(np.searchsorted(block.times, ends, side="right"), low)
    if not block.values.size:
        return Windows(np.zeros(1), np.zeros(1, dtype=np.int64), rows, None, rows, low[None, :], high[None, :])
    if block.present is None:
        return Windows(block.values.ravel(), block.times, rows, None, rows, low[None, :], high[None, :])
    present = np.ascontiguousarray(block.present).ravel()
    before = np.zeros(len(present) + 1, dtype=np.int32)  # how many samples there are before each, of all series
    np.cumsum(present, out=before[1:])
    if not before[-1]:
        return windows_of(Block(block.labels, block.times[:0], block.values[:, :0]), ends, range_ms)
    kept = np.flatnonzero(present)
    return Windows(
        block.values.ravel().take(kept), block.times, rows * 0, kept, rows, *(before[rows + side].astype(np.intp) for side in (low, high))
    )


def by_parts(windows: Windows, make: Callable[[Windows], Values]) -> Values:
    """(S, N), some series at a time."""
    found = [make(part) for part in windows.parts()]
    return np.concatenate(found) if found else np.zeros(windows.shape)


def by_pieces(begin: Indexes, end: Indexes, make: Callable[[Indexes, Indexes], Values]) -> Values:
    """(W,), some windows at a time."""
    pieces = [slice(first, first + _CACHED) for first in range(0, len(begin), _CACHED)]
    found = [make(begin[piece], end[piece]) for piece in pieces]
    return np.concatenate(found) if found else np.zeros(0)


def reduced(operation: np.ufunc, samples: NDArray[np.floating], begin: Indexes, end: Indexes) -> NDArray[np.floating]:
    """``operation`` over ``samples[begin:end]`` of each window; arbitrary where that is empty."""
    if not begin.size:
        return np.zeros(begin.shape, dtype=samples.dtype)
    padded = np.append(samples, samples[-1:])
    borders = np.stack([begin.ravel(), end.ravel()], axis=1).ravel()
    found: NDArray[np.floating] = operation.reduceat(padded, np.minimum(borders, len(samples)))[::2].reshape(begin.shape)
    return found


def laid_out(windows: Windows) -> Iterator[tuple[Indexes, Indexes, Values]]:
    """Windows that have samples: their numbers (W,), counts (W,) and samples (W, K), NaN after the last; bounded many at a time."""
    counts = np.broadcast_to(windows.counts, windows.shape).ravel()
    begin, widest = windows.begin.ravel(), max(1, windows.most)
    numbers = np.flatnonzero(counts)
    size = max(1, _SPREAD // widest)
    column = np.arange(widest)
    for first in range(0, len(numbers), size):
        some = numbers[first : first + size]
        inside = column < counts[some, None]
        samples = windows.values.take(begin[some, None] + column, mode="clip")
        yield some, counts[some], np.where(inside, samples, np.nan)
