"""Aspects between bodies: which, how close, and whether they are growing closer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backend.charts.vocabulary import ASPECT_ANGLES, DEFAULT_ORBS, AspectKind, Body

_STILL = 1e-4  # degrees a day: a pair whose distance changes less is neither applying nor separating
_EDGE = 1e-9  # an orb exactly at its limit counts


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


_Candidate = tuple[AspectKind, float, float]
_SAME_POINT = frozenset({(Body.MEAN_NODE, Body.TRUE_NODE), (Body.MEAN_LILITH, Body.OSCULATING_LILITH)})


def _by_degree(orbs: dict[AspectKind, float]) -> tuple[tuple[_Candidate, ...], ...]:
    """For each whole degree of separation, the aspects that may hold there."""
    wanted = [(kind, ASPECT_ANGLES[kind], orb) for kind, orb in orbs.items()]

    def near(degree: int) -> tuple[_Candidate, ...]:
        return tuple(each for each in wanted if each[1] - each[2] - _EDGE < degree + 1 and each[1] + each[2] + _EDGE >= degree)

    return tuple(near(degree) for degree in range(181))


_DEFAULT_TABLE = _by_degree(DEFAULT_ORBS)


def find_aspects(points: Sequence[Point], orbs: dict[AspectKind, float] | None = None) -> tuple[Aspect, ...]:
    """Each pair's closest aspect within its orb, in the order of the points."""
    table = _DEFAULT_TABLE if orbs is None else _by_degree(orbs)
    found: list[Aspect] = []
    for index, (first, longitude, speed) in enumerate(points):
        for second, other_longitude, other_speed in points[index + 1 :]:
            difference = (other_longitude - longitude) % 360
            separation = difference if difference <= 180 else 360 - difference
            candidates = table[int(separation)]
            if candidates and (aspect := _closest(candidates, separation)) and (first, second) not in _SAME_POINT:
                growth = other_speed - speed if difference <= 180 else speed - other_speed
                orb = separation - aspect[1]
                found.append(Aspect(first, second, aspect[0], separation, orb, phase(orb, growth)))
    return tuple(found)


def _closest(candidates: tuple[_Candidate, ...], separation: float) -> _Candidate | None:
    best, least = None, 361.0
    for candidate in candidates:
        distance = abs(separation - candidate[1])
        if distance <= candidate[2] + _EDGE and distance < least:
            best, least = candidate, distance
    return best


def phase(orb: float, growth: float) -> str:
    """Whether the orb shrinks: ``growth`` is the change of the separation in degrees a day."""
    if abs(growth) < _STILL:
        return "stationary"
    return "applying" if orb * growth < 0 else "separating"
