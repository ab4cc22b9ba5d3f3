"""Grids joined, thinned and named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.errors import QueryProblem
from backend.monitoring.promql.labels import NAME, Labels
from backend.monitoring.promql.samples import Block, Grid, Mask

METADATA = frozenset({NAME, "__type__", "__unit__"})  # what no longer holds once a function or operator has changed the values
ELEMENTS = 1 << 19  # of one array in work: small enough for the processor's caches, large enough for numpy
SAME_LABELS = "vector cannot contain metrics with the same labelset"


def without_name(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] not in METADATA)


def flags(grid: Grid) -> Mask:
    """``unnamed`` spelt out."""
    return np.zeros(len(grid.labels), dtype=bool) if grid.unnamed is None else grid.unnamed


def nameless(count: int) -> Mask:
    return np.ones(count, dtype=bool)


def empty(steps: int) -> Grid:
    return Grid((), np.empty((0, steps)), np.empty((0, steps), dtype=bool))


def joined(grids: Sequence[Grid], steps: int) -> Grid:
    if not grids:
        return empty(steps)
    if len(grids) == 1:
        return grids[0]
    labels = [labels for grid in grids for labels in grid.labels]
    named = all(grid.unnamed is None for grid in grids)
    return Grid(
        labels,
        np.concatenate([grid.values for grid in grids]),
        np.concatenate([grid.present for grid in grids]),
        None if named else np.concatenate([flags(grid) for grid in grids]),
    )


def rows(grid: Grid, chosen: Mask) -> Grid:
    """Only the series where ``chosen`` (S,)."""
    if chosen.all():
        return grid
    return rows_in_order(grid, np.flatnonzero(chosen))


def anywhere(present: Mask, axis: int) -> Mask:
    found: Mask = np.any(present, axis=axis)
    return found


def living(grid: Grid) -> Grid:
    """Without the series that have no sample at any step."""
    return rows(grid, anywhere(grid.present, 1))


def parts(block: Block, width: int) -> Iterator[Block]:
    """A block in slices of series, so that an array of ``width`` columns and one of its samples stay small."""
    size = max(1, ELEMENTS // max(width, len(block.times), 1))
    if size >= len(block.labels):
        yield block
        return
    for begin in range(0, len(block.labels), size):
        chosen = slice(begin, begin + size)
        present = None if block.present is None else block.present[chosen]
        yield Block(block.labels[chosen], block.times, block.values[chosen], present, block.stale)


def step_slices(series: int, steps: int) -> Iterator[slice]:
    """Steps at which an array of so many series stays small."""
    size = max(1, ELEMENTS // max(series, 1))
    for begin in range(0, steps, size):
        yield slice(begin, min(begin + size, steps))


def merged(grid: Grid) -> Grid:
    """Series with the same labels and the same fate of their name become one; QueryProblem where two have a sample at a step."""
    places: dict[tuple[Labels, bool], list[int]] = {}
    for index, key in enumerate(zip(grid.labels, flags(grid).tolist(), strict=True)):
        places.setdefault(key, []).append(index)
    if len(places) == len(grid.labels):
        return grid
    values, present = grid.values.copy(), grid.present.copy()
    for first, *others in places.values():
        for other in others:
            if (present[first] & grid.present[other]).any():
                raise QueryProblem("execution", SAME_LABELS)
            values[first] = np.where(grid.present[other], grid.values[other], values[first])
            present[first] |= grid.present[other]
    kept = np.zeros(len(grid.labels), dtype=bool)
    kept[[indexes[0] for indexes in places.values()]] = True
    return rows(Grid(grid.labels, values, present, grid.unnamed), kept)


def finished(grids: Iterable[Grid], steps: int) -> list[Grid]:
    """As they are answered: names dropped at last, series of one name joined, the empty ones gone."""
    found = [_without_names(grid) for grid in nonempty(grids)]
    distinct = {labels for grid in found for labels in grid.labels}
    if len(distinct) == sum(len(grid.labels) for grid in found):
        return found
    return [merged(joined(found, steps))]


def _without_names(grid: Grid) -> Grid:
    if grid.unnamed is None or not grid.unnamed.any():
        return grid
    labels = [without_name(labels) if drop else labels for labels, drop in zip(grid.labels, grid.unnamed, strict=True)]
    return Grid(labels, grid.values, grid.present)


def rows_in_order(grid: Grid, order: NDArray[np.intp]) -> Grid:
    labels = [grid.labels[index] for index in order.tolist()]
    return Grid(labels, grid.values[order], grid.present[order], None if grid.unnamed is None else grid.unnamed[order])


def nonempty(grids: Iterable[Grid]) -> Iterator[Grid]:
    for grid in grids:
        alive = living(grid)
        if len(alive.labels):
            yield alive
