"""Quantiles and fractions of classic histograms, which are series with the label ``le``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from backend.monitoring.promql.functions.registry_types import Note
from backend.monitoring.promql.labels import NAME, Labels
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import empty, joined

BOUND = "le"
_ROUNDING = 1e-12  # counts this close are taken for equal
_MONOTONIC = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)


@dataclass(frozen=True)
class Buckets:
    """Cumulative counts (B, N) by ascending upper bound; the last bound is infinite where the histogram is whole."""

    bounds: Values
    counts: Values


def quantile(phi: Values, grid: Grid, *, note: Note) -> Grid:
    """The value below which the share ``phi`` of observations lies, interpolated inside its bucket."""
    _check_quantiles(phi, note)
    return _per_histogram(grid, note, lambda buckets, some, name: _quantile(phi[some], buckets, name, note))


def quantiles(grid: Grid, label: str, *phis: Values, note: Note) -> Grid:
    """One series for each share, which stands in ``label``."""
    found = []
    for phi in phis:
        part = quantile(phi, grid, note=note)
        value = f"{phi[0]:g}" if len(phi) else ""
        labels = [tuple(sorted({**dict(series), label: value}.items())) for series in part.labels]
        found.append(Grid(labels, part.values, part.present, part.unnamed))
    return joined(found, grid.values.shape[1])


def fraction(lower: Values, upper: Values, grid: Grid, *, note: Note) -> Grid:
    """The share of observations between two values."""
    return _per_histogram(grid, note, lambda buckets, some, _name: _fraction(lower[some], upper[some], buckets))


def _check_quantiles(phi: Values, note: Note) -> None:
    for wrong in dict.fromkeys(f"{value:g}".replace("nan", "NaN").replace("inf", "Inf") for value in phi if not 0 <= value <= 1):
        note("warning", f"quantile value should be between 0 and 1, got {wrong}")


Work = Callable[[Buckets, Mask, str], Values]


def _per_histogram(grid: Grid, note: Note, work: Work) -> Grid:
    """``work`` on the buckets of each histogram, at the steps at which the same ones are there."""
    groups: dict[Labels, list[tuple[float, int]]] = {}
    for index, labels in enumerate(grid.labels):
        bound = _bound(dict(labels), note)
        if bound is not None:
            groups.setdefault(tuple(pair for pair in labels if pair[0] != BOUND), []).append((bound, index))
    if not groups:
        return empty(grid.values.shape[1])
    values = np.zeros((len(groups), grid.values.shape[1]))
    present = np.zeros(values.shape, dtype=bool)
    for number, (labels, members) in enumerate(groups.items()):
        for buckets, some in _patterns(grid, sorted(members)):
            values[number, some] = work(buckets, some, dict(labels).get(NAME, ""))
            present[number, some] = True
    return Grid(list(groups), values, present, np.ones(len(groups), dtype=bool))


def _bound(labels: dict[str, str], note: Note) -> float | None:
    try:
        return float(labels[BOUND].replace("_", "x"))
    except (KeyError, ValueError):
        name = f' for metric name "{labels[NAME]}"' if NAME in labels else ""
        text = f'bucket label "{BOUND}" is missing or has a malformed value of "{labels.get(BOUND, "")}"{name}'
        note("warning", text)
        return None


def _patterns(grid: Grid, members: list[tuple[float, int]]) -> Iterator[tuple[Buckets, Mask]]:
    bounds = np.array([bound for bound, _ in members])
    rows = [index for _, index in members]
    present = grid.present[rows]
    if present.all():
        yield _coalesced(bounds, grid.values[rows]), np.ones(present.shape[1], dtype=bool)
        return
    sets, which = np.unique(present, axis=1, return_inverse=True)
    for number, there in enumerate(sets.T):
        some = which.ravel() == number
        if there.any():
            yield _coalesced(bounds[there], grid.values[rows][there][:, some]), some


def _coalesced(bounds: Values, counts: Values) -> Buckets:
    """Bounds that are written differently and are the same number count together."""
    starts = np.flatnonzero(np.r_[True, bounds[1:] != bounds[:-1]])
    if len(starts) == len(bounds):
        return Buckets(bounds, counts)
    return Buckets(bounds[starts], np.add.reduceat(counts, starts, axis=0))


def _monotonic(counts: Values) -> tuple[Values, bool]:
    """Counts that never fall; and whether one had to be raised by more than rounding."""
    fixed, forced = counts.copy(), False
    before = counts[0].copy()
    with np.errstate(all="ignore"):
        for index in range(1, len(counts)):
            now = counts[index]
            near = (now != before) & (np.abs(now - before) < _ROUNDING * (np.abs(now) + np.abs(before)))
            fallen = (now < before) & ~near
            forced = forced or bool(fallen.any())
            fixed[index] = np.where(near | fallen, before, now)
            before = fixed[index]
    return fixed, forced


def _quantile(phi: Values, buckets: Buckets, name: str, note: Note) -> Values:
    bounds = buckets.bounds
    outside = np.where(phi < 0, -np.inf, np.where(phi > 1, np.inf, np.nan))
    if bounds[-1] != np.inf or len(bounds) < 2:
        return outside
    counts, forced = _monotonic(buckets.counts)
    if forced:
        note("info", _MONOTONIC + (f' for metric name "{name}"' if name else ""))
    steps = np.arange(len(phi))
    with np.errstate(all="ignore"):
        rank = phi * counts[-1]
        index = np.minimum((counts < rank).sum(axis=0), len(bounds) - 1)
        below = np.maximum(index - 1, 0)
        start = np.where(index > 0, bounds[below], 0.0)
        passed = np.where(index > 0, counts[below, steps], 0.0)
        inside = start + (bounds[index] - start) * ((rank - passed) / (counts[index, steps] - passed))
    found = np.where(index == len(bounds) - 1, bounds[-2], inside)
    found = np.where((index == 0) & (bounds[0] <= 0), bounds[0], found)
    found = np.where((counts[-1] == 0) | np.isnan(counts[-1]), np.nan, found)
    return np.where((phi >= 0) & (phi <= 1), found, outside)


def _fraction(lower: Values, upper: Values, buckets: Buckets) -> Values:
    bounds, counts = buckets.bounds, buckets.counts
    if bounds[-1] != np.inf:
        return np.full(len(lower), np.nan)
    with np.errstate(all="ignore"):
        share = (_rank(upper, bounds, counts) - _rank(lower, bounds, counts)) / counts[-1]
    share = np.where(lower >= upper, 0.0, share)
    return np.where((counts[-1] == 0) | np.isnan(lower) | np.isnan(upper), np.nan, share)


def _rank(value: Values, bounds: Values, counts: Values) -> Values:
    """How many observations lie below ``value``; inside an endless bucket none more than below it."""
    lows = np.r_[0.0 if bounds[0] > 0 else -np.inf, bounds[:-1]]
    steps = np.arange(len(value))
    index = np.minimum(np.searchsorted(bounds, value, side="right"), len(bounds) - 1)
    before = np.where(index > 0, counts[np.maximum(index - 1, 0), steps], 0.0)
    low, high = lows[index], bounds[index]
    inside = before + (counts[index, steps] - before) * (value - low) / (high - low)
    rank = np.where(value <= low, before, np.where(np.isinf(low), counts[index, steps], inside))
    below: Values = np.minimum(np.where(value == np.inf, counts[-1], rank), counts[-1])
    return below
