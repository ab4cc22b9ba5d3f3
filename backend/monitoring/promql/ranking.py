"""Aggregations that choose among series or need them all: topk, bottomk, limitk, limit_ratio, quantile, count_values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.errors import QueryProblem
from backend.monitoring.promql.aggregation import Grouping, group_of
from backend.monitoring.promql.hashing import share_of
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.nodes import Aggregate, Text
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import empty, joined, living, merged, rows_in_order, step_slices

if TYPE_CHECKING:
    from backend.monitoring.promql.evaluation import Evaluation

Whole = NDArray[np.int64]


def ranked(evaluation: Evaluation, node: Aggregate) -> Grid:
    """QueryProblem('execution') for a parameter that is no good."""
    assert node.parameter is not None
    if node.operator == "count_values":
        assert isinstance(node.parameter, Text)
        return _values_counted(evaluation, node, node.parameter.value)
    parameter = evaluation.scalar(node.parameter)
    match node.operator:
        case "quantile":
            return _quantiles(evaluation, node, parameter)
        case "limit_ratio":
            return _sampled(evaluation, node, parameter)
        case "topk" | "bottomk" | "limitk":
            return _chosen(evaluation, node, _whole_numbers(parameter))
    raise QueryProblem("bad_data", f"unknown aggregation {node.operator}", node.place)


def _whole_numbers(parameter: Values) -> Whole:
    if np.isnan(parameter).any():
        raise QueryProblem("execution", "Parameter value is NaN")
    if (parameter >= 2.0**63).any():
        raise QueryProblem("execution", f"Scalar value {parameter.max():g} overflows int64")
    if (parameter < -(2.0**63)).any():
        raise QueryProblem("execution", f"Scalar value {parameter.min():g} underflows int64")
    return parameter.astype(np.int64)


def _chosen(evaluation: Evaluation, node: Aggregate, most: Whole) -> Grid:
    """At each step the first of each group; what is not chosen among some is not chosen among more, so it is let go."""
    best = empty(len(evaluation.steps))
    for grid in evaluation.vector(node.expr):
        both = merged(joined([best, grid], len(evaluation.steps)))
        best = living(Grid(both.labels, both.values, _first(node, both, most), both.unnamed))
    evaluation.budget.hold(best.values.size)
    return best if len(evaluation.steps) > 1 else _best_first(node, best)


def _first(node: Aggregate, grid: Grid, most: Whole) -> Mask:
    """The samples that are chosen. Of equals the earlier series are, and a NaN only for want of others."""
    keys = _keys(node, grid)
    groups = Grouping(node).of(grid)
    chosen = np.zeros_like(grid.present)
    for group in range(groups.max(initial=-1) + 1):
        members = np.flatnonzero(groups == group)
        some, present = keys[members], grid.present[members]
        least = _least(some, most)
        better = (some > least) & present
        equal = (some == least) & present
        chosen[members] = better | (equal & (np.cumsum(equal, axis=0) <= most - better.sum(axis=0)))
    return chosen


def _keys(node: Aggregate, grid: Grid) -> Values:
    """More is better; what is no number is worst."""
    if node.operator == "limitk":
        return np.where(grid.present, 0.0, -np.inf)
    keys = grid.values if node.operator == "topk" else -grid.values
    return np.where(grid.present & ~np.isnan(keys), np.maximum(keys, -np.finfo(np.float64).max), -np.inf)


def _least(keys: Values, most: Whole) -> Values:
    """The k-th best at each step; plus infinity where none is wanted."""
    k = np.clip(most, 0, len(keys))
    place = len(keys) - k
    constant = (place == place[0]).all()
    ordered = np.partition(keys, min(int(place[0]), len(keys) - 1), axis=0) if constant else np.sort(keys, axis=0)
    least = np.take_along_axis(ordered, np.minimum(place, len(keys) - 1)[None, :], axis=0)[0]
    return np.where(k > 0, least, np.inf)


def _best_first(node: Aggregate, grid: Grid) -> Grid:
    """Group by group, as an instant query answers."""
    order = np.lexsort((-_keys(node, grid)[:, 0], Grouping(node).of(grid)))
    return rows_in_order(grid, order)


def _sampled(evaluation: Evaluation, node: Aggregate, ratio: Values) -> Grid:
    """Series whose hash lies in the first part of the range, or with a negative ratio in the last."""
    if np.isnan(ratio).any():
        raise QueryProblem("execution", "Ratio value is NaN")
    for wrong in sorted({float(value) for value in ratio if abs(value) > 1}):
        capped = math.copysign(1.0, wrong)
        text = f"ratio value should be between -1 and 1, got {wrong:g}, capping to {capped:g}"
        evaluation.notes.add("warning", text, node.parameter.place if node.parameter else None)
    bounds = np.clip(ratio, -1.0, 1.0)
    found = []
    for grid in evaluation.vector(node.expr):
        shares = np.array([share_of(labels) for labels in grid.labels])[:, None]
        inside = np.where(bounds >= 0, shares < bounds, shares >= 1.0 + bounds) | (bounds == 1.0)
        found.append(living(Grid(grid.labels, grid.values, grid.present & inside, grid.unnamed)))
    return evaluation.kept(found)


def _quantiles(evaluation: Evaluation, node: Aggregate, phi: Values) -> Grid:
    """Between the two nearest ranks in proportion; NaN is the least of values."""
    for wrong in dict.fromkeys(_go_text(value) for value in phi if not 0 <= value <= 1):
        text = f"quantile value should be between 0 and 1, got {wrong}"
        evaluation.notes.add("warning", text, node.parameter.place if node.parameter else None)
    grid = evaluation.whole(node.expr)
    grouping = Grouping(node)
    groups = grouping.of(grid)
    shape = (len(grouping.labels), len(evaluation.steps))
    values, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    for group in range(shape[0]):
        members = np.flatnonzero(groups == group)
        for some in step_slices(len(members), shape[1]):
            evaluation.budget.check()
            there = grid.present[members, some]
            present[group, some] = there.any(axis=0)
            values[group, some] = _quantile_of(grid.values[members, some], there, phi[some])
    return Grid(grouping.labels, values, present, grouping.unnamed)


def _quantile_of(values: Values, present: Mask, phi: Values) -> Values:
    """Of each column; the absent are put last and NaN first, and are told from infinities by their number."""
    not_numbers = np.isnan(values) & present
    ordered = np.sort(np.where(present, np.where(not_numbers, -np.inf, values), np.inf), axis=0)
    last = np.maximum(present.sum(axis=0) - 1, 0)
    rank = np.clip(np.nan_to_num(phi), 0.0, 1.0) * last
    lower = np.floor(rank).astype(np.intp)
    weight = rank - lower
    columns, unknown = np.arange(len(phi)), not_numbers.sum(axis=0)
    low, high = (np.where(place < unknown, np.nan, ordered[place, columns]) for place in (lower, np.minimum(lower + 1, last)))
    found = low * (1 - weight) + high * weight
    return np.where(np.isnan(phi), np.nan, np.where(phi < 0, -np.inf, np.where(phi > 1, np.inf, found)))


def _values_counted(evaluation: Evaluation, node: Aggregate, label: str) -> Grid:
    if not label or any("\udc80" <= character <= "\udcff" for character in label):
        written = label.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        raise QueryProblem("execution", f'invalid label name "{written}"')
    grid, steps = evaluation.whole(node.expr), len(evaluation.steps)
    members: dict[Labels, list[int]] = {}
    for index, labels in enumerate(grid.labels):
        members.setdefault(group_of(tuple(pair for pair in labels if pair[0] != label), node), []).append(index)
    dropped = node.without and label in node.labels
    found = [_counts(grid, indexes, group, "" if dropped else label, evaluation) for group, indexes in members.items()]
    return merged(joined(found, steps))


def _counts(grid: Grid, indexes: list[int], group: Labels, label: str, evaluation: Evaluation) -> Grid:
    """One series for each value of the group's samples: at how many of them it stands."""
    steps = grid.values.shape[1]
    counts: dict[float | str, Values] = {}  # NaN, which is not equal to itself, is its text
    for some in step_slices(len(indexes), steps):
        evaluation.budget.check()
        series, moments = np.nonzero(grid.present[indexes, some])
        distinct, which = np.unique(grid.values[indexes, some][series, moments], return_inverse=True)
        evaluation.budget.hold(sum(value not in counts for value in distinct.tolist()) * steps)
        width = some.stop - some.start
        table = np.bincount(which * width + moments, minlength=len(distinct) * width).reshape(len(distinct), width)
        for value, row in zip(distinct.tolist(), table, strict=True):
            counts.setdefault("NaN" if value != value else value, np.zeros(steps))[some] = row
    return _counted(counts, group, label, steps)


def _counted(counts: dict[float | str, Values], group: Labels, label: str, steps: int) -> Grid:
    values = np.array(list(counts.values())).reshape(len(counts), steps)
    if not label:
        values = values.sum(axis=0, keepdims=True)
        return Grid([group], values, values > 0)
    written = [value if isinstance(value, str) else plain_text(value) for value in counts]
    return Grid([tuple(sorted({**dict(group), label: text}.items())) for text in written], values, values > 0)


def plain_text(value: float) -> str:
    """The shortest decimal that reads back as the same number, never with an exponent."""
    if not math.isfinite(value):
        return _go_text(value)
    return np.format_float_positional(value, trim="-")


def _go_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:g}"
