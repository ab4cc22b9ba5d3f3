"""How the ten planets are spread over elements, modes, polarities, halves and quarters of the chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from backend.charts.analysis.points import PLANETS
from backend.charts.analysis.signs import Element, Polarity, SignMode, element_of, mode_of, polarity_of
from backend.charts.engine.chart import Chart
from backend.charts.vocabulary import Body, Sign

K = TypeVar("K", bound=StrEnum)


class Hemisphere(StrEnum):
    EASTERN = "eastern"
    WESTERN = "western"
    NORTHERN = "northern"
    SOUTHERN = "southern"


class Quadrant(StrEnum):
    """From the Ascendant with the zodiac: to the Imum Coeli, the Descendant, the Midheaven, and back."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"


class Placed(NamedTuple):
    body: Body
    sign: Sign
    longitude_degrees: float


_QUADRANTS = {(True, True): Quadrant.FIRST, (True, False): Quadrant.SECOND, (False, False): Quadrant.THIRD, (False, True): Quadrant.FOURTH}


def counted(chart: Chart) -> tuple[Placed, ...]:
    """Sun to Pluto, as far as the chart has them: nodes, apogees, asteroids, stars and angles do not count."""
    return tuple(Placed(each.body, each.sign, each.longitude_degrees) for each in chart.bodies if each.body in PLANETS)


def elements(planets: Sequence[Placed]) -> dict[Element, list[Body]]:
    return _grouped(Element, ((element_of(each.sign), each.body) for each in planets))


def modes(planets: Sequence[Placed]) -> dict[SignMode, list[Body]]:
    return _grouped(SignMode, ((mode_of(each.sign), each.body) for each in planets))


def polarities(planets: Sequence[Placed]) -> dict[Polarity, list[Body]]:
    return _grouped(Polarity, ((polarity_of(each.sign), each.body) for each in planets))


def hemispheres(planets: Sequence[Placed], ascendant: float, midheaven: float) -> dict[Hemisphere, list[Body]]:
    """East and west by the meridian, north (below) and south (above) by the horizon; each planet counts in one of either pair."""
    sides = [(each.body, *_side(each.longitude_degrees, ascendant, midheaven)) for each in planets]
    found = [(Hemisphere.EASTERN if east else Hemisphere.WESTERN, body) for body, _, east in sides]
    found += [(Hemisphere.NORTHERN if below else Hemisphere.SOUTHERN, body) for body, below, _ in sides]
    return _grouped(Hemisphere, found)


def quadrants(planets: Sequence[Placed], ascendant: float, midheaven: float) -> dict[Quadrant, list[Body]]:
    """By the four angles, whatever the houses: with equal houses a house may lie on both sides of the meridian."""
    return _grouped(Quadrant, ((_QUADRANTS[_side(each.longitude_degrees, ascendant, midheaven)], each.body) for each in planets))


def _side(longitude: float, ascendant: float, midheaven: float) -> tuple[bool, bool]:
    """Whether a longitude lies below the horizon, and whether east of the meridian."""
    return (longitude - ascendant) % 360 < 180, (longitude - midheaven) % 360 < 180


def _grouped(keys: type[K], pairs: Iterable[tuple[K, Body]]) -> dict[K, list[Body]]:
    groups: dict[K, list[Body]] = {key: [] for key in keys}
    for key, body in pairs:
        groups[key].append(body)
    return groups
