"""The HTTP client against servers that misbehave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.clock import SystemClock
from backend.errors import CircuitOpen, DeadlineExceeded, DependencyFailed
from backend.integrations.geocoder import Geocoder
from backend.integrations.http_client import HttpClient
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.policy import Policy
from backend.resilience.retry import RetryPolicy

CLOCK = SystemClock()


class Built:
    """A client with its breaker in reach."""

    def __init__(self, base_url: str, attempts: int = 1, seconds: float = 5.0) -> None:
        circuit = Policy(minimum_calls=3)
        policy = DependencyPolicy(circuit, RetryPolicy(attempts, base_seconds=0.001), attempt_seconds=seconds, total_seconds=5 * seconds)
        self.breaker = Breaker("geocoder", circuit, CLOCK, lambda: 0.5)
        self.dependency = Dependency("geocoder", policy, self.breaker, CLOCK, lambda: 0.5)
        self.client = HttpClient(base_url, self.dependency, CLOCK, largest_body=50_000)

    def bad(self) -> int:
        return self.breaker.totals().bad


@pytest.fixture
def built(httpserver: HTTPServer) -> Iterator[Built]:
    built = Built(httpserver.url_for(""))
    yield built
    built.client.close()


def test_the_document_is_returned_and_the_time_left_sent_along(httpserver: HTTPServer, built: Built) -> None:
    httpserver.expect_request("/search", query_string="q=a%26b").respond_with_json([{"name": "x"}])
    assert built.client.get_json("/search", {"q": "a&b"}) == [{"name": "x"}]
    request = httpserver.log[0][0]
    assert 0 < int(request.headers[deadline.HEADER]) <= 5000


@pytest.mark.parametrize(("status", "transient", "bad"), [(404, False, 0), (429, True, 0), (500, True, 1), (503, True, 1), (302, False, 0)])
def test_a_status_is_told_apart_and_counted_as_what_it_is(
    httpserver: HTTPServer, built: Built, status: int, transient: bool, bad: int
) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=status, headers={"location": "/elsewhere"})
    with pytest.raises(DependencyFailed, match=str(status)) as failure:
        built.client.get_json("/x", {})
    assert failure.value.transient is transient
    assert built.bad() == bad
    assert len(httpserver.log) == 1  # a redirect is not followed


def test_trouble_that_passes_is_tried_again(httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/x").respond_with_data("", status=500)
    httpserver.expect_ordered_request("/x").respond_with_json({"fine": True})
    assert Built(httpserver.url_for(""), attempts=2).client.get_json("/x", {}) == {"fine": True}


@pytest.mark.parametrize(
    "text", ["7", format_datetime(CLOCK.now() + timedelta(days=1)), "1" * 30], ids=["seconds", "a day from now", "no end"]
)
def test_a_server_that_wants_to_be_left_alone_for_long_is(httpserver: HTTPServer, text: str) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=429, headers={"retry-after": text})
    with pytest.raises(DependencyFailed) as failure:
        Built(httpserver.url_for(""), attempts=3).client.get_json("/x", {})
    assert failure.value.retry_after_seconds is not None
    assert failure.value.retry_after_seconds > 2
    assert len(httpserver.log) == 1


@pytest.mark.parametrize(
    "text",
    ["soon", "-1", format_datetime(CLOCK.now() - timedelta(days=1)), "²", ""],
    ids=["no number", "below zero", "yesterday", "a raised digit", "nothing"],
)
def test_a_wait_that_means_nothing_is_no_wait(httpserver: HTTPServer, built: Built, text: str) -> None:
    httpserver.expect_request("/x").respond_with_handler(lambda request: Response("", 503, {"retry-after": text}))
    with pytest.raises(DependencyFailed) as failure:
        built.client.get_json("/x", {})
    assert failure.value.retry_after_seconds is None


def test_a_silent_server_is_given_up_in_time_and_counted(httpserver: HTTPServer) -> None:
    built = Built(httpserver.url_for(""), seconds=0.3)
    release = threading.Event()

    def wait(request: Request) -> Response:
        release.wait(5)
        return Response("[]")

    httpserver.expect_request("/x").respond_with_handler(wait)
    began = CLOCK.monotonic()
    with pytest.raises(TimedOut):
        built.client.get_json("/x", {})
    assert CLOCK.monotonic() - began < 1.5
    assert built.bad() == 1
    with deadline.within(0.05, CLOCK), pytest.raises(DeadlineExceeded):
        built.client.get_json("/x", {})
    assert built.bad() == 1
    release.set()


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nx-", b""])
def test_a_drip_of_headers_or_body_is_given_up_in_time(beginning: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_drip, args=(listening, beginning), daemon=True).start()
        began = CLOCK.monotonic()
        with pytest.raises(TimedOut):
            Built(f"http://127.0.0.1:{listening.getsockname()[1]}", seconds=0.3).client.get_json("/x", {})
        assert CLOCK.monotonic() - began < 1.0


def _drip(listening: socket.socket, beginning: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(beginning)
        try:
            while True:
                connection.sendall(b"x")
                CLOCK.sleep(0.05)
        except OSError:
            return


def test_a_huge_body_is_not_read(httpserver: HTTPServer, built: Built) -> None:
    httpserver.expect_request("/x").respond_with_data(b" " * 1_000_000)
    with pytest.raises(DependencyFailed, match="more than 50000 bytes"):
        built.client.get_json("/x", {})


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 40_000, b"\xff\xfe\x00"])
def test_what_is_not_json_is_a_failure(httpserver: HTTPServer, built: Built, body: bytes) -> None:
    httpserver.expect_request("/x").respond_with_data(body)
    with pytest.raises(DependencyFailed, match="not JSON"):
        built.client.get_json("/x", {})
    assert built.bad() == 1


def test_a_dead_server_opens_the_circuit_and_is_then_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    built = Built(f"http://127.0.0.1:{port}")
    for _ in range(3):
        with pytest.raises(DependencyFailed, match="could not be reached"):
            built.client.get_json("/x", {})
    with pytest.raises(CircuitOpen):
        built.client.get_json("/x", {})


def test_no_error_tells_what_was_asked(httpserver: HTTPServer, built: Built) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=500)
    with pytest.raises(DependencyFailed) as failure:
        built.client.get_json("/x", {"q": "Secretville"})
    assert "Secretville" not in str(failure.value)


def test_the_geocoder_takes_places_and_leaves_the_rest(httpserver: HTTPServer, built: Built) -> None:
    munich = {
        "category": "place",
        "lat": "48.1371",
        "lon": "11.5754",
        "name": "Munich",
        "address": {"country_code": "de", "state": "Bavaria"},
    }
    rows = [
        {**munich, "category": "shop"},
        {**munich, "lat": "north"},
        {**munich, "lat": "nan"},
        {**munich, "lon": "999"},
        {**munich, "name": "", "display_name": ""},
        "nonsense",
        munich,
        {"class": "boundary", "lat": "40.4", "lon": "-3.7", "display_name": "Madrid, Spain"},
    ]
    httpserver.expect_request("/search").respond_with_json(rows)
    first, second = Geocoder(built.client).search("Munich", 8)
    assert (first.label, first.zone, first.population) == ("Munich, Bavaria, DE", "Europe/Berlin", None)
    assert (second.name, second.country, second.zone) == ("Madrid", "", "Europe/Madrid")


def test_a_geocoder_that_answers_something_else_has_failed(httpserver: HTTPServer, built: Built) -> None:
    httpserver.expect_request("/search").respond_with_json({"error": "no"})
    with pytest.raises(DependencyFailed, match="not a list"):
        Geocoder(built.client).search("Munich", 8)
