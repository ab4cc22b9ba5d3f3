"""Records what is done for a request that has to be worked for: its spans, its profile if it was chosen for one, its trace outward."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from backend.api.context import notes_in
from backend.api.parts import ApiParts
from backend.resilience import outward
from backend.telemetry import spans


class Recorded:
    """Pure ASGI middleware behind what is recalled, which has no parts and costs nothing here."""

    def __init__(self, app: ASGIApp, *, parts: ApiParts) -> None:
        self._app = app
        self._clock = parts.clock
        self._profiling = parts.profiling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        notes = notes_in(scope)
        with (
            spans.recording(notes.begun, self._clock.monotonic) as made,
            outward.carrying({"traceparent": notes.trace.header}),
            self._profiling.chosen() as profile,
        ):
            notes.recording, notes.profile = made, profile
            await self._app(scope, receive, send)
