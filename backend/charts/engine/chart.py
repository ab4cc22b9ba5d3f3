"""The chart for one moment and place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from backend.charts.engine.aspects import Aspect, Point, find_aspects
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import BINDING, LIBRARY, Houses, Mode, Position, Sky, Source, Unavailable
from backend.charts.engine.houses import house_finder
from backend.charts.engine.request import ChartRequest
from backend.charts.engine.time_scale import Moment, moment_of
from backend.charts.engine.zodiac import DIGNITIES, altitude_degrees, lots
from backend.charts.vocabulary import DEFAULT_ORBS, SIGNS, Ayanamsa, Body, HouseSystem, Sign, Zodiac


class LocalMoment(NamedTuple):
    """The wall clock's time with the zone and the offset that were used; ``utc`` is Gregorian."""

    time_zone: str
    zone_source: str
    offset_seconds: int
    utc: CivilTime
    fold: int | None


class Location(NamedTuple):
    """Where; the name and country only where a place was looked up."""

    latitude_degrees: float
    longitude_degrees: float
    name: str | None = None
    country: str | None = None
    source: str = "request"


class BodyPosition(NamedTuple):
    """One body of the chart; the sign follows from the unrounded longitude."""

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
    house: int
    dignities: tuple[str, ...]
    out_of_bounds: bool
    source: Source


class ZodiacPoint(NamedTuple):
    """A cusp, an angle or a lot."""

    longitude_degrees: float
    sign: Sign
    degrees_in_sign: float


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
    """A natal chart; longitudes are in the zodiac asked for."""

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
    armc_degrees: float
    aspects: tuple[Aspect, ...]
    lots: dict[str, ZodiacPoint]
    sect: str | None
    provenance: Provenance


def compute_chart(request: ChartRequest, local: LocalMoment, place: Location, data: DataInUse, sky: Sky) -> Chart:
    """The chart for one moment and place."""
    moment = moment_of(local.utc, sky)
    sky.use_ayanamsa(request.ayanamsa)
    positions, missing = sky.positions(moment.julian_day_tt, request.bodies)
    obliquity = sky.obliquity(moment.julian_day_tt)
    houses = sky.houses(moment.julian_day_ut1, place.latitude_degrees, place.longitude_degrees, request.house_system)
    day = _by_day(positions, houses, place)
    ayanamsa = request.ayanamsa
    return Chart(
        request,
        local,
        place,
        moment,
        obliquity,
        sky.ayanamsa(moment.julian_day_tt, ayanamsa, with_nutation=True) if ayanamsa else None,
        _placed(positions, houses, obliquity),
        tuple(missing),
        tuple([_point(cusp) for cusp in houses.cusps]),
        _angles(houses),
        houses.armc,
        find_aspects([Point(position[0], position[1], position[4]) for position in positions]),
        _lots(positions, houses, day),
        None if day is None else "day" if day else "night",
        Provenance(LIBRARY, BINDING, sky.mode, *data, _settings_digest(request.house_system, request.zodiac, ayanamsa)),
    )


def _placed(positions: list[Position], houses: Houses, obliquity: float) -> tuple[BodyPosition, ...]:
    """Each position with its sign, house and dignities."""
    house_of = house_finder(houses.cusps)
    placed = []
    for body, longitude, latitude, distance, speed, ascension, declination, source in positions:
        number = int(longitude // 30) % 12
        placed.append(
            BodyPosition(
                body,
                longitude,
                latitude,
                distance,
                speed,
                ascension,
                declination,
                speed < 0,
                SIGNS[number],
                longitude % 30,
                house_of(longitude),
                DIGNITIES[body][number],
                abs(declination) > obliquity,
                source,
            )
        )
    return tuple(placed)


def _point(longitude: float) -> ZodiacPoint:
    longitude %= 360
    return ZodiacPoint(longitude, SIGNS[int(longitude // 30) % 12], longitude % 30)


def _angles(houses: Houses) -> dict[str, ZodiacPoint]:
    return {
        "ascendant": _point(houses.ascendant),
        "midheaven": _point(houses.midheaven),
        "descendant": _point(houses.ascendant + 180),
        "imum_coeli": _point(houses.midheaven + 180),
        "vertex": _point(houses.vertex),
        "equatorial_ascendant": _point(houses.equatorial_ascendant),
    }


def _by_day(positions: list[Position], houses: Houses, place: Location) -> bool | None:
    """Whether the Sun's centre stood above the horizon; None without a Sun."""
    for position in positions:
        if position.body is Body.SUN:
            altitude = altitude_degrees(position.right_ascension_degrees, position.declination_degrees, houses.armc, place.latitude_degrees)
            return altitude >= 0
    return None


def _lots(positions: list[Position], houses: Houses, by_day: bool | None) -> dict[str, ZodiacPoint]:
    longitudes = {position.body: position.longitude_degrees for position in positions}
    if by_day is None or Body.MOON not in longitudes:
        return {}
    found = lots(houses.ascendant, longitudes[Body.SUN], longitudes[Body.MOON], by_day=by_day)
    return {name: _point(longitude) for name, longitude in found.items()}


@lru_cache(maxsize=512)
def _settings_digest(system: HouseSystem, zodiac: Zodiac, ayanamsa: Ayanamsa | None) -> str:
    """One name for everything that was chosen: a changed orb or house system changes it."""
    orbs = ",".join(f"{kind}={orb}" for kind, orb in DEFAULT_ORBS.items())
    return hashlib.sha256(f"natal|{system}|{zodiac}|{ayanamsa or ''}|{orbs}".encode()).hexdigest()
