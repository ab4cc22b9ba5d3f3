"""Solar arc: one arc for all."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.analysis.points import points_of
from backend.errors import InvalidRequest
from tests.unit.charts.relations.conftest import ANNA, BY_NAME, LEAP, Ask
from tests.unit.charts.relations.people import PEOPLE


@given(PEOPLE, st.integers(2051, 2090), st.sampled_from(["true", "naibod"]))
@settings(max_examples=20, deadline=None)
def test_every_point_moves_by_the_one_arc(ask: Ask, person: dict[str, Any], year: int, arc: str) -> None:
    found = ask("solar-arc", natal=person, moment=f"{year}-06-01", arc=arc).value
    for before, after in zip(points_of(found.natal.value), found.directed, strict=True):
        assert before.name == after.name
        moved = (after.longitude_degrees - before.longitude_degrees - found.arc_degrees + 180) % 360 - 180
        assert abs(moved) < 1e-9 and 0 <= after.longitude_degrees < 360


def test_the_true_arc_is_how_far_the_progressed_sun_has_come(ask: Ask) -> None:
    directed = ask("solar-arc", natal=ANNA, moment="2026-11-25").value
    progressed = ask("progressions", natal=ANNA, moment="2026-11-25").value
    assert directed.directed[0].longitude_degrees == pytest.approx(progressed.bodies[0].position.longitude_degrees, abs=1e-9)
    assert directed.age == progressed.age


def test_naibods_arc_of_thirty_years_is_29_degrees_34_minutes_and_10_seconds(ask: Ask) -> None:
    """30 times 0° 59' 08.33" = 29° 34' 10"; 30 tropical years are 10957.2657 days, 6 h 22 min 36 s after noon on 31 December."""
    person = {**ANNA, "date": "2000-01-01", "time": "12:00", "time_zone": "UTC"}
    found = ask("solar-arc", natal=person, moment="2029-12-31T18:22:36Z", arc="naibod").value
    assert found.arc_degrees == pytest.approx(29 + 34 / 60 + 10 / 3600, abs=1 / 3600)


def test_in_winter_the_true_arc_is_longer_than_naibods(ask: Ask) -> None:
    """The Sun is fastest in January: someone born then has a true arc of over a degree a year."""
    winter, summer = {**ANNA, "date": "1990-01-03", "time_zone": "UTC"}, {**ANNA, "date": "1990-07-04", "time_zone": "UTC"}
    for person, faster in ((winter, True), (summer, False)):
        arcs = [ask("solar-arc", natal=person, moment="2010-01-03", arc=arc).value.arc_degrees for arc in ("true", "naibod")]
        assert (arcs[0] > arcs[1]) is faster


def test_the_sun_need_not_be_among_the_bodies(ask: Ask) -> None:
    with_sun, without = (ask("solar-arc", natal={**ANNA, **some}, moment="2026-11-25").value for some in ({}, {"bodies": ["mars"]}))
    assert without.arc_degrees == with_sun.arc_degrees
    assert [each.name for each in without.directed] == ["mars", "ascendant", "midheaven"]


def test_directed_points_meet_natal_ones_and_leave_them(ask: Ask) -> None:
    now, later = (ask("solar-arc", natal=LEAP, moment=day).value.aspects_to_natal for day in ("2026-11-25", "2026-12-25"))
    after = {each[:3]: abs(each.orb_degrees) for each in later}
    seen = set()
    for each in now:
        assert abs(each.orb_degrees) <= 1.0
        if each[:3] in after and abs(each.orb_degrees) > 0.1:  # a month is 0.08 degrees
            assert (after[each[:3]] < abs(each.orb_degrees)) == (each.phase == "applying")
            seen.add(each.phase)
    assert seen == {"applying", "separating"}


def test_at_birth_the_arc_is_nothing(ask: Ask) -> None:
    found = ask("solar-arc", natal=ANNA, moment="1990-06-15T13:30:00Z").value
    assert found.arc_degrees == 0.0 and found.directed[0].longitude_degrees == found.natal.value.bodies[0].longitude_degrees


def test_seen_from_the_sun_there_is_no_solar_arc() -> None:
    with pytest.raises(InvalidRequest) as caught:
        BY_NAME["solar-arc"].parse({"natal": {**ANNA, "center": "heliocentric"}, "moment": "2026-01-01"})
    assert [(each.field, each.code) for each in caught.value.problems] == [("natal.center", "not_applicable")]


def test_someone_born_on_29_february_is_directed_day_by_day(ask: Ask) -> None:
    arcs = [ask("solar-arc", natal=LEAP, moment=day, arc="naibod").value.arc_degrees for day in ("2027-02-28", "2027-03-01")]
    assert arcs[1] - arcs[0] == pytest.approx((59 / 60 + 8.33 / 3600) / 365.24219, abs=1e-7)
