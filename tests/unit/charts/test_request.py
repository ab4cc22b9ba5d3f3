"""A chart request is strict and names the field."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.engine.chart_settings import SETTINGS_FIELDS
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.request import parse_request
from backend.charts.vocabulary import Ayanamsa, Calendar, HouseSystem, Zodiac
from backend.errors import InvalidRequest
from tests.unit.charts.conftest import body


def problems(wrong: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(wrong)
    return {problem.field: problem.code for problem in caught.value.problems}


def test_a_good_request_is_typed() -> None:
    request = parse_request(body(name="A", time="14:30"))
    assert request.local == CivilTime(1990, 6, 15, 14, 30, 0)
    assert (request.calendar, request.time_zone, request.name) == (Calendar.GREGORIAN, "Europe/London", "A")
    assert (request.house_system, request.zodiac, request.ayanamsa) == (HouseSystem.PLACIDUS, Zodiac.TROPICAL, None)


def test_the_sidereal_zodiac_has_an_ayanamsa() -> None:
    assert parse_request(body(zodiac="sidereal")).ayanamsa is Ayanamsa.LAHIRI
    assert parse_request(body(zodiac="sidereal", ayanamsa="raman")).ayanamsa is Ayanamsa.RAMAN
    assert problems(body(ayanamsa="raman")) == {"ayanamsa": "not_applicable"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("latitude", -90.0000001, "out_of_range"),
        ("latitude", 90.01, "out_of_range"),
        ("latitude", math.inf, "out_of_range"),
        ("latitude", math.nan, "out_of_range"),
        ("latitude", 5 * 10**400, "out_of_range"),
        ("latitude", " 51.5 ", "wrong_type"),
        ("latitude", True, "wrong_type"),
        ("longitude", 180.01, "out_of_range"),
        ("longitude", "0", "wrong_type"),
        ("date", "99999-01-01", "out_of_range"),
        ("date", "3000-01-01", "out_of_range"),
        ("date", "-3000-01-01", "out_of_range"),
        ("date", "1990-06-15\n", "bad_format"),
        ("date", "", "bad_format"),
        ("date", "1990-6-15", "bad_format"),
        ("date", "-0000-01-01", "bad_format"),
        ("date", "１９９０-06-15", "bad_format"),
        ("date", "1990-02-30", "no_such_day"),
        ("date", "1990-13-01", "no_such_day"),
        ("date", "1990-00-01", "no_such_day"),
        ("date", "1990-01-00", "no_such_day"),
        ("date", "1582-10-10", "between_calendars"),
        ("date", 19900615, "wrong_type"),
        ("time", "24:00:00", "no_such_time"),
        ("time", "12:00:60", "no_such_time"),
        ("time", "12:60", "no_such_time"),
        ("time", "12h30", "bad_format"),
        ("time", "٠٩:٣٠", "bad_format"),
        ("time_zone", 5, "wrong_type"),
        ("time_zone", "Ｅurope/London", "unknown_zone"),
        ("time_zone", "", "unknown_zone"),
        ("fold", 2, "not_a_choice"),
        ("fold", True, "not_a_choice"),
        ("fold", 1.0, "not_a_choice"),
        ("calendar", "mayan", "not_a_choice"),
        ("house_system", "Z", "not_a_choice"),
        ("house_system", ["placidus"], "not_a_choice"),
        ("zodiac", "Tropical\x00", "not_a_choice"),
        ("orb", 1e9, "unknown_field"),
        ("bodies", [], "wrong_type"),
        ("bodies", "sun", "wrong_type"),
        ("bodies", ["sun", "sun"], "repeated"),
        ("bodies", ["sun", "vulcan"], "not_a_choice"),
        ("bodies", ["sun", "earth"], "not_applicable"),
        ("center", "barycentric", "not_a_choice"),
        ("altitude_metres", 100, "not_applicable"),
        ("beyond_polar_circle", "koch", "not_a_choice"),
        ("ephemeris", "jpl", "not_a_choice"),
        ("time_known", 0, "wrong_type"),
        ("lots", ["fame"], "not_a_choice"),
        ("orbs", [], "wrong_type"),
        ("body_orbs", 5, "wrong_type"),
        ("include", ["horoscope"], "not_a_choice"),
        ("ephemeris_path", "/etc/", "unknown_field"),
        ("name", "a\x1b[31mred", "bad_character"),
        ("name", "admin\u202egnp.exe", "bad_character"),
        ("name", "a\u200bb", "bad_character"),
        ("name", "\ufdd0", "bad_character"),
        ("name", "a\ud800", "bad_character"),
        ("name", "a\nb", "bad_character"),
        ("name", "   ", "blank"),
        ("name", "a" * 201, "too_long"),
        ("name", 5, "wrong_type"),
    ],
)
def test_a_wrong_value_is_refused_and_its_field_named(field: str, value: Any, code: str) -> None:
    assert problems(body(**{field: value})) == {field: code}


@pytest.mark.parametrize(
    ("changes", "problems_found"),
    [
        (
            {"orbs": {"trine": 15.1, "square": -1, "opposite": 1}},
            {"orbs.trine": "out_of_range", "orbs.square": "out_of_range", "orbs.opposite": "unknown_field"},
        ),
        ({"orbs": {"trine": "5"}}, {"orbs.trine": "wrong_type"}),
        ({"body_orbs": {"moon": math.nan}}, {"body_orbs.moon": "out_of_range"}),
        ({"center": "topocentric", "altitude_metres": 10001}, {"altitude_metres": "out_of_range"}),
        ({"center": "heliocentric", "bodies": ["sun"]}, {"bodies": "not_applicable", "house_system": "not_applicable"}),
        ({"center": "heliocentric", "lots": []}, {"lots": "not_applicable", "house_system": "not_applicable"}),
    ],
)
def test_a_problem_within_a_field_carries_its_path(changes: dict[str, Any], problems_found: dict[str, str]) -> None:
    assert problems(body(**changes)) == problems_found


def test_empty_lists_of_lots_and_parts_ask_for_none() -> None:
    request = parse_request(body(lots=[], include=[]))
    assert (request.lots, request.include) == ((), ())


def test_equal_requests_are_equal_however_they_are_written() -> None:
    one = parse_request(body(bodies=["moon", "sun"], orbs={"trine": 5, "square": 4}, latitude=51))
    other = parse_request(body(orbs={"square": 4.0, "trine": 5.0}, latitude=51.0, bodies=["sun", "moon"]))
    assert one == other and hash(one) == hash(other)


@pytest.mark.parametrize("field", ["zodiac", "longitude", "name", "date", "time_zone", "house_system", "fold"])
def test_null_is_no_value(field: str) -> None:
    assert field in problems({**body(), field: None})


def test_every_problem_is_told_at_once() -> None:
    assert problems(body(date="x", time="y", latitude=91)) == {"date": "bad_format", "time": "bad_format", "latitude": "out_of_range"}


def test_what_is_missing_is_named() -> None:
    assert set(problems({})) == {"date", "time", "time_zone", "latitude", "longitude"}


@pytest.mark.parametrize("wrong", [None, [], "x", 5])
def test_only_an_object_is_a_request(wrong: Any) -> None:
    assert problems(wrong) == {"body": "wrong_type"}


def test_an_unknown_field_that_is_no_plain_name_is_not_repeated() -> None:
    assert problems({**body(), "<script>": 1}) == {"body": "unknown_field"}


def test_a_place_stands_for_coordinates_and_zone() -> None:
    request = parse_request(body(place="Lisbon", latitude=None, longitude=None, time_zone=None))
    assert (request.place, request.time_zone, request.latitude_degrees) == ("Lisbon", None, None)
    assert problems(body(place="Lisbon", longitude=None)) == {"latitude": "conflict"}


def test_negative_zero_becomes_zero() -> None:
    assert math.copysign(1, parse_request(body(latitude=-0.0)).latitude_degrees or 0.0) == 1


@pytest.mark.parametrize("name", ["李小龍 👩‍🚀", "<script>alert(1)</script>", "@SUM(1,1)", "![x](http://203.0.113.1/p.png)", "نام\u200cها"])
def test_a_name_is_any_visible_text(name: str) -> None:
    assert parse_request(body(name=name)).name == name


def test_a_name_is_composed() -> None:
    assert parse_request(body(name="Zoe\u0308")).name == "Zoë"


def test_the_calendar_follows_the_date_unless_it_is_given() -> None:
    assert parse_request(body(date="1582-10-04")).calendar is Calendar.JULIAN
    assert parse_request(body(date="1582-10-15")).calendar is Calendar.GREGORIAN
    assert parse_request(body(date="1582-10-10", calendar="julian")).calendar is Calendar.JULIAN
    assert parse_request(body(date="1500-02-29")).calendar is Calendar.JULIAN
    assert problems(body(date="1500-02-29", calendar="gregorian")) == {"date": "no_such_day"}
    assert parse_request(body(date="-0043-03-15")).local.year == -43


@given(
    st.dictionaries(
        st.sampled_from([*body(), *SETTINGS_FIELDS, "name", "fold", "calendar", "place", "x"]),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=4,
        ),
    )
)
def test_any_object_is_a_request_or_a_named_problem(changes: dict[str, Any]) -> None:
    try:
        parse_request({**body(), **changes})
    except InvalidRequest as error:
        assert error.problems
