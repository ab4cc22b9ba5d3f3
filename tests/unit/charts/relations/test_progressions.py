"""Secondary progressions: a day for a year, angles by their methods, aspects to the natal chart."""

from __future__ import annotations

from itertools import pairwise
from math import atan2, cos, degrees, radians, sin
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.engine.chart import Chart
from backend.charts.relations.progressed_angles import NAIBOD_DEGREES, AngleMethod
from backend.charts.relations.time_key import YEAR_DAYS, YearLength
from backend.charts.vocabulary import HouseSystem
from backend.errors import InvalidRequest
from tests.unit.charts.relations.conftest import ANNA, LEAP, Ask, document
from tests.unit.charts.relations.people import PEOPLE

BIRTH = "1990-06-15T13:30:00Z"
METHODS = [method.value for method in AngleMethod]


def natal_at(ask: Ask, person: dict[str, Any], utc: str) -> Chart:
    """The natal chart of the place at another time, as anybody could ask for it."""
    date, _, time = utc.removesuffix("Z").partition("T")
    moved = {**person, "date": date, "time": time, "time_zone": "UTC"}
    chart: Chart = ask("synastry", first=moved, second=moved).value.charts.first.value
    return chart


def apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


def armc_of(midheaven: float, obliquity: float) -> float:
    return degrees(atan2(sin(radians(midheaven)) * cos(radians(obliquity)), cos(radians(midheaven)))) % 360


@pytest.mark.parametrize("year", YearLength)
def test_thirty_years_are_thirty_days(ask: Ask, year: YearLength) -> None:
    """Noon of 1 January 2000 is JD 2451545.0 in UT; 30 Gregorian years on, 10958 days have passed."""
    person = {**ANNA, "date": "2000-01-01", "time": "12:00", "time_zone": "UTC"}
    found = ask("progressions", natal=person, moment="2030-01-01T12:00:00Z", year=year.value).value.age
    assert found.years == pytest.approx(10958 / YEAR_DAYS[year], abs=1e-6)  # 30 times 365 and eight leap days; and leap seconds
    birth = found.progressed.julian_day_tt - found.years
    assert birth == pytest.approx(2451545.0 + 63.8 / 86400, abs=1e-5)


def test_the_progressed_sky_is_the_sky_of_that_day(ask: Ask) -> None:
    answer = ask("progressions", natal=ANNA, moment="2026-11-25")
    later = natal_at(ask, ANNA, answer.value.age.progressed.text)
    for mine, theirs in zip(answer.value.bodies, later.bodies, strict=True):
        limit = max(0.01, abs(theirs.speed_degrees_per_day) * 3600 * 0.6 / 86400)  # the other chart's second is a whole one
        assert apart(mine.position.longitude_degrees, theirs.longitude_degrees) * 3600 < limit
        assert mine.position.speed_degrees_per_day == pytest.approx(theirs.speed_degrees_per_day, abs=1e-4)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("system", HouseSystem)
def test_at_birth_nothing_has_moved_yet(ask: Ask, method: str, system: HouseSystem) -> None:
    found = ask("progressions", natal={**ANNA, "house_system": system.value}, moment=BIRTH, angles=method).value
    chart = found.natal.value
    assert found.age.years == 0.0
    assert found.houses.cusps == pytest.approx([each.longitude_degrees for each in chart.cusps], abs=1e-6)
    assert [each.progressed_house for each in found.bodies] == [each.natal_house for each in found.bodies]
    assert found.houses.ascendant == pytest.approx(chart.angles["ascendant"].longitude_degrees, abs=1e-6)


def test_by_solar_arc_in_longitude_the_midheaven_goes_as_far_as_the_sun(ask: Ask) -> None:
    found = ask("progressions", natal=ANNA, moment="2026-11-25", angles="solar_arc_longitude").value
    sun = found.bodies[0].position.longitude_degrees - found.natal.value.bodies[0].longitude_degrees
    midheaven = found.houses.midheaven - found.natal.value.angles["midheaven"].longitude_degrees
    assert apart(sun, midheaven) < 1e-6


def test_by_solar_arc_in_right_ascension_its_right_ascension_goes_as_far_as_the_suns(ask: Ask) -> None:
    found = ask("progressions", natal=ANNA, moment="2026-11-25").value
    chart = found.natal.value
    sun = found.bodies[0].position.right_ascension_degrees - chart.bodies[0].right_ascension_degrees
    assert apart(armc_of(found.houses.midheaven, 23.4397) - chart.armc_degrees, sun) < 0.001


def test_by_naibod_it_goes_59_minutes_and_8_seconds_a_year(ask: Ask) -> None:
    found = ask("progressions", natal=ANNA, moment="2026-11-25", angles="naibod_right_ascension").value
    armc = armc_of(found.houses.midheaven, 23.4397)
    assert apart(armc, found.natal.value.armc_degrees + found.age.years * (59 / 60 + 8.33 / 3600)) < 0.001
    assert pytest.approx(59 / 60 + 8.33 / 3600, abs=1e-6) == NAIBOD_DEGREES


@given(PEOPLE, st.integers(2051, 2060))
@settings(max_examples=15, deadline=None)
def test_by_mean_quotidian_it_is_the_midheaven_of_that_very_moment(ask: Ask, person: dict[str, Any], year: int) -> None:
    found = ask("progressions", natal=person, moment=f"{year}-01-01", angles="mean_quotidian").value
    later = natal_at(ask, person, found.age.progressed.text)
    assert apart(armc_of(found.houses.midheaven, later.obliquity_degrees), later.armc_degrees or 0.0) < 0.015  # a second turns 0.004°
    assert found.houses.midheaven != found.natal.value.angles["midheaven"].longitude_degrees


@pytest.mark.parametrize("system", ["placidus", "whole_sign", "equal_aries", "gauquelin"])
def test_sidereal_houses_are_the_tropical_ones_less_the_ayanamsa(ask: Ask, system: str) -> None:
    person = {**ANNA, "house_system": system}
    tropical = ask("progressions", natal=person, moment="2026-11-25").value.houses
    sidereal = ask("progressions", natal={**person, "zodiac": "sidereal"}, moment="2026-11-25").value
    ayanamsa = sidereal.natal.value.ayanamsa_degrees
    assert apart(tropical.ascendant - ayanamsa, sidereal.houses.ascendant) < 0.002
    if system in ("whole_sign", "equal_aries"):
        assert [cusp % 30 for cusp in sidereal.houses.cusps] == [0.0] * 12
    else:
        assert all(apart(t - ayanamsa, s) < 0.002 for t, s in zip(tropical.cusps, sidereal.houses.cusps, strict=True))


def test_someone_born_on_29_february_ages_day_by_day(ask: Ask) -> None:
    days = ("2027-02-27", "2027-02-28", "2027-03-01", "2028-02-28", "2028-02-29", "2028-03-01")
    ages = [ask("progressions", natal=LEAP, moment=day).value.age.years for day in days]
    steps = [round((after - before) * YEAR_DAYS[YearLength.TROPICAL], 6) for before, after in pairwise(ages)]
    assert steps == [1, 1, 364, 1, 1]


def test_a_moment_before_birth_is_refused(ask: Ask) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ask("progressions", natal=ANNA, moment="1990-06-15T13:29:59Z")
    assert [(each.field, each.code) for each in caught.value.problems] == [("moment", "before_birth")]


def test_an_aspect_that_applies_is_closer_a_while_later(ask: Ask) -> None:
    wide = dict.fromkeys(("conjunction", "sextile", "square", "trine", "opposition"), 3)
    now, later = (ask("progressions", natal=ANNA, moment=day, orbs=wide).value.aspects_to_natal for day in ("2026-11-25", "2026-12-05"))
    after = {(each.first, each.second, each.kind): abs(each.orb_degrees) for each in later}
    seen = 0
    for each in now:
        key = (each.first, each.second, each.kind)
        if key in after and each.phase != "stationary" and abs(each.orb_degrees) > 0.05:
            assert (after[key] < abs(each.orb_degrees)) == (each.phase == "applying"), each
            seen += 1
    assert seen > 10


def test_beyond_the_polar_circle_progressions_keep_the_natal_houses_policy(ask: Ask) -> None:
    north = {**ANNA, "latitude": 69.6}
    with pytest.raises(InvalidRequest) as caught:
        ask("progressions", natal=north, moment="2026-11-25")
    assert [each.field for each in caught.value.problems] == ["natal.house_system"]
    houses = ask("progressions", natal={**north, "beyond_polar_circle": "porphyry"}, moment="2026-11-25").value.houses
    assert (houses.requested, houses.used, houses.reason) == (HouseSystem.PLACIDUS, HouseSystem.PORPHYRY, "undefined_at_latitude")


def test_at_the_edge_of_the_polar_circle_each_day_of_life_has_its_own_houses(ask: Ask) -> None:
    """The obliquity sways by seconds of arc; within them Placidus has no meaning on some progressed days, and that is said of those."""
    start = ask("progressions", natal=ANNA, moment=BIRTH).value.natal.value
    person = {**ANNA, "latitude": 90 - start.obliquity_degrees - 1e-5, "beyond_polar_circle": "porphyry"}
    found = [ask("progressions", natal=person, moment=f"{year}-06-15T13:30:00Z").value for year in range(1990, 2110, 5)]
    assert {each.houses.used for each in found} == {HouseSystem.PLACIDUS, HouseSystem.PORPHYRY}
    assert all((each.houses.reason is None) == (each.houses.used is HouseSystem.PLACIDUS) for each in found)


def test_without_a_time_there_are_positions_and_no_angles(ask: Ask) -> None:
    timeless = {name: value for name, value in LEAP.items() if name != "time"} | {"time_known": False}
    made = document("progressions", ask("progressions", natal=timeless, moment="2026-11-25"))
    assert made["houses"] is None and made["angles"] is None
    assert len(made["bodies"]) == 13 and {each["house"] for each in made["bodies"]} == {None}
    assert "ascendant" not in {each["first"] for each in made["aspects_to_natal"]}


def test_the_other_centres_progress_too(ask: Ask) -> None:
    seen_from_the_sun = ask("progressions", natal={**ANNA, "center": "heliocentric"}, moment="2026-11-25").value
    assert seen_from_the_sun.houses is None and seen_from_the_sun.bodies[-1].position.body == "earth"
    own = ask("progressions", natal={**ANNA, "center": "topocentric"}, moment="2026-11-25").value
    geocentric = ask("progressions", natal=ANNA, moment="2026-11-25").value
    assert 0.01 < apart(own.bodies[1].position.longitude_degrees, geocentric.bodies[1].position.longitude_degrees) < 1.1
