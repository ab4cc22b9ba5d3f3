"""From civil time to the time scales of astronomy."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from backend.charts.engine.civil_time import CivilTime, day_number
from backend.charts.vocabulary import Calendar

FIRST_UTC_YEAR = 1972


class Moment(NamedTuple):
    """One instant as Julian days in UT1 and in TT; ``scale`` says how the clock was read: utc, ut1 before 1972, or tt: no clock was."""

    julian_day_ut1: float
    julian_day_tt: float
    scale: str

    @property
    def delta_t_seconds(self) -> float:
        return (self.julian_day_tt - self.julian_day_ut1) * 86400


class DeltaT(Protocol):
    """TT minus UT1, by the theory in use."""

    def delta_t_days(self, julian_day_ut1: float) -> float: ...


class TimeTables(DeltaT, Protocol):
    """What only the ephemeris library knows: leap seconds and Delta T."""

    def utc_to_julian_days(self, utc: CivilTime) -> tuple[float, float]: ...


def julian_day(year: int, month: int, day: int, hours: float, calendar: Calendar) -> float:
    """The Julian day of a date and an hour of the day, in whatever scale the hour is."""
    return day_number(year, month, day, calendar) - 0.5 + hours / 24


def moment_of(utc: CivilTime, tables: TimeTables) -> Moment:
    """The instant of a Gregorian UTC time. Before 1972 there were no leap seconds: the clock is read as UT1 (under 1 s off)."""
    if utc.year >= FIRST_UTC_YEAR:
        tt, ut1 = tables.utc_to_julian_days(utc)
        return Moment(ut1, tt, "utc")
    hours = utc.hour + utc.minute / 60 + utc.second / 3600
    return moment_at(julian_day(utc.year, utc.month, utc.day, hours, Calendar.GREGORIAN), tables)


def moment_in_tt(julian_day_tt: float, tables: TimeTables) -> Moment:
    """The instant of a Julian day in TT, which no clock was read for: exact where a clock shows whole seconds."""
    return Moment(ut1_of(julian_day_tt, tables), julian_day_tt, "tt")


def ut1_of(julian_day_tt: float, tables: DeltaT) -> float:
    """The Julian day in UT1. Delta T changes by less than 0.1 s a day, so the second step is exact to the microsecond."""
    guess = julian_day_tt - tables.delta_t_days(julian_day_tt)
    return julian_day_tt - tables.delta_t_days(guess)


def moment_at(julian_day_ut1: float, tables: TimeTables) -> Moment:
    return Moment(julian_day_ut1, julian_day_ut1 + tables.delta_t_days(julian_day_ut1), "ut1")
