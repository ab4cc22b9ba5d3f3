"""Returns: the body is where it was to 0.01 arcseconds, whatever the calendar does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.charts.events.pace import SEARCHABLE
from backend.charts.service import ChartService
from backend.charts.techniques import TECHNIQUES
from backend.charts.vocabulary import Body
from backend.errors import InvalidRequest
from tests.support.processes import TRIALS
from tests.unit.charts.events.conftest import NATAL, Ask, apart, asked

HUNDREDTH = 0.01 / 3600
LEAP = {"date": "2000-02-29", "time": "23:59", "time_zone": "UTC", "latitude": 59.9, "longitude": 10.7}


def bodies_of(chart: dict[str, Any]) -> dict[str, float]:
    return {body["body"]: body["longitude_degrees"] for body in chart["bodies"]}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=max(30, TRIALS))
@given(st.sampled_from(SEARCHABLE), st.dates(), st.integers(0, 23), st.integers(1850, 2350))
def test_at_a_return_the_body_is_where_it_was(
    service: ChartService, longitude: Callable[..., float], body: Body, born: Any, hour: int, year: int
) -> None:
    natal = {**NATAL, "date": f"{1850 + born.year % 500}-{born:%m}-{min(born.day, 28):02d}", "time": f"{hour:02d}:30", "time_zone": "UTC"}
    span = {"start": f"{year}-01-01", "end": f"{year}-05-01"}
    answer = TECHNIQUES["returns"].parse({**span, "natal": natal, "body": body, "charts": False})
    then = longitude(body, service.natal(answer.natal).value.moment.julian_day_tt)
    for event in asked(service, "returns", {**span, "natal": natal, "body": body, "charts": False})["events"]:
        assert apart(longitude(body, event["julian_day_tt"]), then) < HUNDREDTH


@pytest.mark.parametrize("body", ["sun", "moon", "mercury"])
def test_the_chart_of_a_return_is_cast_for_the_exact_instant(ask: Ask, service: ChartService, body: str) -> None:
    for event in ask("returns", natal=NATAL, body=body, end="2026-08-01")["events"]:
        chart = event["chart"]
        assert apart(bodies_of(chart)[body], event["longitude_degrees"]) < 1e-6
        assert chart["moment"]["julian_day_tt"] == event["julian_day_tt"]
        assert f"{chart['moment']['local']}Z" == event["utc"]
        assert chart["place"]["latitude_degrees"] == NATAL["latitude"]


def test_a_birth_on_29_february_has_one_solar_return_a_year(ask: Ask) -> None:
    for year in range(2001, 2009):
        (event,) = ask("returns", natal=LEAP, start=f"{year}-02-20", end=f"{year}-03-10", charts=False)["events"]
        assert event["utc"][5:10] in ("02-28", "02-29", "03-01")
    assert len(ask("returns", natal=LEAP, start="2001-01-01", end="2026-01-01", charts=False)["events"]) == 25


def test_a_month_may_have_two_lunar_returns(ask: Ask) -> None:
    returns = [event["utc"][:7] for event in ask("returns", natal=NATAL, body="moon", end="2031-01-01", charts=False)["events"]]
    assert max(returns.count(month) for month in returns) == 2
    assert len(returns) == pytest.approx(5 * 365.25 / 27.32, abs=1)


def test_a_planet_may_return_three_times(ask: Ask) -> None:
    found = ask("returns", natal=NATAL, body="saturn", start="2019-01-01", end="2022-01-01", charts=False)["events"]
    assert [(event["pass"], event["passes"]) for event in found] in ([(1, 1)], [(1, 3), (2, 3), (3, 3)])


def test_corrected_for_precession_the_return_is_later_by_the_precession_since_birth(ask: Ask) -> None:
    """50.29 arcseconds a year, 36 years: the Sun needs 12.3 hours for it."""
    (plain,) = ask("returns", natal=NATAL, charts=False)["events"]
    (corrected,) = ask("returns", natal=NATAL, charts=False, precession_corrected=True)["events"]
    (sidereal,) = ask("returns", natal={**NATAL, "zodiac": "sidereal", "ayanamsa": "fagan_bradley"}, charts=False)["events"]
    assert apart(corrected["longitude_degrees"], plain["longitude_degrees"]) * 3600 == pytest.approx(36 * 50.29, abs=20)
    assert (corrected["julian_day_tt"] - plain["julian_day_tt"]) * 24 == pytest.approx(12.6, abs=0.5)
    assert corrected["julian_day_tt"] == pytest.approx(sidereal["julian_day_tt"], abs=1e-6)


def test_the_charts_may_be_cast_elsewhere(ask: Ask) -> None:
    (here,) = ask("returns", natal=NATAL)["events"]
    (there,) = ask("returns", natal=NATAL, latitude=-33.9, longitude=151.2)["events"]
    assert there["julian_day_tt"] == here["julian_day_tt"]
    assert there["chart"]["place"]["latitude_degrees"] == -33.9
    assert there["chart"]["angles"]["ascendant"] != here["chart"]["angles"]["ascendant"]
    assert bodies_of(there["chart"]) == bodies_of(here["chart"])


def test_what_cannot_return_is_refused_by_name(ask: Ask) -> None:
    unknown = {name: value for name, value in NATAL.items() if name != "time"} | {"time_known": False}
    for body, field in [
        ({"natal": unknown}, "natal.time_known"),
        ({"natal": {**NATAL, "center": "topocentric"}}, "natal.center"),
        ({"natal": {**NATAL, "zodiac": "sidereal"}, "precession_corrected": True}, "precession_corrected"),
        ({"natal": NATAL, "body": "earth"}, "body"),
        ({"natal": NATAL, "latitude": 3}, "longitude"),
        ({"natal": NATAL, "body": "moon", "end": "2066-01-01"}, "end"),
    ]:
        with pytest.raises(InvalidRequest) as refused:
            ask("returns", **body)
        assert [problem.field for problem in refused.value.problems] == [field]
