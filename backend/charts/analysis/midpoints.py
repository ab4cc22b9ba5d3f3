"""Midpoints by the shorter arc, and which points stand on their axes (R. Ebertin, The Combination of Stellar Influences)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from backend.charts.analysis.points import Point, same_point
from backend.charts.rounding import around

DEFAULT_ORB = 1.0
_STEP = 45.0
_EDGE = 1e-9  # an orb exactly at its limit counts
_STRAIGHT = 180.0
_UNDECIDED = 1e-7  # a document's last digit: closer to 180° than this, neither arc is the shorter one


class Midpoint(NamedTuple):
    """The middle of two points; ``undecided``: they stand 180° apart and both middles are as near."""

    first: str
    second: str
    longitude_degrees: float
    undecided: bool


class Contact(NamedTuple):
    """A point that stands on a midpoint or at a multiple of 45° from it."""

    point: str
    first: str
    second: str
    angle_degrees: float
    orb_degrees: float


def middle(one: float, other: float) -> float:
    """The longitude half way between two along the shorter arc, whichever comes first.

    At 180° both arcs are equal: then it is the middle that follows the smaller longitude with the zodiac.
    """
    low, high = sorted((around(one), around(other)))
    half = (high - low) / 2
    return around(low + half if high - low <= _STRAIGHT else low + half + _STRAIGHT)


def undecided(one: float, other: float) -> bool:
    """Whether the two stand opposite, so that the shorter arc is a matter of choice."""
    return abs(abs(one - other) % 360 - _STRAIGHT) < _UNDECIDED


def midpoints(points: Sequence[Point]) -> tuple[Midpoint, ...]:
    """The midpoint of each pair, in the points' order."""
    return tuple(
        Midpoint(first.name, second.name, middle(first.longitude_degrees, second.longitude_degrees), undecided(first[1], second[1]))
        for first, second in combinations(points, 2)
        if not same_point(first.name, second.name)
    )


def midpoint_contacts(points: Sequence[Point], orb: float = DEFAULT_ORB) -> tuple[Contact, ...]:
    """Who stands on whose midpoint, for each point the closest first; a pair's own points do not count."""
    pairs, found = midpoints(points), []
    for point in points:
        near = [pair for pair in pairs if abs(_off(point, pair)) <= orb + _EDGE and point.name not in (pair.first, pair.second)]
        found += sorted((_contact(point, pair) for pair in near), key=lambda contact: abs(contact.orb_degrees))
    return tuple(found)


def _off(point: Point, pair: Midpoint) -> float:
    """How far the point is from the nearest multiple of 45° from the midpoint; signed, along the zodiac."""
    return (point.longitude_degrees - pair.longitude_degrees + _STEP / 2) % _STEP - _STEP / 2


def _contact(point: Point, pair: Midpoint) -> Contact:
    distance = abs(point.longitude_degrees - pair.longitude_degrees) % 360
    separation = min(distance, 360 - distance)
    angle = round(separation / _STEP) * _STEP
    return Contact(point.name, pair.first, pair.second, angle, separation - angle)
