"""Phases against the worked examples of Meeus, Astronomical Algorithms (2nd edition)."""

from __future__ import annotations

import pytest

from backend.charts.analysis.phases import LunarPhase, Pace, SolarStanding, has_light, light, lunar_phase, pace
from backend.charts.engine.chart import BodyPosition
from backend.charts.vocabulary import Body
from tests.unit.charts.conftest import Compute


def positions(compute: Compute, **moment: str) -> dict[Body, BodyPosition]:
    return {each.body: each for each in compute(time_zone="UTC", **moment).value.bodies}


def test_the_moon_of_example_48a(compute: Compute) -> None:
    """1992 April 12, 0h TD: elongation 110.7929°, phase angle 69.0756°, illuminated fraction 0.6786."""
    found = positions(compute, date="1992-04-11", time="23:59:01")  # Delta T was 59 s
    moon = light(found[Body.MOON], found[Body.SUN])
    assert moon.elongation_degrees == pytest.approx(110.7929, abs=0.002)
    assert moon.phase_angle_degrees == pytest.approx(69.0756, abs=0.002)
    assert moon.illuminated == pytest.approx(0.6786, abs=0.0001)


def test_the_venus_of_example_41a(compute: Compute) -> None:
    """1992 December 20, 0h TD: phase angle 72.96°, illuminated fraction 0.647."""
    found = positions(compute, date="1992-12-19", time="23:59:01")
    venus = light(found[Body.VENUS], found[Body.SUN])
    assert venus.phase_angle_degrees == pytest.approx(72.96, abs=0.02)
    assert venus.illuminated == pytest.approx(0.647, abs=0.0005)
    assert not venus.morning  # an evening star that winter


@pytest.mark.parametrize(
    ("ahead", "phase"),
    [
        (0.0, LunarPhase.NEW),
        (44.999, LunarPhase.NEW),
        (45.0, LunarPhase.CRESCENT),
        (90.0, LunarPhase.FIRST_QUARTER),
        (135.0, LunarPhase.GIBBOUS),
        (180.0, LunarPhase.FULL),
        (225.0, LunarPhase.DISSEMINATING),
        (270.0, LunarPhase.LAST_QUARTER),
        (359.999, LunarPhase.BALSAMIC),
    ],
)
def test_the_eight_phases_follow_the_elongation(ahead: float, phase: LunarPhase) -> None:
    assert lunar_phase((350 + ahead) % 360, 350.0) is phase


def test_a_transit_of_venus_is_cazimi(compute: Compute) -> None:
    """Venus passed before the Sun on 6 June 2012 about 01:30 UTC."""
    found = positions(compute, date="2012-06-06", time="01:30")
    venus = light(found[Body.VENUS], found[Body.SUN])
    assert venus.standing is SolarStanding.CAZIMI
    assert venus.illuminated < 0.001 and venus.phase_angle_degrees > 178


def test_near_the_sun_a_planet_is_combust_then_under_the_beams(compute: Compute) -> None:
    """Mercury's superior conjunction was on 4 May 2020 about 22:00 UTC; its greatest elongation on 4 June."""
    standings = []
    for day in ("2020-05-04", "2020-05-07", "2020-05-14", "2020-06-04"):
        found = positions(compute, date=day, time="22:00")
        standings.append(light(found[Body.MERCURY], found[Body.SUN]).standing)
    assert standings == list(SolarStanding)


def test_only_what_the_sun_shines_on_has_light() -> None:
    assert [body for body in tuple(Body)[:13] if has_light(body)] == [*tuple(Body)[1:10], Body.CHIRON]


def test_a_planet_at_its_station_is_slow_and_the_sun_keeps_its_pace(compute: Compute) -> None:
    """Mars was stationary on 6 December 2024."""
    found = positions(compute, date="2024-12-06", time="23:00")
    mars = pace(found[Body.MARS])
    assert mars is not None and mars[1] is Pace.SLOW
    ratio, name = pace(found[Body.SUN]) or (0.0, None)
    assert name is Pace.DIRECT and 0.96 < ratio < 1.04
    assert pace(found[Body.MEAN_NODE]) is None
    assert (pace(positions(compute, date="2025-01-15", time="00:00")[Body.MARS]) or ())[1] is Pace.RETROGRADE
