"""A chart as a document: stable order, units in the names, floats cut to 1e-7, no -0.0 and no 360.0."""

from __future__ import annotations

from typing import Any

import orjson

from backend.answer import Answer
from backend.charts import document_frame as frame
from backend.charts.analysis.sections import section_of
from backend.charts.document_frame import Document, point
from backend.charts.engine.chart import BodyPosition, Chart, PlacedStar, Provenance
from backend.charts.engine.exactness import AspectTime
from backend.charts.engine.instants import instant_document
from backend.charts.engine.positions import Source
from backend.charts.rounding import circle, cut, in_sign
from backend.charts.vocabulary import Section

__all__ = ["Document", "circle", "cut", "degradations", "point", "provenance", "to_document", "to_json"]


def to_json(answer: Answer[Chart]) -> bytes:
    """The document as UTF-8 JSON; the same chart gives the same bytes."""
    return orjson.dumps(to_document(answer))


def to_document(answer: Answer[Chart]) -> Document:
    """The document of a chart and of what is lesser about it."""
    chart = answer.value
    return {
        "kind": "natal" if chart.request.time_known else "natal_without_time",
        "name": chart.request.name,
        "degraded": degradations(answer),
        "moment": frame.moment(chart),
        **({"day": frame.day(chart.day)} if chart.day else {}),
        "place": frame.place(chart),
        "settings": frame.settings(chart),
        "bodies": [_body(body) for body in chart.bodies],
        "unavailable": [{"body": missing.body, "why": missing.why} for missing in chart.unavailable],
        "stars": [_star(star) for star in chart.stars],
        "angles": {name: point(each) for name, each in chart.angles.items()},
        "houses": _houses(chart),
        "aspects": _aspects(chart),
        "lots": {name: point(each) for name, each in chart.lots.items()},
        "sect": chart.sect,
        **{section.value: _section(section, chart) for section in chart.request.include},
        "provenance": {
            **provenance(chart.provenance),
            "delta_t_seconds": frame.seconds(chart.moment.delta_t_seconds),
            "obliquity_degrees": cut(chart.obliquity_degrees),
            "armc_degrees": None if chart.armc_degrees is None else circle(chart.armc_degrees),
        },
    }


def _houses(chart: Chart) -> Document | None:
    if not chart.cusps:
        return None
    return {
        "requested": chart.request.house_system,
        "used": chart.house_system,
        "reason": chart.house_reason,
        "cusps": [{"house": number, **point(cusp)} for number, cusp in enumerate(chart.cusps, 1)],
    }


def _aspects(chart: Chart) -> list[Document]:
    found: list[Document] = [
        {
            "first": first,
            "second": second,
            "aspect": kind,
            "separation_degrees": cut(separation),
            "orb_degrees": cut(orb),
            "phase": phase,
        }
        for first, second, kind, separation, orb, phase in chart.aspects
    ]
    if chart.day:
        for aspect, document in zip(chart.aspects, found, strict=True):
            document["all_day"] = aspect in chart.day.lasting
    return found


def _section(section: Section, chart: Chart) -> Any:
    if section is Section.ASPECT_TIMES:
        return [_aspect_time(each) for each in chart.aspect_times or ()]
    return section_of(section, chart)


def _aspect_time(time: AspectTime) -> Document:
    first, second, kind = time.aspect[:3]
    exact = instant_document(time.exact) if time.exact else None
    return {"first": first, "second": second, "aspect": kind, "exact": exact}


def degradations(answer: Answer[Any]) -> list[Document]:
    """What is lesser about an answer, one entry each."""
    return [_degradation(each) for each in answer.degraded]


def _degradation(each: Any) -> Document:
    since = each.since.isoformat(timespec="seconds").replace("+00:00", "Z") if each.since else None
    return {"what": each.what, "why": each.why, "detail": each.detail, "since": since}


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


def _star(placed: PlacedStar) -> Document:
    star = placed.star
    return {
        "star": star.name,
        "designation": star.designation,
        "magnitude": star.magnitude,
        "longitude_degrees": circle(star.longitude_degrees),
        "latitude_degrees": cut(star.latitude_degrees),
        "speed_degrees_per_day": cut(star.speed_degrees_per_day),
        "right_ascension_degrees": circle(star.right_ascension_degrees),
        "declination_degrees": cut(star.declination_degrees),
        "sign": placed.sign,
        "degrees_in_sign": in_sign(placed.degrees_in_sign),
        "house": placed.house,
        "source": Source.STAR_CATALOGUE,
    }


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
