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
from backend.monitoring.promql.series import empty, joined, living, merged, rows_in_order

if TYPE_CHECKING:
    from backend.monitoring.promql.evaluation import Evaluation

Ranks = NDArray[np.intp]
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
    if not len(groups):
        return empty(len(evaluation.steps))
    keys = np.where(np.isnan(grid.values), -np.inf, grid.values)
    columns = np.broadcast_to(groups[:, None], keys.shape)
    order = np.lexsort((~np.isnan(grid.values), keys, ~grid.present, columns), axis=0)
    values = np.take_along_axis(grid.values, order, axis=0)
    counts = np.zeros((len(grouping.labels), len(evaluation.steps)), dtype=np.intp)
    np.add.at(counts, groups, grid.present)
    starts = np.searchsorted(np.sort(groups), np.arange(len(grouping.labels)))[:, None]
    return Grid(grouping.labels, _between(values, starts, counts, phi), counts > 0, grouping.unnamed)


def _between(values: Values, starts: Ranks, counts: Ranks, phi: Values) -> Values:
    inside = np.clip(np.nan_to_num(phi), 0.0, 1.0)
    rank = inside * np.maximum(counts - 1, 0)
    lower = np.floor(rank).astype(np.intp)
    upper = np.minimum(lower + 1, np.maximum(counts - 1, 0))
    weight = rank - lower
    last = len(values) - 1
    low = np.take_along_axis(values, np.minimum(starts + lower, last), axis=0)
    high = np.take_along_axis(values, np.minimum(starts + upper, last), axis=0)
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
    series, moments = np.nonzero(grid.present[indexes])
    samples = grid.values[indexes][series, moments] + 0.0  # -0 is 0
    distinct, which = np.unique(samples, return_inverse=True)
    steps = grid.values.shape[1]
    evaluation.budget.hold(len(distinct) * steps)
    counts = np.bincount(which * steps + moments, minlength=len(distinct) * steps).reshape(len(distinct), steps)
    if not label:
        counts = counts.sum(axis=0, keepdims=True)
        return Grid([group], counts.astype(np.float64), counts > 0)
    labels = [tuple(sorted({**dict(group), label: plain_text(value)}.items())) for value in distinct.tolist()]
    return Grid(labels, counts.astype(np.float64), counts > 0)


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
