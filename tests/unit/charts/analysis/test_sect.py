"""Sect and hayz."""

from __future__ import annotations

from backend.charts.analysis.sect import DAY, NIGHT, judge, own_sect, sects
from backend.charts.vocabulary import Body, Sign
from tests.unit.charts.conftest import Compute


def test_mercury_is_of_the_day_as_a_morning_star() -> None:
    assert own_sect(Body.MERCURY, {Body.SUN: 10.0, Body.MERCURY: 355.0}) == DAY
    assert own_sect(Body.MERCURY, {Body.SUN: 355.0, Body.MERCURY: 10.0}) == NIGHT
    assert own_sect(Body.MERCURY, {Body.MERCURY: 10.0}) is None


def test_hayz_needs_sect_side_and_sign() -> None:
    assert judge(Body.JUPITER, DAY, DAY, True, Sign.SAGITTARIUS).in_hayz is True
    assert judge(Body.JUPITER, DAY, DAY, False, Sign.SAGITTARIUS).in_hayz is False
    assert judge(Body.JUPITER, DAY, DAY, True, Sign.PISCES).in_hayz is False
    assert judge(Body.JUPITER, DAY, NIGHT, False, Sign.SAGITTARIUS).in_hayz is False
    assert judge(Body.MARS, NIGHT, NIGHT, True, Sign.SCORPIO).in_hayz is True
    assert judge(Body.MARS, NIGHT, NIGHT, False, Sign.SCORPIO).in_hayz is False


def test_what_is_not_known_is_not_judged() -> None:
    assert judge(Body.MARS, NIGHT, None, None, Sign.SCORPIO)[2:] == (None, None, None)
    assert judge(Body.MERCURY, None, DAY, True, Sign.GEMINI)[1:] == (None, None, True, None)


def test_a_chart_of_the_day_has_its_sun_above_the_horizon(compute: Compute) -> None:
    by_day, by_night = sects(compute().value), sects(compute(time="01:00").value)
    assert (by_day[0].body, by_day[0].above_horizon, by_day[0].in_sect) == (Body.SUN, True, True)
    assert (by_night[0].above_horizon, by_night[0].in_sect) == (False, False)
    assert [each.body for each in by_day] == list(Body)[:7]


def test_without_a_time_only_the_planets_own_sect_is_known(compute: Compute) -> None:
    found = sects(compute(time=None, time_known=False, house_system=None).value)
    assert {each.in_sect for each in found} == {None} and {each.above_horizon for each in found} == {None}
    assert found[6].own == DAY
