"""Civil time: what the clock on the wall said, and which instants that can have been.

Years are astronomical (0 = 1 BCE). Days are counted by Julian day number, never by ``datetime``, which knows no year
below 1 and no Julian calendar; it appears only as the key by which a zone file is asked, in the years it can hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from backend.charts.engine import files
from backend.charts.vocabulary import Calendar

_ZONE_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")
_NOT_ZONES = ("right/", "posix/", "localtime", "posixrules", "Factory")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST_GREGORIAN = (1582, 10, 15)
_LAST_JULIAN = (1582, 10, 4)


LOCAL_MEAN_TIME = "local_mean_time"
"""Asked for instead of a zone: the Sun's mean time at the place's own longitude, as before standard time."""


class CivilTime(NamedTuple):
    """A date and a time of day in some calendar and zone."""

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0

    @property
    def date_text(self) -> str:
        return f"{'-' if self.year < 0 else ''}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"

    @property
    def time_text(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}"

    @property
    def text(self) -> str:
        return f"{self.date_text}T{self.time_text}"


VerdictKind = Literal["ok", "ambiguous", "nonexistent", "unknown_zone"]


@dataclass(frozen=True, slots=True)
class LocalTimeVerdict:
    """What a local time means in its zone.

    ``ok``: one offset and one UTC. ``ambiguous``: two of each, first and second pass of the clock.
    ``nonexistent``: the offsets before and after the gap, and ``neighbours``: the last local second before it and the first after it.
    UTC and neighbours are Gregorian.
    """

    kind: VerdictKind
    zone: str
    offsets_seconds: tuple[int, ...] = ()
    utc: tuple[CivilTime, ...] = ()
    neighbours: tuple[CivilTime, ...] = ()

    @property
    def gap_seconds(self) -> int:
        return self.offsets_seconds[1] - self.offsets_seconds[0] if self.kind == "nonexistent" else 0

    @property
    def sentence(self) -> str:
        """The verdict in words, for a form and for an error."""
        if self.kind == "unknown_zone":
            return "No such time zone in the IANA database."
        offsets = [offset_text(seconds) for seconds in self.offsets_seconds]
        if self.kind == "ok":
            return f"{self.zone} was at UTC{offsets[0]}; that is {self.utc[0].text.replace('T', ' ')} UTC."
        if self.kind == "ambiguous":
            return (
                f"This time came twice in {self.zone}: first at UTC{offsets[0]}, then at UTC{offsets[1]}; "
                f"give fold 0 for the first or fold 1 for the second."
            )
        before, after = (local.text.replace("T", " ") for local in self.neighbours)
        return f"This time never came in {self.zone}: the clocks went from {before} (UTC{offsets[0]}) to {after} (UTC{offsets[1]})."


class ZoneFolder:
    """Time zones from one folder of compiled IANA data; its names are exactly the files in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._zones: dict[str, ZoneInfo] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all zones; what is no zone (localtime, right/…, tables) is not among them."""
        found = (path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*") if path.is_file())
        return frozenset(name for name in found if _ZONE_NAME.fullmatch(name) and not name.startswith(_NOT_ZONES) and self._is_zone(name))

    @cached_property
    def version(self) -> str:
        """The release of the database, for example 2026f; 'unknown' when the folder does not say."""
        source = self._folder / "tzdata.zi"
        if not source.is_file():
            return "unknown"
        with source.open(encoding="utf-8") as lines:
            return next(lines).rpartition(" ")[2].strip()

    @cached_property
    def digest(self) -> str:
        return files.tree_digest(self._folder)

    @cached_property
    def database(self) -> str:
        """Which database this is: the pinned one, or a folder given by setting."""
        pinned = self.digest == files.manifest()["zoneinfo"]["sha256"]
        return "IANA with history before 1970" if pinned else "IANA, folder given by setting"

    def zone(self, name: str) -> ZoneInfo | None:
        """The zone of that name, or None."""
        zone = self._zones.get(name)
        if zone is None and name in self.names:
            with (self._folder / name).open("rb") as content:
                zone = self._zones[name] = ZoneInfo.from_file(content, key=name)
        return zone

    def _is_zone(self, name: str) -> bool:
        with (self._folder / name).open("rb") as content:
            return content.read(4) == b"TZif"


def default_calendar(year: int, month: int, day: int) -> Calendar | None:
    """Gregorian from 15 October 1582, Julian up to 4 October 1582, None for the ten days between."""
    if (year, month, day) >= _FIRST_GREGORIAN:
        return Calendar.GREGORIAN
    return Calendar.JULIAN if (year, month, day) <= _LAST_JULIAN else None


def days_in_month(year: int, month: int, calendar: Calendar) -> int:
    leap = year % 4 == 0 and (calendar is Calendar.JULIAN or year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTH_DAYS[month - 1]


def day_number(year: int, month: int, day: int, calendar: Calendar) -> int:
    """The Julian day number that begins at noon of this day (Meeus, Astronomical Algorithms, chapter 7, in whole numbers)."""
    shift = (14 - month) // 12
    y = year + 4800 - shift
    number = day + (153 * (month + 12 * shift - 3) + 2) // 5 + 365 * y + y // 4
    return number - 32083 if calendar is Calendar.JULIAN else number - y // 100 + y // 400 - 32045


def gregorian_date(number: int) -> tuple[int, int, int]:
    """The Gregorian date of a Julian day number (the inverse of ``day_number``)."""
    a = number + 32044
    b = (4 * a + 3) // 146097
    c = a - 146097 * b // 4
    d = (4 * c + 3) // 1461
    e = c - 1461 * d // 4
    m = (5 * e + 2) // 153
    return 100 * b + d - 4800 + m // 10, m + 3 - 12 * (m // 10), e - (153 * m + 2) // 5 + 1


def verdict(local: CivilTime, zone: str, zones: ZoneFolder, calendar: Calendar = Calendar.GREGORIAN) -> LocalTimeVerdict:
    """What ``local`` means in ``zone``: it never picks one of two, and never moves a time that did not exist."""
    rules = zones.zone(zone)
    if rules is None:
        return LocalTimeVerdict("unknown_zone", zone)
    seconds = civil_seconds(local, calendar)
    first, second = _offsets(rules, local if calendar is Calendar.GREGORIAN else civil_from_seconds(seconds))
    if first == second:
        return LocalTimeVerdict("ok", zone, (first,), (civil_from_seconds(seconds - first),))
    if first > second:
        return LocalTimeVerdict(
            "ambiguous", zone, (first, second), (civil_from_seconds(seconds - first), civil_from_seconds(seconds - second))
        )
    return LocalTimeVerdict("nonexistent", zone, (first, second), neighbours=_edges(rules, seconds, first, second))


def local_mean_time(local: CivilTime, longitude_degrees: float, calendar: Calendar = Calendar.GREGORIAN) -> LocalTimeVerdict:
    """The mean time of the place itself, 4 minutes to the degree: it never jumps, so it is always one instant."""
    offset = round(longitude_degrees * 240)
    return LocalTimeVerdict("ok", LOCAL_MEAN_TIME, (offset,), (civil_from_seconds(civil_seconds(local, calendar) - offset),))


def civil_day(local: CivilTime, zone: str, zones: ZoneFolder, calendar: Calendar, longitude_degrees: float) -> tuple[CivilTime, CivilTime]:
    """The UTC of the first second of a local day, and of the day after it: 23 to 25 hours apart where clocks change."""
    midnight = civil_seconds(CivilTime(*local[:3]), calendar)
    begins, ends = (_first_second(civil_from_seconds(midnight + shift), zone, zones, longitude_degrees) for shift in (0, 86400))
    return begins, ends


def _first_second(midnight: CivilTime, zone: str, zones: ZoneFolder, longitude_degrees: float) -> CivilTime:
    """The instant at which a Gregorian local day begins: where midnight was left out, the end of the gap."""
    found = local_mean_time(midnight, longitude_degrees) if zone == LOCAL_MEAN_TIME else verdict(midnight, zone, zones)
    if found.kind == "nonexistent":
        return civil_from_seconds(civil_seconds(found.neighbours[1]) - found.offsets_seconds[1])
    return found.utc[0]


def offset_text(seconds: int) -> str:
    """+05:30, −04:56:02: the offset from UTC, with seconds only where there are any."""
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'−' if seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")


def civil_seconds(local: CivilTime, calendar: Calendar = Calendar.GREGORIAN) -> int:
    """Seconds from midnight of Julian day number 0 to a time; days of 86400 s."""
    days = day_number(local.year, local.month, local.day, calendar)
    return days * 86400 + local.hour * 3600 + local.minute * 60 + local.second


def civil_from_seconds(seconds: int) -> CivilTime:
    """The Gregorian time so many seconds after midnight of Julian day number 0; days of 86400 s."""
    days, rest = divmod(seconds, 86400)
    return CivilTime(*gregorian_date(days), rest // 3600, rest // 60 % 60, rest % 60)


def _offsets(rules: ZoneInfo, local: CivilTime) -> tuple[int, int]:
    """Both offsets from UTC at a Gregorian local time. PEP 495: they differ exactly where a time came twice or never."""
    if local.year < 1:
        local = CivilTime(1, 1, 1)  # every zone is at its first local mean time then
    key = datetime(*local)  # noqa: DTZ001
    return _whole_seconds(rules.utcoffset(key)), _whole_seconds(rules.utcoffset(key.replace(fold=1)))


def _whole_seconds(offset: timedelta | None) -> int:
    return offset.days * 86400 + offset.seconds if offset else 0


def _edges(rules: ZoneInfo, seconds: int, before: int, after: int) -> tuple[CivilTime, CivilTime]:
    """The last local second before a gap and the first after it, found by halving."""
    low, high = seconds - (after - before), seconds
    while high - low > 1:
        middle = (low + high) // 2
        if _offsets(rules, civil_from_seconds(middle)) == (before, before):
            low = middle
        else:
            high = middle
    return civil_from_seconds(low), civil_from_seconds(high + after - before)
