"""Requests as traces: what a collector is sent, and what happens while it does not take it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from requests.adapters import BaseAdapter

from backend.errors import CircuitOpen
from backend.telemetry.finished import FinishedRequest
from backend.telemetry.spans import Span
from backend.telemetry.tracing import MOST_IN_A_SECOND, Tracer
from tests.support.clock import START

PARTS = (Span("cache.miss", 0.01, 0.08), Span("dependency.call", 0.02, 0.05, "circuit_open", {"dependency": "geocoder"}, 0))
REQUEST = FinishedRequest("a" * 32, "b" * 16, "c" * 16, START, 0.1, "POST", "/v1/charts", 503, "req-1", "circuit_open", PARTS)


class Collector(BaseAdapter):
    def __init__(self) -> None:
        super().__init__()
        self.status = 200
        self.error: Exception | None = None
        self.sent: list[tuple[str, bytes]] = []

    def send(self, request: requests.PreparedRequest, **_: object) -> requests.Response:
        if self.error is not None:
            raise self.error
        assert isinstance(request.body, bytes)
        self.sent.append((str(request.url), request.body))
        response = requests.Response()
        response.status_code = self.status
        response._content = b""
        return response

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def collector() -> Collector:
    return Collector()


@pytest.fixture
def tracer(collector: Collector) -> Tracer:
    session = requests.Session()
    session.mount("http://", collector)
    numbers = iter(range(2, 10_000, 2))
    return Tracer("http://collector:4318/", session, 1.0, lambda _bits: next(numbers), **{"service.name": "astrolabe"})


def outcomes(tracer: Tracer) -> dict[str, float]:
    (reading,) = tracer.readings()
    return {row.labels[0]: float(row.value) for row in reading.rows}  # type: ignore[arg-type]


def test_a_request_is_one_trace_with_its_parts_inside_each_other(tracer: Tracer, collector: Collector) -> None:
    tracer.offer(REQUEST)
    tracer.flush()
    ((url, body),) = collector.sent
    assert url == "http://collector:4318/v1/traces"
    (told,) = ExportTraceServiceRequest.FromString(body).resource_spans
    whole, miss, call = told.scope_spans[0].spans
    assert {span.trace_id.hex() for span in (whole, miss, call)} == {"a" * 32}
    assert (whole.name, whole.span_id.hex(), whole.parent_span_id.hex()) == ("POST /v1/charts", "b" * 16, "c" * 16)
    assert miss.parent_span_id == whole.span_id and call.parent_span_id == miss.span_id
    assert whole.end_time_unix_nano == round(START.timestamp() * 1e9)
    assert whole.end_time_unix_nano - whole.start_time_unix_nano == 100_000_000
    assert call.start_time_unix_nano - whole.start_time_unix_nano == 20_000_000
    values = {attribute.key: attribute.value.string_value for attribute in call.attributes}
    assert values == {"dependency": "geocoder", "error.type": "circuit_open"}
    assert outcomes(tracer) == {"exported": 1, "dropped": 0, "failed": 0}


def test_a_trace_that_begins_here_has_no_parent(tracer: Tracer, collector: Collector) -> None:
    tracer.offer(replace(REQUEST, parent_id="", spans=()))
    tracer.flush()
    (whole,) = ExportTraceServiceRequest.FromString(collector.sent[0][1]).resource_spans[0].scope_spans[0].spans
    assert whole.parent_span_id == b""


def test_more_than_can_be_sent_is_dropped_and_counted_and_nobody_waits(tracer: Tracer, collector: Collector) -> None:
    for _ in range(MOST_IN_A_SECOND + 9):
        tracer.offer(REQUEST)
    assert collector.sent == []
    tracer.flush()
    assert outcomes(tracer) == {"exported": MOST_IN_A_SECOND, "dropped": 9, "failed": 0}


def test_a_batch_that_is_refused_or_cannot_be_sent_is_counted_and_forgotten(tracer: Tracer, collector: Collector) -> None:
    collector.status = 400
    tracer.offer(REQUEST)
    assert not tracer.flush()
    collector.error = CircuitOpen("traces", "it is not being called", 1.0)
    tracer.offer(REQUEST)
    assert not tracer.flush()
    assert outcomes(tracer)["failed"] == 2
    collector.error, collector.status = None, 200
    assert tracer.flush()
    assert len(collector.sent) == 1
