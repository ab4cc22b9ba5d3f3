"""Instants: what a request may say, and what an answer shows."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.charts.engine.civil_time import CivilTime, civil_from_seconds, civil_seconds
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.instants import instant_at, instant_document, read_instant
from backend.charts.engine.time_scale import moment_in_tt, moment_of
from backend.charts.reading import Reader

SECOND = 1 / 86400


def read(text: object) -> CivilTime | str:
    reader = Reader({"start": text}, {"start"})
    found = read_instant(reader, "start")
    return found or reader.problems[0].code


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-01", CivilTime(2026, 1, 1)),
        ("2026-01-01T23:59:59Z", CivilTime(2026, 1, 1, 23, 59, 59)),
        ("0000-02-29", CivilTime(0, 2, 29)),
        ("-0043-03-15T12:00:00Z", CivilTime(-43, 3, 15, 12)),
        ("2026-01-01T12:00:00", "bad_format"),
        ("2026-01-01T12:00:00+01:00", "bad_format"),
        ("2026-01-01 12:00:00Z", "bad_format"),
        ("-0000-01-01", "bad_format"),
        ("2026-02-30", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        ("1900-02-29", "no_such_day"),
        ("2026-01-01T24:00:00Z", "no_such_time"),
        ("2016-12-31T23:59:60Z", "no_such_time"),
        ("3000-01-01", "out_of_range"),
        (20260101, "wrong_type"),
    ],
)
def test_an_instant_is_utc_in_one_of_two_forms(text: object, meant: CivilTime | str) -> None:
    assert read(text) == meant


def test_an_instant_may_be_left_out_where_it_is_not_required() -> None:
    reader = Reader({}, {"start"})
    assert read_instant(reader, "start", required=False) is None
    assert reader.problems == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.integers(-2999, 2999), st.integers(0, 365 * 86400 - 1), st.floats(-0.49, 0.49))
def test_an_instant_shows_the_nearest_second_of_the_clock_that_was_read(ephemeris: Ephemeris, year: int, second: int, off: float) -> None:
    utc = civil_from_seconds(civil_seconds(CivilTime(year, 1, 1)) + second)
    shown = ephemeris.run(lambda sky: instant_at(moment_of(utc, sky).julian_day_tt + off * SECOND, sky))
    assert shown.utc == utc


def test_a_leap_second_is_shown_as_such(ephemeris: Ephemeris) -> None:
    midnight = ephemeris.run(lambda sky: moment_of(CivilTime(2017, 1, 1), sky)).julian_day_tt
    shown = [ephemeris.run(lambda sky, off=off: instant_at(midnight + off * SECOND, sky)).text for off in (-2, -1, 0)]
    assert shown == ["2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"]


def test_an_event_has_its_clock_and_its_exact_day(ephemeris: Ephemeris) -> None:
    document = ephemeris.run(lambda sky: instant_document(instant_at(2451545.0000000004, sky)))
    assert document == {"utc": "2000-01-01T11:58:56Z", "julian_day_tt": 2451545.0}


@pytest.mark.parametrize("year", [-2999, 1000, 1971, 1972, 2026, 2999])
def test_an_exact_moment_has_the_same_ut1_as_the_clock(ephemeris: Ephemeris, year: int) -> None:
    read_off = ephemeris.run(lambda sky: moment_of(CivilTime(year, 6, 1, 12), sky))
    exact = ephemeris.run(lambda sky: moment_in_tt(read_off.julian_day_tt, sky))
    assert exact.julian_day_ut1 == pytest.approx(read_off.julian_day_ut1, abs=2e-9)
    assert exact.scale == "tt"
