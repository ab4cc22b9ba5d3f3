"""A requests session on the guarded adapter, alone and under prometheus-api-client."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
import requests
from prometheus_api_client import PrometheusConnect
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.clock import SystemClock
from backend.errors import CircuitOpen, DependencyFailed
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.policy import Policy
from backend.resilience.requests_adapter import GuardedAdapter, GuardedSession
from backend.resilience.retry import RetryPolicy

CLOCK = SystemClock()
POLICY = DependencyPolicy(Policy(minimum_calls=5), RetryPolicy(3, base_seconds=0.0), attempt_seconds=3.0, total_seconds=9.0)
HASTY = replace(POLICY, attempt_seconds=0.3)


def figures(policy: DependencyPolicy) -> Dependency:
    return Dependency("figures", policy, Breaker("figures", policy.circuit, CLOCK, lambda: 0.5), CLOCK, lambda: 0.5)


@pytest.fixture
def dependency() -> Dependency:
    return figures(POLICY)


@pytest.fixture
def session(dependency: Dependency) -> Iterator[requests.Session]:
    with guarded(dependency) as session:
        yield session


@pytest.fixture
def hasty() -> Iterator[requests.Session]:
    with guarded(figures(HASTY)) as session:
        yield session


@contextmanager
def guarded(dependency: Dependency) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("http://", GuardedAdapter(dependency, CLOCK, largest_body=10_000))
        yield session


def test_trouble_that_passes_is_tried_again_and_the_time_left_is_told(
    httpserver: HTTPServer, session: requests.Session, dependency: Dependency
) -> None:
    httpserver.expect_ordered_request("/x").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/x").respond_with_data(gzip.compress(b"fine"), headers={"content-encoding": "gzip", "x-own": "kept"})
    answer = session.get(httpserver.url_for("/x"))
    assert (answer.status_code, answer.text, answer.headers["x-own"]) == (200, "fine", "kept")
    assert {request.headers[deadline.HEADER] for request, _ in httpserver.log} == {"3000"}
    assert (dependency.breaker.totals().ok, dependency.breaker.totals().bad) == (1, 1)


def test_a_bad_answer_is_still_an_answer_and_then_the_circuit_is_open(httpserver: HTTPServer, session: requests.Session) -> None:
    httpserver.expect_request("/x").respond_with_data("broken", status=500)
    answer = session.get(httpserver.url_for("/x"))
    assert (answer.status_code, answer.text) == (500, "broken")
    with pytest.raises(CircuitOpen):
        session.get(httpserver.url_for("/x"))
    assert len(httpserver.log) == 5


def test_a_post_is_sent_once_unless_it_carries_a_key(httpserver: HTTPServer, session: requests.Session) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=503)
    session.post(httpserver.url_for("/x"), json={})
    assert len(httpserver.log) == 1
    session.put(httpserver.url_for("/x"), data=iter([b"a", b"b"]))
    assert len(httpserver.log) == 2
    session.post(httpserver.url_for("/x"), json={}, headers={"idempotency-key": "7"})
    assert len(httpserver.log) == 5


def test_a_silent_server_is_given_up_whatever_the_session_says(hasty: requests.Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        began = CLOCK.monotonic()
        with pytest.raises(TimedOut):
            hasty.get(f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=30)
        assert CLOCK.monotonic() - began < 5


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"])
def test_a_server_that_drips_is_given_up_in_headers_and_in_the_body(hasty: requests.Session, head: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_drip, args=(listening, head), daemon=True).start()
        began = CLOCK.monotonic()
        with pytest.raises(TimedOut):
            hasty.get(f"http://127.0.0.1:{listening.getsockname()[1]}")
        assert CLOCK.monotonic() - began < 5


def _drip(listening: socket.socket, head: bytes) -> None:
    """A byte each 20 ms, until nobody reads."""
    connection, _ = listening.accept()
    with connection, suppress(OSError):
        connection.recv(4096)
        connection.sendall(head)
        gone = threading.Event()
        while not gone.wait(0.02):
            connection.sendall(b"H")


def test_the_librarys_errors_are_ours_without_their_text(session: requests.Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(DependencyFailed) as failure:
        session.get(f"http://127.0.0.1:{port}/x?name=Secretville")
    assert "Secretville" not in str(failure.value) and failure.value.transient


def test_a_huge_body_is_not_read(httpserver: HTTPServer, session: requests.Session) -> None:
    httpserver.expect_request("/x").respond_with_data(b" " * 100_000)
    with pytest.raises(DependencyFailed, match="more than 10000 bytes"):
        session.get(httpserver.url_for("/x"))


def test_a_client_that_mounts_an_adapter_of_its_own_is_guarded_all_the_same(httpserver: HTTPServer, dependency: Dependency) -> None:
    answers = iter([503, 200])

    def answer(request: Request) -> Response:
        body = '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]}}'
        return Response(body, next(answers), content_type="application/json")

    httpserver.expect_request("/api/v1/query").respond_with_handler(answer)
    with PrometheusConnect(url=httpserver.url_for(""), session=GuardedSession(GuardedAdapter(dependency, CLOCK))) as client:
        assert client.custom_query("up")[0]["value"] == [1, "2"]
    assert (dependency.breaker.totals().ok, dependency.breaker.totals().bad) == (1, 1)
