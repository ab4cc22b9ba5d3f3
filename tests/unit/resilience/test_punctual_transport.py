"""The transport under our own client: plain exchanges, the deadline in each of their parts, and certificates."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from backend.clock import SystemClock
from backend.resilience import deadline
from backend.resilience.punctual_transport import PunctualTransport
from tests.support.certificates import own_certificate

CLOCK = SystemClock()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(transport=PunctualTransport(CLOCK), trust_env=False) as client:
        yield client


def test_it_sends_and_reads_as_any_other(httpserver: HTTPServer, client: httpx.Client) -> None:
    def echo(request: Request) -> Response:
        return Response(request.get_data(), 201, {"x-own": request.headers["x-mine"]})

    httpserver.expect_request("/x", method="POST").respond_with_handler(echo)
    for _ in range(2):
        answer = client.post(httpserver.url_for("/x"), content=b"body", headers={"x-mine": "kept"})
        assert (answer.status_code, answer.content, answer.headers["x-own"]) == (201, b"body", "kept")


def test_a_deadline_that_has_passed_asks_nobody(httpserver: HTTPServer, client: httpx.Client) -> None:
    with deadline.within(0.0, CLOCK), pytest.raises(httpx.ConnectTimeout):
        client.get(httpserver.url_for("/x"))
    assert httpserver.log == []


def test_the_deadline_is_shorter_than_any_limit_of_the_library(client: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, deadline.within(0.2, CLOCK):
        began = CLOCK.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/x", timeout=30)
        assert CLOCK.monotonic() - began < 1.0


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", httpx.RemoteProtocolError),
        (b"nonsense\r\n\r\n", httpx.RemoteProtocolError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", httpx.RemoteProtocolError),
    ],
)
def test_an_answer_that_breaks_off_is_the_librarys_error(client: httpx.Client, answer: bytes, error: type[Exception]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_answer_once, args=(listening, answer), daemon=True).start()
        with pytest.raises(error):
            client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/x")


def _answer_once(listening: socket.socket, answer: bytes) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(answer)


def test_other_protocols_are_refused(client: httpx.Client) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        client.get("gopher://127.0.0.1/x")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, client: httpx.Client) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own_certificate(tmp_path / "own.pem"))
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server, pytest.raises(httpx.ConnectError, match=r"(?i)certificate"):
        client.get(server.url_for("/x"))
