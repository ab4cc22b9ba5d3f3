"""Answers in the loop what was asked in the same words before: no route is looked for, no thread asked, nobody stands in line."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.actor import Permission
from backend.api import problems
from backend.api.authentication import key_of
from backend.api.body import read_body
from backend.api.context import Notes, notes_in
from backend.api.kept import told
from backend.api.parts import ApiParts
from backend.api.resources import resource_for
from backend.errors import ServiceError


class Recalling:
    """Pure ASGI middleware before the routes, for ``names`` by path. Whatever is not plain goes on to its route, which judges it."""

    def __init__(self, app: ASGIApp, *, parts: ApiParts, names: Mapping[str, str]) -> None:
        self._app = app
        self._parts = parts
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = self._names.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if name is None or not await self._recalled(name, scope, receive, send):
            await self._app(scope, receive, send)

    async def _recalled(self, name: str, scope: Scope, receive: Receive, send: Send) -> bool:
        notes = notes_in(scope)
        if scope["query_string"] or b"idempotency-key" in notes.headers or not self._may_compute(notes):
            return False
        try:
            body = await read_body(scope, receive, self._parts.body_seconds)
        except ServiceError as error:
            notes.route, notes.error_code = scope["path"], error.code
            await problems.response_of(error, notes.request_id)(scope, receive, send)
            return True
        charts = self._parts.charts
        served = charts.recall(resource_for(name, notes.headers, charts.resources), body)
        if served is None:
            return False
        notes.route = scope["path"]
        status, headers, content = told(served, charts.techniques[name].name, notes, self._parts.series)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        return True

    def _may_compute(self, notes: Notes) -> bool:
        """Whether the key is known here and good for charts."""
        text = key_of(notes.headers)
        actor = self._parts.keys.recall(text) if text else None
        if actor is None or not actor.may(Permission.COMPUTE_CHARTS):
            return False
        notes.actor_id = actor.id
        return True
