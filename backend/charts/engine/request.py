"""A chart request: strict about everything, and it names the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.charts.engine.chart_settings import SETTINGS_FIELDS, ChartSettings, read_settings
from backend.charts.engine.civil_time import CivilTime, days_in_month, default_calendar
from backend.charts.reading import Reader
from backend.charts.vocabulary import Calendar
from backend.errors import InvalidRequest

FIRST_YEAR, LAST_YEAR = -2999, 2999

_MOMENT_AND_PLACE = frozenset({"name", "date", "time", "time_zone", "fold", "calendar", "latitude", "longitude", "place"})
_FIELDS = _MOMENT_AND_PLACE | SETTINGS_FIELDS
_DATE = re.compile(r"(-?[0-9]{4,5})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_NOON = (12, 0, 0)


@dataclass(frozen=True, slots=True)
class ChartRequest(ChartSettings):
    """One natal chart as asked for: either coordinates with a zone, or a place by name (its zone may be left out).

    Where the time is not known, ``local`` is noon.
    """

    local: CivilTime
    calendar: Calendar
    time_zone: str | None
    latitude_degrees: float | None = None
    longitude_degrees: float | None = None
    place: str | None = None
    fold: int | None = None
    name: str | None = None


def parse_request(body: Mapping[str, Any]) -> ChartRequest:
    """The request that ``body`` describes; InvalidRequest with one problem per wrong field otherwise."""
    reader = _Reader(body)
    request = reader.request()
    if reader.problems or request is None:
        raise InvalidRequest(*reader.problems)
    return request


class _Reader(Reader):
    """Reads the body of a natal chart."""

    def __init__(self, body: Any) -> None:
        super().__init__(body, _FIELDS)

    def request(self) -> ChartRequest | None:
        settings = read_settings(self)
        date, time = self._date(), self._time(known=settings.get("time_known", True))
        calendar = self._calendar(date)
        place = self.text("place")
        latitude = self._coordinate("latitude", 90.0, by_place=place is not None)
        longitude = self._coordinate("longitude", 180.0, by_place=place is not None)
        zone = self._zone(by_place="place" in self._body)
        fold, name = self._fold(known=settings.get("time_known", True)), self.text("name")
        if self.problems or date is None or time is None or calendar is None:
            return None
        return ChartRequest(CivilTime(*date, *time), calendar, zone, latitude, longitude, place, fold, name, **settings)

    def _date(self) -> tuple[int, int, int] | None:
        text = self.string("date", required=True)
        if text is None:
            return None
        match = _DATE.fullmatch(text)
        if not match or text.startswith("-0000"):
            self.wrong("date", "bad_format", "must read YYYY-MM-DD; the year is astronomical (0 is 1 BCE) and may be negative")
            return None
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self.wrong("date", "out_of_range", f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}: the ephemeris goes no further")
            return None
        return year, month, day

    def _calendar(self, date: tuple[int, int, int] | None) -> Calendar | None:
        """The calendar of the date, asked for or by the rule of 1582; checks that the day exists in it."""
        asked = "calendar" in self._body
        calendar = self.choice("calendar", Calendar, Calendar.GREGORIAN) if asked else default_calendar(*date) if date else None
        if date is None or (asked and calendar is None):
            return None
        if calendar is None:
            self.wrong("date", "between_calendars", "5 to 14 October 1582 exist only with an explicit calendar")
        elif not 1 <= date[1] <= 12:
            self.wrong("date", "no_such_day", "there is no such month")
        elif not 1 <= date[2] <= days_in_month(date[0], date[1], calendar):
            self.wrong("date", "no_such_day", f"there is no such day in the {calendar.value.capitalize()} calendar")
        return calendar

    def _time(self, *, known: bool) -> tuple[int, int, int] | None:
        if not known:
            if "time" in self._body:
                self.wrong("time", "conflict", "give either a time or time_known false, not both")
            return _NOON
        text = self.string("time", required=True)
        if text is None:
            return None
        match = _TIME.fullmatch(text)
        if not match:
            self.wrong("time", "bad_format", "must read HH:MM or HH:MM:SS")
            return None
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if hour > 23 or minute > 59 or second > 59:
            self.wrong("time", "no_such_time", "must lie between 00:00:00 and 23:59:59")
            return None
        return hour, minute, second

    def _coordinate(self, field: str, limit: float, *, by_place: bool) -> float | None:
        if field not in self._body:
            if not by_place and "place" not in self._body:
                self.wrong(field, "required", "is required, unless a place is given")
            return None
        if "place" in self._body:
            self.wrong(field, "conflict", "give either a place or coordinates, not both")
            return None
        value = self._body[field]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(field, "wrong_type", "must be a number of degrees")
        elif not -limit <= value <= limit:  # also true of NaN
            self.wrong(field, "out_of_range", f"must lie between -{limit:.0f} and {limit:.0f} degrees")
        else:
            return float(value) + 0.0  # turns -0.0 into 0.0
        return None

    def _zone(self, *, by_place: bool) -> str | None:
        zone = self.string("time_zone", required=not by_place)
        if zone is not None and not (zone.isascii() and 0 < len(zone) <= 64):
            self.wrong("time_zone", "unknown_zone", "no such time zone in the IANA database")
        return zone

    def _fold(self, *, known: bool) -> int | None:
        if "fold" not in self._body:
            return None
        if not known:
            self.wrong("fold", "not_applicable", "belongs to a known time")
            return None
        fold = self._body["fold"]
        if isinstance(fold, int) and not isinstance(fold, bool) and fold in (0, 1):
            return fold
        self.wrong("fold", "not_a_choice", "must be 0 (the first pass of the clock) or 1 (the second)")
        return None
