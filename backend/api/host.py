"""Refuses requests whose Host is not loopback: a web page must not reach the operations port by a name that it points here."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api import problems
from backend.api.context import NOTES, Notes

_LOOPBACK = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")


class LoopbackHostOnly:
    """Pure ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hosts = [value for name, value in scope.get("headers", []) if name == b"host"]
        if scope["type"] != "http" or (len(hosts) == 1 and _LOOPBACK.fullmatch(hosts[0])):
            await self._app(scope, receive, send)
            return
        notes: Notes = scope[NOTES]
        notes.error_code = "bad_header"
        answer = problems.document("bad_header", "Host has to be a loopback address on this port", notes.request_id)
        await answer(scope, receive, send)
