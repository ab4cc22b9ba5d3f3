"""A chart as a document: stable order, units in the names, floats cut to 1e-7, no -0.0 and no 360.0."""

from __future__ import annotations

from typing import Any

import orjson

from backend.answer import Answer
from backend.charts.engine.chart import BodyPosition, Chart, Provenance, ZodiacPoint
from backend.charts.rounding import circle, cut, in_sign
from backend.charts.vocabulary import DEFAULT_ORBS

__all__ = ["Document", "circle", "cut", "degradations", "point", "provenance", "to_document", "to_json"]

Document = dict[str, Any]
_ORBS = {kind.value: orb for kind, orb in DEFAULT_ORBS.items()}


def to_json(answer: Answer[Chart]) -> bytes:
    """The document as UTF-8 JSON; the same chart gives the same bytes."""
    return orjson.dumps(to_document(answer))


def to_document(answer: Answer[Chart]) -> Document:
    """The document of a chart and of what is lesser about it."""
    chart = answer.value
    return {
        "kind": "natal",
        "name": chart.request.name,
        "degraded": degradations(answer),
        "moment": _moment(chart),
        "place": _place(chart),
        "settings": _settings(chart),
        "bodies": [_body(body) for body in chart.bodies],
        "unavailable": [{"body": missing.body, "why": missing.why} for missing in chart.unavailable],
        "angles": {name: point(each) for name, each in chart.angles.items()},
        "houses": {
            "system": chart.request.house_system,
            "cusps": [{"house": number, **point(cusp)} for number, cusp in enumerate(chart.cusps, 1)],
        },
        "aspects": [
            {
                "first": first,
                "second": second,
                "aspect": kind,
                "separation_degrees": cut(separation),
                "orb_degrees": cut(orb),
                "phase": phase,
            }
            for first, second, kind, separation, orb, phase in chart.aspects
        ],
        "lots": {name: point(each) for name, each in chart.lots.items()},
        "sect": chart.sect,
        "provenance": {
            **provenance(chart.provenance),
            "obliquity_degrees": cut(chart.obliquity_degrees),
            "armc_degrees": circle(chart.armc_degrees),
        },
    }


def degradations(answer: Answer[Any]) -> list[Document]:
    """What is lesser about an answer, one entry each."""
    return [_degradation(each) for each in answer.degraded]


def _degradation(each: Any) -> Document:
    since = each.since.isoformat(timespec="seconds").replace("+00:00", "Z") if each.since else None
    return {"what": each.what, "why": each.why, "detail": each.detail, "since": since}


def _moment(chart: Chart) -> Document:
    local, moment, request = chart.local, chart.moment, chart.request
    return {
        "local": request.local.text,
        "calendar": request.calendar,
        "time_zone": local.time_zone,
        "time_zone_from": local.zone_source,
        "fold": local.fold,
        "utc_offset_seconds": local.offset_seconds,
        "utc": f"{local.utc.text}Z",
        "clock_read_as": moment.scale,
        "julian_day_ut1": round(moment.julian_day_ut1, 9),
        "julian_day_tt": round(moment.julian_day_tt, 9),
        "delta_t_seconds": round(moment.delta_t_seconds, 3) + 0.0,
    }


def _place(chart: Chart) -> Document:
    place = chart.place
    return {
        "latitude_degrees": cut(place.latitude_degrees),
        "longitude_degrees": cut(place.longitude_degrees),
        "name": place.name,
        "country": place.country,
        "source": place.source,
    }


def _settings(chart: Chart) -> Document:
    request, ayanamsa = chart.request, chart.ayanamsa_degrees
    return {
        "zodiac": request.zodiac,
        "ayanamsa": request.ayanamsa,
        "ayanamsa_degrees_with_nutation": None if ayanamsa is None else circle(ayanamsa),
        "house_system": request.house_system,
        "orbs_degrees": _ORBS,
    }


def _body(body: BodyPosition) -> Document:
    return {
        "body": body[0],
        "longitude_degrees": circle(body[1]),
        "latitude_degrees": cut(body[2]),
        "distance_au": round(body[3], 9),
        "speed_degrees_per_day": cut(body[4]),
        "right_ascension_degrees": circle(body[5]),
        "declination_degrees": cut(body[6]),
        "retrograde": body[7],
        "sign": body[8],
        "degrees_in_sign": in_sign(body[9]),
        "house": body[10],
        "dignities": body[11],
        "out_of_bounds": body[12],
        "source": body[13],
    }


def point(place: ZodiacPoint) -> Document:
    """A place in the zodiac."""
    return {"longitude_degrees": circle(place[0]), "sign": place[1], "degrees_in_sign": in_sign(place[2])}


def provenance(origin: Provenance) -> Document:
    """What a result was computed with."""
    return {
        "library": origin.library,
        "binding": origin.binding,
        "ephemeris_mode": origin.mode,
        "ephemeris_files_sha256": origin.files_sha256,
        "time_zone_database": origin.zone_database,
        "time_zone_version": origin.zone_version,
        "time_zone_sha256": origin.zone_sha256,
        "settings_sha256": origin.settings_sha256,
    }
