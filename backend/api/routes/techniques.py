"""POST /v1/<name> of every technique: one chart, two charts beside each other, a search over years."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from backend.actor import Actor, Permission
from backend.api import strict_json
from backend.api.admission import leave_line
from backend.api.authentication import caller
from backend.api.body import read_body
from backend.api.context import notes_of
from backend.api.kept import told
from backend.api.parts import ApiParts
from backend.api.pools import Pools
from backend.api.problems import RequestRefused
from backend.api.queries import read_query
from backend.api.resources import resource_for
from backend.charts.caching.made import Served
from backend.charts.patience import while_wanted

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
Ask = Callable[[], Served]


class TechniqueRoutes:
    """Reads strictly, calculates in a thread, and says in header and body when the answer is a lesser one.

    Of the pools, ``computing`` is for what only computes, ``waiting`` for what may have to find a place first, ``searching`` for what
    takes seconds.
    """

    def __init__(self, parts: ApiParts, pools: Pools) -> None:
        self._parts = parts
        self._pools = pools

    def of(self, name: str) -> Callable[[Request], Awaitable[Response]]:
        """The route of the technique of that name."""

        async def create(request: Request) -> Response:
            return await self._create(request, name)

        return create

    async def _create(self, request: Request, name: str) -> Response:
        actor = await caller(request, self._parts.keys, self._pools.lookups, Permission.COMPUTE_CHARTS)
        read_query(request, frozenset())
        notes = notes_of(request)
        _refuse_odd_idempotency_key(notes.headers.get(b"idempotency-key"))
        body = await read_body(request.scope, request.receive, self._parts.body_seconds)
        resource = resource_for(name, notes.headers, self._parts.charts.resources)
        served = await self._run(request, name, body, lambda: self._ask(actor, resource, body))
        technique = self._parts.charts.techniques[name]
        status, headers, content = told(served, technique.name, notes, self._parts.series)
        response = Response(status_code=status)
        response.body, response.raw_headers = content, headers
        return response

    async def _run(self, request: Request, name: str, body: bytes, ask: Ask) -> Served:
        """In the threads that it belongs to; those who wait or search must not keep out those who compute."""
        if self._parts.charts.techniques[name].searches:
            leave_line(request.scope)
            return await self._while_connected(request, ask)
        if may_name_a_place(body):
            leave_line(request.scope)
            return await self._pools.waiting.run(ask)
        return await self._pools.computing.run(lambda: _begun(request, ask))

    async def _while_connected(self, request: Request, ask: Ask) -> Served:
        """A search ends when nobody is there any more to hear of it."""
        gone = threading.Event()
        watching = asyncio.create_task(_watch(request, gone))
        try:
            return await self._pools.searching.run(lambda: _wanted(gone, ask))
        finally:
            gone.set()
            watching.cancel()

    def _ask(self, actor: Actor, resource: str, body: bytes) -> Served:
        return self._parts.charts.answer(actor, resource, body, strict_json.parse(body))


def may_name_a_place(body: bytes) -> bool:
    """Whether a field 'place' may be in it, plainly or written with escapes: a geocoder may have to be waited for."""
    return b'"place"' in body or b"\\u" in body


def _begun(request: Request, ask: Ask) -> Served:
    leave_line(request.scope)
    return ask()


def _wanted(gone: threading.Event, ask: Ask) -> Served:
    with while_wanted(gone.is_set):
        return ask()


async def _watch(request: Request, gone: threading.Event) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()


def _refuse_odd_idempotency_key(key: str | None) -> None:
    """A chart has no side effect, so the key changes nothing here; but a malformed one is a caller's mistake worth hearing of."""
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise RequestRefused("bad_header", "Idempotency-Key has to be 1 to 255 visible ASCII characters")
