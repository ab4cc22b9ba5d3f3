"""Composite: midpoints by the shorter arc, houses that stay in order, the same whoever comes first."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import atan2, cos, degrees, radians, sin, tan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.analysis.midpoints import middle
from backend.charts.engine.chart import Chart
from backend.charts.relations.composite import composite_bodies
from backend.charts.relations.composite_houses import cusp_midpoints
from backend.charts.relations.pair import Charts
from backend.charts.vocabulary import HouseSystem
from backend.errors import InvalidRequest
from tests.unit.charts.relations.conftest import ANNA, LEAP, Ask, document
from tests.unit.charts.relations.people import PEOPLE

SYSTEMS = [system.value for system in HouseSystem]


def natal(ask: Ask, person: dict[str, Any]) -> Chart:
    chart: Chart = ask("synastry", first=person, second=person).value.charts.first.value
    return chart


def turned(chart: Chart, by: float) -> Chart:
    bodies = tuple(each._replace(longitude_degrees=(each.longitude_degrees + by) % 360) for each in chart.bodies)
    return replace(chart, bodies=bodies)


@given(PEOPLE, PEOPLE, st.sampled_from(["cusp_midpoints", "midheaven"]))
@settings(max_examples=25, deadline=None)
def test_a_composite_is_the_same_whoever_comes_first(ask: Ask, one: dict[str, Any], other: dict[str, Any], method: str) -> None:
    forth = document("composite", ask("composite", first=one, second=other, houses_method=method))
    back = document("composite", ask("composite", first=other, second=one, houses_method=method))
    for part in ("bodies", "aspects", "settings", "angles", "houses"):
        assert forth[part] == back[part]
    assert (forth["first"], forth["second"]) == (back["second"], back["first"])


@given(PEOPLE, PEOPLE)
@settings(max_examples=25, deadline=None)
def test_every_point_is_half_way_along_the_shorter_arc(ask: Ask, one: dict[str, Any], other: dict[str, Any]) -> None:
    found = ask("composite", first=one, second=other).value
    ones = {each.body: each.longitude_degrees for each in found.charts.first.value.bodies}
    others = {each.body: each.longitude_degrees for each in found.charts.second.value.bodies}
    for each in found.bodies:
        away = [abs((each.longitude_degrees - some[each.body] + 180) % 360 - 180) for some in (ones, others)]
        assert away[0] == pytest.approx(away[1], abs=1e-9) and away[0] <= 90 + 1e-9


@given(PEOPLE, PEOPLE)
@settings(max_examples=25, deadline=None)
def test_cusps_stay_in_order_and_opposite_and_between_both_charts_own(ask: Ask, one: dict[str, Any], other: dict[str, Any]) -> None:
    found = ask("composite", first=one, second=other).value
    cusps, charts = found.houses.cusps, [found.charts.first.value, found.charts.second.value]
    widths = [(after - before) % 360 for before, after in zip(cusps, (*cusps[1:], cusps[0]), strict=True)]
    assert sum(widths) == pytest.approx(360) and min(widths) > 0
    for number in range(12):
        assert (cusps[number] - cusps[(number + 6) % 12]) % 360 == pytest.approx(180, abs=1e-6)
        near = middle(*(chart.cusps[number].longitude_degrees for chart in charts))
        assert min((cusps[number] - near) % 180, (near - cusps[number]) % 180) < 1e-6
    assert found.houses.ascendant == cusps[0] and found.houses.midheaven == pytest.approx(cusps[9])


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_person_with_themselves_is_themselves(ask: Ask, system: str) -> None:
    person = {**ANNA, "house_system": system}
    found = ask("composite", first=person, second=person).value
    chart = found.charts.first.value
    assert [each.longitude_degrees for each in found.bodies] == [each.longitude_degrees for each in chart.bodies]
    assert [each.house for each in found.bodies] == [each.house for each in chart.bodies]
    assert found.houses.cusps == pytest.approx([each.longitude_degrees for each in chart.cusps])
    assert found.houses.midheaven == pytest.approx(chart.angles["midheaven"].longitude_degrees)


@pytest.mark.parametrize("system", [each for each in SYSTEMS if not each.startswith("sunshine")])
@pytest.mark.parametrize("zodiac", ["tropical", "sidereal"])
def test_houses_by_the_midheaven_of_one_person_are_that_persons_own(ask: Ask, system: str, zodiac: str) -> None:
    person = {**ANNA, "house_system": system, "zodiac": zodiac}
    found = ask("composite", first=person, second=person, houses_method="midheaven").value
    chart = found.charts.first.value
    for used, own in zip(found.houses.cusps, chart.cusps, strict=True):
        assert (used - own.longitude_degrees + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)
    assert found.houses.ascendant == pytest.approx(chart.angles["ascendant"].longitude_degrees, abs=1e-6)


def test_the_ascendant_of_a_shared_midheaven_by_the_textbook_formula(ask: Ask) -> None:
    """tan Asc = cos ARMC / -(sin e tan f + cos e sin ARMC), with tan ARMC = tan MC cos e (Meeus-style spherical triangle)."""
    found = ask("composite", first=ANNA, second=LEAP, houses_method="midheaven", latitude=48.2).value
    charts = [found.charts.first.value, found.charts.second.value]
    tilt, north = radians(sum(chart.obliquity_degrees for chart in charts) / 2), radians(48.2)
    mc = radians(middle(*(chart.angles["midheaven"].longitude_degrees for chart in charts)))
    armc = atan2(sin(mc) * cos(tilt), cos(mc))
    ascendant = degrees(atan2(cos(armc), -(sin(tilt) * tan(north) + cos(tilt) * sin(armc)))) % 360
    assert found.houses.ascendant == pytest.approx(ascendant, abs=1e-6)
    assert found.latitude_degrees == 48.2 and found.houses.method == "midheaven"


@given(PEOPLE, PEOPLE, st.sampled_from(["equal_mc", "morinus", "meridian", "vehlow"]))
@settings(max_examples=40, deadline=None)
def test_first_cusps_before_and_after_the_ascendant_meet_near_it(ask: Ask, one: dict[str, Any], other: dict[str, Any], system: str) -> None:
    """In these systems the first cusp is not the Ascendant: 5° after it and 5° before it lie 10° apart, not 350°."""
    one, other = ({**each, "house_system": system} for each in (one, other))
    houses = ask("composite", first=one, second=other).value.houses
    assert abs((houses.cusps[0] - houses.ascendant + 180) % 360 - 180) < 90
    assert sum((after - before) % 360 for before, after in pairwise((*houses.cusps, houses.cusps[0]))) == pytest.approx(360)


def test_opposite_points_say_that_the_other_middle_is_as_near(ask: Ask) -> None:
    chart = natal(ask, ANNA)
    bodies = composite_bodies(chart, turned(chart, 180.0), None)
    assert all(each.undecided for each in bodies)
    assert bodies == composite_bodies(turned(chart, 180.0), chart, None)
    assert not any(each.undecided for each in composite_bodies(chart, turned(chart, 179.0), None))


def test_whole_signs_begin_with_the_composite_ascendants_sign(ask: Ask) -> None:
    one, other = ({**each, "house_system": "whole_sign"} for each in (ANNA, LEAP))
    houses = ask("composite", first=one, second=other).value.houses
    assert houses.cusps[0] == houses.ascendant // 30 * 30
    assert [cusp % 30 for cusp in houses.cusps] == [0.0] * 12


def test_house_systems_have_to_agree(ask: Ask) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ask("composite", first=ANNA, second={**LEAP, "house_system": "koch"})
    assert [(each.field, each.code) for each in caught.value.problems] == [("second.house_system", "conflict")]


def test_a_stand_in_beyond_the_polar_circle_does_not_mix_with_the_other_system(ask: Ask) -> None:
    north = {**LEAP, "latitude": 69.6, "beyond_polar_circle": "porphyry"}
    with pytest.raises(InvalidRequest) as caught:
        ask("composite", first={**ANNA, "beyond_polar_circle": "porphyry"}, second=north)
    assert [each.field for each in caught.value.problems] == ["second.house_system"]
    houses = ask("composite", first={**north, "date": "1990-01-01"}, second=north).value.houses
    assert (houses.requested, houses.used, houses.reason) == (HouseSystem.PLACIDUS, HouseSystem.PORPHYRY, "undefined_at_latitude")


def test_a_midheaven_beyond_the_polar_circle_has_the_houses_that_stand_in(ask: Ask) -> None:
    one, other = ({**each, "beyond_polar_circle": "whole_sign"} for each in (ANNA, LEAP))
    made = document("composite", ask("composite", first=one, second=other, houses_method="midheaven", latitude=70))
    assert (made["houses"]["requested"], made["houses"]["used"]) == ("placidus", "whole_sign")
    assert made["houses"]["reason"] == "undefined_at_latitude"
    assert made["houses"]["cusps"][0]["degrees_in_sign"] == 0.0


@pytest.mark.parametrize("system", ["placidus", "sunshine"])
def test_houses_that_a_latitude_or_a_missing_sun_forbids_are_refused(ask: Ask, system: str) -> None:
    one, other = ({**each, "house_system": system} for each in (ANNA, LEAP))
    with pytest.raises(InvalidRequest) as caught:
        ask("composite", first=one, second=other, houses_method="midheaven", latitude=70)
    assert [each.field for each in caught.value.problems] == ["first.house_system"]


def test_without_a_time_there_are_bodies_only(ask: Ask) -> None:
    timeless = {name: value for name, value in LEAP.items() if name != "time"} | {"time_known": False}
    made = document("composite", ask("composite", first=ANNA, second=timeless))
    assert made["houses"] is None and made["angles"] is None
    assert {each["house"] for each in made["bodies"]} == {None}


def test_cusps_of_36_sectors_run_against_the_zodiac(ask: Ask) -> None:
    one, other = (natal(ask, {**each, "house_system": "gauquelin"}) for each in (ANNA, LEAP))
    cusps = cusp_midpoints(one, other).cusps
    assert len(cusps) == 36
    assert sum((before - after) % 360 for before, after in zip(cusps, (*cusps[1:], cusps[0]), strict=True)) == pytest.approx(360)


def test_cusps_that_run_against_the_zodiac_beyond_the_polar_circle_keep_their_side(ask: Ask) -> None:
    """At 75° N Regiomontanus' houses turn round for hours a day; a cusp then lies half way between both charts' cusps."""
    turned = 0
    for hour in range(24):
        one, other = ({**ANNA, "latitude": 75, "time": f"{hour:02d}:{minute}", "house_system": "regiomontanus"} for minute in ("00", "40"))
        found = ask("composite", first=one, second=other).value
        firsts, seconds, between = (
            [(cusp - cusps[0]) % 360 for cusp in cusps] for cusps in (*_cusps_of(found.charts), list(found.houses.cusps))
        )
        ways = {cusps[1] > 180 for cusps in (firsts, seconds)}
        turned += ways == {True}
        for first, second, cusp in zip(firsts, seconds, between, strict=True):
            apart = [abs((cusp - each + 180) % 360 - 180) for each in (first, second)]
            assert apart == pytest.approx([abs((first - second + 180) % 360 - 180) / 2] * 2, abs=1e-6)
    assert turned


def _cusps_of(charts: Charts) -> list[list[float]]:
    return [[cusp.longitude_degrees for cusp in answer.value.cusps] for answer in charts]
