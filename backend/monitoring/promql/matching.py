"""Which series of two vectors belong together, step by step, and what their operator makes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from backend.errors import QueryProblem
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.nodes import Binary, Matching, named
from backend.monitoring.promql.operators import ARITHMETIC, COMPARISONS, calculated, filtered
from backend.monitoring.promql.reductions import Indexes, part_of
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import METADATA, flags, joined, living, merged, without_name


def signature(labels: Labels, matching: Matching) -> Labels:
    """What of a series has to be equal on both sides."""
    if matching.on:
        return tuple(pair for pair in labels if pair[0] in matching.labels)
    return tuple(pair for pair in labels if pair[0] not in matching.labels and pair[0] not in METADATA)


@dataclass(frozen=True)
class Groups:
    """Series of both sides under the number of their signature."""

    left: Indexes
    right: Indexes
    count: int

    def any_of(self, groups: Indexes, present: Mask) -> Mask:
        """(count, N): whether any series of the group has a sample."""
        found = np.zeros((self.count, present.shape[1]), dtype=bool)
        if len(groups):
            part = part_of(groups, present, present)
            found[part.groups] = part.reduced(np.logical_or, part.present)
        return found


def grouped(left: Sequence[Labels], right: Sequence[Labels], matching: Matching) -> Groups:
    numbers: dict[Labels, int] = {}

    def of(side: Sequence[Labels]) -> Indexes:
        return np.array([numbers.setdefault(signature(labels, matching), len(numbers)) for labels in side], dtype=np.intp)

    first, second = of(left), of(right)
    return Groups(first, second, len(numbers))


def set_operation(operator: str, left: Grid, right: Grid, matching: Matching) -> Grid:
    """``and``, ``or``, ``unless``."""
    groups = grouped(left.labels, right.labels, matching)
    if operator == "or":
        taken = groups.any_of(groups.left, left.present)[groups.right]
        other = Grid(right.labels, right.values, right.present & ~taken, right.unnamed)
        return merged(joined([left, living(other)], left.values.shape[1]))
    found = groups.any_of(groups.right, right.present)[groups.left]
    return Grid(left.labels, left.values, left.present & (found if operator == "and" else ~found), left.unnamed)


@dataclass(frozen=True)
class Side:
    """One partner of each pair: labels, values and presence, all (P, …)."""

    labels: Sequence[Labels]
    values: Values
    present: Mask
    unnamed: Mask


def vector_operation(node: Binary, left: Grid, right: Grid) -> Grid:
    """Arithmetic or a comparison between two vectors. QueryProblem('execution') where the pairs are not unique."""
    matching = node.matching
    swapped = matching.cardinality == "one-to-many"
    many, one = (right, left) if swapped else (left, right)
    groups = grouped(many.labels, one.labels, matching)
    _refuse_doubles(many, one, groups, matching, "left" if swapped else "right")
    found = [_pairs(many, one, groups)]
    fill_many, fill_one = (matching.fill_right, matching.fill_left) if swapped else (matching.fill_left, matching.fill_right)
    if fill_one is not None:
        found.append(_filled(many, groups.left, ~groups.any_of(groups.right, one.present), fill_one, matching))
    if fill_many is not None:
        other, side = _filled(one, groups.right, ~groups.any_of(groups.left, many.present), fill_many, matching)
        found.append((side, other))
    return merged(_checked([_operated(node, first, second, swapped, matching) for first, second in found], matching))


def _refuse_doubles(many: Grid, one: Grid, groups: Groups, matching: Matching, name: str) -> None:
    """Two samples of one group on the one side at a step at which the other has any."""
    asked = many.present.any(axis=0)
    for members in _members(groups.right):
        for place, second in enumerate(members):
            for first in members[:place]:
                if (one.present[first] & one.present[second] & asked).any():
                    shared = named(signature(one.labels[first], matching))
                    doubled = ", ".join(sorted(named(one.labels[index]) for index in (first, second)))
                    raise QueryProblem(
                        "execution",
                        f"found duplicate series for the match group {shared} on the {name} hand-side of the operation: "
                        f"[{doubled}];many-to-many matching not allowed: matching labels must be unique on one side",
                    )


def _members(groups: Indexes) -> Iterable[list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(groups.tolist()):
        found[group].append(index)
    return [members for members in found.values() if len(members) > 1]


def _pairs(many: Grid, one: Grid, groups: Groups) -> tuple[Side, Side]:
    ones: dict[int, list[int]] = defaultdict(list)
    for index, group in enumerate(groups.right.tolist()):
        ones[group].append(index)
    pairs = [(index, other) for index, group in enumerate(groups.left.tolist()) for other in ones.get(group, ())]
    return _side(many, [first for first, _ in pairs]), _side(one, [second for _, second in pairs])


def _side(grid: Grid, indexes: list[int]) -> Side:
    if indexes == list(range(len(grid.labels))):
        return Side(grid.labels, grid.values, grid.present, flags(grid))
    chosen = np.array(indexes, dtype=np.intp)
    return Side([grid.labels[index] for index in indexes], grid.values[chosen], grid.present[chosen], flags(grid)[chosen])


def _filled(grid: Grid, groups: Indexes, missing: Mask, value: float, matching: Matching) -> tuple[Side, Side]:
    """Series whose partner is missing at some steps, with a constant in its place."""
    present = grid.present & missing[groups]
    labels = [signature(labels, matching) for labels in grid.labels]
    constant = Side(labels, np.full(present.shape, value), present, np.zeros(len(labels), dtype=bool))
    return Side(grid.labels, grid.values, present, flags(grid)), constant


@dataclass(frozen=True)
class Operated:
    """Results of pairs; ``paired`` is where there was a pair, kept by a filter or not."""

    grid: Grid
    paired: Mask
    groups: Sequence[Labels]


def _operated(node: Binary, many: Side, one: Side, swapped: bool, matching: Matching) -> Operated:
    left, right = (one, many) if swapped else (many, one)
    paired = many.present & one.present
    labels = [_result_labels(node, first, second) for first, second in zip(many.labels, one.labels, strict=True)]
    unnamed = many.unnamed | node.as_bool
    if node.operator in COMPARISONS and not node.as_bool:
        kept = paired & filtered(node.operator, left.values, right.values)
        grid = Grid(labels, left.values, kept, unnamed)
    else:
        grid = Grid(labels, calculated(node.operator, left.values, right.values), paired, unnamed)
    return Operated(grid, paired, [signature(labels, matching) for labels in many.labels])


def _result_labels(node: Binary, many: Labels, one: Labels) -> Labels:
    matching = node.matching
    labels = without_name(many) if node.operator in ARITHMETIC else many
    if matching.cardinality == "one-to-one":
        labels = tuple(pair for pair in labels if (pair[0] in matching.labels) is matching.on)
    if not matching.include:
        return labels
    taken = {name: value for name, value in one if name in matching.include}
    kept = {name: value for name, value in labels if name not in matching.include}
    return tuple(sorted({**kept, **taken}.items()))


def _checked(results: list[Operated], matching: Matching) -> Grid:
    """One result a group (one-to-one), or one with the same labels a group; a filter does not excuse more."""
    whole = joined([result.grid for result in results], results[0].paired.shape[1])
    paired = np.concatenate([result.paired for result in results])
    groups = [group for result in results for group in result.groups]
    single = matching.cardinality == "one-to-one"
    seen: dict[object, Mask] = {}
    for index, group in enumerate(groups):
        key = group if single else (group, whole.labels[index])
        before = seen.get(key)
        if before is not None and (before & paired[index]).any():
            raise QueryProblem(
                "execution",
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
                if single
                else "multiple matches for labels: grouping labels must ensure unique matches",
            )
        seen[key] = paired[index] if before is None else before | paired[index]
    return whole
