"""The calculation of a chart for one moment and place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from backend.charts.analysis.lots import bodies_of, cast_lots
from backend.charts.engine.aspects import Point, aspects_by, orbs_in_use
from backend.charts.engine.chart import BodyPosition, Chart, DataInUse, LocalMoment, Location, PlacedStar, Provenance
from backend.charts.engine.chart_settings import SETTINGS_FIELDS
from backend.charts.engine.day import day_of
from backend.charts.engine.ephemeris import BINDING, LIBRARY, Houses, Mode, Position, Sky, Star
from backend.charts.engine.exactness import aspect_times
from backend.charts.engine.houses import HouseFinder, houses_by_policy, no_house
from backend.charts.engine.request import ChartRequest
from backend.charts.engine.time_scale import Moment, moment_in_tt, moment_of
from backend.charts.engine.zodiac import DIGNITIES, ZodiacPoint, altitude_degrees, zodiac_point
from backend.charts.vocabulary import CLASSICAL_PLANETS, SIGNS, Body, Center, HouseSystem, Section

_CHOSEN = sorted(SETTINGS_FIELDS)
_choices = attrgetter(*_CHOSEN)


def compute_chart(
    request: ChartRequest, local: LocalMoment, place: Location, data: DataInUse, sky: Sky, at_julian_day_tt: float | None = None
) -> Chart:
    """The chart for one moment and place; ``at_julian_day_tt``: exactly then, where the clock's whole second is too coarse."""
    look(request, place, sky)
    moment = moment_of(local.utc, sky) if at_julian_day_tt is None else moment_in_tt(at_julian_day_tt, sky)
    instant = moment.julian_day_tt
    positions, missing = sky.positions(instant, request.bodies)
    stars, missing_stars = sky.stars(instant, request.stars)
    obliquity = sky.obliquity(instant)
    houses, system, reason, house_of = _houses(request, place, moment, sky)
    supporting = _supporting(request, instant, sky) if houses else ()
    day = _by_day((*positions, *supporting), houses, place) if houses else None
    aspects = aspects_by([Point(each[0], each[1], each[4]) for each in positions], request.orbs, request.body_orbs)
    ayanamsa = request.ayanamsa or request.custom_ayanamsa
    return Chart(
        request,
        local,
        place,
        moment,
        obliquity,
        sky.ayanamsa(instant, ayanamsa, with_nutation=True) if ayanamsa else None,
        _placed(positions, house_of, obliquity, from_earth=request.center is not Center.HELIOCENTRIC),
        (*missing, *missing_stars),
        tuple([zodiac_point(cusp) for cusp in houses.cusps]) if houses else (),
        _angles(houses) if houses else {},
        houses.armc if houses else None,
        aspects,
        _lots(request, (*positions, *supporting), houses, day) if houses and day is not None else {},
        None if day is None else "day" if day else "night",
        Provenance(LIBRARY, BINDING, sky.mode, *data, _settings_digest(_choices(request))),
        system,
        reason,
        tuple([_placed_star(star, house_of) for star in stars]),
        supporting,
        day_of(local.day, request, positions, aspects, sky) if local.day else None,
        aspect_times(aspects, instant, sky) if Section.ASPECT_TIMES in request.include else None,
    )


def look(request: ChartRequest, place: Location, sky: Sky) -> None:
    """Everything the library has to know before the first question; the job began with none of it."""
    if request.ephemeris is Mode.MOSHIER:
        sky.use_moshier()
    if request.center is not Center.GEOCENTRIC:
        sky.look_from(request.center, place.latitude_degrees, place.longitude_degrees, request.altitude_metres)
    sky.use_ayanamsa(request.ayanamsa or request.custom_ayanamsa)


def _houses(
    request: ChartRequest, place: Location, moment: Moment, sky: Sky
) -> tuple[Houses | None, HouseSystem | None, str | None, HouseFinder]:
    if not request.has_houses:
        return None, None, None, no_house
    return houses_by_policy(request, place.latitude_degrees, place.longitude_degrees, moment.julian_day_ut1, sky)


def _supporting(request: ChartRequest, instant: float, sky: Sky) -> tuple[Position, ...]:
    """What sect and lots need and the request did not ask for."""
    needed = bodies_of(request.lots) | {Body.SUN}
    absent = [body for body in CLASSICAL_PLANETS if body in needed and body not in request.bodies]
    return tuple(sky.positions(instant, absent)[0]) if absent else ()


def _placed(positions: list[Position], house_of: HouseFinder, obliquity: float, *, from_earth: bool) -> tuple[BodyPosition, ...]:
    """Each position with its sign, house and dignities."""
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
                DIGNITIES[body][number] if from_earth else (),
                abs(declination) > obliquity if from_earth else None,
                source,
            )
        )
    return tuple(placed)


def _placed_star(star: Star, house_of: HouseFinder) -> PlacedStar:
    place = zodiac_point(star.longitude_degrees)
    return PlacedStar(star, place.sign, place.degrees_in_sign, house_of(star.longitude_degrees))


def _angles(houses: Houses) -> dict[str, ZodiacPoint]:
    return {
        "ascendant": zodiac_point(houses.ascendant),
        "midheaven": zodiac_point(houses.midheaven),
        "descendant": zodiac_point(houses.ascendant + 180),
        "imum_coeli": zodiac_point(houses.midheaven + 180),
        "vertex": zodiac_point(houses.vertex),
        "equatorial_ascendant": zodiac_point(houses.equatorial_ascendant),
    }


def _by_day(positions: Sequence[Position], houses: Houses, place: Location) -> bool | None:
    """Whether the Sun's centre stood above the horizon; None without a Sun."""
    for position in positions:
        if position.body is Body.SUN:
            altitude = altitude_degrees(position.right_ascension_degrees, position.declination_degrees, houses.armc, place.latitude_degrees)
            return altitude >= 0
    return None


def _lots(request: ChartRequest, positions: Sequence[Position], houses: Houses, by_day: bool) -> dict[str, ZodiacPoint]:
    longitudes = {position[0]: position[1] for position in positions}
    found = cast_lots(request.lots, houses.ascendant, longitudes, by_day=by_day)
    return {lot.value: zodiac_point(longitude) for lot, longitude in found.items()}


@lru_cache(maxsize=512)
def _settings_digest(choices: tuple[Any, ...]) -> str:
    """One name for everything that was chosen: a changed orb or house system changes it."""
    chosen = dict(zip(_CHOSEN, choices, strict=True))
    chosen["orbs"] = tuple(orbs_in_use(chosen["orbs"]).items())
    text = "|".join(f"{name}={_text(value)}" for name, value in chosen.items())
    return hashlib.sha256(f"natal|{text}".encode()).hexdigest()


def _text(value: Any) -> str:
    return f"({','.join(map(_text, value))})" if isinstance(value, tuple) else "" if value is None else str(value)
