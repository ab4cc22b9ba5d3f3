"""Sums, means, extremes and variances of groups of series, taken up part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.samples import Mask, Values

Indexes = NDArray[np.intp]
_LARGE = 2.0**53  # beyond it, adding loses whole numbers, which other parts might make matter
_HUGE, _SCALE = 1e290, 2.0**-64  # a mean is summed smaller once its sum might overflow


@dataclass(frozen=True)
class Part:
    """Some series ordered by group: ``groups`` (G,) have members, those of the n-th from row ``starts[n]`` on."""

    groups: Indexes
    starts: Indexes
    values: Values  # (R, N)
    present: Mask  # (R, N)

    def filled(self, value: float) -> Values:
        """``value`` where there is no sample."""
        return self.values if self.present.all() else np.where(self.present, self.values, value)

    def reduced(self, operation: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        """(G, N), of an array like ``values``; a new array."""
        if len(self.groups) == len(values):
            return values.copy()
        found: NDArray[Any] = operation.reduceat(values, self.starts, axis=0)
        return found

    def counts(self) -> Values:
        """(G, N): how many samples there are."""
        if self.present.all():
            lengths: Values = np.diff(np.r_[self.starts, len(self.values)]).astype(np.float64)
            return lengths[:, None]
        return self.reduced(np.add, self.present.astype(np.float64))

    def rounds(self) -> Iterator[tuple[Indexes, Values, Mask]]:
        """Each group's first member, then each one's second, and so on."""
        lengths = np.diff(np.r_[self.starts, len(self.values)])
        for member in range(int(lengths.max(initial=0))):
            longer = lengths > member
            rows = self.starts[longer] + member
            yield self.groups[longer], self.values[rows], self.present[rows]


def part_of(groups: Indexes, values: NDArray[Any], present: Mask) -> Part:
    """At least one series; the order within a group is kept."""
    if (groups[1:] < groups[:-1]).any():
        order = np.argsort(groups, kind="stable")
        groups, values, present = groups[order], values[order], present[order]
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    return Part(groups[starts], starts, values, present)


class Reduction(Protocol):
    """The state of all groups at all steps."""

    def grow(self, groups: int) -> None:
        """There are so many more groups."""
        ...

    def take(self, part: Part) -> None: ...

    def result(self, counts: Values, /) -> Values:
        """``counts`` of samples by group and step; where it is 0 the result is arbitrary."""
        ...


def longer(state: Values, groups: int, value: float = 0.0) -> Values:
    return np.concatenate([state, np.full((groups, state.shape[1]), value)])


class Sum:
    """Neumaier's sum, as Prometheus adds: what rounding loses is kept apart."""

    def __init__(self, steps: int) -> None:
        self.total = np.zeros((0, steps))
        self.lost = np.zeros((0, steps))

    def grow(self, groups: int) -> None:
        self.total, self.lost = longer(self.total, groups), longer(self.lost, groups)

    def take(self, part: Part) -> None:
        values = part.filled(0.0)
        if values.min(initial=0.0) >= 0 and values.max(initial=0.0) < _LARGE:  # nothing cancels: plain sums of a part are as good
            self._add(part.groups, part.reduced(np.add, values))
            return
        for groups, some, present in part.rounds():
            self._add(groups, np.where(present, some, 0.0))

    def _add(self, groups: Indexes, more: Values) -> None:
        """The loss is Knuth's, which is Neumaier's without asking which term is larger."""
        before = self.total[groups]
        total = before + more
        moved = total - before
        self.total[groups] = total
        total -= moved
        before -= total
        more -= moved
        before += more
        self.lost[groups] += before

    def result(self, _counts: Values, /) -> Values:
        return self.total + self.carried()

    def carried(self) -> Values:
        """What rounding has lost; of a sum that is infinite, nothing."""
        return np.where(np.isinf(self.total), 0.0, self.lost)


class Mean:
    """A sum over a count, in a scale in which it does not overflow."""

    def __init__(self, steps: int) -> None:
        self._sum = Sum(steps)
        self._scale = 1.0

    def grow(self, groups: int) -> None:
        self._sum.grow(groups)

    def take(self, part: Part) -> None:
        sizes = np.abs(part.filled(0.0))
        if self._scale == 1.0 and ((sizes > _HUGE) & (sizes < np.inf)).any():
            self._scale = _SCALE
            self._sum.total *= _SCALE
            self._sum.lost *= _SCALE
        self._sum.take(part if self._scale == 1.0 else Part(part.groups, part.starts, part.values * self._scale, part.present))

    def result(self, counts: Values) -> Values:
        return self._sum.total / counts / self._scale + self._sum.carried() / counts / self._scale


class Extreme:
    """A NaN is taken only where there is nothing else."""

    def __init__(self, steps: int, better: np.ufunc) -> None:
        self._best = np.zeros((0, steps))
        self._better = better

    def grow(self, groups: int) -> None:
        self._best = longer(self._best, groups, np.nan)

    def take(self, part: Part) -> None:
        found = part.reduced(self._better, part.filled(np.nan))
        self._best[part.groups] = self._better(self._best[part.groups], found)

    def result(self, _counts: Values, /) -> Values:
        return self._best


class Count:
    """The counts themselves."""

    def grow(self, groups: int) -> None:
        """Nothing is kept."""

    def take(self, part: Part) -> None:
        """Nothing is kept."""

    def result(self, counts: Values) -> Values:
        return counts


class Group(Count):
    def result(self, counts: Values) -> Values:
        return np.ones_like(counts)


class Variance:
    """Welford's recurrence."""

    def __init__(self, steps: int) -> None:
        self._count, self._mean, self._squares = (np.zeros((0, steps)) for _ in range(3))

    def grow(self, groups: int) -> None:
        self._count, self._mean, self._squares = (longer(state, groups) for state in (self._count, self._mean, self._squares))

    def take(self, part: Part) -> None:
        for groups, values, present in part.rounds():
            self._add(groups, values, present)

    def _add(self, groups: Indexes, values: Values, present: Mask) -> None:
        count, before = self._count[groups] + present, self._mean[groups]
        apart = values - before
        mean = np.where(count == 1, values, before + apart / count)
        self._squares[groups] += np.where(present, apart * (values - mean), 0.0)
        self._mean[groups] = np.where(present, mean, before)
        self._count[groups] = count

    def result(self, counts: Values) -> Values:
        return self._squares / counts


class Deviation(Variance):
    def result(self, counts: Values) -> Values:
        return np.sqrt(super().result(counts))


REDUCTIONS: dict[str, Callable[[int], Reduction]] = {
    "sum": Sum,
    "avg": Mean,
    "min": lambda steps: Extreme(steps, np.fmin),
    "max": lambda steps: Extreme(steps, np.fmax),
    "count": lambda _steps: Count(),
    "group": lambda _steps: Group(),
    "stddev": Deviation,
    "stdvar": Variance,
}
