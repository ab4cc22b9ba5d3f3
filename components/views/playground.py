"""The playground: from a form to a request, from a document to tables, and the same call for one's own program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.charts.engine import civil_time
from backend.charts.engine.civil_time import LocalTimeVerdict, ZoneFolder
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.vocabulary import BODY_TITLES, Body, degrees_text
from backend.errors import FieldProblem, InvalidRequest
from components import markup
from components.times import Watch
from components.wording import say

_ANGLES = (
    ("ascendant", "Ascendant"),
    ("midheaven", "Midheaven"),
    ("descendant", "Descendant"),
    ("imum_coeli", "Imum coeli"),
    ("vertex", "Vertex"),
)
_LABELS = {
    "date": "Date", "time": "Time", "place": "Place", "latitude": "Latitude", "longitude": "Longitude", "time_zone": "Zone", "fold": "Pass",
    "house_system": "Houses", "zodiac": "Zodiac", "ayanamsa": "Ayanamsa", "name": "Name", "body": "Request",
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """What stands in the form's fields."""

    date: str
    time: str
    by_place: bool
    place: str
    latitude: str
    longitude: str
    zone: str
    fold: int | None
    house_system: str
    zodiac: str


def body_of(form: Form) -> dict[str, Any]:
    """The request's body: only what was said, so that the API's own defaults hold for the rest."""
    body: dict[str, Any] = {"date": form.date.strip(), "time": form.time.strip()}
    if form.by_place:
        body["place"] = form.place.strip()
    else:
        body |= {"latitude": _number(form.latitude), "longitude": _number(form.longitude)}
    if form.zone.strip():
        body["time_zone"] = form.zone.strip()
    if form.fold is not None:
        body["fold"] = form.fold
    body |= {"house_system": form.house_system, "zodiac": form.zodiac}
    return body


def form_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """The form's fields for a stored body."""
    return {
        "date": str(body.get("date", "")),
        "time": str(body.get("time", "")),
        "way": "place" if "place" in body else "coordinates",
        "place": str(body.get("place", "")),
        "latitude": str(body.get("latitude", "")),
        "longitude": str(body.get("longitude", "")),
        "zone": str(body.get("time_zone", "")),
        "house_system": str(body.get("house_system", "placidus")),
        "zodiac": str(body.get("zodiac", "tropical")),
    }


def _number(text: str) -> float | str:
    """A number where it is one (with a true minus or a comma too); else the text, for the API's own words about it."""
    try:
        return float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return text.strip()


@dataclass(frozen=True)
class Checked:
    """What can be said of a request before it is sent: what is wrong with it, and what its time means."""

    problems: tuple[FieldProblem, ...] = ()
    verdict: LocalTimeVerdict | None = None

    @property
    def needs_fold(self) -> bool:
        return self.verdict is not None and self.verdict.kind == "ambiguous"


def check(body: Mapping[str, Any], zone: str | None, zones: ZoneFolder) -> Checked:
    """The API's own reading of the body, and the verdict on its local time in the zone that will count."""
    try:
        request: ChartRequest = parse_request(body)
    except InvalidRequest as error:
        return Checked(error.problems)
    named = request.time_zone or zone
    return Checked((), civil_time.verdict(request.local, named, zones, request.calendar)) if named else Checked()


def verdict_words(checked: Checked) -> tuple[str, str]:
    """Kind and sentence for the line under the time."""
    if checked.problems:
        first = checked.problems[0]
        return "watch", problem_words({"field": first.field, "detail": first.detail})
    if checked.verdict is None:
        return "neutral", say("playground.no_zone_yet")
    kind = {"ok": "ok", "ambiguous": "watch"}.get(checked.verdict.kind, "bad")
    sentence = say("playground.twice") if checked.verdict.kind == "ambiguous" else checked.verdict.sentence
    return kind, markup.text(sentence)


def problem_words(error: Mapping[str, Any]) -> str:
    """One field's problem in the form's own words."""
    name = str(error.get("field", ""))
    return f"**{_LABELS.get(name, markup.text(name))}** {markup.text(error.get('detail', ''))}."


def place_choices(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The places found, with the words to choose by."""
    found = []
    for place in answer.get("places", []):
        label = ", ".join(str(part) for part in (place.get("name"), place.get("admin"), place.get("country")) if part)
        found.append({**place, "label": f"{label} ({place['latitude']:.2f}, {place['longitude']:.2f})"})
    return found


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


def body_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Every body: sign and place in it, house, and daily motion."""
    rows = []
    for body in document.get("bodies", []):
        house = body.get("house")
        rows.append(
            {
                "Body": _title(body["body"]),
                "Sign": str(body["sign"]).capitalize(),
                "Longitude": degrees_text(body["degrees_in_sign"]) + (" r" if body["retrograde"] else ""),
                "House": str(house) if house else "–",
                "° a day": _signed(body["speed_degrees_per_day"]),
            }
        )
    return rows


def angle_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    found = document.get("angles", {})
    return [{"Angle": title, **_point(found[name])} for name, title in _ANGLES if name in found]


def house_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"House": str(cusp["house"]), **_point(cusp)} for cusp in document.get("houses", {}).get("cusps", [])]


def aspect_rows(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """The aspects, closest first."""
    ordered = sorted(document.get("aspects", []), key=lambda aspect: abs(aspect["orb_degrees"]))
    return [
        {
            "First": _title(one["first"]),
            "Aspect": str(one["aspect"]).replace("_", " "),
            "Second": _title(one["second"]),
            "Orb": f"{_degrees(abs(one['orb_degrees']))}",
            "Phase": str(one["phase"] or "–"),
        }
        for one in ordered
    ]


def provenance(document: Mapping[str, Any], took_seconds: float, size: int) -> list[tuple[str, str]]:
    """Where the figures come from, in one line."""
    origin, moment = document.get("provenance", {}), document.get("moment", {})
    return [
        ("Ephemeris", markup.text(origin.get("ephemeris_mode", "–"))),
        ("Library", markup.text(origin.get("library", "–"))),
        ("Zone data", markup.text(origin.get("time_zone_version", "–"))),
        ("ΔT", f"{moment.get('delta_t_seconds', 0):.1f} s"),
        ("Took", f"{took_seconds * 1000:.0f} ms"),
        ("Size", f"{size / 1000:.1f} kB"),
    ]


def moment_words(document: Mapping[str, Any]) -> str:
    """Which instant and place were computed."""
    moment, place = document.get("moment", {}), document.get("place", {})
    name = ", ".join(str(part) for part in (place.get("name"), place.get("country")) if part)
    spot = f"{_coordinate(place.get('latitude_degrees', 0.0), 'N', 'S')}, {_coordinate(place.get('longitude_degrees', 0.0), 'E', 'W')}"
    local = str(moment.get("local", "")).replace("T", " ")
    utc = str(moment.get("utc", "")).replace("T", " ").replace("Z", "")
    where = f"{markup.text(name)} ({spot})" if name else spot
    return f"**{markup.text(local)}** {markup.text(moment.get('time_zone', ''))} = {markup.text(utc)} UTC · {where}"


def _title(name: str) -> str:
    try:
        return BODY_TITLES[Body(name)]
    except ValueError:
        return name.replace("_", " ").capitalize()


def _point(point: Mapping[str, Any]) -> dict[str, str]:
    return {"Sign": str(point["sign"]).capitalize(), "Longitude": degrees_text(point["degrees_in_sign"])}


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _degrees(value: float) -> str:
    minutes = round(value * 60)
    return f"{minutes // 60}° {minutes % 60:02d}′"


def _coordinate(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.4f}° {positive if value >= 0 else negative}"
