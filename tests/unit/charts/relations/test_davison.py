"""Davison: the middle in time and place, and a true chart of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from backend.errors import InvalidRequest
from tests.unit.charts.relations.conftest import ANNA, BY_NAME, LEAP, Ask, document
from tests.unit.charts.relations.people import PEOPLE


@given(PEOPLE, PEOPLE)
@settings(max_examples=20, deadline=None)
def test_a_davison_chart_is_the_same_whoever_comes_first(ask: Ask, one: dict[str, Any], other: dict[str, Any]) -> None:
    forth, back = (document("davison", ask("davison", first=a, second=b)) for a, b in ((one, other), (other, one)))
    assert (forth.pop("first"), forth.pop("second")) == (back.pop("second"), back.pop("first"))
    assert forth == back


@given(PEOPLE, PEOPLE)
@settings(max_examples=20, deadline=None)
def test_its_moment_is_the_mean_of_both_julian_days(ask: Ask, one: dict[str, Any], other: dict[str, Any]) -> None:
    found = ask("davison", first=one, second=other).value
    mean = sum(answer.value.moment.julian_day_ut1 for answer in found.charts) / 2
    assert (found.between.value.moment.julian_day_ut1 - mean) * 86400 == pytest.approx(0, abs=0.51)
    assert found.between.value.place.latitude_degrees == (one["latitude"] + other["latitude"]) / 2


@pytest.mark.parametrize(
    ("one", "other", "between"), [(170, -170, 180), (-170, 160, 175), (10, 20, 15), (-100, 90, 175), (-100, 79, -10.5)]
)
def test_its_longitude_takes_the_shorter_way_round(ask: Ask, one: float, other: float, between: float) -> None:
    found = ask("davison", first={**ANNA, "longitude": one}, second={**LEAP, "longitude": other}).value
    assert found.between.value.place.longitude_degrees == pytest.approx(between)


def test_places_on_opposite_meridians_take_the_middle_east_of_the_smaller_longitude(ask: Ask) -> None:
    """10° E and 170° W: 100° E and 80° W are as near; counted from 0 to 360 eastwards, 10 is the smaller."""
    for one, other in ((10, -170), (-170, 10)):
        found = ask("davison", first={**ANNA, "longitude": one}, second={**LEAP, "longitude": other}).value
        assert found.between.value.place.longitude_degrees == 100


def test_it_is_the_natal_chart_of_its_own_moment_and_place(ask: Ask) -> None:
    made = document("davison", ask("davison", first=ANNA, second=LEAP))
    date, _, time = made["moment"]["utc"].removesuffix("Z").partition("T")
    place = {"latitude": made["place"]["latitude_degrees"], "longitude": made["place"]["longitude_degrees"]}
    person = {"date": date, "time": time, "time_zone": "UTC", **place}
    own = document("synastry", ask("synastry", first=person, second=person))["first"]
    for part in ("bodies", "angles", "houses", "aspects", "lots", "sect"):
        assert made[part] == own[part]


def test_a_birth_on_29_february_has_its_middle_like_any_other(ask: Ask) -> None:
    """29 February 1988 and 29 February 1992, noon: 1461 days apart, the middle 730.5 days later, on 1 March 1990 at midnight."""
    one, other = ({**ANNA, "date": date, "time": "12:00", "time_zone": "UTC"} for date in ("1988-02-29", "1992-02-29"))
    assert document("davison", ask("davison", first=one, second=other))["moment"]["utc"] == "1990-03-01T00:00:00Z"


def test_centuries_apart_the_clock_is_the_earths_own(ask: Ask) -> None:
    """Midway in UT1, though Delta T was minutes at one end: 1 January 1000 and 1 January 2000, both noon, by days counted."""
    old = {**ANNA, "date": "1000-01-01", "time": "12:00", "time_zone": "UTC", "calendar": "julian"}
    found = ask("davison", first=old, second={**old, "date": "2000-01-01", "calendar": "gregorian"}).value
    mean = sum(answer.value.moment.julian_day_ut1 for answer in found.charts) / 2
    assert (found.between.value.moment.julian_day_ut1 - mean) * 86400 == pytest.approx(0, abs=0.51)


def test_both_times_are_needed() -> None:
    timeless = {name: value for name, value in LEAP.items() if name != "time"} | {"time_known": False}
    with pytest.raises(InvalidRequest) as caught:
        BY_NAME["davison"].parse({"first": timeless, "second": timeless})
    assert [(each.field, each.code) for each in caught.value.problems] == [
        ("first.time_known", "not_applicable"),
        ("second.time_known", "not_applicable"),
    ]


def test_both_ask_for_one_kind_of_chart() -> None:
    with pytest.raises(InvalidRequest) as caught:
        BY_NAME["davison"].parse({"first": {**ANNA, "house_system": "koch", "bodies": ["sun"]}, "second": LEAP})
    assert [each.field for each in caught.value.problems] == ["second.house_system", "second.bodies"]


def test_altitudes_have_their_mean(ask: Ask) -> None:
    one, other = ({**each, "center": "topocentric", "altitude_metres": metres} for each, metres in ((ANNA, 0), (LEAP, 3000)))
    assert ask("davison", first=one, second=other).value.between.value.request.altitude_metres == 1500


def test_a_middle_in_a_leap_second_is_the_second_before_it(ask: Ask) -> None:
    one, other = (
        {**ANNA, "date": date, "time": time, "time_zone": "UTC"} for date, time in (("2016-12-31", "23:59:59"), ("2017-01-01", "00:00:00"))
    )
    assert document("davison", ask("davison", first=one, second=other))["moment"]["utc"] == "2016-12-31T23:59:59Z"


def test_what_only_its_own_moment_refuses_is_a_problem_of_the_first(ask: Ask) -> None:
    """Both equinoxes have a sunrise at 70° N; the solstice between them has none, which these houses need."""
    one, other = (
        {**ANNA, "date": date, "latitude": 70, "longitude": 0, "time_zone": "UTC", "house_system": "sunshine_makransky"}
        for date in ("1990-03-25", "1990-09-18")
    )
    with pytest.raises(InvalidRequest) as refused:
        ask("davison", first=one, second=other)
    assert {problem.field for problem in refused.value.problems} == {"first.house_system"}
