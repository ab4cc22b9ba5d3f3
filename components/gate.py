"""Nothing of the console is served without a session: pure ASGI, before Streamlit, on every path and on the websocket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from backend.errors import ServiceError
from components import doorway
from components.doorway import Address
from components.policy import Origin

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Knows = Callable[[str], bool]
"""Whether a token names a living session; asks a store, so it is called in a thread."""

PUBLIC = frozenset({"/login", "/setup", "/join", "/logout", "/livez"})
_NOT_PAGES = frozenset({"_stcore", "static", "media", "component", "app", "auth", "oauth2callback"})
# Headers by which proxies name a user: whatever they say, here only our own cookie counts.
_IDENTITY = (b"x-principal", b"x-astrolabe", b"x-forwarded-user", b"x-forwarded-email", b"x-auth-request", b"remote-user", b"x-remote-user")
RECHECK_SECONDS = 30.0
_AWAY = "The console cannot reach its database, so it cannot tell who you are. Try again shortly."


class Gate:
    """Turns away whoever has no living session; recognises one by its cookie, and asks the store each time."""

    def __init__(self, app: App, address: Callable[[], Address], knows: Knows, recheck_seconds: float = RECHECK_SECONDS) -> None:
        self._app = app
        self._address = address
        self._knows = knows
        self._recheck_seconds = recheck_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = self._address()
        if address.origin(scope) is None:
            return await _answer(send, 421, "This console does not go by that host name.")
        if _under_agent_api(scope["path"]):
            return await _answer(send, 404, "There is no such page.")
        if scope["path"] not in PUBLIC:
            try:
                known = await self._living(scope, address)
            except ServiceError:
                return await _answer(send, 503, _AWAY, (b"retry-after", b"5"))
            if not known:
                return await _turn_away(scope, send)
        await self._app(_without_identity(scope), receive, send)
        return None

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = self._address()
        origin = address.origin(scope)
        if origin is None or not _from_our_page(scope, origin) or not await self._lives(scope, address):
            await receive()
            return await send({"type": "websocket.close", "code": 4401})
        await self._while_it_lives(_without_identity(scope), receive, send, address)
        return None

    async def _while_it_lives(self, scope: Scope, receive: Receive, send: Send, address: Address) -> None:
        """Serve the websocket until its session ends; each script run checks by itself, this also frees idle pages."""
        serving = asyncio.ensure_future(self._app(scope, receive, send))
        try:
            while not (await asyncio.wait({serving}, timeout=self._recheck_seconds))[0]:
                if not await self._lives(scope, address, when_unknown=True):
                    await send({"type": "websocket.close", "code": 4401})
                    break
            else:
                serving.result()
        finally:
            if not serving.done():
                serving.cancel()
                with suppress(asyncio.CancelledError):
                    await serving

    async def _lives(self, scope: Scope, address: Address, *, when_unknown: bool = False) -> bool:
        try:
            return await self._living(scope, address)
        except ServiceError:
            return when_unknown

    async def _living(self, scope: Scope, address: Address) -> bool:
        token = doorway.cookie(scope, doorway.cookie_name(address.secure))
        return bool(token) and await asyncio.to_thread(self._knows, token or "")


def _from_our_page(scope: Scope, origin: Origin) -> bool:
    return doorway.header(scope, "origin") == origin.text


def _under_agent_api(path: str) -> bool:
    return "/_stcore/agent" in path


def _is_page(path: str) -> bool:
    parts = path.strip("/").split("/")
    return not any(part in _NOT_PAGES for part in parts) and "." not in parts[-1]


def _without_identity(scope: Scope) -> Scope:
    kept = [(key, value) for key, value in scope["headers"] if not key.lower().startswith(_IDENTITY)]
    return {**scope, "headers": kept}


async def _turn_away(scope: Scope, send: Send) -> None:
    if scope["method"] not in {"GET", "HEAD"} or not _is_page(scope["path"]):
        return await _answer(send, 401, "Sign in first.")
    query = scope.get("query_string", b"").decode("latin-1")
    asked = scope["path"] + (f"?{query}" if query else "")
    target = "/login" if asked == "/" else f"/login?next={quote(asked, safe='/')}"
    return await _answer(send, 303, "", (b"location", target.encode("latin-1")))


async def _answer(send: Send, status: int, text: str, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
