"""What every search is asked: over which time, in which zodiac, of which bodies, seen from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from backend.charts.engine.chart_settings import HIGHEST_METRES, LOWEST_METRES, CustomAyanamsa, read_ayanamsa
from backend.charts.engine.civil_time import CivilTime, civil_seconds
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import read_instant
from backend.charts.engine.time_scale import moment_of
from backend.charts.events.pace import SEARCHABLE
from backend.charts.reading import Reader
from backend.charts.vocabulary import Ayanamsa, Body, Mode, Zodiac
from backend.errors import InvalidRequest

MOST_EVENTS = 20_000
PLANETS: tuple[Body, ...] = tuple(Body)[:10]
_YEAR_SECONDS = 366 * 86400
PERIOD_FIELDS = frozenset({"start", "end"})
FRAME_FIELDS = frozenset({"zodiac", "ayanamsa", "custom_ayanamsa", "ephemeris"})
PLACE_FIELDS = frozenset({"latitude", "longitude", "altitude_metres"})


class Period(NamedTuple):
    """From ``start`` up to and without ``end``; both UTC."""

    start: CivilTime
    end: CivilTime

    def days_tt(self, sky: Sky) -> tuple[float, float]:
        """Both ends as Julian days in TT."""
        return moment_of(self.start, sky).julian_day_tt, moment_of(self.end, sky).julian_day_tt


class Frame(NamedTuple):
    """The zodiac that longitudes are counted in, and the theory that gives them."""

    zodiac: Zodiac = Zodiac.TROPICAL
    ayanamsa: Ayanamsa | None = None
    custom_ayanamsa: CustomAyanamsa | None = None
    ephemeris: Mode = Mode.FILES

    def set_up(self, sky: Sky) -> None:
        """Everything that the job looks up from now on is in this frame."""
        if self.ephemeris is Mode.MOSHIER:
            sky.use_moshier()
        sky.use_ayanamsa(self.custom_ayanamsa or self.ayanamsa)


class Site(NamedTuple):
    """Where on Earth somebody looks."""

    latitude_degrees: float
    longitude_degrees: float
    altitude_metres: float = 0.0


def reader_of(body: Mapping[str, Any], *fields: frozenset[str] | str) -> Reader:
    """A reader of an object that has these fields, single ones or groups of them."""
    known: set[str] = set()
    for each in fields:
        known |= {each} if isinstance(each, str) else each
    return Reader(body, known)


def read_period(reader: Reader, *, longest_years: int) -> Period | None:
    """``start`` and ``end``; a range that is empty, backwards or too long is a problem of ``end``."""
    start, end = read_instant(reader, "start"), read_instant(reader, "end")
    if start is None or end is None:
        return None
    seconds = civil_seconds(end) - civil_seconds(start)
    if seconds <= 0:
        reader.wrong("end", "out_of_range", "must lie after start")
    elif seconds > longest_years * _YEAR_SECONDS:
        reader.wrong("end", "range_too_long", f"must lie at most {longest_years} years after start")
    else:
        return Period(start, end)
    return None


def read_frame(reader: Reader) -> Frame:
    """``zodiac``, for the sidereal one ``ayanamsa`` or ``custom_ayanamsa``, and ``ephemeris``."""
    zodiac = reader.choice("zodiac", Zodiac, Zodiac.TROPICAL)
    chosen = read_ayanamsa(reader, zodiac)
    ephemeris = reader.choice("ephemeris", Mode, Mode.FILES)
    return Frame(zodiac or Zodiac.TROPICAL, ephemeris=ephemeris or Mode.FILES, **chosen)


def read_bodies(reader: Reader, default: tuple[Body, ...], choices: tuple[Body, ...] = SEARCHABLE) -> tuple[Body, ...]:
    """``bodies``, each of them one that can be searched for here."""
    bodies = reader.choices("bodies", Body, default)
    if any(body not in choices for body in bodies):
        reader.wrong("bodies", "not_applicable", f"may hold only {', '.join(choices)} here")
    return bodies


def read_site(reader: Reader) -> Site | None:
    """``latitude``, ``longitude`` and ``altitude_metres``; None where no coordinate is given, or a wrong one."""
    latitude = reader.number("latitude", -90, 90)
    longitude = reader.number("longitude", -180, 180)
    altitude = reader.number("altitude_metres", LOWEST_METRES, HIGHEST_METRES, default=0.0, unit="metres")
    for field, other in (("latitude", "longitude"), ("longitude", "latitude")):
        if reader.has(other) and not reader.has(field):
            reader.wrong(field, "required", f"is required where a {other} is given")
    if reader.has("altitude_metres") and not (reader.has("latitude") or reader.has("longitude")):
        reader.wrong("altitude_metres", "not_applicable", "belongs to a latitude and longitude")
    if latitude is None or longitude is None or altitude is None:
        return None
    return Site(latitude, longitude, altitude)


def require_few(count: int) -> None:
    """Refuse an answer that nobody could read."""
    if count > MOST_EVENTS:
        raise InvalidRequest.of(
            "end", "too_many_events", f"more than {MOST_EVENTS} events lie in this range; ask for a shorter one or for less in it"
        )
