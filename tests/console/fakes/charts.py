"""The API as the playground sees it, and stored cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backend.actor import Actor, Permission
from backend.errors import NotFound
from components.api_client import ApiAnswer

CHART = Path(__file__).resolve().parent.parent / "chart.json"
DEGRADED = "The geocoder is isolated by an operator; the place comes from the offline index."


class FakeCases:
    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str], dict[str, Any]] = {}

    def store(self, actor: Actor, body: dict[str, Any]) -> str:
        actor.require(Permission.KEEP_CASES)
        case_id = f"case-{len(self.bodies) + 1}"
        self.bodies[(actor.id, case_id)] = body
        return case_id

    def open(self, actor: Actor, case_id: str) -> dict[str, Any]:
        try:
            return self.bodies[(actor.id, case_id)]
        except KeyError:
            raise NotFound("there is no such case of yours, or it is older than 30 days") from None


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
                "errors": [{"field": "date", "detail": "must read YYYY-MM-DD"}],
            }
            return ApiAnswer(422, problem, 0.004, "req-77")
        document = json.loads(CHART.read_text("utf-8"))
        if self.state == "stale":
            document["degraded"] = [{"what": "place", "why": "circuit_isolated", "detail": DEGRADED, "since": "2026-11-24T14:02:06Z"}]
        return ApiAnswer(200, document, 0.0043, "req-78", 9132)

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
