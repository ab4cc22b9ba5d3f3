"""A chart of unknown time: no houses, no angles, no lots; the Moon's range over the civil day; what changes sign is marked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.charts.document import to_json
from backend.charts.engine.request import parse_request
from backend.charts.vocabulary import Body, Sign
from backend.errors import InvalidRequest
from tests.unit.charts.conftest import Compute, body

UNTIMED: dict[str, Any] = {"time": None, "time_known": False, "house_system": None}


def document(compute: Compute, **changes: Any) -> dict[str, Any]:
    return dict(json.loads(to_json(compute(**{**UNTIMED, **changes}))))


def test_nothing_in_it_needs_the_hour(compute: Compute) -> None:
    found = document(compute)
    assert found["kind"] == "natal_without_time"
    assert (found["houses"], found["angles"], found["lots"], found["sect"]) == (None, {}, {}, None)
    assert found["provenance"]["armc_degrees"] is None
    assert {each["house"] for each in found["bodies"]} == {None}
    assert found["moment"]["time_known"] is False


def test_positions_are_those_of_noon_and_say_so(compute: Compute) -> None:
    found = document(compute)
    assert found["day"]["positions_at"] == "local noon"
    assert found["moment"]["local"] == "1990-06-15T12:00:00"
    noon = compute(time="12:00").value
    assert found["bodies"][1]["longitude_degrees"] == round(noon.bodies[1].longitude_degrees, 7)


@pytest.mark.parametrize(
    ("date", "zone", "hours", "begins"),
    [
        ("1990-06-15", "Europe/London", 24.0, "1990-06-14T23:00:00Z"),
        ("2021-03-28", "Europe/Berlin", 23.0, "2021-03-27T23:00:00Z"),
        ("2021-10-31", "Europe/Berlin", 25.0, "2021-10-30T22:00:00Z"),
        ("2018-11-04", "America/Sao_Paulo", 23.0, "2018-11-04T03:00:00Z"),  # midnight itself was left out
        ("2018-02-17", "America/Sao_Paulo", 25.0, "2018-02-17T02:00:00Z"),
        ("1860-05-01", "local_mean_time", 24.0, "1860-05-01T00:00:24Z"),
    ],
)
def test_the_moon_has_the_range_of_the_civil_day(compute: Compute, date: str, zone: str, hours: float, begins: str) -> None:
    found = document(compute, date=date, time_zone=zone)
    day = found["day"]
    assert (day["hours"], day["begins_utc"]) == (hours, begins)
    arc = (day["moon"]["to"]["longitude_degrees"] - day["moon"]["from"]["longitude_degrees"]) % 360
    assert 11.7 < arc / hours * 24 < 15.5
    assert 0 < (found["bodies"][1]["longitude_degrees"] - day["moon"]["from"]["longitude_degrees"]) % 360 < arc


def test_bodies_that_change_sign_are_marked(compute: Compute) -> None:
    spans = {each["body"]: each for each in document(compute, date="1990-06-21")["day"]["bodies"]}
    assert (spans["sun"]["signs"], spans["sun"]["changes_sign"]) == ([Sign.GEMINI, Sign.CANCER], True)
    assert (spans["saturn"]["signs"], spans["saturn"]["changes_sign"]) == ([Sign.CAPRICORN], False)


def test_aspects_say_whether_they_hold_all_day(compute: Compute) -> None:
    aspects = document(compute)["aspects"]
    lasting = {each["all_day"] for each in aspects if Body.MOON in (each["first"], each["second"])}
    assert False in lasting
    slow = [each for each in aspects if {each["first"], each["second"]} == {"neptune", "pluto"}]
    assert [each["all_day"] for each in slow] == [True]


def test_a_day_that_was_left_out_is_refused(compute: Compute) -> None:
    with pytest.raises(InvalidRequest) as caught:
        compute(**UNTIMED, date="2011-12-30", time_zone="Pacific/Apia")
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == ("date", "nonexistent_local_time")


def test_without_the_moon_there_is_no_range_of_it(compute: Compute) -> None:
    assert document(compute, bodies=["sun"])["day"]["moon"] is None


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"time": "12:00"}, "time", "conflict"),
        ({"fold": 0}, "fold", "not_applicable"),
        ({"house_system": "koch"}, "house_system", "not_applicable"),
        ({"beyond_polar_circle": "equal"}, "beyond_polar_circle", "not_applicable"),
        ({"lots": ["fortune"]}, "lots", "not_applicable"),
    ],
)
def test_what_needs_the_hour_is_refused(changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body(**{**UNTIMED, **changes}))
    assert [(each.field, each.code) for each in caught.value.problems] == [(field, code)]


def test_a_known_time_has_no_day(compute: Compute) -> None:
    answer = compute(time_known=True)
    assert answer.value.day is None and "day" not in json.loads(to_json(answer))
