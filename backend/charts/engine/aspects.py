"""Aspects between bodies: which, how close, and whether they are growing closer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from backend.charts.vocabulary import ASPECT_ANGLES, DEFAULT_ORBS, AspectKind, Body

_STILL = 1e-4  # degrees a day: a pair whose distance changes less is neither applying nor separating
_EDGE = 1e-9  # an orb exactly at its limit counts
_SAME_POINT = frozenset({(Body.MEAN_NODE, Body.TRUE_NODE), (Body.MEAN_LILITH, Body.OSCULATING_LILITH)})


class Aspect(NamedTuple):
    """One aspect; ``orb_degrees`` is separation minus exact angle; ``phase`` is applying, separating or stationary."""

    first: Body
    second: Body
    kind: AspectKind
    separation_degrees: float
    orb_degrees: float
    phase: str


class Point(NamedTuple):
    """What aspects are made of."""

    body: Body
    longitude_degrees: float
    speed_degrees_per_day: float


class Reach(NamedTuple):
    """The separations at which one aspect holds; no two reaches overlap."""

    kind: AspectKind
    angle: float
    low: float
    high: float


def reaches(orbs: dict[AspectKind, float]) -> tuple[Reach, ...]:
    """Each aspect's reach, cut half way to its neighbour where orbs would overlap: a pair has its closest aspect only."""
    wanted = sorted((ASPECT_ANGLES[kind], kind, orb) for kind, orb in orbs.items())
    lows = {kind: angle - orb - _EDGE for angle, kind, orb in wanted}
    highs = {kind: angle + orb + _EDGE for angle, kind, orb in wanted}
    for (angle, kind, _), (next_angle, next_kind, _) in pairwise(wanted):
        if highs[kind] >= lows[next_kind]:
            highs[kind] = (angle + next_angle) / 2
            lows[next_kind] = highs[kind] + _EDGE
    return tuple(Reach(kind, angle, lows[kind], highs[kind]) for angle, kind, _ in wanted)


def by_whole_degree(all_reaches: Iterable[Reach]) -> tuple[tuple[Reach, ...], ...]:
    """For each whole degree of separation, the few aspects that may hold there."""
    known = tuple(all_reaches)
    return tuple(tuple(reach for reach in known if reach.low < degree + 1 and reach.high >= degree) for degree in range(181))


DEFAULT_REACHES = by_whole_degree(reaches(DEFAULT_ORBS))


def find_aspects(points: Sequence[Point], near: tuple[tuple[Reach, ...], ...] = DEFAULT_REACHES) -> tuple[Aspect, ...]:
    """The aspects among the points, in their order."""
    found: list[Aspect] = []
    add = found.append
    for index, (first, longitude, speed) in enumerate(points, 1):
        for second, other_longitude, other_speed in points[index:]:
            separation, growth = other_longitude - longitude, other_speed - speed
            if separation < 0:
                separation, growth = -separation, -growth
            if separation > 180:
                separation, growth = 360 - separation, -growth
            for kind, angle, low, high in near[int(separation)]:
                if low <= separation <= high:
                    orb = separation - angle
                    if angle or (first, second) not in _SAME_POINT:
                        add(Aspect(first, second, kind, separation, orb, phase(orb, growth)))
                    break
    return tuple(found)


def phase(orb: float, growth: float) -> str:
    """Whether the orb shrinks: ``growth`` is the change of the separation in degrees a day."""
    if -_STILL < growth < _STILL:
        return "stationary"
    return "applying" if orb * growth < 0 else "separating"
