"""Answers PromQL over any source of samples."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from backend.clock import Clock
from backend.errors import QueryProblem
from backend.monitoring.promql.budget import Budget, Limits
from backend.monitoring.promql.evaluation import Evaluation
from backend.monitoring.promql.extended import with_edges
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.nodes import Node, Selector, Text, type_of
from backend.monitoring.promql.notes import Notes
from backend.monitoring.promql.parsing import parse
from backend.monitoring.promql.result import Curve, QueryResult
from backend.monitoring.promql.samples import Grid, SampleSource, Times
from backend.monitoring.promql.selection import Selection, Windows
from backend.monitoring.promql.series import SAME_LABELS, finished
from backend.monitoring.promql.steps import Steps, many_steps, one_step

__all__ = ["Engine", "Limits"]


class Engine:
    """PromQL 3.x without native histograms. QueryProblem says what is wrong with a query, or that it is too dear."""

    def __init__(self, source: SampleSource, limits: Limits, clock: Clock) -> None:
        self._source = source
        self._limits = limits
        self._clock = clock

    def query(self, text: str, at_ms: int) -> QueryResult:
        """At one instant: a vector, matrix (of a range selector), scalar or string."""
        with _evaluating():
            return self._query(text, at_ms)

    def _query(self, text: str, at_ms: int) -> QueryResult:
        node = parse(text, self._limits.text_bytes)
        if isinstance(node, Text):
            return QueryResult("string", text=node.value, samples=0)
        asked = _Asked(self, text, one_step(at_ms))
        if type_of(node) == "matrix":
            return asked.matrix(node)
        if type_of(node) == "scalar":
            return asked.answer("scalar", (Curve((), asked.steps.at, asked.evaluation.scalar(node)),))
        return asked.answer("vector", tuple(asked.curves(node)))

    def query_range(self, text: str, start_ms: int, end_ms: int, step_ms: int) -> QueryResult:
        """At every step from start to end (both in it): a matrix, ordered by labels."""
        with _evaluating():
            return self._query_range(text, start_ms, end_ms, step_ms)

    def _query_range(self, text: str, start_ms: int, end_ms: int, step_ms: int) -> QueryResult:
        node = parse(text, self._limits.text_bytes)
        self._check_range(node, start_ms, end_ms, step_ms)
        asked = _Asked(self, text, many_steps(start_ms, end_ms, step_ms))
        if type_of(node) == "scalar":
            return asked.answer("matrix", (Curve((), asked.steps.at, asked.evaluation.scalar(node)),))
        return asked.answer("matrix", tuple(sorted(asked.curves(node), key=_labels)))

    def _check_range(self, node: Node, start_ms: int, end_ms: int, step_ms: int) -> None:
        if step_ms <= 0:
            raise QueryProblem("bad_data", "zero or negative query resolution step widths are not accepted")
        if end_ms < start_ms:
            raise QueryProblem("bad_data", "the end of the range is before its start")
        if (end_ms - start_ms) // step_ms + 1 > self._limits.points:
            raise QueryProblem("bad_data", f"more than {self._limits.points} points per series: ask for a larger step")
        if type_of(node) not in ("scalar", "vector"):
            raise QueryProblem("bad_data", f"a range query needs a scalar or an instant vector, not a {type_of(node)}", node.place)

    def asking(self) -> tuple[SampleSource, Budget]:
        return self._source, Budget(self._limits, self._clock)


@contextmanager
def _evaluating() -> Iterator[None]:
    """Infinities and NaN are values. The asker's own stack may leave less room for a deep query than it has been allowed."""
    try:
        with np.errstate(all="ignore"):
            yield
    except RecursionError as error:
        raise QueryProblem("bad_data", "the query is nested too deeply") from error


class _Asked:
    """One question on its way."""

    def __init__(self, engine: Engine, text: str, steps: Steps) -> None:
        source, self._budget = engine.asking()
        self._notes = Notes(text)
        self.steps = steps
        self.evaluation = Evaluation(Selection(source, self._budget), self._budget, self._notes, steps)

    def answer(self, kind: str, curves: tuple[Curve, ...]) -> QueryResult:
        self._budget.check()
        return QueryResult(kind, curves, "", self._notes.warnings, self._notes.infos, self._budget.read_samples)  # type: ignore[arg-type]

    def curves(self, node: Node) -> Iterator[Curve]:
        """Of an instant vector, in the order in which its series come."""
        grids = self.evaluation.counted(self.evaluation.vector(node))
        for grid in finished(grids, len(self.steps)):
            yield from _curves(grid, self.steps.at)

    def matrix(self, node: Node) -> QueryResult:
        """The samples of a range selector or subquery as they are."""
        flavour = node.flavour if isinstance(node, Selector) else ""
        found: list[Curve] = []
        for windows in self.evaluation.windows(node):
            found += _edged(windows, flavour) if flavour else self._raw(windows)
        if len({curve.labels for curve in found}) < len(found):
            raise QueryProblem("execution", SAME_LABELS)
        return self.answer("matrix", tuple(sorted(found, key=_labels)))

    def _raw(self, windows: Windows) -> list[Curve]:
        block, end = windows.block, int(windows.ends[0])
        inside = (block.times > end - windows.range_ms) & (block.times <= end)
        self._budget.hold(int(inside.sum()) * len(block.labels))
        present = np.ones(block.values.shape, dtype=bool) if block.present is None else block.present
        grid = Grid(block.labels, block.values[:, inside], present[:, inside], windows.unnamed)
        return [curve for part in finished([grid], int(inside.sum())) for curve in _curves(part, block.times[inside])]


def _edged(windows: Windows, flavour: str) -> list[Curve]:
    found = with_edges(windows.block, int(windows.ends[0]), windows.range_ms, windows.lookback_ms, flavour == "smoothed")
    return [Curve(windows.block.labels[index], times, values) for index, times, values in found]


def _labels(curve: Curve) -> Labels:
    return curve.labels


def _curves(grid: Grid, times: Times) -> Iterator[Curve]:
    for index in range(len(grid.labels)):
        yield _curve(grid, index, times)


def _curve(grid: Grid, index: int, times: Times) -> Curve:
    present = grid.present[index]
    if present.all():
        return Curve(grid.labels[index], times, grid.values[index])
    return Curve(grid.labels[index], times[present], grid.values[index][present])
