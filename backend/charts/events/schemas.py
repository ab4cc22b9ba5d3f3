"""JSON Schema of what searches are asked and answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.charts.engine.chart_settings import FIRST_JULIAN_DAY, HIGHEST_METRES, LAST_JULIAN_DAY, LOWEST_METRES
from backend.charts.events.pace import SEARCHABLE
from backend.charts.vocabulary import Ayanamsa, Body, Mode, Sign, Zodiac

Json = dict[str, Any]
_INSTANT = r"^-?[0-9]{4,5}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"


def thing(properties: Json, required: Iterable[str] = (), about: str = "") -> Json:
    """An object with these fields and no others."""
    schema: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    needed = list(required)
    return schema | ({"required": needed} if needed else {}) | ({"description": about} if about else {})


def whole(properties: Json, about: str = "") -> Json:
    """An object that always has all of its fields, as in answers."""
    return thing(properties, properties, about)


def one_of(choices: Iterable[str], about: str = "", default: str | None = None) -> Json:
    schema: Json = {"type": "string", "enum": [str(choice) for choice in choices]}
    return schema | ({"description": about} if about else {}) | ({"default": str(default)} if default else {})


def some_of(choices: Iterable[str], about: str, default: Iterable[str]) -> Json:
    return {
        "type": "array",
        "items": one_of(choices),
        "minItems": 1,
        "uniqueItems": True,
        "description": about,
        "default": [str(each) for each in default],
    }


def number(about: str, low: float | None = None, high: float | None = None) -> Json:
    schema: Json = {"type": "number", "description": about}
    return schema | ({} if low is None else {"minimum": low}) | ({} if high is None else {"maximum": high})


def nullable(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def rows(items: Json, about: str = "") -> Json:
    return {"type": "array", "items": items} | ({"description": about} if about else {})


def instant(about: str) -> Json:
    return {"type": "string", "pattern": _INSTANT, "description": about}


def flag(about: str, *, default: bool) -> Json:
    return {"type": "boolean", "description": about, "default": default}


WHEN: Json = {
    "utc": instant("UTC (UT1 before 1972), Gregorian, rounded to the second"),
    "julian_day_tt": number("exact, in terrestrial time"),
}
BODY: Json = one_of(SEARCHABLE)
SIGN: Json = one_of(Sign)
LONGITUDE: Json = number("degrees, 0 to 360, in the zodiac asked for", 0, 360)
MOTION: Json = one_of(("direct", "retrograde"))
PASS: Json = {
    "pass": {
        "type": ["integer", "null"],
        "minimum": 1,
        "description": "which pass over these degrees; null: not known, the ephemeris ends before",
    },
    "passes": {"type": ["integer", "null"], "minimum": 1, "description": "of how many before the body comes round again"},
}
PERIOD: Json = {
    "start": instant("UTC, Gregorian, astronomical year; belongs to the range"),
    "end": instant("UTC, Gregorian, astronomical year; does not belong to the range"),
}
COORDINATES_TOGETHER: Json = {"dependentRequired": {"latitude": ["longitude"], "longitude": ["latitude"]}}
SITE_IN_FULL: Json = {"dependentRequired": {**COORDINATES_TOGETHER["dependentRequired"], "altitude_metres": ["latitude", "longitude"]}}
_CUSTOM = thing(
    {
        "julian_day_tt": number("when the ayanamsa has this value", FIRST_JULIAN_DAY, LAST_JULIAN_DAY),
        "degrees": number("the ayanamsa then, without nutation", -360, 360),
    },
    ("julian_day_tt", "degrees"),
    "a sidereal zodiac of one's own, instead of ayanamsa",
)
FRAME: Json = {
    "zodiac": one_of(Zodiac, default=Zodiac.TROPICAL),
    "ayanamsa": one_of(Ayanamsa, "for the sidereal zodiac only; lahiri where left out"),
    "custom_ayanamsa": _CUSTOM,
    "ephemeris": one_of(Mode, "moshier: the built-in theory, coarser; the answer is then degraded", default=Mode.FILES),
}
SITE: Json = {
    "latitude": number("degrees, north positive", -90, 90),
    "longitude": number("degrees, east positive", -180, 180),
    "altitude_metres": number("metres above sea level; 0 where left out", LOWEST_METRES, HIGHEST_METRES),
}
FRAME_SETTINGS: Json = {
    "zodiac": one_of(Zodiac),
    "ayanamsa": nullable(one_of(Ayanamsa)),
    "custom_ayanamsa": nullable({"type": "object"}),
    "ephemeris": one_of(Mode),
}
NATAL: Json = {"$ref": "#/components/schemas/ChartRequest"}
CHART: Json = {"$ref": "#/components/schemas/Chart"}
_DEGRADED: Json = {
    "type": "array",
    "items": {"$ref": "#/components/schemas/Degradation"},
    "description": "what of this answer is less than it could be; empty: nothing",
}


def answer(kind: str, settings: Json, event: Json, called: str = "events", **more: Json) -> Json:
    """The document that all searches share."""
    return whole(
        {
            "kind": {"const": kind},
            "degraded": _DEGRADED,
            "range": whole({"start": WHEN["utc"], "end": WHEN["utc"]}),
            "settings": whole(settings),
            **more,
            called: rows(whole({**WHEN, **event}), "in the order of time"),
            "unavailable": rows(whole({"body": BODY, "why": {"type": "string"}}), "bodies without a place in the whole range"),
            "provenance": {"type": "object", "description": "what this was computed with"},
        }
    )


def bodies(about: str, default: Iterable[Body], choices: Iterable[Body] = SEARCHABLE) -> Json:
    return some_of(choices, about, default)
