"""Our HTTP/1.1 protocol: uvicorn's, with bounds on headers and their time, and problem documents for what is not HTTP."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.api.context import SECURITY_HEADERS
from backend.api.problems import KINDS, MEDIA_TYPE, body
from backend.clock import SystemClock
from backend.identifiers import trace_context, uuid7

LARGEST_HEAD = 32 * 1024
HEAD_SECONDS = 5.0
MOST_CONNECTIONS = 1000


class BoundedProtocol(HttpToolsProtocol):
    """One of at most 1000 connections, which must finish the head of its request in 5 s and 32 kB."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
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
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's name and shape
        """uvicorn's answer to what it cannot parse; ``msg`` is its constant and not used."""
        self.refuse("bad_http", "the request is not well-formed HTTP/1.1")

    def refuse(self, code: str, detail: str) -> None:
        """Answer at once and close: there is no request that an application could answer."""
        if self.transport.is_closing():
            return
        kind, request_id = KINDS[code], uuid7(SystemClock().now())
        content = body(code, detail, request_id)
        headers = {
            **SECURITY_HEADERS,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(content)),
            "Connection": "close",
            "X-Request-Id": request_id,
            "traceparent": trace_context(None).header,
            **({"Retry-After": "1"} if kind.status == 503 else {}),
        }
        lines = [
            f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}",
            *(f"{name}: {value}" for name, value in headers.items()),
            "",
            "",
        ]
        self.transport.write("\r\n".join(lines).encode() + content)
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
