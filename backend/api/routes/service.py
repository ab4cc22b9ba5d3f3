"""The service about itself: name and licence, alive, ready, metrics, API description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from backend.actor import Permission
from backend.api.authentication import caller, key_of
from backend.api.context import notes_of
from backend.api.parts import ApiParts
from backend.api.threads import Threads
from backend.errors import Forbidden, Unauthenticated
from backend.operations.health import StoreHealth


class ServiceRoutes:
    """With ``guarded``, details need a key with the scope 'operations'; the loopback port gives them to everybody on it."""

    def __init__(self, parts: ApiParts, threads: Threads, describe: Callable[[], dict[str, Any]], *, guarded: bool) -> None:
        self._parts = parts
        self._threads = threads
        self._describe = describe
        self._guarded = guarded

    async def root(self, _request: Request) -> Response:
        return _json(
            {
                "name": "Astrolabe",
                "version": self._parts.version,
                "licence": "AGPL-3.0-or-later",
                "source": self._parts.source_url,
                "description": "Charts by the Swiss Ephemeris over HTTP. The source above is the one this service runs.",
            }
        )

    async def livez(self, _request: Request) -> Response:
        return _json({"alive": True})

    async def readyz(self, request: Request) -> Response:
        """Yes or no; who may see operations is told each dependency's state."""
        health = await self._threads.run(self._parts.health.check)
        ready = all(one.reachable is not False for one in health if one.essential)
        content: dict[str, Any] = {"ready": ready}
        if await self._may_see_details(request):
            content["dependencies"] = [_shown(one) for one in health]
        return _json(content, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        await self._require(request)
        media_type, content = self._parts.series.exposed(notes_of(request).headers.get(b"accept", ""))
        return Response(content, headers={"content-type": media_type})

    async def openapi(self, request: Request) -> Response:
        await self._require(request)
        return _json(self._describe())

    async def _require(self, request: Request) -> None:
        if self._guarded:
            await caller(request, self._parts.keys, self._threads, Permission.VIEW_OPERATIONS)

    async def _may_see_details(self, request: Request) -> bool:
        if not self._guarded:
            return True
        if key_of(notes_of(request).headers) is None:
            return False
        try:
            await self._require(request)
        except (Unauthenticated, Forbidden):
            return False
        return True


def _shown(health: StoreHealth) -> dict[str, Any]:
    state = {True: "reachable", False: "away", None: "unknown"}[health.reachable]
    return {"state": state, **asdict(health)}


def _json(content: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
