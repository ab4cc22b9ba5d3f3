"""GET /v1/places: places by name, best first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from backend.actor import Permission
from backend.answer import Answer, Degradation
from backend.api.admission import leave_line
from backend.api.authentication import caller
from backend.api.context import notes_of
from backend.api.kept import DEGRADED_HEADER
from backend.api.parts import ApiParts
from backend.api.queries import line, read_query, whole
from backend.api.threads import Threads

FIELDS = frozenset({"q", "limit"})
LONGEST_QUERY = 200
MOST_PLACES = 20


class PlaceRoutes:
    """Answers from the geocoder, or from the offline index, and says which."""

    def __init__(self, parts: ApiParts, threads: Threads, lookups: Threads) -> None:
        self._parts = parts
        self._threads = threads
        self._lookups = lookups

    async def search(self, request: Request) -> Response:
        await caller(request, self._parts.keys, self._lookups, Permission.SEARCH_PLACES)
        query = read_query(request, FIELDS)
        limit = whole(query, "limit", 1, MOST_PLACES, 8)
        text = line(query, "q", LONGEST_QUERY)
        leave_line(request.scope)
        answer = await self._threads.run(lambda: self._parts.places.search(text, limit))
        return Response(_document(answer), headers=_marks(request, answer.degraded), media_type="application/json")


def _marks(request: Request, degraded: tuple[Degradation, ...]) -> dict[str, str]:
    """The header of a lesser answer (what=why, a list), noted for log and record too."""
    notes = notes_of(request)
    notes.degraded = tuple(f"{one.what}={one.why}" for one in degraded)
    return {DEGRADED_HEADER: ", ".join(notes.degraded)} if degraded else {}


def _document(answer: Answer[Any]) -> bytes:
    content = {
        "places": [_place(place) for place in answer.value],
        "source": answer.source,
        "degraded": [degradation(one) for one in answer.degraded],
    }
    return orjson.dumps(content)


def _place(place: Any) -> dict[str, Any]:
    return {
        "name": place.name,
        "admin": getattr(place, "admin", None),
        "country": place.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "time_zone": place.zone,
        "population": place.population,
    }


def degradation(one: Degradation) -> dict[str, Any]:
    """What is lesser, as the API says it."""
    return {"what": one.what, "why": one.why, "detail": one.detail, "since": _instant(one.since)}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
