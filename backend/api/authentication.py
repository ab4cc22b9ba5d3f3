"""Who is calling: the API key of a request, as an actor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request

from backend.actor import Actor, Permission
from backend.api.context import notes_of
from backend.api.parts import Keys
from backend.api.threads import Threads
from backend.errors import Forbidden, Unauthenticated
from backend.telemetry.spans import span

SCOPE_OF = {
    Permission.COMPUTE_CHARTS: "charts",
    Permission.SEARCH_PLACES: "charts",
    Permission.VIEW_OPERATIONS: "operations",
    Permission.RECORD_DEPLOYS: "operations",
}
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


def key_of(headers: Mapping[bytes, str]) -> str | None:
    """The key's text from ``Authorization: Bearer`` or ``X-Api-Key``; None unless there is exactly one."""
    scheme, _, credentials = headers.get(b"authorization", "").partition(" ")
    found = {credentials.strip()} if scheme.lower() == "bearer" else set()
    if b"x-api-key" in headers:
        found.add(headers[b"x-api-key"].strip())
    text = found.pop() if len(found) == 1 else ""
    return text if _KEY.fullmatch(text) else None


async def caller(request: Request, keys: Keys, threads: Threads, permission: Permission) -> Actor:
    """The actor behind the key, who has to have ``permission``. ``threads`` are for looking up keys that are not in memory."""
    notes = notes_of(request)
    text = key_of(notes.headers)
    actor = keys.recall(text) if text else None
    if actor is None and text:
        with span("key.lookup"):
            actor = await threads.run(lambda: keys.authenticate(text))
    if actor is None:
        raise Unauthenticated("no valid API key was sent; it may have been revoked or have expired")
    notes.actor_id = actor.id
    if not actor.may(permission):
        raise Forbidden(f"this key lacks the scope '{SCOPE_OF[permission]}'")
    return replace(actor, request_id=notes.request_id, address=request.client.host if request.client else None)
