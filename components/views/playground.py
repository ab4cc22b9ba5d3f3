"""The playground's words: problems beside their fields, places to choose from, and what a chart's document says, as table rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from backend.accounts.cases import LONGEST_TITLE
from backend.charts.vocabulary import BODY_TITLES, Body, degrees_text
from components import markup
from components.times import Watch
from components.views.playground_fields import found
from components.wording import may_say, say

_ANGLES = (
    ("ascendant", "Ascendant"),
    ("midheaven", "Midheaven"),
    ("descendant", "Descendant"),
    ("imum_coeli", "Imum coeli"),
    ("vertex", "Vertex"),
    ("equatorial_ascendant", "Equatorial ascendant"),
)


def field_title(path: str) -> str:
    """A field's path in the form's words: 'First: time', 'Orbs: trine'."""
    words = []
    while path:
        known = may_say(f"playground.field.{path.replace('.', '_')}")
        if known:
            words.append(known)
            break
        head, _, path = path.partition(".")
        words.append(str(int(head) + 1) if head.isdecimal() else may_say(f"playground.field.{head}") or head.replace("_", " ").capitalize())
    return ": ".join(words)


def problem_words(path: str, detail: str) -> str:
    """One field's problem as a line of its own."""
    return f"**{markup.text(field_title(path))}** {markup.text(detail)}."


def told_problems(answer: Mapping[str, Any]) -> dict[str, str]:
    """The API's problems by the path of their field."""
    return {str(one.get("name", "")): str(one.get("detail", "")) for one in answer.get("errors", [])}


def place_choices(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The places found, with the words to choose by."""
    places = []
    for place in answer.get("places", []):
        label = ", ".join(str(part) for part in (place.get("name"), place.get("admin"), place.get("country")) if part)
        places.append({**place, "label": f"{label} ({place['latitude']:.2f}, {place['longitude']:.2f})"})
    return places


def run_title(body: Mapping[str, Any], parts: Iterable[str]) -> str:
    """What a stored run is called: the first chart's date, time and place."""
    for part in parts:
        chart = found(body, part)
        if isinstance(chart, Mapping):
            where = chart.get("name") or chart.get("place") or f"{chart.get('latitude', '')}, {chart.get('longitude', '')}"
            when = f"{chart.get('date', '')} {chart.get('time', '')}".strip()
            return "".join(one for one in f"{when} · {where}" if one.isprintable())[:LONGEST_TITLE].strip()
    return ""


def degradations(document: Mapping[str, Any], watch: Watch) -> list[str]:
    """What is lesser about a document, one sentence each."""
    return [
        f"{markup.sentence(str(one.get('detail', '')))} {_since(one.get('since'), watch)}".strip() for one in document.get("degraded", [])
    ]


def _since(instant: str | None, watch: Watch) -> str:
    if not instant:
        return ""
    try:
        return say("playground.since", at=watch.exact(datetime.fromisoformat(instant)))
    except ValueError:
        return ""


_SPEEDS = {"speed_degrees_per_day": "° a day", "speed_degrees_per_year": "° a year"}


def body_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every body: sign and place in it, house, and motion where the document tells it."""
    bodies = document.get("bodies") or []
    speeds = {name: title for name, title in _SPEEDS.items() if any(body.get(name) is not None for body in bodies)}
    return [_body_row(body) | {title: _signed(body.get(name)) for name, title in speeds.items()} for body in bodies]


def _body_row(body: Mapping[str, Any]) -> dict[str, str]:
    house = body.get("house")
    return {
        "Body": body_title(body["body"]),
        "Sign": str(body["sign"]).capitalize(),
        "Longitude": degrees_text(body["degrees_in_sign"]) + (" r" if body.get("retrograde") else ""),
        "House": str(house) if house else "–",
    }


def angle_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    angles = document.get("angles") or {}
    return [{"Angle": title, **_point(angles[name])} for name, title in _ANGLES if name in angles]


def house_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"House": str(cusp["house"]), **_point(cusp)} for cusp in found(document, "houses.cusps") or []]


def aspect_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """The aspects, closest first."""
    ordered = sorted(document.get("aspects") or [], key=lambda aspect: abs(aspect["orb_degrees"]))
    return [
        {
            "First": body_title(one["first"]),
            "Aspect": str(one["aspect"]).replace("_", " "),
            "Second": body_title(one["second"]),
            "Orb": f"{_degrees(abs(one['orb_degrees']))}",
            "Phase": str(one.get("phase") or "–"),
        }
        for one in ordered
    ]


def provenance(document: Mapping[str, Any], took_seconds: float, size: int) -> list[tuple[str, str]]:
    """Where the figures come from, in one line."""
    origin, moment = document.get("provenance", {}), document.get("moment", {})
    delta_t = moment.get("delta_t_seconds")
    return [
        ("Ephemeris", markup.text(origin.get("ephemeris_mode", "–"))),
        ("Library", markup.text(origin.get("library", "–"))),
        ("Zone data", markup.text(origin.get("time_zone_version", "–"))),
        *([("ΔT", f"{delta_t:.1f} s")] if isinstance(delta_t, int | float) else []),
        ("Settings", markup.code(str(origin.get("settings_sha256", ""))[:8])),
        ("Took", f"{took_seconds * 1000:.0f} ms"),
        ("Size", f"{size / 1000:.1f} kB"),
    ]


def moment_words(document: Mapping[str, Any]) -> str:
    """Which instant and place were computed; empty where the document is of no single one."""
    moment, place = document.get("moment"), document.get("place")
    if not moment or not place:
        return ""
    name = ", ".join(str(part) for part in (place.get("name"), place.get("country")) if part)
    spot = f"{_coordinate(place.get('latitude_degrees', 0.0), 'N', 'S')}, {_coordinate(place.get('longitude_degrees', 0.0), 'E', 'W')}"
    local = str(moment.get("local", "")).replace("T", " ")
    utc = str(moment.get("utc", "")).replace("T", " ").replace("Z", "")
    where = f"{markup.text(name)} ({spot})" if name else spot
    return f"**{markup.text(local)}** {markup.text(moment.get('time_zone', ''))} = {markup.text(utc)} UTC · {where}"


def body_title(name: str) -> str:
    try:
        return BODY_TITLES[Body(name)]
    except ValueError:
        return markup.text(name.replace("_", " ").capitalize())


def _point(point: Mapping[str, Any]) -> dict[str, str]:
    return {"Sign": str(point["sign"]).capitalize(), "Longitude": degrees_text(point["degrees_in_sign"])}


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.3f}".replace("-", "−")


def _degrees(value: float) -> str:
    minutes = round(value * 60)
    return f"{minutes // 60}° {minutes % 60:02d}′"


def _coordinate(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.4f}° {positive if value >= 0 else negative}"
