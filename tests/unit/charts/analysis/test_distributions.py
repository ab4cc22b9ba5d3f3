"""Every planet counts once in each distribution."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.analysis.distributions import (
    Hemisphere,
    Placed,
    Quadrant,
    counted,
    elements,
    hemispheres,
    modes,
    polarities,
    quadrants,
)
from backend.charts.analysis.points import PLANETS
from backend.charts.analysis.signs import Element, Polarity, SignMode
from backend.charts.engine.zodiac import sign_of
from backend.charts.vocabulary import Body
from tests.unit.charts.conftest import Compute

DEGREES = st.floats(0, 359.999)
SKIES = st.lists(DEGREES, min_size=10, max_size=10).map(
    lambda some: tuple(Placed(body, sign_of(longitude), longitude) for body, longitude in zip(PLANETS, some, strict=True))
)


@given(SKIES, DEGREES, st.floats(181, 359))
@settings(max_examples=40, deadline=None)
def test_distributions_sum_to_what_is_counted(planets: tuple[Placed, ...], ascendant: float, offset: float) -> None:
    midheaven = (ascendant + offset) % 360
    for groups in (elements(planets), modes(planets), polarities(planets), quadrants(planets, ascendant, midheaven)):
        assert sum(map(len, groups.values())) == len(planets)
    halves = hemispheres(planets, ascendant, midheaven)
    assert len(halves[Hemisphere.EASTERN]) + len(halves[Hemisphere.WESTERN]) == len(planets)
    assert len(halves[Hemisphere.NORTHERN]) + len(halves[Hemisphere.SOUTHERN]) == len(planets)


@given(SKIES, DEGREES, st.floats(181, 359))
@settings(max_examples=40, deadline=None)
def test_quarters_are_parts_of_halves(planets: tuple[Placed, ...], ascendant: float, offset: float) -> None:
    midheaven = (ascendant + offset) % 360
    halves, quarters = hemispheres(planets, ascendant, midheaven), quadrants(planets, ascendant, midheaven)
    assert sorted(halves[Hemisphere.EASTERN]) == sorted(quarters[Quadrant.FIRST] + quarters[Quadrant.FOURTH])
    assert sorted(halves[Hemisphere.SOUTHERN]) == sorted(quarters[Quadrant.THIRD] + quarters[Quadrant.FOURTH])


def test_one_planet_in_each_place_by_hand() -> None:
    """Ascendant 0° Aries, Midheaven 0° Capricorn; Sun 15° Aries (below, east), Moon 15° Cancer, Mars 15° Libra, Venus 15° Capricorn."""
    places = {Body.SUN: 15.0, Body.MOON: 105.0, Body.MARS: 195.0, Body.VENUS: 285.0}
    planets = tuple(Placed(body, sign_of(longitude), longitude) for body, longitude in places.items())
    assert quadrants(planets, 0.0, 270.0) == {
        Quadrant.FIRST: [Body.SUN],
        Quadrant.SECOND: [Body.MOON],
        Quadrant.THIRD: [Body.MARS],
        Quadrant.FOURTH: [Body.VENUS],
    }
    assert {element: len(some) for element, some in elements(planets).items()} == dict.fromkeys(Element, 1)
    assert modes(planets)[SignMode.CARDINAL] == list(places)
    assert polarities(planets)[Polarity.POSITIVE] == [Body.SUN, Body.MARS]


def test_the_ten_planets_count_and_nothing_else(compute: Compute) -> None:
    assert [each.body for each in counted(compute().value)] == list(PLANETS)
