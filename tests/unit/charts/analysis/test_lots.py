"""Lots: cast from the Ascendant, reversed by night, each with its source."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.analysis.lots import FORMULAS, cast_lots
from backend.charts.vocabulary import CLASSICAL_PLANETS, Body, Lot
from tests.unit.charts.conftest import Compute

DEGREES = st.floats(0, 359.999)
SKIES = st.fixed_dictionaries(dict.fromkeys(CLASSICAL_PLANETS, DEGREES))
SAME_BY_NIGHT = {Lot.SIBLINGS, Lot.MARRIAGE_OF_MEN, Lot.MARRIAGE_OF_WOMEN}


def one(lot: Lot, ascendant: float, sky: dict[Body, float], *, by_day: bool) -> float:
    return cast_lots([lot], ascendant, sky, by_day=by_day)[lot]


def test_every_lot_has_a_formula_and_a_source() -> None:
    assert set(FORMULAS) == set(Lot)
    assert len(FORMULAS) >= 12
    assert all(formula.source for formula in FORMULAS.values())


@pytest.mark.parametrize(("elongation", "place"), [(0.0, "ascendant"), (180.0, "descendant")])
@pytest.mark.parametrize("by_day", [True, False])
def test_fortune_rises_at_the_new_moon_and_sets_at_the_full_moon(elongation: float, place: str, by_day: bool) -> None:
    sky = {Body.SUN: 200.0, Body.MOON: (200.0 + elongation) % 360}
    assert one(Lot.FORTUNE, 77.0, sky, by_day=by_day) == (77.0 if place == "ascendant" else 257.0)


def test_a_chart_reckoned_by_hand() -> None:
    """Ascendant 10° Leo, Sun 5° Aries, Moon 20° Gemini, Venus 1° Taurus, Saturn 15° Capricorn."""
    sky = {Body.SUN: 5.0, Body.MOON: 80.0, Body.VENUS: 31.0, Body.SATURN: 285.0}
    found = cast_lots(Lot, 130.0, sky, by_day=True)
    assert found[Lot.FORTUNE] == 205.0  # 130 + 80 - 5
    assert found[Lot.SPIRIT] == 55.0  # 130 + 5 - 80
    assert found[Lot.EROS] == 106.0  # 130 + 31 - 55
    assert found[Lot.NEMESIS] == 50.0  # 130 + 205 - 285
    assert found[Lot.FATHER] == 50.0  # 130 + 285 - 5
    assert found[Lot.MOTHER] == 179.0  # 130 + 80 - 31
    assert found[Lot.EXALTATION] == 144.0  # 130 + 19 - 5
    assert found[Lot.BASIS] == 280.0  # 130 + 150, the shorter way between 55 and 205
    assert Lot.COURAGE not in found  # no Mars, no lot of Mars


def test_by_night_the_lot_of_exaltation_goes_from_the_moon_to_its_exaltation() -> None:
    assert one(Lot.EXALTATION, 0.0, {Body.SUN: 100.0, Body.MOON: 13.0}, by_day=False) == 20.0


@given(DEGREES, SKIES)
@settings(max_examples=30, deadline=None)
def test_what_is_reversed_by_night_lies_as_far_on_the_other_side_of_the_ascendant(ascendant: float, sky: dict[Body, float]) -> None:
    reversed_lots = (Lot.FORTUNE, Lot.SPIRIT, Lot.FATHER, Lot.MOTHER, Lot.CHILDREN, Lot.ILLNESS, Lot.TRAVEL_BY_WATER)
    for lot in reversed_lots:
        day, night = one(lot, ascendant, sky, by_day=True), one(lot, ascendant, sky, by_day=False)
        turned = (day - ascendant) - (ascendant - night)
        assert abs((turned + 180) % 360 - 180) < 1e-9


@given(DEGREES, SKIES)
@settings(max_examples=30, deadline=None)
def test_some_lots_are_cast_alike_by_day_and_night(ascendant: float, sky: dict[Body, float]) -> None:
    for lot in SAME_BY_NIGHT:
        assert one(lot, ascendant, sky, by_day=True) == one(lot, ascendant, sky, by_day=False)


@given(DEGREES, SKIES)
@settings(max_examples=30, deadline=None)
def test_fortune_by_night_is_spirit_by_day(ascendant: float, sky: dict[Body, float]) -> None:
    assert one(Lot.FORTUNE, ascendant, sky, by_day=False) == one(Lot.SPIRIT, ascendant, sky, by_day=True)


@given(DEGREES, SKIES, st.booleans())
@settings(max_examples=30, deadline=None)
def test_basis_lies_never_more_than_half_a_circle_from_the_ascendant(ascendant: float, sky: dict[Body, float], by_day: bool) -> None:
    assert (one(Lot.BASIS, ascendant, sky, by_day=by_day) - ascendant + 1e-9) % 360 <= 180 + 1e-6


@given(st.floats(-1e-12, 1e-12), SKIES, st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_lot_is_always_less_than_a_full_circle(ascendant: float, sky: dict[Body, float], by_day: bool) -> None:
    still = dict.fromkeys(sky, 0.0)
    assert all(0 <= each < 360 for each in cast_lots(Lot, ascendant, still, by_day=by_day).values())


def test_the_natal_chart_casts_the_lots_it_is_asked_for(compute: Compute) -> None:
    chart = compute(lots=[lot.value for lot in Lot], bodies=["venus"]).value
    assert list(chart.lots) == [lot.value for lot in Lot]
    assert list(compute().value.lots) == ["fortune", "spirit"]
