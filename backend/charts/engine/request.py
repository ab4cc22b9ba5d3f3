"""A chart request: strict about everything, and it names the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from backend.charts.engine.civil_time import CivilTime, days_in_month, default_calendar
from backend.charts.vocabulary import DEFAULT_BODIES, Ayanamsa, Body, Calendar, HouseSystem, Zodiac
from backend.errors import FieldProblem, InvalidRequest

LONGEST_TEXT = 200
FIRST_YEAR, LAST_YEAR = -2999, 2999

_FIELDS = frozenset(
    {
        "name",
        "date",
        "time",
        "time_zone",
        "fold",
        "calendar",
        "latitude",
        "longitude",
        "place",
        "house_system",
        "zodiac",
        "ayanamsa",
    }
)
_DATE = re.compile(r"(-?[0-9]{4,5})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_JOINERS = "\u200c\u200d"  # zero-width (non-)joiner: names in Persian and emoji need them
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """One natal chart as asked for: either coordinates with a zone, or a place by name (its zone may be left out)."""

    local: CivilTime
    calendar: Calendar
    time_zone: str | None
    latitude_degrees: float | None = None
    longitude_degrees: float | None = None
    place: str | None = None
    fold: int | None = None
    house_system: HouseSystem = HouseSystem.PLACIDUS
    zodiac: Zodiac = Zodiac.TROPICAL
    ayanamsa: Ayanamsa | None = None
    name: str | None = None
    bodies: tuple[Body, ...] = DEFAULT_BODIES


def parse_request(body: Mapping[str, Any]) -> ChartRequest:
    """The request that ``body`` describes; InvalidRequest with one problem per wrong field otherwise."""
    if not isinstance(body, Mapping):
        raise InvalidRequest.of("body", "wrong_type", "must be a JSON object")
    reader = _Reader(body)
    request = reader.request()
    if reader.problems or request is None:
        raise InvalidRequest(*reader.problems)
    return request


class _Reader:
    """Reads one body field by field and remembers what was wrong."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self.problems: list[FieldProblem] = []

    def request(self) -> ChartRequest | None:
        self._refuse_unknown()
        date, time = self._date(), self._time()
        calendar = self._calendar(date)
        place = self._text("place")
        latitude = self._coordinate("latitude", 90.0, by_place=place is not None)
        longitude = self._coordinate("longitude", 180.0, by_place=place is not None)
        zone = self._zone(by_place="place" in self._body)
        house_system = self._choice("house_system", HouseSystem, HouseSystem.PLACIDUS)
        zodiac = self._choice("zodiac", Zodiac, Zodiac.TROPICAL)
        ayanamsa = self._ayanamsa(zodiac)
        fold, name = self._fold(), self._text("name")
        if self.problems or date is None or time is None or calendar is None or house_system is None or zodiac is None:
            return None
        local = CivilTime(*date, *time)
        return ChartRequest(local, calendar, zone, latitude, longitude, place, fold, house_system, zodiac, ayanamsa, name)

    def _wrong(self, field: str, code: str, detail: str) -> None:
        self.problems.append(FieldProblem(field, code, detail))

    def _refuse_unknown(self) -> None:
        for key in self._body:
            if key not in _FIELDS:
                self._wrong(_shown(key), "unknown_field", "this field does not exist")

    def _string(self, field: str, *, required: bool) -> str | None:
        """The text of a field; None if it is absent or wrong."""
        if field not in self._body:
            if required:
                self._wrong(field, "required", "is required")
            return None
        value = self._body[field]
        if isinstance(value, str):
            return value
        self._wrong(field, "wrong_type", "must be a text")
        return None

    def _date(self) -> tuple[int, int, int] | None:
        text = self._string("date", required=True)
        if text is None:
            return None
        match = _DATE.fullmatch(text)
        if not match or text.startswith("-0000"):
            self._wrong("date", "bad_format", "must read YYYY-MM-DD; the year is astronomical (0 is 1 BCE) and may be negative")
            return None
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self._wrong("date", "out_of_range", f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}: the ephemeris goes no further")
            return None
        return year, month, day

    def _calendar(self, date: tuple[int, int, int] | None) -> Calendar | None:
        """The calendar of the date, asked for or by the rule of 1582; checks that the day exists in it."""
        asked = "calendar" in self._body
        calendar = self._choice("calendar", Calendar, Calendar.GREGORIAN) if asked else default_calendar(*date) if date else None
        if date is None or (asked and calendar is None):
            return None
        if calendar is None:
            self._wrong("date", "between_calendars", "5 to 14 October 1582 exist only with an explicit calendar")
        elif not 1 <= date[1] <= 12:
            self._wrong("date", "no_such_day", "there is no such month")
        elif not 1 <= date[2] <= days_in_month(date[0], date[1], calendar):
            self._wrong("date", "no_such_day", f"there is no such day in the {calendar.value.capitalize()} calendar")
        return calendar

    def _time(self) -> tuple[int, int, int] | None:
        text = self._string("time", required=True)
        if text is None:
            return None
        match = _TIME.fullmatch(text)
        if not match:
            self._wrong("time", "bad_format", "must read HH:MM or HH:MM:SS")
            return None
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
        if hour > 23 or minute > 59 or second > 59:
            self._wrong("time", "no_such_time", "must lie between 00:00:00 and 23:59:59")
            return None
        return hour, minute, second

    def _coordinate(self, field: str, limit: float, *, by_place: bool) -> float | None:
        if field not in self._body:
            if not by_place and "place" not in self._body:
                self._wrong(field, "required", "is required, unless a place is given")
            return None
        if "place" in self._body:
            self._wrong(field, "conflict", "give either a place or coordinates, not both")
            return None
        value = self._body[field]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(field, "wrong_type", "must be a number of degrees")
        elif not -limit <= value <= limit:  # also true of NaN
            self._wrong(field, "out_of_range", f"must lie between -{limit:.0f} and {limit:.0f} degrees")
        else:
            return float(value) + 0.0  # turns -0.0 into 0.0
        return None

    def _zone(self, *, by_place: bool) -> str | None:
        zone = self._string("time_zone", required=not by_place)
        if zone is not None and not (zone.isascii() and 0 < len(zone) <= 64):
            self._wrong("time_zone", "unknown_zone", "no such time zone in the IANA database")
        return zone

    def _fold(self) -> int | None:
        if "fold" not in self._body:
            return None
        fold = self._body["fold"]
        if isinstance(fold, int) and not isinstance(fold, bool) and fold in (0, 1):
            return fold
        self._wrong("fold", "not_a_choice", "must be 0 (the first pass of the clock) or 1 (the second)")
        return None

    def _choice(self, field: str, choices: type[_E], default: _E) -> _E | None:
        if field not in self._body:
            return default
        value = self._body[field]
        if isinstance(value, str) and value in choices.__members__.values():
            return choices(value)
        self._wrong(field, "not_a_choice", f"must be one of {', '.join(choices)}")
        return None

    def _ayanamsa(self, zodiac: Zodiac | None) -> Ayanamsa | None:
        if zodiac is Zodiac.SIDEREAL:
            return self._choice("ayanamsa", Ayanamsa, Ayanamsa.LAHIRI)
        if "ayanamsa" in self._body:
            self._wrong("ayanamsa", "not_applicable", "belongs to the sidereal zodiac")
        return None

    def _text(self, field: str) -> str | None:
        text = self._string(field, required=False)
        if text is None:
            return None
        problem = text_problem(text)
        if problem:
            self._wrong(field, *problem)
            return None
        return unicodedata.normalize("NFC", text)


def text_problem(text: str) -> tuple[str, str] | None:
    """Code and sentence of what is wrong with a short text that people will see; None if nothing."""
    if len(text) > LONGEST_TEXT or len(unicodedata.normalize("NFC", text)) > LONGEST_TEXT:
        return "too_long", f"must have at most {LONGEST_TEXT} characters"
    if not text.strip():
        return "blank", "must not be blank"
    if any(_refused(character) for character in text):
        return "bad_character", "must not contain control, direction or invisible characters"
    return None


def _refused(character: str) -> bool:
    if character in _JOINERS:
        return False
    point = ord(character)
    nonentity = 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE
    return nonentity or unicodedata.category(character) in _REFUSED_CATEGORIES


def _shown(key: object) -> str:
    """An unknown field's name, harmless enough to be named in an answer."""
    text = str(key)[:64]
    return text if re.fullmatch(r"[A-Za-z0-9_.-]+", text) else "body"
