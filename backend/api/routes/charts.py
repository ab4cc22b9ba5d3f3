"""POST /v1/charts: one natal chart."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backend.actor import Actor, Permission
from backend.answer import Answer, Degradation
from backend.api import strict_json
from backend.api.admission import leave_line
from backend.api.authentication import caller
from backend.api.body import read_body
from backend.api.context import notes_of
from backend.api.parts import ApiParts
from backend.api.problems import RequestRefused
from backend.api.queries import read_query
from backend.api.threads import Threads

DEGRADED_HEADER = "Astrolabe-Degraded"
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class ChartRoutes:
    """Reads strictly, calculates in a thread, and says in header and body when the answer is a lesser one."""

    def __init__(self, parts: ApiParts, computing: Threads, waiting: Threads, lookups: Threads) -> None:
        self._parts = parts
        self._computing = computing
        self._waiting = waiting
        self._lookups = lookups

    async def create(self, request: Request) -> Response:
        actor = await caller(request, self._parts.keys, self._lookups, Permission.COMPUTE_CHARTS)
        read_query(request, frozenset())
        _refuse_odd_idempotency_key(request)
        body = await read_body(request, self._parts.body_seconds)
        if b'"place"' in body:  # a geocoder may have to be waited for, and those who wait must not keep out those who compute
            leave_line(request.scope)
            answer, content = await self._waiting.run(lambda: self._compute(actor, body))
        else:
            answer, content = await self._computing.run(lambda: self._begin(request, actor, body))
        return Response(content, headers=marks(request, answer.degraded), media_type="application/json")

    def _begin(self, request: Request, actor: Actor, body: bytes) -> tuple[Answer[Any], bytes]:
        leave_line(request.scope)
        return self._compute(actor, body)

    def _compute(self, actor: Actor, body: bytes) -> tuple[Answer[Any], bytes]:
        answer = self._parts.charts.compute(actor, self._parts.parse_chart(strict_json.parse(body)))
        self._parts.series.chart_computed("natal", answer.source, answer.is_degraded)
        return answer, self._parts.render_chart(answer)


def marks(request: Request, degraded: tuple[Degradation, ...]) -> dict[str, str]:
    """The header of a lesser answer (what=why, a list), noted for log and record too."""
    notes = notes_of(request)
    notes.degraded = tuple(f"{one.what}={one.why}" for one in degraded)
    return {DEGRADED_HEADER: ", ".join(notes.degraded)} if degraded else {}


def _refuse_odd_idempotency_key(request: Request) -> None:
    """A chart has no side effect, so the key changes nothing here; but a malformed one is a caller's mistake worth hearing of."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestRefused("bad_header", "Idempotency-Key has to be 1 to 255 visible ASCII characters")
