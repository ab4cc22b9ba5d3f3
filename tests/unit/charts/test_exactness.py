"""When aspects are exact: roots, on the right side of now, and honest where there is none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.charts.document import to_json
from backend.charts.engine.aspects import Aspect
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.exactness import exact_day
from backend.charts.vocabulary import ASPECT_ANGLES, AspectKind, Body
from tests.unit.charts.conftest import Compute

DATES = ["1990-06-15", "1962-02-04", "2001-11-03", "2033-08-30"]


@pytest.mark.parametrize("date", DATES)
def test_at_its_time_each_aspect_is_exact(compute: Compute, ephemeris: Ephemeris, date: str) -> None:
    chart = compute(date=date, include=["aspect_times"]).value
    assert chart.aspect_times is not None and len(chart.aspect_times) == len(chart.aspects)
    timed = [each for each in chart.aspect_times if each.exact]
    assert len(timed) > len(chart.aspects) / 2
    for time in timed:
        day = time.exact.julian_day_tt
        first, second = (ephemeris.run(lambda sky, day=day, body=body: sky.ecliptic(day, body)[0]) for body in time.aspect[:2])
        apart = abs((second - first + 180) % 360 - 180)
        assert abs(apart - ASPECT_ANGLES[time.aspect.kind]) * 3600 < 0.001
        if time.aspect.phase == "applying":
            assert day > chart.moment.julian_day_tt
        if time.aspect.phase == "separating":
            assert day < chart.moment.julian_day_tt


def test_exact_times_are_in_the_document_when_asked_for(compute: Compute) -> None:
    document: dict[str, Any] = json.loads(to_json(compute(include=["aspect_times"])))
    pairs = [(each["first"], each["second"], each["aspect"]) for each in document["aspect_times"]]
    assert pairs == [(each["first"], each["second"], each["aspect"]) for each in document["aspects"]]
    assert set(document["aspect_times"][0]["exact"]) == {"utc", "julian_day_tt"}
    assert "aspect_times" not in json.loads(to_json(compute()))


def straight(first_speed: float, second_speed: float, second_at_0: float = 100.0) -> Any:
    """Two bodies on straight paths; on day 0 the first stands at 0°."""

    def place(day: float, body: Body) -> tuple[float, float, float, float]:
        speed, start = (first_speed, 0.0) if body is Body.SUN else (second_speed, second_at_0)
        return (start + speed * day) % 360, 0.0, 1.0, speed

    return place


def aspect(phase: str, kind: AspectKind = AspectKind.SQUARE) -> Aspect:
    return Aspect(Body.SUN, Body.MARS, kind, 100.0, 10.0, phase)


def test_the_time_of_straight_paths_is_the_quotient() -> None:
    assert exact_day(aspect("applying"), 0.0, straight(1.0, 0.5)) == pytest.approx(20.0, abs=1e-6)
    assert exact_day(aspect("separating"), 0.0, straight(0.5, 1.0)) == pytest.approx(-20.0, abs=1e-6)


def test_a_pair_that_never_closes_has_no_time() -> None:
    assert exact_day(aspect("stationary"), 0.0, straight(0.5, 0.5)) is None
    assert exact_day(aspect("applying"), 0.0, straight(0.5, 1.0)) is None


def test_a_pair_that_touches_and_turns_between_two_steps_is_seen() -> None:
    def place(day: float, body: Body) -> tuple[float, float, float, float]:
        if body is Body.SUN:
            return 0.0, 0.0, 1.0, 0.0
        return 90.0 - 1e-4 + (day - 3.5) ** 2, 0.0, 1.0, 2 * (day - 3.5)

    found = exact_day(aspect("applying"), 0.0, place)
    assert found == pytest.approx(3.49, abs=1e-4)


def test_an_aspect_across_0_aries_has_its_time() -> None:
    place = straight(1.0, 0.1, second_at_0=356.0)
    assert exact_day(aspect("separating", AspectKind.CONJUNCTION), 0.0, place) == pytest.approx(-4 / 0.9, abs=1e-6)
