"""Classic histograms, series with the label ``le``, gathered from an instant vector; those with the same bounds together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.functions.registry_types import Note
from backend.monitoring.promql.labels import NAME, Labels
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import empty

NoteOfGrid = Callable[[Literal["warning", "info"], str], None]
BOUND = "le"
_AT_ONCE = 1 << 19  # counts in work
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Histograms:
    """G histograms with the same B upper bounds, ascending, at N steps. A bucket that is not there at a step counts for nothing."""

    bounds: list[float]
    counts: Values  # (B, G, N), cumulative
    there: Mask  # (B, G, N)
    names: list[str]  # (G,) of the metric, '' where it has none

    @property
    def whole(self) -> Mask:
        """(G, N): where a bucket without bound counts all observations."""
        return self.there[-1] if self.bounds[-1] == np.inf else np.zeros(self.there.shape[1:], dtype=bool)


def note_of(note: Note, argument: int, kind: Literal["warning", "info"], text: str) -> None:
    note(kind, text, argument)


def per_histogram(grid: Grid, note: NoteOfGrid, work: Callable[[Histograms], Values]) -> Grid:
    """One series for each histogram with what ``work`` (G, N) makes of it, where it has any bucket."""
    layouts: dict[tuple[float, ...], list[tuple[Labels, list[int]]]] = {}
    for labels, buckets in _gathered(grid, note).items():
        buckets.sort()
        layouts.setdefault(tuple(bound for bound, _ in buckets), []).append((labels, [row for _, row in buckets]))
    if not layouts:
        return empty(grid.values.shape[1])
    found: list[Labels] = []
    values, present = [], []
    for bounds, members in layouts.items():
        for some in _batches(members, len(bounds) * grid.values.shape[1]):
            histograms = _histograms(grid, bounds, np.array([rows for _, rows in some]), [labels for labels, _ in some])
            found += [labels for labels, _ in some]
            values.append(work(histograms))
            present.append(np.asarray(histograms.there.any(axis=0)))
    return Grid(found, np.concatenate(values), np.concatenate(present), np.ones(len(found), dtype=bool))


def _gathered(grid: Grid, note: NoteOfGrid) -> dict[Labels, list[tuple[float, int]]]:
    """Upper bounds and rows, by the other labels."""
    found: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(grid.labels):
        written = dict(labels)
        try:
            bound = _bound(written.get(BOUND, ""))
        except ValueError:
            name = f' for metric name "{written[NAME]}"' if NAME in written else ""
            note("warning", f'bucket label "{BOUND}" is missing or has a malformed value of "{written.get(BOUND, "")}"{name}')
            continue
        found.setdefault(tuple(pair for pair in labels if pair[0] != BOUND), []).append((bound, row))
    return found


def _bound(text: str) -> float:
    """A number as Go reads it; ValueError."""
    if text != text.strip() or "_" in text or not text.isascii():
        raise ValueError(text)
    bound = float(text)
    if bound != bound:
        raise ValueError(text)
    return bound


def _batches(members: list[tuple[Labels, list[int]]], each: int) -> Iterator[list[tuple[Labels, list[int]]]]:
    size = max(1, _AT_ONCE // max(1, each))
    for first in range(0, len(members), size):
        yield members[first : first + size]


def _histograms(grid: Grid, bounds: tuple[float, ...], rows: Rows, labels: list[Labels]) -> Histograms:
    """Bounds that are written differently and are the same number count together. ``rows`` (G, buckets)."""
    distinct = list(dict.fromkeys(bounds))
    names = [dict(series).get(NAME, "") for series in labels]
    if len(distinct) == len(bounds):
        return Histograms(distinct, grid.values[rows.T], grid.present[rows.T], names)
    shape = (len(distinct), len(rows), grid.values.shape[1])
    counts, there = np.zeros(shape), np.zeros(shape, dtype=bool)
    for column, bound in enumerate(bounds):
        place, present = distinct.index(bound), grid.present[rows[:, column]]
        counts[place] += np.where(present, grid.values[rows[:, column]], 0.0)
        there[place] |= present
    return Histograms(distinct, counts, there, names)
