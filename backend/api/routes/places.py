"""GET /v1/places: places by name, best first."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from backend.actor import Permission
from backend.answer import Answer, Degradation
from backend.api.admission import leave_line
from backend.api.authentication import caller
from backend.api.context import notes_of
from backend.api.kept import DEGRADED_HEADER, noted
from backend.api.parts import ApiParts
from backend.api.queries import line, read_query, whole
from backend.api.threads import Threads
from backend.charts.document import degradations

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
    return {DEGRADED_HEADER: noted(notes_of(request), degraded)} if degraded else {}


def _document(answer: Answer[Any]) -> bytes:
    content = {
        "places": [_place(place) for place in answer.value],
        "source": answer.source,
        "degraded": degradations(answer),
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
