"""The outermost layer: an id, a trace, headers, a log line, a metric and a record for every answer, whatever happens inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api import problems
from backend.api.admission import leave_line
from backend.api.parts import ApiParts
from backend.identifiers import TraceContext, accepted_request_id, trace_context, uuid7
from backend.monitoring.records import RequestRecord
from backend.resilience import deadline
from backend.telemetry.finished import FinishedRequest
from backend.telemetry.logging import begin, info_line, log
from backend.telemetry.profiling import Profile
from backend.telemetry.spans import Recording

SOURCE = "api.request"
LOG = log(SOURCE)
NOTES = "astrolabe.notes"
_DEADLINE = deadline.HEADER.encode()
UNMATCHED = "unmatched"
SAMPLED, SAMPLED_DIGITS = "01", "13579bdf"  # of the flags of a trace (W3C Trace Context, 3.2.2.5)
LARGEST_HEADERS = 16 * 1024
DRAIN_SECONDS = 0.3
DRAIN_BYTES = 1024 * 1024
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


@dataclass(slots=True)
class Notes:
    """What is learned about a request on its way through."""

    request_id: str
    trace: TraceContext
    begun: float = 0.0
    """By the monotonic clock."""
    actor_id: str | None = None
    degraded: tuple[str, ...] = ()
    error_code: str | None = None
    seconds: float | None = None
    """How long the caller will wait for the answer, if it said so."""
    status: int = 500
    started: bool = False
    body_open: bool = False
    headers: dict[bytes, str] = field(default_factory=dict)
    """The request's, by name; of one sent twice, the first."""
    route: str | None = None
    """The template, where the answer came before a route was looked for."""
    cache: str | None = None
    """Whether the answer was kept: hit, stale or miss."""
    recording: Recording | None = None
    profile: Profile | None = None

    def known(self) -> dict[str, Any]:
        """What the log line says beside route, status and time, where there is anything to say."""
        found: dict[str, Any] = {"actor_id": self.actor_id, "error_code": self.error_code, "degraded": self.degraded, "cache": self.cache}
        return {name: value for name, value in found.items() if value}

    def ids(self) -> dict[str, str]:
        """By which this very request is found."""
        return {"trace_id": self.trace.trace_id, "request_id": self.request_id}


def notes_of(request: Request) -> Notes:
    return notes_in(request.scope)


def notes_in(scope: Scope) -> Notes:
    found: Notes = scope[NOTES]
    return found


class RequestContext:
    """Pure ASGI middleware. ``record`` takes the finished request; it must not block."""

    def __init__(self, app: ASGIApp, *, parts: ApiParts, record: Callable[[RequestRecord], None]) -> None:
        self._app = app
        self._series = parts.series
        self._clock = parts.clock
        self._instance_id = parts.instance.id
        self._record = record
        self._trace = parts.trace
        self._new_flags = SAMPLED if parts.trace else "00"
        security = {**SECURITY_HEADERS, **(OVER_TLS if parts.tls else {})}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in security.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        headers = _first_of(scope)
        notes = self._begin(headers)
        scope[NOTES] = notes
        notes.begun = begun = self._clock.monotonic()
        self._series.request_started()
        try:
            await self._answer(scope, notes, receive, send)
        finally:
            leave_line(scope)
            self._finish(scope, notes, self._clock.monotonic() - begun)

    async def _other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lifespan goes on; there are no websockets here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})

    def _begin(self, headers: dict[bytes, str]) -> Notes:
        request_id = accepted_request_id(headers.get(b"x-request-id")) or uuid7(self._clock.now())
        notes = Notes(request_id, trace_context(headers.get(b"traceparent"), new_flags=self._new_flags), headers=headers)
        notes.seconds = deadline.from_header(headers.get(_DEADLINE))
        notes.body_open = b"transfer-encoding" in headers or headers.get(b"content-length", "0") != "0"
        begin(request_id=request_id, trace_id=notes.trace.trace_id)
        return notes

    async def _answer(self, scope: Scope, notes: Notes, receive: Receive, send: Send) -> None:
        listening, sending = _watched(notes, receive), self._dressed(notes, receive, send)
        try:
            if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEADERS:
                await _problem("headers_too_large", "the headers are larger than 16 kB", notes, scope, listening, sending)
            elif notes.seconds is None:
                await self._app(scope, listening, sending)
            else:
                with deadline.within(notes.seconds, self._clock):
                    await self._app(scope, listening, sending)
        except Exception:
            LOG.error("unhandled_error", exc_info=True)
            if notes.started:
                raise
            await _problem("internal_error", "An error of ours; it was logged under this request id.", notes, scope, listening, sending)

    def _dressed(self, notes: Notes, receive: Receive, send: Send) -> Send:
        """A ``send`` that adds our headers, and hears out a body that nobody read, so that the answer reaches its sender."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._dress(message, notes)
            elif message["type"] == "http.response.body" and not message.get("more_body", False) and notes.body_open:
                await send({**message, "more_body": True})
                if notes.error_code != "body_timeout":
                    await _drain(receive)
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        return dressed

    def _dress(self, message: Message, notes: Notes) -> None:
        notes.started = True
        notes.status = message["status"]
        own = {name for name, _ in message["headers"]}
        headers = [*message["headers"], *[header for header in self._headers if header[0] not in own]]
        headers += [(b"x-request-id", notes.request_id.encode()), (b"traceparent", notes.trace.header.encode())]
        headers += [(b"connection", b"close")] if notes.body_open else []
        message["headers"] = headers

    def _finish(self, scope: Scope, notes: Notes, seconds: float) -> None:
        route = _route(scope, notes)
        method = str(scope["method"])[:8]
        self._series.request_finished(route, method, notes.status, seconds, notes.error_code, notes.ids)
        outcome = notes.error_code or ("ok" if notes.status < 400 else "failed")
        line = {"route": route, "method": method, "status": notes.status, "seconds": round(seconds, 6), "outcome": outcome, **notes.known()}
        info_line("request", SOURCE, line)
        record = self._as_record(route, method, notes, seconds)
        self._record(record)
        if self._trace is not None and notes.trace.flags[-1] in SAMPLED_DIGITS:
            self._trace(_finished(record, notes))

    def _as_record(self, route: str, method: str, notes: Notes, seconds: float) -> RequestRecord:
        recording, profile = notes.recording, notes.profile
        return RequestRecord(
            id=notes.request_id,
            at=self._clock.now(),
            method=method,
            route=route,
            status=notes.status,
            seconds=seconds,
            trace_id=notes.trace.trace_id,
            instance=self._instance_id,
            actor_id=notes.actor_id,
            degraded=notes.degraded,
            error_code=notes.error_code,
            spans=() if recording is None else recording.spans(),
            profile=None if profile is None else profile.text(),
        )


def _finished(record: RequestRecord, notes: Notes) -> FinishedRequest:
    trace = notes.trace
    return FinishedRequest(
        trace.trace_id,
        trace.span_id,
        trace.parent_id,
        record.at,
        record.seconds,
        record.method,
        record.route,
        record.status,
        record.id,
        record.error_code,
        record.spans,
    )


def _route(scope: Scope, notes: Notes) -> str:
    """The template, never the address itself."""
    return notes.route or str(getattr(scope.get("route"), "path", UNMATCHED))


def _first_of(scope: Scope) -> dict[bytes, str]:
    """The headers by name; of one sent twice, the first."""
    return {name: value.decode("latin-1") for name, value in reversed(scope["headers"])}


def _watched(notes: Notes, receive: Receive) -> Receive:
    async def watched() -> Message:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            notes.body_open = False
        return message

    return watched


async def _drain(receive: Receive) -> None:
    """Read and drop the rest of a refused body, for a moment and up to a bound."""
    dropped = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while dropped < DRAIN_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _problem(code: str, detail: str, notes: Notes, scope: Scope, receive: Receive, send: Send) -> None:
    notes.error_code = code
    await problems.document(code, detail, notes.request_id)(scope, receive, send)
