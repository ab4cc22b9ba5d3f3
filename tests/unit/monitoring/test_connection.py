"""What prometheus-api-client does when left to itself, and does not do here."""

from __future__ import annotations

import inspect
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from prometheus_api_client import PrometheusConnect

from backend.clock import SystemClock
from backend.errors import DependencyFailed, QueryProblem
from backend.metering import metrics_policy
from backend.monitoring import connection as door
from backend.monitoring.access import Access
from backend.monitoring.connection import PrometheusConnection
from backend.resilience.breaker import Breaker
from backend.resilience.dependency import Dependency
from backend.settings import Settings
from tests.support.stub_server import StubServer, answering

CLOCK = SystemClock()
AT = datetime(2026, 3, 1, tzinfo=UTC)
SAFE = {"custom_query", "custom_query_range", "get_label_names", "get_label_values", "get_series", "get_metric_metadata"}


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer(answering('{"status":"success","data":{"resultType":"vector","result":[]}}')) as server:
        yield server


@pytest.fixture
def connection(server: StubServer) -> Iterator[PrometheusConnection]:
    policy = metrics_policy(Settings())
    dependency = Dependency("metrics", policy, Breaker("metrics", policy.circuit, CLOCK, lambda: 0.5), CLOCK, lambda: 0.5)
    connection = PrometheusConnection(Access("prometheus", server.url), dependency, CLOCK)
    yield connection
    connection.close()


def test_only_its_safe_methods_are_used() -> None:
    assert set(re.findall(r"_library\.(\w+)", inspect.getsource(door))) == SAFE
    assert all(hasattr(PrometheusConnect, name) for name in SAFE)


def test_a_query_that_was_too_dear_is_asked_once(server: StubServer, connection: PrometheusConnection) -> None:
    server.behave = answering(json.dumps({"status": "error", "errorType": "timeout", "error": "query timed out"}), status=503)
    with pytest.raises(QueryProblem, match="query timed out"):
        connection.query("up", None, 5.0)
    assert len(server.requests) == 1


def test_an_error_without_a_document_is_the_servers(server: StubServer, connection: PrometheusConnection) -> None:
    server.behave = answering("bad gateway", status=502)
    with pytest.raises(DependencyFailed, match="status 502"):
        connection.query("up", None, 5.0)
    server.behave = answering(json.dumps({"status": "error", "errorType": "unavailable", "error": "busy"}), status=503)
    with pytest.raises(DependencyFailed, match="status 503"):
        connection.query("up", None, 5.0)


def test_another_address_is_not_followed(server: StubServer, connection: PrometheusConnection) -> None:
    with StubServer(answering("{}")) as other:
        moved = f"HTTP/1.1 302 Found\r\nlocation: {other.url}/api\r\ncontent-length: 0\r\n\r\n".encode()
        server.behave = lambda connected: connected.sendall(moved)
        with pytest.raises(DependencyFailed, match="status 302"):
            connection.query("up", None, 5.0)
        assert other.requests == []


def test_no_proxy_of_the_environment_is_used(server: StubServer, connection: PrometheusConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert connection.query("up", None, 5.0).data["resultType"] == "vector"


def test_what_it_would_round_or_drop_is_sent(server: StubServer, connection: PrometheusConnection) -> None:
    connection.query_range("up", 0.6, 1.2, 0.3, 4.5)
    connection.series(["it's"], AT, AT)
    assert "start=0.600&end=1.200&step=0.300&timeout=4500ms&stats=all" in server.requests[0]
    assert "match%5B%5D=it%27s" in server.requests[1]


def test_an_answer_larger_than_any_page_is_not_read(server: StubServer, connection: PrometheusConnection) -> None:
    def flood(connected: socket.socket) -> None:
        answering(b"x" * 1000, length=10**12)(connected)
        for _ in range(door.LARGEST_BODY // 1_000_000 + 2):
            connected.sendall(b"x" * 1_000_000)

    server.behave = flood
    with pytest.raises(DependencyFailed, match="more than"):
        connection.query("up", None, 5.0)
