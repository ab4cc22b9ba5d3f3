"""Requests as traces for a collector that speaks OTLP over HTTP; the only door to opentelemetry.

Who finishes a request leaves it in a bounded queue and goes on; a thread of our own sends once a second. What the collector does not
take is counted and forgotten.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from backend.telemetry.definitions import Reading, Row
from backend.telemetry.finished import FinishedRequest
from backend.telemetry.process_metrics import TRACES
from backend.telemetry.spans import OK, Span

if TYPE_CHECKING:
    import requests

PATH = "/v1/traces"
MOST_IN_A_SECOND = 256
SCOPE = InstrumentationScope("astrolabe")
OUTCOMES = ("exported", "dropped", "failed")
_EPOCH = datetime.fromtimestamp(0, UTC)


class Tracer:
    """``session`` carries every request to the collector under ``url`` and sees to its protections; ``seconds``: for one batch."""

    def __init__(self, url: str, session: requests.Session, seconds: float, random_bits: Callable[[int], int], **about: str) -> None:
        for name in ("opentelemetry.exporter.otlp.proto.http", "opentelemetry.exporter.http.transport"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # its words name the address; ours are below, and counted
        self._exporter = OTLPSpanExporter(f"{url.rstrip('/')}{PATH}", session=session, timeout=seconds)
        self._resource = Resource(dict(about))
        self._random_bits = random_bits
        self._queue: deque[FinishedRequest] = deque()
        self._lock = threading.Lock()
        self._outcomes: Counter[str] = Counter()

    def offer(self, request: FinishedRequest) -> None:
        """Take it along with the next batch, or count it as dropped; never wait."""
        with self._lock:
            if len(self._queue) < MOST_IN_A_SECOND:
                self._queue.append(request)
            else:
                self._outcomes["dropped"] += 1

    def flush(self) -> bool:
        """Send what waits; whether the collector took it. Nothing is sent twice."""
        with self._lock:
            batch = list(self._queue)
            self._queue.clear()
        if not batch:
            return True
        told = [span for request in batch for span in self._told(request)]
        taken = self._exporter.export(told) is SpanExportResult.SUCCESS
        with self._lock:
            self._outcomes["exported" if taken else "failed"] += len(batch)
        return taken

    def readings(self) -> list[Reading]:
        return [Reading(TRACES, [Row((outcome,), self._outcomes[outcome]) for outcome in OUTCOMES])]

    def close(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]

    def _told(self, request: FinishedRequest) -> list[ReadableSpan]:
        """The request and its parts."""
        began = _nanoseconds(request.at) - _whole(request.seconds)
        own = _context(request.trace_id, int(request.span_id, 16))
        inner = [_context(request.trace_id, self._random_bits(64) | 1) for _ in request.spans]
        parts = [
            self._part(span, inner[place], own if span.parent is None else inner[span.parent], began)
            for place, span in enumerate(request.spans)
        ]
        return [self._whole_request(request, own, began), *parts]

    def _whole_request(self, request: FinishedRequest, own: SpanContext, began: int) -> ReadableSpan:
        caller = _context(request.trace_id, int(request.parent_id, 16), remote=True) if request.parent_id else None
        told: dict[str, str | int] = {
            "http.request.method": request.method,
            "http.route": request.route,
            "http.response.status_code": request.status,
            "astrolabe.request_id": request.request_id,
        }
        return ReadableSpan(
            f"{request.method} {request.route}",
            own,
            caller,
            self._resource,
            told | ({"error.type": request.error_code} if request.error_code else {}),
            kind=SpanKind.SERVER,
            status=Status(StatusCode.ERROR if request.status >= 500 else StatusCode.UNSET),
            start_time=began,
            end_time=began + _whole(request.seconds),
            instrumentation_scope=SCOPE,
        )

    def _part(self, span: Span, own: SpanContext, parent: SpanContext, began: int) -> ReadableSpan:
        start = began + _whole(span.begins_seconds)
        failed = span.outcome != OK
        return ReadableSpan(
            span.name,
            own,
            parent,
            self._resource,
            dict(span.attributes) | ({"error.type": span.outcome} if failed else {}),
            status=Status(StatusCode.ERROR if failed else StatusCode.UNSET),
            start_time=start,
            end_time=start + _whole(span.seconds),
            instrumentation_scope=SCOPE,
        )


def _context(trace_id: str, span_id: int, *, remote: bool = False) -> SpanContext:
    return SpanContext(int(trace_id, 16), span_id, remote, TraceFlags(TraceFlags.SAMPLED))


def _nanoseconds(at: datetime) -> int:
    since = at - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000


def _whole(seconds: float) -> int:
    return round(seconds * 1e9)
