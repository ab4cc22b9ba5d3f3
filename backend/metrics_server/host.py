"""Refuses what a web page could send: the port is on loopback, and a browser is a way to it for pages from elsewhere."""

from __future__ import annotations

import re

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOOPBACK = re.compile(rb"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
_OURS = (b"same-origin", b"none")


class LoopbackOnly:
    """Pure ASGI middleware: the host has to be a loopback address, and a browser has to say that no other site asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_near(scope.get("headers", [])):
            await self._app(scope, receive, send)
            return
        await PlainTextResponse("This port answers to loopback addresses alone.\n", 403)(scope, receive, send)


def _is_near(headers: list[tuple[bytes, bytes]]) -> bool:
    hosts = [value for name, value in headers if name == b"host"]
    sites = [value for name, value in headers if name == b"sec-fetch-site"]
    return len(hosts) == 1 and _LOOPBACK.fullmatch(hosts[0]) is not None and all(site in _OURS for site in sites)
