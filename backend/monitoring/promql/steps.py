"""The instants at which an expression is evaluated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backend.monitoring.promql.durations import milliseconds
from backend.monitoring.promql.nodes import At, Node
from backend.monitoring.promql.samples import Times


@dataclass(frozen=True)
class Steps:
    """``at`` (ms) of this expression; ``start``, ``end`` and ``step`` (ms) are the whole query's, also inside a subquery."""

    at: Times
    start: int
    end: int
    step: int

    def __len__(self) -> int:
        return len(self.at)

    def duration(self, node: Node) -> int:
        """A duration of the query in ms."""
        return milliseconds(node, self.step, self.end - self.start)

    def ends(self, offset: Node | None, at: At | None) -> Times:
        """Where the windows of a selector with these modifiers end (left open, right closed)."""
        shift = self.duration(offset) if offset is not None else 0
        if at is None:
            return self.at - shift
        fixed = {"start": self.start, "end": self.end}.get(at.point)
        point = round(at.seconds * 1000) if fixed is None else fixed
        return np.full(len(self.at), point - shift, dtype=np.int64)


def one_step(at: int) -> Steps:
    return Steps(np.array([at], dtype=np.int64), at, at, 0)


def many_steps(start: int, end: int, step: int) -> Steps:
    return Steps(np.arange(start, end + 1, step, dtype=np.int64), start, end, step)
