"""The API as the playground sees it, and stored cases."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.accounts.cases import Case, OpenedCase
from backend.actor import Actor, Permission
from backend.errors import NotFound
from components.api_client import ApiAnswer
from tests.console.fakes.sources import START

CHART = Path(__file__).resolve().parent.parent / "chart.json"
DEGRADED = "The geocoder is isolated by an operator; the place comes from the offline index."


def _operation(title: str, properties: dict[str, Any], required: list[str], example: dict[str, Any]) -> dict[str, Any]:
    """A technique as the API describes it."""
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"application/json": {"schema": schema, "examples": {"one": {"value": example}}}}
    return {"post": {"summary": title, "description": f"{title}, described", "requestBody": {"content": content}}}


_CHART = {"$ref": "#/components/schemas/ChartRequest"}
_SKY = {"type": "array", "items": {"type": "string", "enum": ["sun", "moon", "mars"]}, "description": "Which bodies."}
_PERSON = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
_INSTANT = {"type": "string", "description": "UTC, YYYY-MM-DD."}
DESCRIPTION = ApiAnswer(
    200,
    {
        "paths": {
            "/v1/charts": {"post": {}},
            "/v1/places": {"get": {}},
            "/v1/synastry": _operation(
                "Synastry", {"first": _CHART, "second": _CHART}, ["first", "second"], {"first": _PERSON, "second": _PERSON}
            ),
            "/v1/stations": _operation(
                "Stations",
                {"start": _INSTANT, "end": _INSTANT, "bodies": _SKY, "exact": {"type": "boolean", "default": True}},
                ["start", "end"],
                {"start": "2026-01-01", "end": "2027-01-01"},
            ),
        },
        "components": {"schemas": {}},
    },
    0.01,
)
SEARCHED = {
    "kind": "stations",
    "degraded": [],
    "events": [
        {"body": "mercury", "utc": "2026-02-26T06:48:00Z", "julian_day_tt": 2461097.784, "longitude_degrees": 352.56, "sign": "pisces",
         "degrees_in_sign": 22.56, "phase": "retrograde"},
        {"body": "=mars", "utc": "2026-06-29T17:36:00Z", "julian_day_tt": 2461221.234, "longitude_degrees": 116.1, "sign": "cancer",
         "degrees_in_sign": 26.1, "phase": None},
    ],
    "provenance": {"library": "swisseph", "ephemeris_mode": "files"},
}  # fmt: skip


class FakeCases:
    """Cases of each operator, the newest last; without a store behind them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], OpenedCase] = {}

    def store(self, actor: Actor, body: dict[str, Any], *, technique: str = "natal", title: str = "") -> str:
        actor.require(Permission.KEEP_CASES)
        case_id = f"case-{len(self.kept) + 1}"
        case = Case(case_id, title, technique, actor.id, actor.name, START, START + timedelta(days=30), None)
        self.kept[(actor.id, case_id)] = OpenedCase(case, body)
        return case_id

    def open(self, actor: Actor, case_id: str) -> dict[str, Any]:
        return self.opened(actor, case_id).body

    def opened(self, actor: Actor, case_id: str) -> OpenedCase:
        try:
            return self.kept[(actor.id, case_id)]
        except KeyError:
            raise NotFound("there is no such case of yours, or it is older than 30 days") from None

    def own(self, actor: Actor) -> list[Case]:
        return [opened.case for (owner, _), opened in reversed(self.kept.items()) if owner == actor.id]


class FakeApi:
    """The API with one chart, whatever is asked; in the failed state it does not answer."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.asked: list[dict[str, Any]] = []

    def chart(self, body: dict[str, Any]) -> ApiAnswer:
        self.asked.append(dict(body))
        if self.state == "failed":
            return ApiAnswer(0, {"title": "The API does not answer", "detail": "the API could not be reached"}, 0.01)
        if body.get("date") == "refuse":
            problem = {
                "title": "A field is wrong",
                "detail": "date: must read YYYY-MM-DD",
                "errors": [{"name": "date", "detail": "must read YYYY-MM-DD"}],
            }
            return ApiAnswer(422, problem, 0.004, "req-77")
        document = json.loads(CHART.read_text("utf-8"))
        if self.state == "stale":
            document["degraded"] = [{"what": "place", "why": "circuit_isolated", "detail": DEGRADED, "since": "2026-11-24T14:02:06Z"}]
        return ApiAnswer(200, document, 0.0043, "req-78", 9132)

    def technique(self, name: str, body: dict[str, Any]) -> ApiAnswer:
        if name == "natal":
            return self.chart(body)
        self.asked.append(dict(body))
        if self.state == "failed":
            return ApiAnswer(0, {"title": "The API does not answer", "detail": "the API could not be reached"}, 0.01)
        if "start" not in body:
            problem = {"title": "A field is wrong", "detail": "start: is required", "errors": [{"name": "start", "detail": "is required"}]}
            return ApiAnswer(422, problem, 0.004, "req-79")
        return ApiAnswer(200, dict(SEARCHED), 0.0121, "req-80", 412, {"astrolabe-cache": "miss", "traceparent": "00-ab-cd-01"})

    def description(self) -> ApiAnswer:
        if self.state in ("failed", "empty"):
            return ApiAnswer(0, {"title": "The API does not answer", "detail": "the API could not be reached"}, 0.01)
        return DESCRIPTION

    def places(self, text: str, limit: int = 8) -> ApiAnswer:
        if self.state == "failed":
            return ApiAnswer(0, {"title": "The API does not answer", "detail": "the API could not be reached"}, 0.01)
        found = (
            []
            if self.state == "empty"
            else [
                {"name": "Lisbon", "admin": None, "country": "PT", "latitude": 38.7167, "longitude": -9.1333, "time_zone": "Europe/Lisbon"},
                {
                    "name": "Lisbon",
                    "admin": "Maine",
                    "country": "US",
                    "latitude": 44.0315,
                    "longitude": -70.1045,
                    "time_zone": "America/New_York",
                },
            ]
        )
        return ApiAnswer(200, {"places": found, "source": "offline index", "degraded": []}, 0.003)
