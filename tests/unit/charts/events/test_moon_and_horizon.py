"""Void of course, rise and set, and tables of positions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.horizon import TWILIGHTS, Horizon, HorizonEvent
from backend.charts.engine.time_scale import ut1_of
from backend.charts.events.void_of_course import BODIES, AspectsTo
from backend.charts.service import ChartService
from backend.charts.techniques import TECHNIQUES
from backend.charts.vocabulary import ASPECT_ANGLES, PTOLEMAIC_ASPECTS, Body
from backend.errors import InvalidRequest
from tests.support.processes import TRIALS
from tests.unit.charts.events.conftest import Ask, apart, asked

LONGYEARBYEN = {"latitude": 78.2232, "longitude": 15.6267}
BERLIN = {"latitude": 52.52, "longitude": 13.405}
MAJOR = [ASPECT_ANGLES[kind] for kind in PTOLEMAIC_ASPECTS]


@pytest.mark.parametrize("aspects_to", AspectsTo)
def test_during_a_void_the_moon_makes_no_major_aspect_and_at_its_end_enters_a_sign(
    ask: Ask, longitude: Callable[..., float], aspects_to: AspectsTo
) -> None:
    for void in ask("void-of-course", end="2026-02-01", aspects_to=aspects_to)["events"]:
        begin, end = void["julian_day_tt"], void["ends"]["julian_day_tt"]
        assert min(longitude("moon", end) % 30, 30 - longitude("moon", end) % 30) < 1e-6
        if last := void["last_aspect"]:
            assert last["julian_day_tt"] == begin
            assert min(abs(apart(longitude("moon", begin), longitude(last["body"], begin)) - angle) for angle in MAJOR) < 1e-6
        else:
            assert (longitude("moon", begin) + 1e-6) % 30 < 2e-6
        for body in BODIES[aspects_to]:
            first, later = ((longitude("moon", day) - longitude(body, day)) % 360 for day in (begin + 1e-4, end))
            assert all((side - first) % 360 > (later - first) % 360 for angle in MAJOR for side in (angle, -angle))


def test_fewer_bodies_leave_the_moon_void_sooner(ask: Ask) -> None:
    modern, traditional = (ask("void-of-course", aspects_to=each)["events"] for each in ("modern", "traditional"))
    hours = [sum(void["hours"] for void in each) for each in (modern, traditional)]
    assert hours[0] < hours[1]
    assert len(modern) == pytest.approx(12 * 13.37, abs=2)


def test_a_void_under_way_at_the_start_is_told_apart_from_those_that_begin(ask: Ask) -> None:
    june = ask("void-of-course", start="2026-06-01", end="2026-06-05")
    assert june["at_start"]["utc"] == "2026-05-31T13:21:02Z"
    assert [void["utc"] for void in june["events"]] == ["2026-06-04T03:04:15Z"]
    assert ask("void-of-course", start="2026-06-03", end="2026-06-04")["at_start"] is None


def test_polar_day_and_night_read_none(ask: Ask) -> None:
    day = ask("rise-set", start="2026-06-01", end="2026-06-08", **LONGYEARBYEN)
    night = ask("rise-set", start="2026-12-01", end="2026-12-08", **LONGYEARBYEN)
    assert day["events"] == night["events"] == []
    assert [(none["event"], none["why"]) for none in day["none"]] == [("rise", "always_above"), ("set", "always_above")]
    assert {none["why"] for none in night["none"]} == {"always_below"}
    assert (day["none"][0]["start"], day["none"][0]["end"]) == ("2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z")


def test_a_polar_year_is_days_with_and_stretches_without_a_sunrise(ask: Ask) -> None:
    found = ask("rise-set", events=["rise"], **LONGYEARBYEN)
    assert [none["why"] for none in found["none"] if none["why"] != "not_in_this_day"] == ["always_below", "always_above", "always_below"]
    assert 110 < len(found["events"]) < 140


def test_once_a_month_the_moon_does_not_rise_on_a_day(ask: Ask) -> None:
    found = ask("rise-set", bodies=["moon"], events=["rise"], **BERLIN)
    assert {none["why"] for none in found["none"]} == {"not_in_this_day"}
    assert len(found["none"]) == pytest.approx(12.4, abs=1.5)
    assert all(0.95 < b["julian_day_tt"] - a["julian_day_tt"] < 1.1 for a, b in pairwise(found["events"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=max(20, TRIALS))
@given(
    st.floats(-89, 89),
    st.floats(-180, 180),
    st.integers(0, 360),
    st.sampled_from(["sun", "moon", "mars", "vesta"]),
    st.integers(1850, 2050),
)
def test_at_a_rise_the_body_touches_the_horizon(
    service: ChartService, ephemeris: Ephemeris, latitude: float, longitude: float, day: int, body: str, year: int
) -> None:
    """Without refraction its centre stands at nought degrees then."""
    month = f"{year}-{day // 31 + 1:02d}"
    span = {"start": f"{month}-01", "end": f"{month}-04", "latitude": latitude, "longitude": longitude}
    found = asked(service, "rise-set", {**span, "bodies": [body], "disc": "center", "refraction": False})
    horizon = Horizon(latitude, longitude)
    for event in found["events"]:
        tt = event["julian_day_tt"]
        altitude = ephemeris.run(lambda sky, tt=tt: horizon.altitude(Body(body), ut1_of(tt, sky), sky))
        assert abs(altitude) < 0.02


def test_twilights_surround_the_day_in_their_order(ask: Ask) -> None:
    every = [str(event) for event in HorizonEvent]
    found = ask("rise-set", start="2026-03-20", end="2026-03-21", events=every, **BERLIN)["events"]
    assert [event["event"] for event in found] == [
        "astronomical_dawn",
        "nautical_dawn",
        "civil_dawn",
        "rise",
        "upper_transit",
        "set",
        "civil_dusk",
        "nautical_dusk",
        "astronomical_dusk",
        "lower_transit",
    ]


def test_in_a_white_night_there_is_dusk_but_no_end_of_it(ask: Ask) -> None:
    found = ask("rise-set", start="2026-06-20", end="2026-06-23", events=["set", "astronomical_dusk"], latitude=59.94, longitude=30.31)
    assert {event["event"] for event in found["events"]} == {"set"}
    assert [(none["event"], none["why"]) for none in found["none"]] == [("astronomical_dusk", "always_above")]
    assert len(TWILIGHTS) == 6


def test_what_is_wrong_with_a_place_or_a_twilight_is_named() -> None:
    for body, fields in [
        ({}, ["latitude", "longitude"]),
        ({"latitude": 3}, ["longitude"]),
        ({**BERLIN, "bodies": ["moon"], "events": ["civil_dawn"]}, ["events"]),
        ({**BERLIN, "bodies": ["mean_node"]}, ["bodies"]),
        ({"altitude_metres": 3}, ["altitude_metres", "latitude", "longitude"]),
    ]:
        with pytest.raises(InvalidRequest) as refused:
            TECHNIQUES["rise-set"].parse({"start": "2026-01-01", "end": "2026-01-02", **body})
        assert [problem.field for problem in refused.value.problems] == fields


def test_a_table_has_a_row_for_the_start_and_none_for_the_end(ask: Ask, longitude: Callable[..., float]) -> None:
    rows = ask("ephemeris", start="2016-12-31T12:00:00Z", end="2017-01-01T12:00:00Z", step_minutes=360, bodies=["moon"])["rows"]
    assert [row["utc"][11:16] for row in rows] == ["12:00", "18:00", "00:00", "06:00"]
    assert rows[2]["julian_day_tt"] - rows[1]["julian_day_tt"] == pytest.approx(0.25 + 1 / 86400, abs=1e-9)  # a leap second between them
    assert all(row["positions"][0]["longitude_degrees"] == pytest.approx(longitude("moon", row["julian_day_tt"]), abs=1e-6) for row in rows)


def test_a_table_that_ends_between_two_steps_keeps_the_last_one_before() -> None:
    parse = TECHNIQUES["ephemeris"].parse
    with pytest.raises(InvalidRequest) as refused:
        parse({"start": "2000-01-01", "end": "2100-01-01", "step_minutes": 60})
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("step_minutes", "too_many_rows")]
    with pytest.raises(InvalidRequest) as refused:
        parse({"start": "2000-01-01", "end": "2000-02-01", "step_minutes": 1.5})
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("step_minutes", "wrong_type")]
