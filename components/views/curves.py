"""Curves made fit for drawing: gaps kept as gaps, thousands of points thinned, the many small ones put together. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from tsdownsample import MinMaxLTTBDownsampler

from backend.monitoring.promql.result import Curve
from backend.monitoring.promql.samples import Times, Values

MOST_POINTS, MOST_LINES = 1000, 20
GAP_STEPS = 2.5
PALETTE = ("info", "watch", "held", "ok", "bad", "neutral")
_DASHES = (None, "dash", "dot", "dashdot")


@dataclass(frozen=True)
class Line:
    """One curve to draw: ``tone`` is a colour of the theme by its meaning; ``filled`` fills towards the line before, as a band."""

    name: str
    times: Times
    values: Values
    tone: str = "info"
    width: float = 1.8
    dash: str | None = None
    filled: bool = False


@dataclass(frozen=True)
class Drawn:
    """A line as it is drawn: at most 1,000 points, NaN where it is interrupted, and which points stand alone between two gaps."""

    times: Times
    values: Values
    alone: tuple[int, ...]


def told_apart(named: Iterable[tuple[str, Curve]], width: float = 1.8) -> list[Line]:
    """Each curve in a colour, and from the seventh on also in a dash, of its own."""
    count = len(PALETTE)
    return [
        Line(name, curve.times, curve.values, PALETTE[place % count], width, _DASHES[place // count % len(_DASHES)])
        for place, (name, curve) in enumerate(named)
    ]


def largest(named: Sequence[tuple[str, Curve]], most: int = MOST_LINES, *, rest: str = "") -> tuple[list[tuple[str, Curve]], int]:
    """At most so many curves, those with the largest mean, and how many are left out.

    With ``rest``, a name, the last place is the sum of all that have none: only for what may be added up.
    """
    if len(named) <= most:
        return list(named), 0
    ranked = sorted(named, key=lambda one: -mean(one[1].values))
    if not rest:
        return ranked[:most], len(named) - most
    kept, others = ranked[: most - 1], [curve for _, curve in ranked[most - 1 :]]
    return [*kept, (f"{rest} ({len(others)})", summed(others))], 0


def summed(curves: Sequence[Curve]) -> Curve:
    """The sum at each instant of those that have a finite value there."""
    times = np.unique(np.concatenate([curve.times for curve in curves]))
    total, known = np.zeros(len(times)), np.zeros(len(times), dtype=bool)
    for curve in curves:
        fine = np.isfinite(curve.values)
        at = np.searchsorted(times, curve.times[fine])
        total[at] += curve.values[fine]
        known[at] = True
    return Curve((), times[known], total[known])


def drawn(line: Line, step_ms: float, most: int = MOST_POINTS) -> Drawn:
    """The line in pieces, never joined over more than two and a half steps, nor over what is no finite number."""
    pieces = _pieces(line.times, line.values, step_ms)
    if not pieces:
        return Drawn(line.times[:0], line.values[:0], ())
    pieces = pieces[-(most // 3) :]  # each takes two points and a gap; of more than these, the newest
    room = most - 3 * len(pieces)
    total = sum(len(times) for times, _ in pieces)
    thin = [_thinned(times, values, 2 + math.floor(room * len(times) / total)) for times, values in pieces]
    return _joined(thin)


def mean(values: Values) -> float:
    """Of what is finite; minus infinity when nothing is."""
    fine = values[np.isfinite(values)]
    return float(fine.mean()) if len(fine) else -math.inf


def last(values: Values) -> float | None:
    """The newest value if it is a finite number."""
    return float(values[-1]) if len(values) and np.isfinite(values[-1]) else None


def highest(lines: Iterable[Line], *limits: float | None) -> float:
    """The largest size of any value, for the scale of the axis; 0 without any."""
    found = [abs(limit) for limit in limits if limit is not None]
    for line in lines:
        fine = line.values[np.isfinite(line.values)]
        if len(fine):
            found.append(float(np.abs(fine).max()))
    return max(found, default=0.0)


def moved(line: Line, by_ms: int) -> Line:
    """The same line later by so many milliseconds: the previous period under the present one."""
    return replace(line, times=line.times + by_ms)


def _pieces(times: Times, values: Values, step_ms: float) -> list[tuple[Times, Values]]:
    fine = np.flatnonzero(np.isfinite(values))
    if not len(fine):
        return []
    cuts = np.flatnonzero((np.diff(times[fine]) > GAP_STEPS * step_ms) | (np.diff(fine) > 1)) + 1
    return [(times[part], values[part]) for part in np.split(fine, cuts)]


def _thinned(times: Times, values: Values, most: int) -> tuple[Times, Values]:
    if len(times) <= most:
        return times, values
    if most < 3:
        return times[[0, -1]], values[[0, -1]]
    chosen = MinMaxLTTBDownsampler().downsample(times, values, n_out=most)  # type: ignore[no-untyped-call]
    return times[chosen], values[chosen]


def _joined(pieces: Sequence[tuple[Times, Values]]) -> Drawn:
    """One after the other with a point without value in each gap."""
    times, values, alone, count = [], [], [], 0
    for place, (at, of) in enumerate(pieces):
        if place:
            times.append(np.array([(pieces[place - 1][0][-1] + at[0]) // 2]))
            values.append(np.array([math.nan]))
            count += 1
        if len(at) == 1:
            alone.append(count)
        times.append(at)
        values.append(of)
        count += len(at)
    return Drawn(np.concatenate(times), np.concatenate(values), tuple(alone))
