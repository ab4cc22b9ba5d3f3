"""Instants in requests and in answers: UTC in the Gregorian calendar, to the whole second, with astronomical years."""

from __future__ import annotations

import re
from math import floor
from typing import Any, NamedTuple

from backend.charts.engine.almanac import utc_of
from backend.charts.engine.civil_time import CivilTime, civil_from_seconds, days_in_month
from backend.charts.engine.request import FIRST_YEAR, LAST_YEAR
from backend.charts.engine.time_scale import DeltaT, ut1_of
from backend.charts.reading import Reader
from backend.charts.vocabulary import Calendar

_TEXT = re.compile(r"(-?[0-9]{4,5})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})Z)?")
_DAY_SECONDS = 86400
DAY_DIGITS = 9  # of a Julian day in a document: 0.1 ms
_UTC_BEGINS_TT = 2441317.5 + 42.184 / _DAY_SECONDS  # 1972-01-01 UTC: TAI was 10 s ahead, and TT is 32.184 s ahead of TAI


class Instant(NamedTuple):
    """When something happens: exactly, and as the clock shows it (UTC; UT1 before 1972), rounded to the second."""

    julian_day_tt: float
    utc: CivilTime

    @property
    def text(self) -> str:
        return f"{self.utc.text}Z"

    @property
    def clock(self) -> CivilTime:
        """As a request can give it: a leap second reads as the second before it."""
        return self.utc._replace(second=min(self.utc.second, 59))


def read_instant(reader: Reader, field: str, *, required: bool = True) -> CivilTime | None:
    """A field that names an instant as ``YYYY-MM-DD`` (midnight) or ``YYYY-MM-DDTHH:MM:SSZ``; Gregorian, UTC."""
    text = reader.string(field, required=required)
    if text is None:
        return None
    match = _TEXT.fullmatch(text)
    if not match or text.startswith("-0000"):
        reader.wrong(field, "bad_format", "must read YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ (UTC, Gregorian; the year is astronomical)")
        return None
    civil = CivilTime(*(int(part or 0) for part in match.groups()))
    problem = _problem(civil)
    if problem:
        reader.wrong(field, *problem)
        return None
    return civil


def _problem(civil: CivilTime) -> tuple[str, str] | None:
    if not FIRST_YEAR <= civil.year <= LAST_YEAR:
        return "out_of_range", f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}: the ephemeris goes no further"
    if not 1 <= civil.month <= 12 or not 1 <= civil.day <= days_in_month(civil.year, civil.month, Calendar.GREGORIAN):
        return "no_such_day", "there is no such day in the Gregorian calendar"
    if civil.hour > 23 or civil.minute > 59 or civil.second > 59:
        return "no_such_time", "the time must lie between 00:00:00 and 23:59:59"
    return None


def instant_at(julian_day_tt: float, sky: DeltaT) -> Instant:
    """The instant with what the clock shows then; for jobs on the computing thread."""
    if julian_day_tt >= _UTC_BEGINS_TT:
        return Instant(julian_day_tt, utc_of(julian_day_tt + 0.5 / _DAY_SECONDS))
    return Instant(julian_day_tt, _clock(ut1_of(julian_day_tt, sky)))


def instant_at_ut1(julian_day_ut1: float, sky: DeltaT) -> Instant:
    """The same of a Julian day in UT1, the Earth's own clock."""
    return instant_at(julian_day_ut1 + sky.delta_t_days(julian_day_ut1), sky)


def _clock(julian_day: float) -> CivilTime:
    """The Gregorian date and the nearest second of a Julian day."""
    return civil_from_seconds(floor((julian_day + 0.5) * _DAY_SECONDS + 0.5))


def instant_document(instant: Instant) -> dict[str, Any]:
    """How an instant stands in a document; merge it into the event's own."""
    return {"utc": instant.text, "julian_day_tt": round(instant.julian_day_tt, DAY_DIGITS)}
