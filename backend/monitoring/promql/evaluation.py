"""Evaluates the tree of a query: vectors come as a stream of grids, so that a reduction never holds them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from backend.errors import QueryProblem
from backend.monitoring.promql import extended, ranking, specials
from backend.monitoring.promql.aggregation import aggregated
from backend.monitoring.promql.budget import Budget
from backend.monitoring.promql.functions.registry import FUNCTIONS, Function
from backend.monitoring.promql.labels import NAME
from backend.monitoring.promql.matching import set_operation, vector_operation
from backend.monitoring.promql.nodes import Aggregate, Binary, Call, Negation, Node, Number, Selector, Subquery, Text, is_constant, type_of
from backend.monitoring.promql.notes import Notes
from backend.monitoring.promql.operators import COMPARISONS, calculated, filtered
from backend.monitoring.promql.pieces import pieces, side_by_side
from backend.monitoring.promql.reductions import REDUCTIONS
from backend.monitoring.promql.samples import Block, Grid, Values
from backend.monitoring.promql.selection import Selection, Windows
from backend.monitoring.promql.series import flags, joined, merged, nameless
from backend.monitoring.promql.steps import Steps

SUBQUERY_STEP_MS = 60_000


class Evaluation:
    """One expression at its steps. All of one query share selection, budget and notes."""

    def __init__(self, selection: Selection, budget: Budget, notes: Notes, steps: Steps) -> None:
        self.selection = selection
        self.budget = budget
        self.notes = notes
        self.steps = steps

    # scalars

    def scalar(self, node: Node) -> Values:
        """One value a step."""
        match node:
            case Number(value=value):
                return np.full(len(self.steps), value)
            case Negation(expr=expr):
                return -self.scalar(expr)
            case Binary(operator=operator, left=left, right=right):
                return calculated(operator, self.scalar(left), self.scalar(right))
            case Call():
                return specials.scalar(self, node)
        raise QueryProblem("bad_data", "expected a scalar", node.place)

    # instant vectors

    def vector(self, node: Node) -> Iterator[Grid]:
        """Some hundreds of series a grid; a series may come in several, at different steps."""
        if len(self.steps) > 1 and is_constant(node):
            return self._constant(node)
        match node:
            case Selector():
                return self.selection.latest(node, self.steps)
            case Negation(expr=expr):
                return (Grid(grid.labels, -grid.values, grid.present, nameless(len(grid.labels))) for grid in self.vector(expr))
            case Aggregate():
                return iter([self._aggregate(node)])
            case Call():
                return self._call(node)
            case Binary():
                return self._binary(node)
        raise QueryProblem("bad_data", "expected an instant vector", node.place)

    def _constant(self, node: Node) -> Iterator[Grid]:
        """Evaluated at one step, true of all."""
        once = Evaluation(self.selection, self.budget, self.notes, replace(self.steps, at=self.steps.at[:1]))
        for grid in once.vector(node):
            shape = (len(grid.labels), len(self.steps))
            yield Grid(grid.labels, np.broadcast_to(grid.values, shape), np.broadcast_to(grid.present, shape), grid.unnamed)

    def whole(self, node: Node) -> Grid:
        """All series at once."""
        return self.kept(self.vector(node))

    def kept(self, grids: Iterable[Grid]) -> Grid:
        return merged(joined(list(self.counted(grids)), len(self.steps)))

    def counted(self, grids: Iterable[Grid]) -> Iterator[Grid]:
        """The same, each on the bill before the next is made."""
        for grid in grids:
            self.budget.hold(grid.values.size)
            yield grid

    def _aggregate(self, node: Aggregate) -> Grid:
        with self.budget.passing():
            if node.operator in REDUCTIONS:
                return aggregated(node, self.vector(node.expr), len(self.steps), self.budget)
            return ranking.ranked(self, node)

    def _binary(self, node: Binary) -> Iterator[Grid]:
        if type_of(node.left) == "scalar":
            fixed = self.scalar(node.left)
            return (_with_scalar(node, grid, fixed, first=True) for grid in self.vector(node.right))
        if type_of(node.right) == "scalar":
            fixed = self.scalar(node.right)
            return (_with_scalar(node, grid, fixed, first=False) for grid in self.vector(node.left))
        with self.budget.passing():
            left, right = self.whole(node.left), self.whole(node.right)
            if node.operator in ("and", "or", "unless"):
                return iter([set_operation(node.operator, left, right, node.matching)])
            return iter([vector_operation(node, left, right)])

    # functions

    def _call(self, node: Call) -> Iterator[Grid]:
        function = FUNCTIONS.get(node.name)
        if specials.is_special(self, node) or function is None or function.kernel is None:
            return specials.vector(self, node)
        if function.kind == "range":
            over = next(argument for argument in node.arguments if type_of(argument) == "matrix")
            if isinstance(over, Selector) and over.flavour:
                return extended.over_ranges(self, node, over)
            return self._over_ranges(function, node, over)
        if function.kind == "instant":
            return self._element_wise(function, node)
        note = {"note": partial(self._note, node)} if function.notes else {}
        with self.budget.passing():
            return iter([function.kernel(*[self._argument(argument) for argument in node.arguments], **note)])

    def _argument(self, node: Node) -> Grid | Values | str:
        if isinstance(node, Text):
            return node.value
        return self.scalar(node) if type_of(node) == "scalar" else self.whole(node)

    def _over_ranges(self, function: Function, node: Call, over: Node) -> Iterator[Grid]:
        fixed = [self.scalar(argument) for argument in node.arguments if type_of(argument) == "scalar"]
        note = {"note": partial(self._note, node)} if function.notes else {}
        kernel = function.kernel
        assert kernel is not None
        for windows in self.windows(over):
            count = len(windows.block.labels)
            if node.name in ("rate", "increase"):
                self._note_other_than_counters(windows.block, over)
            values, present = side_by_side(
                [
                    kernel(windows.block, windows.ends[some], windows.range_ms, self.steps.at[some], *(one[some] for one in fixed), **note)
                    for some in pieces(node.name, windows, self.budget)
                ]
            )
            yield Grid(windows.block.labels, values, present, windows.unnamed if function.keeps_name else nameless(count))

    def _note(self, node: Call, kind: Literal["warning", "info"], text: str, argument: int) -> None:
        self.notes.add(kind, text, node.arguments[argument].place)

    def _note_other_than_counters(self, block: Block, over: Node) -> None:
        for name in sorted({dict(labels).get(NAME, "") for labels in block.labels}):
            if name and not name.endswith(("_total", "_sum", "_count", "_bucket")):
                text = f'metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "{name}"'
                self.notes.add("info", text, over.place)

    def _element_wise(self, function: Function, node: Call) -> Iterator[Grid]:
        fixed = [self.scalar(argument) for argument in node.arguments if type_of(argument) == "scalar"]
        note = {"note": partial(self._note, node)} if function.notes else {}
        vectors = [argument for argument in node.arguments if type_of(argument) == "vector"]
        assert function.kernel is not None
        for grid in self.vector(vectors[0]) if vectors else iter([specials.now(self)]):
            values, present = function.kernel(grid, self.steps.at, *fixed, **note)
            unnamed = grid.unnamed if function.keeps_name else nameless(len(grid.labels))
            yield Grid(grid.labels, values, present, unnamed)

    # range vectors

    def windows(self, node: Node) -> Iterator[Windows]:
        match node:
            case Selector():
                return self.selection.windows(node, self.steps)
            case Subquery():
                return self._subquery(node)
        raise QueryProblem("bad_data", "expected a range vector", node.place)

    def _subquery(self, node: Subquery) -> Iterator[Windows]:
        ends, length = self.steps.ends(node.offset, node.at), self.steps.duration(node.range)
        every = SUBQUERY_STEP_MS if node.step is None else self.steps.duration(node.step)
        if length <= 0 or every <= 0:
            raise QueryProblem("bad_data", "duration must be greater than 0", node.range.place)
        first, last = int(ends.min()) - length, int(ends.max())
        begin = (first // every + 1) * every  # whole multiples of the step, after the open end of the first window
        count = max(0, (last - begin) // every + 1)
        self.budget.make(count)
        times = begin + every * np.arange(count, dtype=np.int64)
        if not count:
            return
        inner = Evaluation(self.selection, self.budget, self.notes, Steps(times, self.steps.start, self.steps.end, self.steps.step))
        for grid in inner.vector(node.expr):
            self.budget.make(grid.values.size)
            present = None if grid.present.all() else grid.present
            yield Windows(Block(grid.labels, times, grid.values, present), ends, length, grid.unnamed)


def _with_scalar(node: Binary, grid: Grid, fixed: Values, *, first: bool) -> Grid:
    left, right = (np.broadcast_to(fixed, grid.values.shape), grid.values) if first else (grid.values, fixed)
    if node.operator in COMPARISONS and not node.as_bool:
        return Grid(grid.labels, grid.values, grid.present & filtered(node.operator, left, right), grid.unnamed)
    return Grid(grid.labels, calculated(node.operator, left, right), grid.present, flags(grid) | True)
