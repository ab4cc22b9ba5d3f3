"""JSON Schema of a natal request, and examples that work."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from backend.charts.engine.chart_settings import (
    FIRST_JULIAN_DAY,
    HIGHEST_METRES,
    LAST_JULIAN_DAY,
    LOWEST_METRES,
    MOST_STARS,
    WIDEST_ORB,
)
from backend.charts.engine.request import FIRST_YEAR, LAST_YEAR
from backend.charts.reading import LONGEST_TEXT
from backend.charts.schemas import one_of
from backend.charts.vocabulary import (
    AspectKind,
    Ayanamsa,
    BeyondPolarCircle,
    Body,
    Calendar,
    Center,
    HouseSystem,
    Lot,
    Mode,
    Section,
    Zodiac,
)

Json = dict[str, Any]


def text(about: str, **more: Any) -> Json:
    return {"type": "string", "description": about, **more}


def number(low: float, high: float, about: str) -> Json:
    return {"type": "number", "minimum": low, "maximum": high, "description": about}


def _some_of(choices: type[StrEnum], about: str, least: int) -> Json:
    return {"type": "array", "items": one_of(choices), "uniqueItems": True, "minItems": least, "description": about}


def _orbs(names: type[StrEnum], about: str) -> Json:
    properties = {name.value: number(0, WIDEST_ORB, "Degrees.") for name in names}
    return {"type": "object", "additionalProperties": False, "properties": properties, "description": about}


REQUEST: Json = {
    "type": "object",
    "additionalProperties": False,
    "required": ["date"],
    "properties": {
        "name": text("Returned as it is; never logged.", minLength=1, maxLength=LONGEST_TEXT),
        "date": text(
            f"Local date, YYYY-MM-DD. The year is astronomical (0 is 1 BCE), from {FIRST_YEAR} to {LAST_YEAR}.",
            pattern=r"^-?[0-9]{4,5}-[0-9]{2}-[0-9]{2}$",
        ),
        "time": text("Local time, HH:MM or HH:MM:SS. Required, unless `time_known` is false.", pattern=r"^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"),
        "time_known": {
            "type": "boolean",
            "default": True,
            "description": "false, and no `time`: positions at local noon, no houses, angles and lots, and what the whole civil day says.",
        },
        "time_zone": text("IANA name, or `local_mean_time`. May be left out with `place`: then it is the place's.", maxLength=64),
        "fold": {"type": "integer", "enum": [0, 1], "description": "Which of the two, where the clock showed the time twice."},
        "calendar": one_of(Calendar, "Left out: Julian up to 4 October 1582, Gregorian from 15 October 1582."),
        "latitude": number(-90, 90, "Degrees, north positive."),
        "longitude": number(-180, 180, "Degrees, east positive."),
        "place": text("A place by name, in place of coordinates.", minLength=1, maxLength=LONGEST_TEXT),
        "center": one_of(Center, "From where the bodies are seen; seen from the Sun there are no houses, angles and lots.", "geocentric"),
        "altitude_metres": number(LOWEST_METRES, HIGHEST_METRES, "Above the sea, of a topocentric place; left out: 0."),
        "bodies": _some_of(Body, "Left out: Sun to Pluto, both nodes, Chiron; seen from the Sun Mercury to Pluto, Chiron, Earth.", 1),
        "stars": {
            "type": "array",
            "items": {"type": "string"},
            "maxItems": MOST_STARS,
            "uniqueItems": True,
            "description": "Fixed stars by their traditional names, or by designation after a comma: `Spica`, `,alVir`.",
        },
        "house_system": one_of(HouseSystem, "House system.", "placidus"),
        "beyond_polar_circle": one_of(BeyondPolarCircle, "What to do where the house system has no meaning.", "refuse"),
        "zodiac": one_of(Zodiac, "Zodiac.", "tropical"),
        "ayanamsa": one_of(Ayanamsa, "Only with the sidereal zodiac; left out: lahiri."),
        "custom_ayanamsa": {
            "type": "object",
            "additionalProperties": False,
            "required": ["julian_day_tt", "degrees"],
            "properties": {
                "julian_day_tt": number(FIRST_JULIAN_DAY, LAST_JULIAN_DAY, "Day of reference."),
                "degrees": number(-360, 360, "Ayanamsa then, without nutation."),
            },
            "description": "A zodiac of your own, in place of `ayanamsa`.",
        },
        "lots": _some_of(Lot, "Left out: Fortune and Spirit.", 0),
        "orbs": _orbs(AspectKind, "Orbs that differ from the defaults; 0 leaves the aspect out."),
        "body_orbs": _orbs(Body, "Bodies' own orbs: a pair's orb is half the sum of both bodies', and the aspect's where a body has none."),
        "ephemeris": one_of(Mode, "The data files, or the coarser built-in theory; then the answer is degraded.", "files"),
        "include": _some_of(Section, "Further parts of the answer.", 0),
    },
}

_LONDON: Json = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
_UNTIMED: Json = {name: value for name, value in _LONDON.items() if name != "time"}
EXAMPLES: Json = {
    "coordinates": {"summary": "By coordinates", "value": _LONDON},
    "place": {"summary": "By place", "value": {"date": "1990-06-15", "time": "14:30", "place": "London", "house_system": "whole_sign"}},
    "without_time": {"summary": "Without a time", "value": {**_UNTIMED, "time_known": False}},
    "sidereal": {
        "summary": "Sidereal, seen from the place, with stars and more lots",
        "value": {
            **_LONDON,
            "zodiac": "sidereal",
            "ayanamsa": "true_citra",
            "center": "topocentric",
            "altitude_metres": 20,
            "stars": ["Spica", "Regulus"],
            "lots": ["fortune", "spirit", "eros"],
        },
    },
    "beyond_polar_circle": {
        "summary": "Beyond the polar circle, with another system in its place",
        "value": {**_LONDON, "time_zone": "Arctic/Longyearbyen", "latitude": 78.2, "longitude": 15.6, "beyond_polar_circle": "porphyry"},
    },
    "orbs": {
        "summary": "Own orbs, with exact times and patterns",
        "value": {**_LONDON, "orbs": {"trine": 6, "quincunx": 0}, "body_orbs": {"moon": 10}, "include": ["patterns", "aspect_times"]},
    },
    "heliocentric": {
        "summary": "Seen from the Sun, by the built-in theory",
        "value": {**_LONDON, "center": "heliocentric", "ephemeris": "moshier"},
    },
}
