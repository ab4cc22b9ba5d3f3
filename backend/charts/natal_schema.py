"""JSON Schema of a natal chart's document."""

from __future__ import annotations

from typing import Any

from backend.charts.analysis.section_schemas import SECTION_SCHEMAS
from backend.charts.engine.chart_settings import WIDEST_ORB
from backend.charts.engine.positions import Source
from backend.charts.natal_request_schema import number, text
from backend.charts.schemas import BODY, DEGRADED, DEGREES, FLAG, HOUSE, NAME, NUMBER, PLACE, UNAVAILABLE, nullable, one_of, rows, whole
from backend.charts.vocabulary import SIGNS, AspectKind, Ayanamsa, BeyondPolarCircle, Calendar, Center, HouseSystem, Mode, Zodiac

Json = dict[str, Any]

_TEXT_OR_NULL: Json = {"type": ["string", "null"]}
_NUMBER_OR_NULL: Json = {"type": ["number", "null"]}
_SIGN = {"sign": PLACE["sign"], "degrees_in_sign": PLACE["degrees_in_sign"]}
_ECLIPTIC = {"longitude_degrees": DEGREES, "latitude_degrees": NUMBER}
_EQUATOR = {"right_ascension_degrees": DEGREES, "declination_degrees": NUMBER}
_MOMENT = whole(
    {
        "local": text("The wall clock; noon where the time is not known."),
        "calendar": one_of(Calendar),
        "time_known": FLAG,
        "time_zone": NAME,
        "time_zone_from": one_of(("request", "place")),
        "fold": {"type": ["integer", "null"]},
        "utc_offset_seconds": {"type": "integer"},
        "utc": NAME,
        "clock_read_as": one_of(("utc", "ut1", "tt"), "UTC from 1972, UT1 before; TT where the chart is that of an exact instant."),
        "julian_day_ut1": NUMBER,
        "julian_day_tt": NUMBER,
        "delta_t_seconds": NUMBER,
    }
)
_SPAN: Json = {"from": whole(PLACE), "to": whole(PLACE), "signs": rows(one_of(SIGNS)), "changes_sign": FLAG}
_DAY = whole(
    {
        "positions_at": {"const": "local noon"},
        "begins_utc": NAME,
        "ends_utc": NAME,
        "hours": NUMBER,
        "moon": nullable(whole(_SPAN)),
        "bodies": rows(whole({"body": BODY, **_SPAN})),
    }
)
_SETTINGS = whole(
    {
        "center": one_of(Center),
        "altitude_metres": _NUMBER_OR_NULL,
        "zodiac": one_of(Zodiac),
        "ayanamsa": nullable(one_of(Ayanamsa)),
        "custom_ayanamsa": nullable(whole({"julian_day_tt": NUMBER, "degrees": NUMBER})),
        "ayanamsa_degrees_with_nutation": nullable(DEGREES),
        "house_system": nullable(one_of(HouseSystem)),
        "beyond_polar_circle": nullable(one_of(BeyondPolarCircle)),
        "ephemeris": one_of(Mode),
        "orbs_degrees": {"type": "object", "additionalProperties": NUMBER},
        "body_orbs_degrees": {"type": "object", "additionalProperties": NUMBER},
    }
)
_BODY = whole(
    {
        "body": BODY,
        **_ECLIPTIC,
        "distance_au": NUMBER,
        "speed_degrees_per_day": NUMBER,
        **_EQUATOR,
        "retrograde": FLAG,
        **_SIGN,
        "house": HOUSE,
        "dignities": rows(one_of(("domicile", "exaltation", "detriment", "fall"))),
        "out_of_bounds": {"type": ["boolean", "null"]},
        "source": one_of(Source),
    }
)
_STAR = whole(
    {
        "star": NAME,
        "designation": NAME,
        "magnitude": _NUMBER_OR_NULL,
        **_ECLIPTIC,
        "speed_degrees_per_day": NUMBER,
        **_EQUATOR,
        **_SIGN,
        "house": HOUSE,
        "source": {"const": Source.STAR_CATALOGUE.value},
    }
)
_HOUSES = whole(
    {
        "requested": one_of(HouseSystem),
        "used": one_of(HouseSystem),
        "reason": _TEXT_OR_NULL,
        "cusps": rows(whole({"house": {"type": "integer"}, **PLACE})),
    }
)
_PAIR = {"first": BODY, "second": BODY, "aspect": one_of(AspectKind)}
_ASPECT: Json = {
    "type": "object",
    "required": [*_PAIR, "separation_degrees", "orb_degrees", "phase"],
    "additionalProperties": False,
    "properties": {
        **_PAIR,
        "separation_degrees": number(0, 180, "Along the ecliptic."),
        "orb_degrees": number(-WIDEST_ORB, WIDEST_ORB, "Separation minus the aspect's angle."),
        "phase": one_of(("applying", "separating", "stationary")),
        "all_day": {"type": "boolean", "description": "Only without a time: whether it holds from the day's begin to its end."},
    },
}
_PROVENANCE = whole(
    {
        **dict.fromkeys(("library", "binding", "ephemeris_mode", "ephemeris_files_sha256"), NAME),
        **dict.fromkeys(("time_zone_database", "time_zone_version", "time_zone_sha256", "settings_sha256"), NAME),
        "delta_t_seconds": NUMBER,
        "obliquity_degrees": NUMBER,
        "armc_degrees": nullable(DEGREES),
    }
)
_EXACT = whole({"utc": NAME, "julian_day_tt": NUMBER})
_ALWAYS: Json = {
    "kind": one_of(("natal", "natal_without_time")),
    "name": _TEXT_OR_NULL,
    "degraded": DEGRADED,
    "moment": _MOMENT,
    "place": whole(
        {
            **dict.fromkeys(("latitude_degrees", "longitude_degrees"), NUMBER),
            "name": _TEXT_OR_NULL,
            "country": _TEXT_OR_NULL,
            "source": NAME,
        }
    ),
    "settings": _SETTINGS,
    "bodies": rows(_BODY),
    "unavailable": UNAVAILABLE,
    "stars": rows(_STAR),
    "angles": {"type": "object", "additionalProperties": whole(PLACE)},
    "houses": nullable(_HOUSES),
    "aspects": rows(_ASPECT),
    "lots": {"type": "object", "additionalProperties": whole(PLACE)},
    "sect": {"enum": ["day", "night", None]},
    "provenance": _PROVENANCE,
}
CHART: Json = {
    "type": "object",
    "required": list(_ALWAYS),
    "additionalProperties": False,
    "properties": {
        **_ALWAYS,
        "day": _DAY,
        **{section.value: schema for section, schema in SECTION_SCHEMAS.items()},
        "aspect_times": rows(whole({**_PAIR, "exact": nullable(_EXACT)})),
    },
}
