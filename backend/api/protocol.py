"""Our HTTP/1.1 protocol: uvicorn's, with bounds on headers and their time, and problem documents for what is not HTTP."""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.api.admission import Admission
from backend.api.body import WHOLE
from backend.api.context import SECURITY_HEADERS, UNMATCHED
from backend.api.problems import KINDS, MEDIA_TYPE, body
from backend.charts.techniques import RESOURCES
from backend.clock import SystemClock
from backend.identifiers import accepted_request_id, trace_context, uuid7

LARGEST_HEAD = 32 * 1024
HEAD_SECONDS = 5.0
MOST_CONNECTIONS = 1000
WORK = b"/v1/"
ROUTES = frozenset({"/v1/places", "/v1/deploys", *[f"/v1/{name}" for name in RESOURCES]})
FULL = "more is asked of this process than it can do at once"
CLOSING = (b"connection", b"close")  # among the server's own headers once it drains
_UNUSUAL = re.compile(rb"\r\n(?:transfer-encoding|connection|expect|upgrade|x-request-id)[ \t]*:", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length: ?([0-9]{1,7})(?=\r\n)", re.IGNORECASE)


class BoundedProtocol(HttpToolsProtocol):
    """One of at most 1000 connections, which must finish the head of its request in 5 s and 32 kB.

    With an ``admission``, requests for work stand in its line; those that find it full are answered here, at a tenth of the cost of
    an answer from within, so that most of the process is left for those who were let in.
    """

    def __init__(self, *arguments: Any, admission: Admission | None = None, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._admission = admission
        self._shedding = False
        self._head_bytes = 0
        self._head_done = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self.refuse("bulkhead_full", "more connections are open than this process takes")
            return
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._admission is not None and self._admission.is_full and self._is_between_requests() and is_whole_request_for_work(data):
            self._shed_unread(self._admission, data)
            return
        if not self._head_done:
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._head_done and self._head_bytes > LARGEST_HEAD and not self.transport.is_closing():
            self.refuse("headers_too_large", "the head of the request is larger than 32 kB")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_done = False
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)

    def on_headers_complete(self) -> None:
        self._head_done, self._head_bytes = True, 0
        self._stop_timer()
        if self._admission is None or not self.url.startswith(WORK):
            super().on_headers_complete()
        elif self._admission.is_full and (self.cycle is None or self.cycle.response_complete):
            self._shed(self._admission)
        else:
            self._admission.enter(cast(Scope, self.scope))
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._shedding:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._shedding:
            self._shed_whole()
        else:
            self.scope[WHOLE] = True  # type: ignore[literal-required] # a key of our own
            super().on_message_complete()

    def _is_between_requests(self) -> bool:
        return self._head_bytes == 0 and not self._shedding and (self.cycle is None or self.cycle.response_complete)

    def _shed_unread(self, admission: Admission, data: bytes) -> None:
        """The commonest request by far, one in one piece, costs half as much when nobody parses it."""
        self._stop_timer()
        self._unset_keepalive_if_required()
        method, path, _ = data.split(b" ", 2)
        admission.refused(_route(path), method.decode("ascii"))
        keep = CLOSING not in self.server_state.default_headers
        self.transport.write(_answer("bulkhead_full", FULL, uuid7(SystemClock().now()), keep))
        if keep:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        else:
            self.transport.close()

    def _shed(self, admission: Admission) -> None:
        """Answered before its body is here; what comes of that is read and dropped, for the same time as a head may take."""
        self._shedding = True
        admission.refused(_route(self.url), self.parser.get_method().decode("ascii"))
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._head_late)
        sent = next((value for name, value in self.headers if name == b"x-request-id"), None)
        request_id = accepted_request_id(None if sent is None else sent.decode("latin-1")) or uuid7(SystemClock().now())
        self.transport.write(_answer("bulkhead_full", FULL, request_id, self._goes_on()))

    def _shed_whole(self) -> None:
        self._shedding = False
        self._stop_timer()
        if self._goes_on():
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        else:
            self.transport.close()

    def _goes_on(self) -> bool:
        """Whether the connection is kept: nobody wants it closed, neither the caller nor we who are about to stop."""
        closing = CLOSING in self.server_state.default_headers
        return self.parser.get_http_version() == "1.1" and self.parser.should_keep_alive() and not closing

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's name and shape
        """uvicorn's answer to what it cannot parse; ``msg`` is its constant and not used."""
        self.refuse("bad_http", "the request is not well-formed HTTP/1.1")

    def refuse(self, code: str, detail: str) -> None:
        """Answer at once and close: there is no request that an application could answer."""
        if self.transport.is_closing():
            return
        self.transport.write(_answer(code, detail, uuid7(SystemClock().now()), keep=False))
        self.transport.close()

    def _unsupported_upgrade_warning(self) -> None:
        """A request to upgrade is answered as if it had not asked, which the standard allows; nothing to warn of."""

    def _head_late(self) -> None:
        """Nothing was asked yet, so there is nothing to answer."""
        self._head_timer = None
        self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def is_whole_request_for_work(data: bytes) -> bool:
    """Whether these bytes are one request for work in the plainest form, neither more nor less; else it has to be parsed."""
    if not data.startswith((b"POST /v1/", b"GET /v1/")):
        return False
    head, end, content = data.partition(b"\r\n\r\n")
    if not end or not head.partition(b"\r\n")[0].endswith(b" HTTP/1.1") or len(head) > LARGEST_HEAD or _UNUSUAL.search(head):
        return False
    lengths = _LENGTH.findall(head + b"\r\n")
    if not lengths:
        return not content and b"content-length" not in head.lower()
    return len(lengths) == head.lower().count(b"content-length") == 1 and int(lengths[0]) == len(content)


def _route(url: bytes) -> str:
    path = url.partition(b"?")[0].decode("latin-1")
    return path if path in ROUTES else UNMATCHED


def _answer(code: str, detail: str, request_id: str, keep: bool) -> bytes:
    """A whole answer, head and problem document."""
    kind = KINDS[code]
    content = body(code, detail, request_id)
    lines = [
        _FIXED[code] if keep else _FIXED[code] + "Connection: close\r\n",
        f"Content-Length: {len(content)}\r\nX-Request-Id: {request_id}\r\ntraceparent: {trace_context(None).header}\r\n",
        "Retry-After: 1\r\n\r\n" if kind.status == 503 else "\r\n",
    ]
    return "".join(lines).encode() + content


def _fixed(code: str) -> str:
    """What is the same in every answer of this kind."""
    status = KINDS[code].status
    headers = {**SECURITY_HEADERS, "Content-Type": MEDIA_TYPE}
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    return first + "".join(f"{name}: {value}\r\n" for name, value in headers.items())


_FIXED = {code: _fixed(code) for code in KINDS}
