"""Quantiles of classic histograms, and the share of observations between two values."""

from __future__ import annotations

from functools import partial

import numpy as np

from backend.monitoring.promql.functions.histograms import Histograms, NoteOfGrid, note_of, per_histogram
from backend.monitoring.promql.functions.over_time import note_quantiles
from backend.monitoring.promql.functions.registry_types import Note
from backend.monitoring.promql.samples import Grid, Mask, Values
from backend.monitoring.promql.series import joined

_ROUNDING = 1e-12  # counts whose difference is this small a part of them are taken for equal
_LEAST = np.finfo(np.float64).tiny
_MONOTONIC = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)


def quantile(phi: Values, grid: Grid, *, note: Note) -> Grid:
    """The value below which the share ``phi`` of observations lies, interpolated inside its bucket."""
    note_quantiles(phi, note, 0)
    return _quantiles(phi, grid, partial(note_of, note, 1))


def _quantiles(phi: Values, grid: Grid, note: NoteOfGrid) -> Grid:
    with np.errstate(all="ignore"):
        return per_histogram(grid, note, lambda histograms: _quantile(phi, histograms, note))


def quantiles(grid: Grid, label: str, *phis: Values, note: Note) -> Grid:
    """One series for each share, which stands in ``label``."""
    found = []
    for argument, phi in enumerate(phis, 2):
        note_quantiles(phi, note, argument)
        for value in np.unique(phi).tolist():
            part = _quantiles(np.full(len(phi), value), grid, partial(note_of, note, 0))
            labels = [tuple(sorted({**dict(series), label: _written(value)}.items())) for series in part.labels]
            found.append(Grid(labels, part.values, part.present & (phi == value), part.unnamed))
    return joined(found, grid.values.shape[1])


def _written(share: float) -> str:
    """As OpenMetrics has it: ``0.9``, ``1.0``."""
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(repr(share), repr(share))


def fraction(lower: Values, upper: Values, grid: Grid, *, note: Note) -> Grid:
    """The share of observations between two values."""
    with np.errstate(all="ignore"):
        return per_histogram(grid, partial(note_of, note, 2), lambda histograms: _fraction(lower, upper, histograms))


def _quantile(phi: Values, histograms: Histograms, note: NoteOfGrid) -> Values:
    counts, forced = _monotonic(histograms)
    total = counts[-1]
    sound = histograms.whole & (histograms.there.sum(axis=0) > 1) & (total != 0)
    inside = (phi >= 0) & (phi <= 1)
    for name in dict.fromkeys(histograms.names[row] for row in np.flatnonzero((forced & sound & inside).any(axis=1)).tolist()):
        note("info", _MONOTONIC + (f' for metric name "{name}"' if name else ""))
    found = np.where(sound, _at_rank(phi * total, histograms, counts), np.nan)
    return np.where(inside, found, np.where(phi < 0, -np.inf, np.where(phi > 1, np.inf, np.nan)))


def _monotonic(histograms: Histograms) -> tuple[Values, Mask]:
    """Counts that never fall, also over buckets that are not there; and where one was raised by more than rounding (G, N)."""
    fixed = np.empty_like(histograms.counts)
    before = np.full(fixed.shape[1:], -np.inf)  # no bucket yet
    forced = np.zeros(fixed.shape[1:], dtype=bool)
    for index, (now, there) in enumerate(zip(histograms.counts, histograms.there, strict=True)):
        near = _almost_equal(now, before)
        fallen = there & (now < before) & ~near
        forced |= fallen
        before = fixed[index] = np.where(there & ~near & ~fallen, now, before)
    return fixed, forced


def _almost_equal(now: Values, before: Values) -> Mask:
    apart, both = np.abs(now - before), np.abs(now) + np.abs(before)
    tiny = (now == 0) | (before == 0) | (both < _LEAST)
    near: Mask = (now == before) | (apart < _ROUNDING * np.where(tiny, _LEAST, both))
    return near & np.isfinite(before)


def _at_rank(rank: Values, histograms: Histograms, counts: Values) -> Values:
    """The value of this rank; in the endless bucket, and below 0 in the first, the bound that there is."""
    found, missing = np.full(rank.shape, np.nan), np.ones(rank.shape, dtype=bool)
    start, passed, first = np.zeros(rank.shape), np.zeros(rank.shape), np.ones(rank.shape, dtype=bool)
    last_bound = np.full(rank.shape, np.nan)
    for bound, count, there in zip(histograms.bounds[:-1], counts[:-1], histograms.there[:-1], strict=True):
        hit = missing & there & (count >= rank)
        inside = start + (bound - start) * ((rank - passed) / (count - passed))
        found = np.where(hit, np.where(first & (bound <= 0), bound, inside), found)
        missing &= ~hit
        start, passed = np.where(there, bound, start), np.where(there, count, passed)
        last_bound = np.where(there, bound, last_bound)
        first &= ~there
    return np.where(missing, last_bound, found)


def _fraction(lower: Values, upper: Values, histograms: Histograms) -> Values:
    total = histograms.counts[-1]
    below = [np.minimum(_rank(value, histograms), total) for value in (lower, upper)]
    share = np.where(lower >= upper, 0.0, (below[1] - below[0]) / total)
    return np.where(histograms.whole & (total != 0) & ~np.isnan(lower) & ~np.isnan(upper), share, np.nan)


def _rank(value: Values, histograms: Histograms) -> Values:
    """How many observations lie below ``value`` (N,); inside a bucket without a lower bound, all of it."""
    shape = histograms.counts.shape[1:]
    found, missing = np.full(shape, np.inf), np.ones(shape, dtype=bool)
    low, passed = np.full(shape, -np.inf), np.zeros(shape)
    started = np.zeros(shape, dtype=bool)
    for bound, count, there in zip(histograms.bounds, histograms.counts, histograms.there, strict=True):
        low = np.where(started, low, 0.0 if bound > 0 else -np.inf)
        reached = missing & there & (low >= value)
        inside = missing & there & (low < value) & (bound > value)
        share = np.where(np.isinf(low), count, passed + (count - passed) * (value - low) / (bound - low))
        found = np.where(reached, passed, np.where(inside, share, found))
        missing &= ~(reached | inside)
        low, passed = np.where(there, bound, low), np.where(there, count, passed)
        started |= there
    return found
