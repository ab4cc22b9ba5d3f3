"""Puts the security headers on every answer, refusals and static files included."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from components import policy
from components.doorway import Address
from components.gate import App, Receive, Scope, Send
from components.policy import Origin

_OURS = frozenset({b"content-security-policy", *(name.encode() for name, _ in policy.STANDING), b"strict-transport-security", b"server"})


class SecurityHeaders:
    """Wraps everything else; an answer that brings its own policy (the pages without script) keeps it."""

    def __init__(self, app: App, address: Callable[[], Address], scripts: tuple[str, ...]) -> None:
        self._app = app
        self._address = address
        self._scripts = scripts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        address = self._address()
        origin = address.origin(scope)

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._complete(list(message.get("headers", ())), origin, address.secure)
            await send(message)

        await self._app(scope, receive, with_headers)
        return None

    def _complete(self, given: list[tuple[bytes, bytes]], origin: Origin | None, secure: bool) -> list[tuple[bytes, bytes]]:
        own = next((value for name, value in given if name.lower() == b"content-security-policy"), None)
        kept = [(name, _secured(name, value, secure)) for name, value in given if name.lower() not in _OURS]
        asked = policy.console(origin, self._scripts) if origin else "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        standing = [*policy.STANDING, *([policy.STRICT_TRANSPORT] if secure else [])]
        added = [(name.encode(), value.encode()) for name, value in standing]
        return [*kept, *added, (b"content-security-policy", own or asked.encode())]


def _secured(name: bytes, value: bytes, secure: bool) -> bytes:
    """Streamlit's own cookies lack Secure behind a proxy that ends TLS."""
    if secure and name.lower() == b"set-cookie" and b"secure" not in value.lower():
        return value + b"; Secure"
    return value
