"""The second door to Swiss Ephemeris: what the library itself searches for in the sky; for jobs on the computing thread only."""

from __future__ import annotations

import swisseph

from backend.charts.engine.civil_time import CivilTime


def utc_of(julian_day_tt: float) -> CivilTime:
    """The Gregorian UTC second in which an instant from 1972 lies; 23:59:60 in a leap second.

    From when the library's list of leap seconds ends by more than a second, UTC is UT1, as it is where the library reads a clock.
    """
    year, month, day, hour, minute, second = swisseph.jdet_to_utc(julian_day_tt, swisseph.GREG_CAL)
    return CivilTime(year, month, day, hour, minute, int(second))
