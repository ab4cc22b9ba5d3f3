"""Essential dignities and debilities with a score, receptions and the almuten of a degree."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from backend.charts.analysis.lordships import Lords, lords_of
from backend.charts.engine.zodiac import DOMICILES, EXALTATIONS, opposite, sign_of
from backend.charts.vocabulary import CLASSICAL_PLANETS, Body


class Dignity(StrEnum):
    DOMICILE = "domicile"
    EXALTATION = "exaltation"
    TRIPLICITY = "triplicity"
    BOUND = "bound"
    FACE = "face"
    DETRIMENT = "detriment"
    FALL = "fall"
    PEREGRINE = "peregrine"


class ReceptionKind(StrEnum):
    """What two planets hold of each other: domicile both, exaltation both, or one of each."""

    DOMICILE = "domicile"
    EXALTATION = "exaltation"
    MIXED = "mixed"


POINTS: dict[Dignity, int] = {
    Dignity.DOMICILE: 5,
    Dignity.EXALTATION: 4,
    Dignity.TRIPLICITY: 3,
    Dignity.BOUND: 2,
    Dignity.FACE: 1,
    Dignity.DETRIMENT: -5,
    Dignity.FALL: -4,
    Dignity.PEREGRINE: -5,
}
RECEPTION_POINTS: dict[ReceptionKind, int] = {ReceptionKind.DOMICILE: 5, ReceptionKind.EXALTATION: 4, ReceptionKind.MIXED: 0}
POINTS_SOURCE = "W. Lilly, Christian Astrology (1647), page 115; over Egyptian bounds and Dorothean triplicities"
_ROOTS = (Dignity.DOMICILE, Dignity.EXALTATION, Dignity.TRIPLICITY, Dignity.BOUND, Dignity.FACE)


class Reception(NamedTuple):
    """Two planets that stand in each other's dignity."""

    first: Body
    second: Body
    kind: ReceptionKind


def dignities_of(body: Body, longitude_degrees: float, sect: str | None) -> tuple[Dignity, ...]:
    """What a classical planet has at its place; peregrine where it holds none of the five dignities."""
    held = _held(body, lords_of(longitude_degrees, sect))
    away = opposite(sign_of(longitude_degrees))
    lacking = [Dignity.DETRIMENT] * (away in DOMICILES[body]) + [Dignity.FALL] * (EXALTATIONS[body] is away)
    return (*held, *lacking) if held else (*lacking, Dignity.PEREGRINE)


def _held(body: Body, lords: Lords) -> tuple[Dignity, ...]:
    return tuple(dignity for dignity, lord in zip(_ROOTS, lords, strict=False) if lord is body)


def score(dignities: tuple[Dignity, ...], receptions: tuple[Reception, ...]) -> int:
    """The sum of the points of a planet's dignities and of its own mutual receptions."""
    return sum(POINTS[each] for each in dignities) + sum(RECEPTION_POINTS[each.kind] for each in receptions)


def mutual_receptions(longitudes: Mapping[Body, float]) -> tuple[Reception, ...]:
    """Each pair of classical planets in each other's domicile or exaltation; a pair may have two kinds."""
    known = [body for body in CLASSICAL_PLANETS if body in longitudes]
    found = []
    for first, second in combinations(known, 2):
        of_second, of_first = _taken(second, longitudes[first]), _taken(first, longitudes[second])
        found += [Reception(first, second, kind) for kind in ReceptionKind if _mutual(kind, of_second, of_first)]
    return tuple(found)


def _taken(host: Body, longitude_degrees: float) -> frozenset[Dignity]:
    """In which of the host's greater dignities a longitude lies."""
    sign = sign_of(longitude_degrees)
    return frozenset([Dignity.DOMICILE] * (sign in DOMICILES[host]) + [Dignity.EXALTATION] * (EXALTATIONS[host] is sign))


def _mutual(kind: ReceptionKind, one: frozenset[Dignity], other: frozenset[Dignity]) -> bool:
    match kind:
        case ReceptionKind.DOMICILE:
            return Dignity.DOMICILE in one and Dignity.DOMICILE in other
        case ReceptionKind.EXALTATION:
            return Dignity.EXALTATION in one and Dignity.EXALTATION in other
        case ReceptionKind.MIXED:
            return (Dignity.DOMICILE in one and Dignity.EXALTATION in other) or (Dignity.EXALTATION in one and Dignity.DOMICILE in other)


def almuten(longitude_degrees: float, sect: str | None) -> tuple[Body, ...]:
    """The planet with the most points at a degree; several where they are even."""
    lords = lords_of(longitude_degrees, sect)
    sums = {body: sum(POINTS[dignity] for dignity in _held(body, lords)) for body in CLASSICAL_PLANETS}
    most = max(sums.values())
    return tuple(body for body, points in sums.items() if points == most)
