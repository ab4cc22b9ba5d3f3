"""The fields of a natal chart's request, in the order of the form, with the titles of the shared vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.charts.vocabulary import (
    AYANAMSA_TITLES,
    BEYOND_POLAR_CIRCLE_TITLES,
    BODY_TITLES,
    CALENDAR_TITLES,
    CENTER_TITLES,
    DEFAULT_BODIES,
    DEFAULT_LOTS,
    DEFAULT_ORBS,
    HOUSE_SYSTEM_TITLES,
    LOT_TITLES,
    MODE_TITLES,
    SECTION_TITLES,
    ZODIAC_TITLES,
)
from components.views.playground_fields import Body, Field, found, placed
from components.wording import may_say, say

CUSTOM = "custom"


def _choices(titles: Mapping[Any, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(one.value), title) for one, title in titles.items())


def _field(path: str, kind: Any = "text", titles: Mapping[Any, str] | None = None, default: Any = None) -> Field:
    name = path.replace(".", "_")
    about, hint = say(f"playground.about.{name}"), may_say(f"playground.hint.{name}") or ""
    return Field(path, say(f"playground.field.{name}"), kind, _choices(titles or {}), default, about, hint)


ORB_TITLES = {kind: f"{kind.value.capitalize()} (default {orb:g}°)" for kind, orb in DEFAULT_ORBS.items()}

DATE, TIME, NAME = _field("date"), _field("time"), _field("name")
PLACE, ZONE = _field("place"), _field("time_zone")
LATITUDE, LONGITUDE = _field("latitude", "number"), _field("longitude", "number")
HOUSES = _field("house_system", "choice", HOUSE_SYSTEM_TITLES, "placidus")
ZODIAC = _field("zodiac", "choice", ZODIAC_TITLES, "tropical")
AYANAMSA = _field("ayanamsa", "choice", AYANAMSA_TITLES, "lahiri")
CUSTOM_DAY, CUSTOM_DEGREES = _field("custom_ayanamsa.julian_day_tt", "number"), _field("custom_ayanamsa.degrees", "number")
ALTITUDE = _field("altitude_metres", "number")
CENTER = _field("center", "choice", CENTER_TITLES, "geocentric")
CALENDAR = Field(
    "calendar",
    say("playground.field.calendar"),
    "choice",
    ((None, say("playground.calendar_by_date")), *_choices(CALENDAR_TITLES)),
    None,
    say("playground.about.calendar"),
)
BODIES = _field("bodies", "choices", BODY_TITLES, tuple(body.value for body in DEFAULT_BODIES))
MORE = (
    BODIES,
    _field("stars", "texts"),
    _field("include", "choices", SECTION_TITLES, ()),
    _field("lots", "choices", LOT_TITLES, tuple(lot.value for lot in DEFAULT_LOTS)),
    CENTER,
    _field("beyond_polar_circle", "choice", BEYOND_POLAR_CIRCLE_TITLES, "refuse"),
    CALENDAR,
    _field("ephemeris", "choice", MODE_TITLES, "files"),
    _field("orbs", "numbers", ORB_TITLES),
    _field("body_orbs", "numbers", BODY_TITLES),
    NAME,
)
OF_HOUSES = ("house_system", "beyond_polar_circle", "lots")
_WHERE = ("place", "latitude", "longitude", "time_zone")
EXAMPLE: Body = {"date": "1990-06-15", "time": "14:30:00", "place": "Lisbon, PT"}
SECOND_EXAMPLE: Body = {"date": "1988-11-02", "time": "06:15:00", "place": "Porto, PT"}


def path(part: str, name: str) -> str:
    """A field's path in the request, of a chart that is a part of it or the whole."""
    return f"{part}.{name}" if part else name


def by_place(body: Mapping[str, Any], part: str) -> bool:
    """Whether the place stands there by its name."""
    chart = found(body, part)
    return not isinstance(chart, Mapping) or "place" in chart or not {"latitude", "longitude"} & set(chart)


def somewhere(body: Mapping[str, Any], part: str, **where: Any) -> Body:
    """The body with the chart of that part somewhere else: whatever said where it was is gone."""
    chart = {name: value for name, value in (found(body, part) or {}).items() if name not in _WHERE}
    return _with(body, part, chart | where)


def timed(body: Mapping[str, Any], part: str, *, known: bool) -> Body:
    """The body with a known time or without one; what belongs to houses goes with the time."""
    chart = dict(found(body, part) or {})
    if known:
        chart.pop("time_known", None)
        chart.setdefault("time", "12:00")
    else:
        chart = {name: value for name, value in chart.items() if name not in (*OF_HOUSES, "time", "fold")} | {"time_known": False}
    return _with(body, part, chart)


def is_timed(body: Mapping[str, Any], part: str) -> bool:
    return found(body, path(part, "time_known")) is not False


def ayanamsa_of(body: Mapping[str, Any], part: str) -> str:
    """The choice that the form shows: a name, or an ayanamsa of one's own."""
    chart = found(body, part) or {}
    if "custom_ayanamsa" in chart:
        return CUSTOM
    named = chart.get("ayanamsa")
    return str(named) if named in AYANAMSA.values else str(AYANAMSA.default)


def zodiac_chosen(body: Mapping[str, Any], part: str, ayanamsa: str | None) -> Body:
    """The body in the tropical zodiac (None), or in the sidereal one with that ayanamsa."""
    chart = {name: value for name, value in (found(body, part) or {}).items() if name not in ("zodiac", "ayanamsa", "custom_ayanamsa")}
    if ayanamsa is None:
        return _with(body, part, chart)
    chart["zodiac"] = "sidereal"
    if ayanamsa == CUSTOM:
        chart["custom_ayanamsa"] = {"julian_day_tt": 2451545.0, "degrees": 24.0}
    elif ayanamsa != AYANAMSA.default:
        chart["ayanamsa"] = ayanamsa
    return _with(body, part, chart)


def _with(body: Mapping[str, Any], part: str, chart: Body) -> Body:
    return placed(body, part, chart) if part else chart
