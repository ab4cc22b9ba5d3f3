"""The frame of a natal document: when, where, by which choices, and what a whole day says where the time is not known."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from backend.charts.engine.aspects import orbs_in_use
from backend.charts.engine.chart import Chart, Day
from backend.charts.engine.chart_settings import CustomAyanamsa
from backend.charts.engine.zodiac import ZodiacPoint, zodiac_point
from backend.charts.rounding import circle, cut, in_sign
from backend.charts.vocabulary import DEFAULT_ORBS, Body, Center

Document = dict[str, Any]
_ORBS = {kind.value: orb for kind, orb in DEFAULT_ORBS.items()}
"""The document of the default orbs, made once."""


def point(place: ZodiacPoint) -> Document:
    """A place in the zodiac."""
    return {"longitude_degrees": circle(place[0]), "sign": place[1], "degrees_in_sign": in_sign(place[2])}


def place_of(longitude: float) -> Document:
    """Any longitude as a place in the zodiac."""
    return point(zodiac_point(longitude))


def moment(chart: Chart) -> Document:
    """The clock on the wall, what it meant, and the instant; of noon where the time is not known."""
    local, instant, request = chart.local, chart.moment, chart.request
    return {
        "local": request.local.text,
        "calendar": request.calendar,
        "time_known": request.time_known,
        "time_zone": local.time_zone,
        "time_zone_from": local.zone_source,
        "fold": local.fold,
        "utc_offset_seconds": local.offset_seconds,
        "utc": f"{local.utc.text}Z",
        "clock_read_as": instant.scale,
        "julian_day_ut1": round(instant.julian_day_ut1, 9),
        "julian_day_tt": round(instant.julian_day_tt, 9),
        "delta_t_seconds": seconds(instant.delta_t_seconds),
    }


def seconds(number: float) -> float:
    """Rounded to the millisecond, never -0.0."""
    return round(number, 3) + 0.0


def place(chart: Chart) -> Document:
    """Where."""
    found = chart.place
    return {
        "latitude_degrees": cut(found.latitude_degrees),
        "longitude_degrees": cut(found.longitude_degrees),
        "name": found.name,
        "country": found.country,
        "source": found.source,
    }


def settings(chart: Chart) -> Document:
    """What was chosen; the ayanamsa as it was subtracted, with nutation."""
    request, ayanamsa = chart.request, chart.ayanamsa_degrees
    return {
        "center": request.center,
        "altitude_metres": request.altitude_metres if request.center is Center.TOPOCENTRIC else None,
        "zodiac": request.zodiac,
        "ayanamsa": request.ayanamsa,
        "custom_ayanamsa": _custom(request.custom_ayanamsa),
        "ayanamsa_degrees_with_nutation": None if ayanamsa is None else circle(ayanamsa % 360),
        "house_system": request.house_system if request.has_houses else None,
        "beyond_polar_circle": request.beyond_polar_circle if request.has_houses else None,
        "ephemeris": request.ephemeris,
        "orbs_degrees": _named(orbs_in_use(request.orbs).items()) if request.orbs else _ORBS,
        "body_orbs_degrees": _named(request.body_orbs),
    }


def _named(orbs: Iterable[tuple[StrEnum, float]]) -> Document:
    return {name.value: cut(orb) for name, orb in orbs}


def _custom(ayanamsa: CustomAyanamsa | None) -> Document | None:
    return ayanamsa and {"julian_day_tt": round(ayanamsa.julian_day_tt, 9), "degrees": cut(ayanamsa.degrees)}


def day(of: Day) -> Document:
    """The civil day: how long it was, where each body stood at its ends, and which bodies changed sign."""
    bodies = {
        each.body.value: {"from": point(each.first), "to": point(each.last), "signs": each.signs, "changes_sign": len(each.signs) > 1}
        for each in of.bodies
    }
    return {
        "positions_at": "local noon",
        "begins_utc": f"{of.begins.text}Z",
        "ends_utc": f"{of.ends.text}Z",
        "hours": round(of.hours, 4),
        "moon": bodies.get(Body.MOON),
        "bodies": [{"body": name, **span} for name, span in bodies.items()],
    }
