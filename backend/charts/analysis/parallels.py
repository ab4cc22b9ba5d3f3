"""Parallels and contraparallels of declination, and who stands beyond the Sun's farthest declination."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from backend.charts.analysis.points import same_point
from backend.charts.engine.chart import Chart

DEFAULT_ORB = 1.0
_EDGE = 1e-9  # an orb exactly at its limit counts


class Declined(NamedTuple):
    """A point and its declination in degrees."""

    name: str
    declination_degrees: float


class Parallel(NamedTuple):
    """``kind``: parallel on the same side of the equator, contraparallel on opposite sides; the orb is never negative."""

    first: str
    second: str
    kind: str
    orb_degrees: float


class OutOfBounds(NamedTuple):
    """How far beyond the obliquity of the ecliptic a body stands."""

    body: str
    declination_degrees: float
    beyond_degrees: float


def declinations_of(chart: Chart) -> tuple[Declined, ...]:
    return tuple(Declined(body.body, body.declination_degrees) for body in chart.bodies)


def find_parallels(points: Sequence[Declined], orb: float = DEFAULT_ORB) -> tuple[Parallel, ...]:
    """Each pair within the orb, in the points' order; on the equator itself it is a parallel."""
    pairs = (_parallel(one, other) for one, other in combinations(points, 2) if not same_point(one.name, other.name))
    return tuple(each for each in pairs if each.orb_degrees <= orb + _EDGE)


def _parallel(one: Declined, other: Declined) -> Parallel:
    first, second = one.declination_degrees, other.declination_degrees
    kind = "parallel" if first * second >= 0 else "contraparallel"
    return Parallel(one.name, other.name, kind, abs(abs(first) - abs(second)))


def out_of_bounds(points: Sequence[Declined], obliquity: float) -> tuple[OutOfBounds, ...]:
    """Whoever stands farther from the equator than the Sun ever does."""
    return tuple(
        OutOfBounds(name, declination, abs(declination) - obliquity) for name, declination in points if abs(declination) > obliquity
    )
