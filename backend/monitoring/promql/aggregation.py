"""Groups of series, and the aggregations that reduce them as they come."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backend.monitoring.promql.budget import Budget
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.nodes import Aggregate
from backend.monitoring.promql.reductions import REDUCTIONS, Indexes, longer, part_of
from backend.monitoring.promql.samples import Grid, Mask
from backend.monitoring.promql.series import METADATA, flags


def group_of(labels: Labels, node: Aggregate) -> Labels:
    """The labels of the group a series belongs to."""
    if node.without:
        return tuple(pair for pair in labels if pair[0] not in node.labels and pair[0] not in METADATA)
    return tuple(pair for pair in labels if pair[0] in node.labels)


class Grouping:
    """Numbers groups in the order in which they come."""

    def __init__(self, node: Aggregate) -> None:
        self._node = node
        self._numbers: dict[Labels, int] = {}
        self._unnamed: list[bool] = []

    def of(self, grid: Grid) -> Indexes:
        unnamed = flags(grid)
        numbers = np.empty(len(grid.labels), dtype=np.intp)
        for index, labels in enumerate(grid.labels):
            number = self._numbers.setdefault(group_of(labels, self._node), len(self._unnamed))
            if number == len(self._unnamed):
                self._unnamed.append(bool(unnamed[index]))
            numbers[index] = number
        return numbers

    @property
    def labels(self) -> list[Labels]:
        return list(self._numbers)

    @property
    def unnamed(self) -> Mask:
        return np.array(self._unnamed, dtype=bool)


def aggregated(node: Aggregate, grids: Iterator[Grid], steps: int, budget: Budget) -> Grid:
    """The grids are let go one after the other; room for groups is doubled when it runs out."""
    grouping, state, counts = Grouping(node), REDUCTIONS[node.operator](steps), np.zeros((0, steps))
    for grid in grids:
        if not len(grid.labels):
            continue
        groups = grouping.of(grid)
        missing = len(grouping.labels) - len(counts)
        if missing > 0:
            more = max(missing, len(counts))
            budget.hold(more * steps)
            counts = longer(counts, more)
            state.grow(more)
        part = part_of(groups, grid.values, grid.present)
        counts[part.groups] += part.counts()
        state.take(part)
    labels = grouping.labels
    return Grid(labels, state.result(counts)[: len(labels)], counts[: len(labels)] > 0, grouping.unnamed)
