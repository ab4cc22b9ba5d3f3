"""Motions to search along, and instants as the clock shows them: the second door to Swiss Ephemeris, for jobs on the computing thread."""

from __future__ import annotations

from collections.abc import Callable

import swisseph

from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.library_numbers import BODIES
from backend.charts.vocabulary import Body
from backend.errors import ComputationFailed

Motion = Callable[[float], tuple[float, float]]
"""An angle in degrees (0 to 360) and its speed in degrees a day, at a Julian day in TT."""


class NoPlace(ComputationFailed):
    """The ephemeris does not know where the body was at that time."""


def utc_of(julian_day_tt: float) -> CivilTime:
    """The Gregorian UTC second in which an instant from 1972 lies; 23:59:60 in a leap second.

    From when the library's list of leap seconds ends by more than a second, UTC is UT1, as it is where the library reads a clock.
    """
    year, month, day, hour, minute, second = swisseph.jdet_to_utc(julian_day_tt, swisseph.GREG_CAL)
    return CivilTime(year, month, day, hour, minute, int(second))


def longitude_of(body: Body, sky: Sky) -> Motion:
    """The body's apparent geocentric longitude in the zodiac of the job; raises NoPlace outside the ephemeris."""
    calc, number, flags = swisseph.calc, BODIES[body], sky.theory | sky.zodiac | swisseph.FLG_SPEED

    def motion(julian_day_tt: float) -> tuple[float, float]:
        try:
            place, _ = calc(julian_day_tt, number, flags)
        except swisseph.Error:
            raise NoPlace(f"the ephemeris has no place for {body} at that time") from None
        return place[0], place[3]

    return motion


def elongation(body: Body, other: Body, sky: Sky) -> Motion:
    """How far ``body`` is ahead of ``other`` in longitude, and how fast it draws ahead."""
    return ahead_of(longitude_of(body, sky), longitude_of(other, sky))


def ahead_of(first: Motion, second: Motion) -> Motion:
    """The difference of two motions."""

    def motion(julian_day_tt: float) -> tuple[float, float]:
        (ahead, speed), (behind, slow) = first(julian_day_tt), second(julian_day_tt)
        return (ahead - behind) % 360, speed - slow

    return motion


def remembered(motion: Motion) -> Motion:
    """The same motion, each instant looked up once: for one that others are compared with at the same steps."""
    seen: dict[float, tuple[float, float]] = {}

    def look(julian_day_tt: float) -> tuple[float, float]:
        found = seen.get(julian_day_tt)
        if found is None:
            found = seen[julian_day_tt] = motion(julian_day_tt)
        return found

    return look
