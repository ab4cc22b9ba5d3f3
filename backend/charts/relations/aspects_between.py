"""Aspects from the points of one chart to those of another, and how they stand in a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

from backend.charts.analysis.points import ANGLES, Point, same_point
from backend.charts.document import Document, cut
from backend.charts.engine.aspects import Reach, by_whole_degree, phase, reaches
from backend.charts.vocabulary import AspectKind


class CrossAspect(NamedTuple):
    """``first`` is a point of the one chart, ``second`` of the other; orb = separation minus the exact angle."""

    first: str
    second: str
    kind: AspectKind
    separation_degrees: float
    orb_degrees: float
    phase: str


def aspects_between(firsts: Sequence[Point], seconds: Sequence[Point], orbs: Mapping[AspectKind, float]) -> tuple[CrossAspect, ...]:
    """Each pair's aspect, if it has one: in the order of ``firsts``, then of ``seconds``."""
    return _aspects(product(firsts, seconds), orbs)


def aspects_among(points: Sequence[Point], orbs: Mapping[AspectKind, float]) -> tuple[CrossAspect, ...]:
    """Aspects within one chart that is no natal chart; none between its angles, nor between two theories of one point."""
    pairs = ((one, other) for one, other in combinations(points, 2) if not _bound(one.name, other.name))
    return _aspects(pairs, orbs)


def _bound(one: str, other: str) -> bool:
    return same_point(one, other) or (one in ANGLES and other in ANGLES)


def _aspects(pairs: Iterable[tuple[Point, Point]], orbs: Mapping[AspectKind, float]) -> tuple[CrossAspect, ...]:
    near = _near(tuple(orbs.items()))
    return tuple(aspect for first, second in pairs if (aspect := _aspect(first, second, near)))


@lru_cache(maxsize=256)
def _near(orbs: tuple[tuple[AspectKind, float], ...]) -> tuple[tuple[Reach, ...], ...]:
    """An orb of 0 leaves its aspect out, as in a natal chart."""
    return by_whole_degree(reaches({kind: orb for kind, orb in orbs if orb > 0}))


def _aspect(first: Point, second: Point, near: tuple[tuple[Reach, ...], ...]) -> CrossAspect | None:
    separation = second.longitude_degrees - first.longitude_degrees
    growth = second.speed_degrees_per_day - first.speed_degrees_per_day
    if separation < 0:
        separation, growth = -separation, -growth
    if separation > 180:
        separation, growth = 360 - separation, -growth
    for kind, angle, low, high in near[int(separation)]:
        if low <= separation <= high:
            orb = separation - angle
            return CrossAspect(first.name, second.name, kind, separation, orb, phase(orb, growth))
    return None


def still_aspect(aspect: CrossAspect) -> Document:
    """An aspect of two charts that do not move: it neither applies nor separates."""
    return {
        "first": aspect.first,
        "second": aspect.second,
        "aspect": aspect.kind,
        "separation_degrees": cut(aspect.separation_degrees),
        "orb_degrees": cut(aspect.orb_degrees),
    }


def moving_aspect(aspect: CrossAspect) -> Document:
    """An aspect of a moving point to a still one."""
    return {**still_aspect(aspect), "phase": aspect.phase}
