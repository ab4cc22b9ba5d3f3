"""Aggregations that reduce as they go: sum, avg, min, max, count, group, stddev, stdvar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.nodes import Aggregate
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import METADATA, flags

Indexes = NDArray[np.intp]
_HUGE, _SCALE = 1e290, 2.0**-64  # a mean is summed smaller once its sum might overflow


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


class Reduction(Protocol):
    """The state of all groups at all steps."""

    def grow(self, groups: int) -> None: ...

    def add(self, groups: Indexes, values: Values, present: Mask) -> None:
        """One round: series of as many different groups."""
        ...

    def result(self) -> Values: ...


def aggregated(node: Aggregate, grids: Iterator[Grid], steps: int) -> Grid:
    """The grids are let go one after the other."""
    grouping, state = Grouping(node), Totals(REDUCTIONS[node.operator], steps)
    for grid in grids:
        groups = grouping.of(grid)
        state.take(groups, len(grouping.labels), grid)
    return Grid(grouping.labels, state.result(), state.counts > 0, grouping.unnamed)


class Totals:
    """Counts, and a reduction of the operator's own."""

    def __init__(self, make: Callable[[int], Reduction], steps: int) -> None:
        self._reduction = make(steps)
        self.counts = np.zeros((0, steps))

    def take(self, groups: Indexes, count: int, grid: Grid) -> None:
        more = count - len(self.counts)
        if more:
            self.counts = np.concatenate([self.counts, np.zeros((more, self.counts.shape[1]))])
            self._reduction.grow(more)
        for chosen in rounds(groups):
            present = grid.present[chosen]
            self._reduction.add(groups[chosen], grid.values[chosen], present)
            self.counts[groups[chosen]] += present

    def result(self) -> Values:
        return self._reduction.result()


def rounds(groups: Indexes) -> Iterator[Indexes]:
    """Indexes of series such that each round has every group at most once, and the order within a group is kept."""
    order = np.argsort(groups, kind="stable")
    numbers = groups[order]
    starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if len(numbers) else numbers
    lengths = np.diff(np.r_[starts, len(numbers)])
    for member in range(int(lengths.max(initial=0))):
        yield order[starts[lengths > member] + member]


class Sum:
    """Neumaier's sum, as Prometheus adds: what rounding loses is kept apart."""

    def __init__(self, steps: int) -> None:
        self.total = np.zeros((0, steps))
        self.lost = np.zeros((0, steps))

    def grow(self, groups: int) -> None:
        more = np.zeros((groups, self.total.shape[1]))
        self.total, self.lost = np.concatenate([self.total, more]), np.concatenate([self.lost, more])

    def add(self, groups: Indexes, values: Values, present: Mask) -> None:
        with np.errstate(all="ignore"):
            more = np.where(present, values, 0.0)
            before = self.total[groups]
            total = before + more
            lost = np.where(np.abs(before) >= np.abs(more), (before - total) + more, (more - total) + before)
            self.lost[groups] = np.where(np.isinf(total), 0.0, self.lost[groups] + lost)
            self.total[groups] = total

    def result(self) -> Values:
        return self.total + self.lost


class Mean:
    def __init__(self, steps: int) -> None:
        self._sum = Sum(steps)
        self._count = np.zeros((0, steps))
        self._scale = 1.0

    def grow(self, groups: int) -> None:
        self._sum.grow(groups)
        self._count = np.concatenate([self._count, np.zeros((groups, self._count.shape[1]))])

    def add(self, groups: Indexes, values: Values, present: Mask) -> None:
        if self._scale == 1.0 and (present & np.isfinite(values) & (np.abs(values) > _HUGE)).any():
            self._scale = _SCALE
            self._sum.total *= _SCALE
            self._sum.lost *= _SCALE
        self._sum.add(groups, values * self._scale if self._scale != 1.0 else values, present)
        self._count[groups] += present

    def result(self) -> Values:
        with np.errstate(all="ignore"):
            return self._sum.total / self._count / self._scale + self._sum.lost / self._count / self._scale


class Extreme:
    """A NaN is taken only where there is nothing else."""

    def __init__(self, steps: int, better: Callable[[Values, Values], Values]) -> None:
        self._best = np.full((0, steps), np.nan)
        self._better = better

    def grow(self, groups: int) -> None:
        self._best = np.concatenate([self._best, np.full((groups, self._best.shape[1]), np.nan)])

    def add(self, groups: Indexes, values: Values, present: Mask) -> None:
        self._best[groups] = self._better(self._best[groups], np.where(present, values, np.nan))

    def result(self) -> Values:
        return self._best


class Count:
    def __init__(self, steps: int) -> None:
        self._count = np.zeros((0, steps))

    def grow(self, groups: int) -> None:
        self._count = np.concatenate([self._count, np.zeros((groups, self._count.shape[1]))])

    def add(self, groups: Indexes, values: Values, present: Mask) -> None:
        self._count[groups] += present

    def result(self) -> Values:
        return self._count


class Group(Count):
    def result(self) -> Values:
        return np.ones_like(self._count)


class Variance:
    """Welford's recurrence."""

    def __init__(self, steps: int) -> None:
        self._count, self._mean, self._squares = (np.zeros((0, steps)) for _ in range(3))

    def grow(self, groups: int) -> None:
        more = np.zeros((groups, self._mean.shape[1]))
        self._count, self._mean, self._squares = (
            np.concatenate([state, more]) for state in (self._count, self._mean, self._squares)
        )

    def add(self, groups: Indexes, values: Values, present: Mask) -> None:
        with np.errstate(all="ignore"):
            count = self._count[groups] + present
            apart = np.where(present, values - self._mean[groups], 0.0)
            mean = self._mean[groups] + np.where(present, apart / count, 0.0)
            mean = np.where(present & (count == 1), values, mean)
            self._squares[groups] += np.where(present, apart * (values - mean), 0.0)
            self._count[groups], self._mean[groups] = count, mean

    def result(self) -> Values:
        with np.errstate(all="ignore"):
            return self._squares / self._count


class Deviation(Variance):
    def result(self) -> Values:
        return np.sqrt(super().result())


REDUCTIONS: dict[str, Callable[[int], Reduction]] = {
    "sum": Sum,
    "avg": Mean,
    "min": lambda steps: Extreme(steps, np.fmin),
    "max": lambda steps: Extreme(steps, np.fmax),
    "count": Count,
    "group": Group,
    "stddev": Deviation,
    "stdvar": Variance,
}
