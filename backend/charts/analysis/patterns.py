"""Aspect patterns: grand trine, kite, grand cross, T-square, yod, mystic rectangle and stellium."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from backend.charts.analysis.points import is_planet_like
from backend.charts.engine.chart import Chart
from backend.charts.vocabulary import AspectKind, Sign

LEAST_OF_A_STELLIUM = 4


class PatternKind(StrEnum):
    GRAND_TRINE = "grand_trine"
    KITE = "kite"
    GRAND_CROSS = "grand_cross"
    T_SQUARE = "t_square"
    YOD = "yod"
    MYSTIC_RECTANGLE = "mystic_rectangle"
    STELLIUM = "stellium"


class Pattern(NamedTuple):
    """``bodies`` in the chart's order; ``apex``: where the lines meet, None where none stands out.

    ``widest_orb_degrees`` is that of its widest aspect; a stellium has none, but its sign.
    """

    kind: PatternKind
    bodies: tuple[str, ...]
    apex: str | None = None
    widest_orb_degrees: float | None = None
    sign: Sign | None = None


class Web:
    """The aspects of a chart, asked by pair."""

    def __init__(self, bodies: Sequence[str], aspects: Iterable[tuple[str, str, AspectKind, float]]) -> None:
        """``aspects``: first, second, kind and orb; only those between ``bodies`` count."""
        self.bodies = tuple(bodies)
        known = set(bodies)
        self._kinds: dict[tuple[str, str], AspectKind] = {}
        self._orbs: dict[tuple[str, str], float] = {}
        for one, other, kind, orb in aspects:
            if one in known and other in known:
                for pair in ((one, other), (other, one)):
                    self._kinds[pair], self._orbs[pair] = kind, abs(orb)

    def has(self, kind: AspectKind, *pairs: tuple[str, str]) -> bool:
        """Whether all these pairs are in this aspect."""
        return all(self._kinds.get(pair) is kind for pair in pairs)

    def pairs(self, kind: AspectKind) -> list[tuple[str, str]]:
        """The pairs in this aspect, in the bodies' order."""
        return [pair for pair in combinations(self.bodies, 2) if self._kinds.get(pair) is kind]

    def widest(self, bodies: Sequence[str]) -> float:
        """The widest orb of the aspects among these."""
        return max(self._orbs[pair] for pair in combinations(bodies, 2) if pair in self._orbs)


def find_patterns(chart: Chart) -> tuple[Pattern, ...]:
    """The patterns of a chart's own aspects, with the orbs it was asked for.

    Only what moves by itself takes part: two nodes, two apogees or an angle and its opposite always face each other and prove nothing.
    """
    bodies = [each.body for each in chart.bodies if is_planet_like(each.body)]
    web = Web(bodies, ((str(each.first), str(each.second), each.kind, each.orb_degrees) for each in chart.aspects))
    signs = [(each.body, each.sign) for each in chart.bodies if is_planet_like(each.body)]
    return (*patterns_of(web), *stelliums(signs))


def patterns_of(web: Web) -> tuple[Pattern, ...]:
    """All patterns of aspects; one that is part of a larger one is not named again."""
    kites, crosses = list(_kites(web)), list(_grand_crosses(web))
    within_kite, within_cross = [set(each.bodies) for each in kites], [set(each.bodies) for each in crosses]
    trines = [each for each in _grand_trines(web) if not any(set(each.bodies) < larger for larger in within_kite)]
    squares = [each for each in _t_squares(web) if not any(set(each.bodies) < larger for larger in within_cross)]
    return (*trines, *kites, *crosses, *squares, *_yods(web), *_mystic_rectangles(web))


def _grand_trines(web: Web) -> Iterator[Pattern]:
    for one, other in web.pairs(AspectKind.TRINE):
        for third in web.bodies[web.bodies.index(other) + 1 :]:
            if web.has(AspectKind.TRINE, (one, third), (other, third)):
                three = (one, other, third)
                yield Pattern(PatternKind.GRAND_TRINE, three, None, web.widest(three))


def _kites(web: Web) -> Iterator[Pattern]:
    """A grand trine with a fourth body opposite one corner and in sextile to the others; it is the apex."""
    for trine in _grand_trines(web):
        for corner, tail in ((corner, tail) for corner in trine.bodies for tail in web.bodies):
            others = [(tail, each) for each in trine.bodies if each != corner]
            if web.has(AspectKind.OPPOSITION, (corner, tail)) and web.has(AspectKind.SEXTILE, *others):
                four = _in_order(web, (*trine.bodies, tail))
                yield Pattern(PatternKind.KITE, four, tail, web.widest(four))


def _grand_crosses(web: Web) -> Iterator[Pattern]:
    yield from _facing(web, PatternKind.GRAND_CROSS, (AspectKind.SQUARE, AspectKind.SQUARE))


def _mystic_rectangles(web: Web) -> Iterator[Pattern]:
    yield from _facing(web, PatternKind.MYSTIC_RECTANGLE, (AspectKind.SEXTILE, AspectKind.TRINE))


def _facing(web: Web, kind: PatternKind, sides: tuple[AspectKind, AspectKind]) -> Iterator[Pattern]:
    """Two oppositions whose ends are joined by two aspects of either kind."""
    for (one, other), (third, fourth) in combinations(web.pairs(AspectKind.OPPOSITION), 2):
        if len({one, other, third, fourth}) < 4:
            continue
        near, far = ((one, third), (other, fourth)), ((one, fourth), (other, third))
        if any(web.has(sides[0], *some) and web.has(sides[1], *rest) for some, rest in ((near, far), (far, near))):
            four = _in_order(web, (one, other, third, fourth))
            yield Pattern(kind, four, None, web.widest(four))


def _t_squares(web: Web) -> Iterator[Pattern]:
    yield from _pointed(web, PatternKind.T_SQUARE, AspectKind.OPPOSITION, AspectKind.SQUARE)


def _yods(web: Web) -> Iterator[Pattern]:
    yield from _pointed(web, PatternKind.YOD, AspectKind.SEXTILE, AspectKind.QUINCUNX)


def _pointed(web: Web, kind: PatternKind, base: AspectKind, legs: AspectKind) -> Iterator[Pattern]:
    """Two bodies in one aspect, and a third that makes the same aspect to both: the apex."""
    for one, other in web.pairs(base):
        for apex in web.bodies:
            if web.has(legs, (one, apex), (other, apex)):
                three = _in_order(web, (one, other, apex))
                yield Pattern(kind, three, apex, web.widest(three))


def stelliums(signs: Sequence[tuple[str, Sign]]) -> tuple[Pattern, ...]:
    """Four or more in one sign."""
    groups = {sign: tuple(body for body, own in signs if own is sign) for _, sign in signs}
    return tuple(Pattern(PatternKind.STELLIUM, bodies, sign=sign) for sign, bodies in groups.items() if len(bodies) >= LEAST_OF_A_STELLIUM)


def _in_order(web: Web, bodies: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in web.bodies if each in bodies)
