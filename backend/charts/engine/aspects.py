"""Aspects between bodies: which, how close, and whether they are growing closer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations, pairwise
from typing import NamedTuple

from backend.charts.vocabulary import ASPECT_ANGLES, DEFAULT_ORBS, PTOLEMAIC_ASPECTS, AspectKind, Body

_STILL = 1e-4  # degrees a day: a pair whose distance changes less is neither applying nor separating
_EDGE = 1e-9  # an orb exactly at its limit counts
_APOGEES = (Body.MEAN_LILITH, Body.OSCULATING_LILITH, Body.INTERPOLATED_LILITH)
_SAME_POINT = frozenset({(Body.MEAN_NODE, Body.TRUE_NODE), *combinations(_APOGEES, 2)})

Orbs = tuple[tuple[AspectKind, float], ...]
BodyOrbs = tuple[tuple[Body, float], ...]


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


def orbs_in_use(own: Orbs) -> dict[AspectKind, float]:
    """The default orbs with those asked for in their place; an orb of 0 leaves its aspect out."""
    return {kind: orb for kind, orb in {**DEFAULT_ORBS, **dict(own)}.items() if orb > 0}


def aspects_by(points: Sequence[Point], own: Orbs, of_bodies: BodyOrbs) -> tuple[Aspect, ...]:
    """The aspects among the points with orbs of one's own, per aspect and per body."""
    if not of_bodies:
        return find_aspects(points, _near(own) if own else DEFAULT_REACHES)
    orbs = dict(of_bodies)
    pairs = combinations(points, 2)
    return tuple(
        aspect
        for first, second in pairs
        for aspect in find_aspects((first, second), _near_of_pair(own, orbs.get(first.body), orbs.get(second.body)))
    )


@lru_cache(maxsize=256)
def _near(own: Orbs) -> tuple[tuple[Reach, ...], ...]:
    return by_whole_degree(reaches(orbs_in_use(own)))


@lru_cache(maxsize=1024)
def _near_of_pair(own: Orbs, first: float | None, second: float | None) -> tuple[tuple[Reach, ...], ...]:
    return by_whole_degree(reaches({kind: orb_of_pair(kind, orb, first, second) for kind, orb in orbs_in_use(own).items()}))


def orb_of_pair(kind: AspectKind, orb: float, first: float | None, second: float | None) -> float:
    """Each body brings half of its orb, its own or else the aspect's (moieties: Lilly, Christian Astrology I, p. 107).

    The old orbs are of the five Ptolemaic aspects; for the others a body's own orb may narrow the aspect's, never widen it.
    """
    halves = ((orb if first is None else first) + (orb if second is None else second)) / 2
    return halves if kind in PTOLEMAIC_ASPECTS else min(orb, halves)


def find_aspects(points: Sequence[Point], near: tuple[tuple[Reach, ...], ...] = DEFAULT_REACHES) -> tuple[Aspect, ...]:
    """The aspects among the points, in their order."""
    found: list[Aspect] = []
    add, new = found.append, tuple.__new__  # a named tuple's own constructor takes twice as long
    for index, (first, longitude, speed) in enumerate(points, 1):
        for second, other_longitude, other_speed in points[index:]:
            separation = abs(other_longitude - longitude)
            if separation > 180:
                separation = 360 - separation
            for kind, angle, low, high in near[int(separation)]:
                if low <= separation <= high:
                    if (first, second) not in _SAME_POINT:
                        growth = other_speed - speed if (other_longitude - longitude) % 360 <= 180 else speed - other_speed
                        orb = separation - angle
                        add(new(Aspect, (first, second, kind, separation, orb, phase(orb, growth))))
                    break
    return tuple(found)


def phase(orb: float, growth: float) -> str:
    """Whether the orb shrinks: ``growth`` is the change of the separation in degrees a day."""
    if -_STILL < growth < _STILL:
        return "stationary"
    return "applying" if orb * growth < 0 else "separating"
