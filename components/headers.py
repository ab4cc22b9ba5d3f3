"""Puts the security headers on every answer, refusals and static files included."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

from backend.telemetry import logging
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
        begun = False

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = self._complete(list(message.get("headers", ())), origin, address.secure)
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            logging.log(__name__).exception("console_request_failed")
            if begun:
                raise
            await _fault(with_headers)
        return None

    def _complete(self, given: list[tuple[bytes, bytes]], origin: Origin | None, secure: bool) -> list[tuple[bytes, bytes]]:
        own = next((value for name, value in given if name.lower() == b"content-security-policy"), None)
        kept = [(name, _secured(name, value, secure)) for name, value in given if name.lower() not in _OURS]
        asked = policy.console(origin, self._scripts) if origin else "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
        standing = [*policy.STANDING, *([policy.STRICT_TRANSPORT] if secure else [])]
        added = [(name.encode(), value.encode()) for name, value in standing]
        return [*kept, *added, (b"content-security-policy", own or asked.encode())]


async def _fault(send: Send) -> None:
    """A fault of ours, told without its words; the server's own page for it would lack the headers."""
    body = b"The console met a fault of its own; it is in the log. Try again, or see the other pages."
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _secured(name: bytes, value: bytes, secure: bool) -> bytes:
    """Streamlit's own cookies lack Secure behind a proxy that ends TLS."""
    if secure and name.lower() == b"set-cookie" and b"secure" not in value.lower():
        return value + b"; Secure"
    return value
