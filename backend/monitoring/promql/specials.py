"""Functions that need the tree or the steps rather than values alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from backend.errors import QueryProblem
from backend.monitoring.promql.enrichment import enriched
from backend.monitoring.promql.functions.registry import FUNCTIONS
from backend.monitoring.promql.labels import NAME, Labels, Match
from backend.monitoring.promql.nodes import Call, Node, Selector
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import anywhere, flags, nameless

if TYPE_CHECKING:
    from backend.monitoring.promql.evaluation import Evaluation

_SORTS = frozenset({"sort", "sort_desc", "sort_by_label", "sort_by_label_desc"})
_SPECIAL = frozenset({"vector", "timestamp", "absent", "absent_over_time", "info"}) | _SORTS


def is_special(evaluation: Evaluation, node: Call) -> bool:
    """Sorting is left to its functions in an instant query; in a range query it has no effect."""
    return node.name in _SPECIAL and (node.name not in _SORTS or evaluation.steps.step > 0)


def scalar(evaluation: Evaluation, node: Call) -> Values:
    """Functions whose answer is a scalar."""
    steps = evaluation.steps
    fixed = {"pi": math.pi, "step": steps.step / 1000, "range": (steps.end - steps.start) / 1000}
    fixed |= {"start": steps.start / 1000, "end": steps.end / 1000}
    if node.name in fixed:
        return np.full(len(steps), fixed[node.name])
    match node.name:
        case "time":
            return steps.at / 1000
        case "scalar":
            return _only_sample(evaluation.whole(node.arguments[0]))
        case "min_of" | "max_of":
            values = [evaluation.scalar(argument) for argument in node.arguments]
            least: Values = (np.minimum if node.name == "min_of" else np.maximum).reduce(values)
            return least
    raise QueryProblem("bad_data", f"unknown function with name '{node.name}'", node.place)


def _only_sample(grid: Grid) -> Values:
    """The sample of a step that has exactly one; NaN elsewhere."""
    if not len(grid.labels):
        return np.full(grid.values.shape[1], np.nan)
    first = np.argmax(grid.present, axis=0)
    return np.where(grid.present.sum(axis=0) == 1, grid.values[first, np.arange(grid.values.shape[1])], np.nan)


def vector(evaluation: Evaluation, node: Call) -> Iterator[Grid]:
    match node.name:
        case "vector":
            return iter([_constant(evaluation.scalar(node.arguments[0]))])
        case "timestamp":
            return _timestamps(evaluation, node.arguments[0])
        case "absent":
            found = (anywhere(grid.present, 0) for grid in evaluation.vector(node.arguments[0]))
            return iter([_absence(node.arguments[0], _any(found, len(evaluation.steps)))])
        case "absent_over_time":
            return iter([_absent_over_time(evaluation, node.arguments[0])])
        case "info":
            return iter([enriched(evaluation, node)])
        case name if name in _SORTS:
            text = "sort is ineffective for range queries since results are always ordered by labels"
            evaluation.notes.add("warning", text, node.place)
            return evaluation.vector(node.arguments[0])
    raise QueryProblem("bad_data", f"unknown function with name '{node.name}'", node.place)


def now(evaluation: Evaluation) -> Grid:
    """``vector(time())``, which the parts of a date take where they are asked of nothing."""
    return _constant(evaluation.steps.at / 1000)


def _constant(values: Values) -> Grid:
    return Grid([()], values[None, :], np.ones((1, len(values)), dtype=bool))


def _timestamps(evaluation: Evaluation, node: Node) -> Iterator[Grid]:
    """When the samples of a selector were taken; of anything else, the step's own time."""
    if isinstance(node, Selector):
        for grid in evaluation.selection.latest(node, evaluation.steps, moments=True):
            yield Grid(grid.labels, grid.values, grid.present, nameless(len(grid.labels)))
        return
    for grid in evaluation.vector(node):
        values = np.broadcast_to(evaluation.steps.at / 1000, grid.values.shape)
        yield Grid(grid.labels, values, grid.present, flags(grid) | True)


def _any(found: Iterator[Mask], steps: int) -> Mask:
    total = np.zeros(steps, dtype=bool)
    for present in found:
        total |= present
    return total


def _absent_over_time(evaluation: Evaluation, node: Node) -> Grid:
    kernel = FUNCTIONS["present_over_time"].kernel
    assert kernel is not None
    found = (
        anywhere(kernel(windows.block, windows.ends, windows.range_ms, evaluation.steps.at)[1], 0) for windows in evaluation.windows(node)
    )
    return _absence(node, _any(found, len(evaluation.steps)))


def _absence(node: Node, found: Mask) -> Grid:
    return Grid([_labels_asked_for(node)], np.ones((1, len(found))), ~found[None, :])


def _labels_asked_for(node: Node) -> Labels:
    """What an absent series would be called: each label that is demanded once, by equality, and nowhere else."""
    if not isinstance(node, Selector):
        return ()
    demanded: dict[str, str] = {}
    refused: set[str] = {NAME}
    for matcher in node.matchers:
        if matcher.name in demanded or matcher.match is not Match.EQUAL:
            refused.add(matcher.name)
        demanded[matcher.name] = matcher.value
    return tuple(sorted((name, value) for name, value in demanded.items() if name not in refused and value))
