"""JSON Schema of what requests and answers about charts have in common; the references are those of the API's description."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.charts.engine.positions import Source
from backend.charts.vocabulary import SIGNS, AspectKind, Body, HouseSystem

Json = dict[str, Any]
NATAL: Json = {"$ref": "#/components/schemas/ChartRequest"}
CHART: Json = {"$ref": "#/components/schemas/Chart"}
DEGRADED: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Degradation"}}
OBJECT: Json = {"type": "object"}
FIRST: Json = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
SECOND: Json = {"date": "1988-02-29", "time": "06:05", "time_zone": "Europe/Lisbon", "latitude": 38.7167, "longitude": -9.1333}


def request_schema(required: tuple[str, ...], properties: Json) -> Json:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def answer_schema(kind: str, parts: Json) -> Json:
    """All parts are always there; ``null`` where there is nothing to say."""
    properties = {"kind": {"const": kind}, "degraded": DEGRADED, **parts, "provenance": OBJECT}
    return {"type": "object", "required": list(properties), "properties": properties}


def whole(properties: Json) -> Json:
    """An object that always has all of its fields and no others."""
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def rows(items: Json) -> Json:
    return {"type": "array", "items": items}


def nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(choices: Iterable[str], about: str = "", default: str | None = None) -> Json:
    schema: Json = {"type": "string", "enum": [str(choice) for choice in choices]}
    return schema | ({"description": about} if about else {}) | ({"default": str(default)} if default else {})


NUMBER: Json = {"type": "number"}
FLAG: Json = {"type": "boolean"}
NAME: Json = {"type": "string"}
DEGREES: Json = {"type": "number", "minimum": 0, "exclusiveMaximum": 360}
HOUSE: Json = {"type": ["integer", "null"], "minimum": 1, "maximum": 36}
BODY: Json = one_of(Body)
ORBS: Json = whole({kind.value: NUMBER for kind in AspectKind})
PLACE: Json = {
    "longitude_degrees": DEGREES,
    "sign": one_of(SIGNS),
    "degrees_in_sign": {"type": "number", "minimum": 0, "exclusiveMaximum": 30},
}
STILL_ASPECT: Json = {
    "first": NAME,
    "second": NAME,
    "aspect": one_of(AspectKind),
    "separation_degrees": {"type": "number", "minimum": 0, "maximum": 180},
    "orb_degrees": NUMBER,
}
STILL_ASPECTS = rows(whole(STILL_ASPECT))
MOVING_ASPECTS = rows(whole({**STILL_ASPECT, "phase": one_of(("applying", "separating", "stationary"))}))
ANGLES = nullable(whole({name: whole(PLACE) for name in ("ascendant", "midheaven", "descendant", "imum_coeli")}))
HOUSES = nullable(
    whole(
        {
            "requested": one_of(HouseSystem),
            "used": one_of(HouseSystem),
            "reason": {"type": ["string", "null"], "description": "Why another system is used than requested."},
            "method": {**NAME, "description": "How the Midheaven or the cusps were found."},
            "cusps": rows(whole({"house": {"type": "integer"}, **PLACE})),
        }
    )
)
UNAVAILABLE = rows(whole({"body": NAME, "why": NAME}))
SOURCE = one_of(Source)
INSTANT: Json = {"utc": {**NAME, "description": "UTC (UT1 before 1972), Gregorian, to the second."}, "julian_day_tt": NUMBER}
ORIGIN = whole(
    {
        "name": {"type": ["string", "null"]},
        **INSTANT,
        "latitude_degrees": NUMBER,
        "longitude_degrees": NUMBER,
        "place": {"type": ["string", "null"]},
    }
)
