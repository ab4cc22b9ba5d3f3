"""Transits: every instant is a root, a dense scan sees the same, and each hit knows its pass."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import floor
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend.charts.engine.almanac import Motion, longitude_of
from backend.charts.engine.civil_time import CivilTime, civil_from_seconds, civil_seconds
from backend.charts.engine.ephemeris import Ephemeris, Sky
from backend.charts.engine.time_scale import moment_of
from backend.charts.events.asked import MOST_EVENTS, require_few
from backend.charts.events.pace import SEARCHABLE
from backend.charts.service import ChartService
from backend.charts.techniques import TECHNIQUES
from backend.charts.vocabulary import ASPECT_ANGLES, AspectKind, Body
from backend.errors import InvalidRequest
from tests.support.processes import TRIALS
from tests.unit.charts.events.conftest import NATAL, Ask, apart, asked

ARCSECOND = 1 / 3600
SHARED = [HealthCheck.function_scoped_fixture]
HERE = [{"name": "here", "longitude_degrees": 100.0}]
GRID = 8.0  # degrees between the points that a scan looks for


def problems(**body: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as refused:
        TECHNIQUES["transits"].parse({"start": "2026-01-01", "end": "2027-01-01", **body})
    return {problem.field: problem.code for problem in refused.value.problems}


@settings(suppress_health_check=SHARED, max_examples=max(40, TRIALS))
@given(st.sampled_from(SEARCHABLE), st.sampled_from(AspectKind), st.floats(0, 359.99), st.integers(1801, 2390), st.integers(1, 28))
@example(Body.INTERPOLATED_PERIGEE, AspectKind.SESQUISQUARE, 73.353515625, 1819, 1)
def test_every_instant_is_a_root(
    service: ChartService, longitude: Callable[..., float], body: Body, aspect: AspectKind, point: float, year: int, day: int
) -> None:
    points = [{"name": "here", "longitude_degrees": point}]
    span = {"start": f"{year}-01-01", "end": f"{year}-07-{day:02d}"}
    found = asked(service, "transits", {**span, "bodies": [body], "aspects": [aspect], "points": points})
    for event in found["events"]:
        exact = apart(longitude(body, event["julian_day_tt"]), point)
        assert abs(exact - ASPECT_ANGLES[aspect]) < 0.001 * ARCSECOND


@pytest.mark.parametrize(
    ("body", "days", "step"),
    [("moon", 30, 0.01), ("mercury", 365, 0.05), ("true_node", 900, 0.04), ("pluto", 5000, 0.5), ("osculating_lilith", 60, 0.01)],
)
def test_a_search_finds_what_a_dense_scan_sees(ephemeris: Ephemeris, service: ChartService, body: str, days: int, step: float) -> None:
    start = CivilTime(2024, 3, 1)
    end = civil_from_seconds(civil_seconds(start) + days * 86400)
    points = [{"name": str(number), "longitude_degrees": GRID * number + 0.5} for number in range(45)]
    span = {"start": f"{start.text}Z", "end": f"{end.text}Z"}
    found = asked(service, "transits", {**span, "bodies": [body], "aspects": ["conjunction"], "points": points})["events"]
    seen = ephemeris.run(lambda sky: scanned(longitude_of(Body(body), sky), moment_of(start, sky).julian_day_tt, days, step))
    assert [event["longitude_degrees"] for event in found] == [degrees for _, degrees in seen]
    assert all(before <= event["julian_day_tt"] <= before + step for event, (before, _) in zip(found, seen, strict=True))
    assert len(seen) > 2


def scanned(motion: Motion, start: float, days: int, step: float) -> list[tuple[float, float]]:
    """Between which looks the body passes which point of the grid."""
    times = [start + number * step for number in range(round(days / step) + 1)]
    cells = [floor((motion(time)[0] - 0.5) / GRID) % 45 for time in times]
    changes = [(time, a, b) for time, (a, b) in zip(times, pairwise(cells), strict=False) if a != b]
    return [(time, (b if (b - a) % 45 == 1 else a) * GRID + 0.5) for time, a, b in changes]


def test_a_retrograde_loop_passes_a_degree_three_times_in_order(ask: Ask) -> None:
    found = ask("transits", bodies=["mercury"], aspects=["conjunction"], points=[{"name": "here", "longitude_degrees": 345.0}])
    passes = [(event["pass"], event["passes"], event["motion"]) for event in found["events"]]
    assert passes == [(1, 3, "direct"), (2, 3, "retrograde"), (3, 3, "direct")]


def test_the_pass_is_known_though_the_range_holds_one_of_three(ask: Ask) -> None:
    here = [{"name": "here", "longitude_degrees": 345.0}]
    found = ask("transits", bodies=["mercury"], aspects=["conjunction"], points=here, start="2026-03-01", end="2026-03-15")
    assert [(event["pass"], event["passes"]) for event in found["events"]] == [(2, 3)]


@pytest.mark.parametrize("body", ["mercury", "venus", "mars", "jupiter", "saturn"])
def test_planets_up_to_saturn_pass_once_or_three_times(ask: Ask, body: str) -> None:
    points = [{"name": str(degree), "longitude_degrees": degree} for degree in range(0, 360, 10)]
    found = ask("transits", bodies=[body], aspects=["conjunction"], points=points, start="2000-01-01", end="2030-01-01")["events"]
    of_point: dict[str, list[tuple[int, int]]] = {}
    for event in found:
        of_point.setdefault(event["point"], []).append((event["pass"], event["passes"]))
    for passes in of_point.values():
        assert {of for _, of in passes} <= {1, 3}
        expected = {1: {1}, 3: {2, 3}}  # what may come after a pass of this number within the range
        for (number, of), (after, _) in pairwise(passes):
            assert after in ({1} if number == of else {number + 1} if of == 3 else expected[of])


def test_houses_are_entered_forwards_and_backwards_in_the_order_of_the_cusps(ask: Ask) -> None:
    found = ask("transits", natal=NATAL, bodies=["mercury", "moon"], house_ingresses=True)["house_ingresses"]
    for event in found:
        step = 1 if event["motion"] == "direct" else -1
        assert (event["to_house"] - event["from_house"] - step) % 12 == 0
    assert {event["motion"] for event in found if event["body"] == "mercury"} == {"direct", "retrograde"}
    assert len([event for event in found if event["body"] == "moon"]) == pytest.approx(12 * 13.37, abs=2)


def test_a_chart_gives_its_bodies_and_angles_in_its_own_zodiac(ask: Ask) -> None:
    tropical = ask("transits", natal=NATAL, bodies=["saturn"])
    sidereal = ask("transits", natal={**NATAL, "zodiac": "sidereal"}, bodies=["saturn"])
    assert [point["point"] for point in tropical["points"]][-2:] == ["ascendant", "midheaven"]
    assert len(tropical["points"]) == 13 + 2
    assert sidereal["settings"]["ayanamsa"] == "lahiri"
    moved = apart(sidereal["points"][0]["longitude_degrees"], tropical["points"][0]["longitude_degrees"])
    assert 23 < moved < 25


def test_without_a_time_of_birth_there_are_no_angles_and_no_houses(ask: Ask) -> None:
    unknown = {name: value for name, value in NATAL.items() if name != "time"} | {"time_known": False}
    assert {point["point"] for point in ask("transits", natal=unknown, bodies=["saturn"])["points"]}.isdisjoint({"ascendant", "midheaven"})
    assert problems(natal=unknown, house_ingresses=True) == {"house_ingresses": "not_applicable"}


def test_what_is_wrong_is_named() -> None:
    assert problems() == {"natal": "required"}
    assert problems(natal=NATAL, points=HERE) == {"points": "conflict"}
    assert problems(points=HERE, angles=["vertex"]) == {"angles": "not_applicable"}
    assert problems(natal=NATAL, zodiac="sidereal") == {"zodiac": "not_applicable"}
    assert problems(natal={**NATAL, "latitude": 91}) == {"natal.latitude": "out_of_range"}
    assert problems(natal={**NATAL, "center": "heliocentric"}, bodies=["earth"]) == {
        "bodies": "not_applicable",
        "natal.center": "not_applicable",
    }
    assert problems(points=[{"name": "a"}, {"longitude_degrees": 361}]) == {
        "points.0.longitude_degrees": "required",
        "points.1.name": "required",
        "points.1.longitude_degrees": "out_of_range",
    }
    assert problems(points=HERE * 2) == {"points": "repeated"}
    assert problems(points=HERE, end="2127-01-01") == {"end": "range_too_long"}
    assert problems(points=HERE, end="2026-01-01") == {"end": "out_of_range"}


def test_an_answer_that_nobody_could_read_is_refused_by_name() -> None:
    require_few(MOST_EVENTS)
    with pytest.raises(InvalidRequest) as refused:
        require_few(MOST_EVENTS + 1)
    assert [(problem.field, problem.code) for problem in refused.value.problems] == [("end", "too_many_events")]


def test_a_problem_that_shows_only_in_the_calculation_is_named_with_its_chart(ask: Ask) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ask("transits", natal={**NATAL, "date": "2026-03-29", "time": "01:30"})
    assert refused.value.problems[0].field == "natal.time"


def test_sky_of_a_search_is_left_as_it_was(ask: Ask, ephemeris: Ephemeris) -> None:
    """A sidereal search and a tropical one after it on the same thread."""

    def sun(sky: Sky) -> float:
        return longitude_of(Body.SUN, sky)(2460000.5)[0]

    before = ephemeris.run(sun)
    ask("ingresses", bodies=["sun"], zodiac="sidereal", ephemeris="moshier")
    assert ephemeris.run(sun) == before
