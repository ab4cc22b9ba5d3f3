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
_CACHED = 1 << 14  # windows in work at once where every sample of each is visited, so that they stay in the processor's cache
_SPREAD = 1 << 19  # samples of windows laid out side by side at once


@dataclass(frozen=True)
class Windows:
    """Windows (S, N). Where all series share their instants, places of samples are (1, N), in ``times`` (T,); else (S, N), in (M,).

    A place is that of an instant; with ``rows`` (S, 1) it is that of the series' own sample in ``values`` (M,), series after series.
    """

    values: Values
    times: Times
    rows: Indexes
    low: Indexes  # place of the first sample
    high: Indexes  # place after the last sample

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), self.low.shape[1]

    @cached_property
    def counts(self) -> Indexes:
        return self.high - self.low

    @property
    def shared(self) -> bool:
        return len(self.low) == 1

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
        found: Times = self.times.take(place, mode="clip")
        return found

    def parts(self) -> Iterator[Windows]:
        """Some series each."""
        size = max(1, _CACHED // max(1, self.shape[1]))
        for first in range(0, len(self.rows), size):
            some = slice(first, first + size)
            low, high = (self.low, self.high) if self.shared else (self.low[some], self.high[some])
            yield replace(self, rows=self.rows[some], low=low, high=high)


def windows_of(block: Block, ends: Times, range_ms: int) -> Windows:
    """``ends[n] - range_ms < t <= ends[n]``."""
    series, length = block.values.shape
    if not series or not length:
        none = np.zeros((1, len(ends)), dtype=np.intp)
        return Windows(np.zeros(1), np.zeros(1, dtype=np.int64), np.zeros((series, 1), dtype=np.intp), none, none)
    low = np.searchsorted(block.times, ends - range_ms, side="right")
    high = np.maximum(np.searchsorted(block.times, ends, side="right"), low)
    if block.present is None:
        rows = np.arange(series)[:, None] * length
        return Windows(block.values.ravel(), block.times, rows, low[None, :], high[None, :])
    before = np.zeros(series * length + 1, dtype=np.intp)  # how many samples there are before each, of all series
    present = np.ascontiguousarray(block.present).ravel()
    np.cumsum(present, out=before[1:])
    if not before[-1]:
        return windows_of(Block(block.labels, block.times[:0], block.values[:, :0]), ends, range_ms)
    kept = np.flatnonzero(present)
    places = np.arange(series)[:, None] * length
    times = block.times[kept % length]
    rows = np.zeros((series, 1), dtype=np.intp)
    return Windows(block.values.ravel()[kept], times, rows, before[places + low], before[places + high])


def by_parts(windows: Windows, make: Callable[[Windows], Values]) -> Values:
    """(S, N), some series at a time."""
    found = [make(part) for part in windows.parts()]
    return np.concatenate(found) if found else np.zeros(windows.shape)


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
