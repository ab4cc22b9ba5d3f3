"""What a chart is: where and when, what stands in it, and what it was computed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from backend.charts.engine.aspects import Aspect
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.exactness import AspectTime
from backend.charts.engine.positions import Position, Source, Star, Unavailable
from backend.charts.engine.request import ChartRequest
from backend.charts.engine.time_scale import Moment
from backend.charts.engine.zodiac import ZodiacPoint
from backend.charts.vocabulary import Body, HouseSystem, Mode, Sign


class LocalMoment(NamedTuple):
    """The wall clock's time with the zone and the offset that were used; ``utc`` is Gregorian.

    ``day``: where the time is not known, the UTC of the civil day's begin and of the next day's begin.
    """

    time_zone: str
    zone_source: str
    offset_seconds: int
    utc: CivilTime
    fold: int | None
    day: tuple[CivilTime, CivilTime] | None = None


class Location(NamedTuple):
    """Where; the name and country only where a place was looked up."""

    latitude_degrees: float
    longitude_degrees: float
    name: str | None = None
    country: str | None = None
    source: str = "request"


class BodyPosition(NamedTuple):
    """One body of the chart; the sign follows from the unrounded longitude.

    ``house`` is None where the chart has no houses, ``out_of_bounds`` seen from the Sun.
    """

    body: Body
    longitude_degrees: float
    latitude_degrees: float
    distance_au: float
    speed_degrees_per_day: float
    right_ascension_degrees: float
    declination_degrees: float
    retrograde: bool
    sign: Sign
    degrees_in_sign: float
    house: int | None
    dignities: tuple[str, ...]
    out_of_bounds: bool | None
    source: Source


class PlacedStar(NamedTuple):
    """A fixed star of the chart."""

    star: Star
    sign: Sign
    degrees_in_sign: float
    house: int | None


class BodyOfDay(NamedTuple):
    """Where a body stands when the civil day begins and when it ends, and the signs it passes, in their order."""

    body: Body
    first: ZodiacPoint
    last: ZodiacPoint
    signs: tuple[Sign, ...]


class Day(NamedTuple):
    """The civil day of an unknown time, its ends in UTC; ``lasting``: the aspects of noon that hold at both its ends too."""

    begins: CivilTime
    ends: CivilTime
    hours: float
    bodies: tuple[BodyOfDay, ...]
    lasting: frozenset[Aspect]


class Provenance(NamedTuple):
    """What the chart was computed with."""

    library: str
    binding: str
    mode: Mode
    files_sha256: str
    zone_database: str
    zone_version: str
    zone_sha256: str
    settings_sha256: str


class DataInUse(NamedTuple):
    """The data a process computes with: the same for each of its charts."""

    files_sha256: str
    zone_database: str
    zone_version: str
    zone_sha256: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A natal chart; longitudes are in the zodiac asked for.

    Without houses (time unknown, or seen from the Sun) there are no cusps, angles, lots, sect and no ARMC. ``house_system`` is the one
    used: where ``house_reason`` says why, it stands in for the one asked for. ``day`` is there where the time is not known,
    ``aspect_times`` where they were asked for. ``supporting``: what sect and lots needed of bodies that were not asked for.
    """

    request: ChartRequest
    local: LocalMoment
    place: Location
    moment: Moment
    obliquity_degrees: float
    ayanamsa_degrees: float | None
    bodies: tuple[BodyPosition, ...]
    unavailable: tuple[Unavailable, ...]
    cusps: tuple[ZodiacPoint, ...]
    angles: dict[str, ZodiacPoint]
    armc_degrees: float | None
    aspects: tuple[Aspect, ...]
    lots: dict[str, ZodiacPoint]
    sect: str | None
    provenance: Provenance
    house_system: HouseSystem | None = None
    house_reason: str | None = None
    stars: tuple[PlacedStar, ...] = ()
    supporting: tuple[Position, ...] = ()
    day: Day | None = None
    aspect_times: tuple[AspectTime, ...] | None = None
