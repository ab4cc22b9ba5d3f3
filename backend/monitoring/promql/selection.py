"""What a selector finds: the last sample before each step, or whole windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from backend.errors import QueryProblem
from backend.monitoring.promql.budget import Budget
from backend.monitoring.promql.extended import interpolated
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.nodes import Selector
from backend.monitoring.promql.samples import Block, Grid, Mask, SampleSource, Times, stale_among
from backend.monitoring.promql.series import living, nonempty, parts
from backend.monitoring.promql.steps import Steps

LOOKBACK_MS = 300_000


@dataclass(frozen=True)
class Windows:
    """Raw samples for a function over ranges; the window of step n is ``ends[n] - range_ms < t <= ends[n]``."""

    block: Block
    ends: Times
    range_ms: int
    unnamed: Mask | None = None
    lookback_ms: int = 0


class Selection:
    """Reads the source on behalf of one query."""

    def __init__(self, source: SampleSource, budget: Budget, lookback_ms: int = LOOKBACK_MS) -> None:
        self._source = source
        self._budget = budget
        self._lookback = lookback_ms

    def latest(self, selector: Selector, steps: Steps, *, moments: bool = False) -> Iterator[Grid]:
        """The newest sample of each series within the lookback; with ``moments`` its time in seconds instead of its value."""
        if selector.flavour == "anchored":
            raise QueryProblem("bad_data", "anchored modifier can only be used with a range", selector.place)
        ends = steps.ends(selector.offset, selector.at)
        if selector.flavour:
            return self._smoothed(selector, ends)
        found = self._blocks(selector, ends, self._lookback)
        return nonempty(_latest(block, ends, self._lookback, moments) for block in found)

    def _smoothed(self, selector: Selector, ends: Times) -> Iterator[Grid]:
        for block in self._blocks(selector, ends, self._lookback, self._lookback):
            values, present = interpolated(without_stale(block), ends, self._lookback)
            yield living(Grid(block.labels, values, present))

    def windows(self, selector: Selector, steps: Steps) -> Iterator[Windows]:
        """The raw samples, without the stale markers; those of an anchored or smoothed range reach further by the lookback."""
        assert selector.range is not None
        ends, length = steps.ends(selector.offset, selector.at), steps.duration(selector.range)
        if length <= 0:
            raise QueryProblem("bad_data", "duration must be greater than 0", selector.range.place)
        more = self._lookback if selector.flavour else 0
        after = more if selector.flavour == "smoothed" else 0
        for block in self._blocks(selector, ends, length + more, after):
            yield Windows(without_stale(block), ends, length, lookback_ms=more)

    def _blocks(self, selector: Selector, ends: Times, before: int, after: int = 0) -> Iterator[Block]:
        for block in self._source.select(selector.matchers, int(ends.min()) - before, int(ends.max()) + after):
            self._budget.read(block.values.size)
            for part in parts(block, len(ends)):
                self._budget.check()
                yield part


def without_stale(block: Block) -> Block:
    """A stale marker ends a series; it is no sample of a window."""
    if not block.stale:
        return block
    marked = stale_among(block.values)
    if not marked.any():
        return replace(block, stale=False)
    return replace(block, present=~marked if block.present is None else block.present & ~marked, stale=False)


def _latest(block: Block, ends: Times, lookback: int, moments: bool) -> Grid:
    labels: tuple[Labels, ...] = tuple(block.labels)
    if not len(block.times):
        return Grid(labels, np.zeros((len(labels), len(ends))), np.zeros((len(labels), len(ends)), dtype=bool))
    index = np.searchsorted(block.times, ends, side="right") - 1
    if block.present is None:
        known, place = index >= 0, np.maximum(index, 0)
        values = block.values[:, place]
    else:
        newest = np.maximum.accumulate(np.where(block.present, np.arange(len(block.times)), -1), axis=1)
        place = np.where(index >= 0, newest[:, np.maximum(index, 0)], -1)
        known, place = place >= 0, np.maximum(place, 0)
        values = np.take_along_axis(block.values, place, axis=1)
    times = block.times[place]
    present = np.broadcast_to(known & (times > ends - lookback), values.shape)
    if block.stale:
        present = present & ~stale_among(values)
    return Grid(labels, np.broadcast_to(times / 1000, values.shape) if moments else values, present)
