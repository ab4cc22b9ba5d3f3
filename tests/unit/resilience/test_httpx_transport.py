"""An httpx client on the guarded transport: nothing of its traffic escapes the dependency."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from backend.clock import SystemClock
from backend.errors import CircuitOpen, DependencyFailed
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.httpx_transport import AsyncGuardedTransport, GuardedTransport
from backend.resilience.policy import Policy
from backend.resilience.retry import RetryPolicy
from tests.support.clock import ManualClock
from tests.support.virtual_time import VirtualClock, in_virtual_time

POLICY = DependencyPolicy(Policy(minimum_calls=4), RetryPolicy(3, base_seconds=0.1), attempt_seconds=1.0, total_seconds=9.0)


class Server:
    """Answers with the given responses, the last one for ever; keeps what it was asked."""

    def __init__(self, *answers: int | httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        request.read()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer, json={"status": answer}) if isinstance(answer, int) else answer


def client_of(server: Server, clock: ManualClock | SystemClock, **options: Any) -> tuple[httpx.Client, Dependency]:
    dependency = Dependency("books", POLICY, Breaker("books", POLICY.circuit, clock, lambda: 0.5), clock, lambda: 0.5)
    transport = GuardedTransport(httpx.MockTransport(server), dependency, clock, **options)
    return httpx.Client(transport=transport, base_url="http://books"), dependency


def test_trouble_that_passes_is_tried_again_and_the_time_left_is_told(clock: ManualClock) -> None:
    server = Server(503, 200)
    client, dependency = client_of(server, clock)
    answer = client.get("/x")
    assert (answer.status_code, answer.json(), len(server.asked)) == (200, {"status": 200}, 2)
    assert [request.headers[deadline.HEADER] for request in server.asked] == ["1000", "1000"]
    assert [request.extensions["timeout"]["read"] for request in server.asked] == [1.0, 1.0]
    assert (dependency.breaker.totals().ok, dependency.breaker.totals().bad) == (1, 1)


def test_a_bad_answer_is_still_an_answer(clock: ManualClock) -> None:
    server = Server(503)
    client, dependency = client_of(server, clock)
    answer = client.get("/x")
    assert (answer.status_code, answer.json(), len(server.asked)) == (503, {"status": 503}, 3)
    assert dependency.breaker.totals().bad == 3


@pytest.mark.parametrize("status", [301, 400, 404])
def test_what_is_no_failure_passes_as_it_is(clock: ManualClock, status: int) -> None:
    server = Server(httpx.Response(status, headers={"x-own": "kept"}, content=b"body"))
    client, dependency = client_of(server, clock)
    answer = client.get("/x")
    assert (answer.status_code, answer.headers["x-own"], answer.content) == (status, "kept", b"body")
    assert (len(server.asked), dependency.breaker.totals().ok) == (1, 1)


def test_a_post_is_sent_once_unless_it_carries_a_key(clock: ManualClock) -> None:
    server = Server(503)
    client, _ = client_of(server, clock)
    client.post("/x", json={})
    assert len(server.asked) == 1
    client.post("/x", json={}, headers={"Idempotency-Key": "7"})
    assert len(server.asked) == 4
    assert {request.content for request in server.asked} == {b"{}"}


def test_a_body_that_is_made_while_it_is_sent_is_sent_once(clock: ManualClock) -> None:
    def parts() -> Iterator[bytes]:
        yield b"a"
        yield b"b"

    server = Server(503)
    client, _ = client_of(server, clock)
    client.put("/x", content=parts())
    assert len(server.asked) == 1


def test_an_open_circuit_asks_nobody(clock: ManualClock) -> None:
    server = Server(503)
    client, _ = client_of(server, clock)
    client.get("/x")
    with pytest.raises(CircuitOpen):
        client.get("/x")
    with pytest.raises(CircuitOpen):
        client.get("/x")
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("raised", "words", "transient"),
    [
        (httpx.ReadTimeout("late"), "did not answer in time", True),
        (httpx.ConnectError("refused"), "could not be reached", True),
        (httpx.RemoteProtocolError("nonsense"), "broke off the exchange", True),
        (httpx.UnsupportedProtocol("gopher"), "has no address that can be called", False),
    ],
)
def test_the_librarys_errors_are_ours_without_their_text(clock: ManualClock, raised: Exception, words: str, transient: bool) -> None:
    client, _ = client_of(Server(raised), clock)
    with pytest.raises(DependencyFailed) as failure:
        client.get("/x?name=Secretville")
    assert str(failure.value) == f"books {words}"
    assert failure.value.transient is transient


def test_a_body_is_decoded_within_its_size(clock: ManualClock) -> None:
    small = httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(b"x" * 5_000))
    client, _ = client_of(Server(small), clock, largest_body=10_000)
    answer = client.get("/x")
    assert answer.content == b"x" * 5_000
    assert "content-encoding" not in answer.headers
    bomb = httpx.Response(200, headers={"content-encoding": "gzip"}, content=gzip.compress(b"x" * 5_000_000))
    client, dependency = client_of(Server(bomb), clock, largest_body=10_000)
    with pytest.raises(DependencyFailed, match="more than 10000 bytes"):
        client.get("/x")
    assert dependency.breaker.totals().bad == 1


def test_a_body_that_comes_too_slowly_is_given_up(clock: ManualClock) -> None:
    class Dripping(httpx.SyncByteStream):
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            while True:
                clock.advance(0.3)
                yield b"."

        def close(self) -> None:
            self.closed = True

    stream = Dripping()
    client, _ = client_of(Server(httpx.Response(200, stream=stream)), clock)
    began = clock.monotonic()
    with pytest.raises(TimedOut):
        client.get("/x")
    assert clock.monotonic() - began < 1.5
    assert stream.closed


def test_a_check_may_make_a_good_answer_a_failure(clock: ManualClock) -> None:
    def check(response: httpx.Response) -> None:
        raise DependencyFailed("books", "nonsense", transient=False)

    client, dependency = client_of(Server(200), clock, check=check)
    with pytest.raises(DependencyFailed, match="nonsense"):
        client.get("/x")
    assert dependency.breaker.totals().bad == 1


def in_async_client(server: Callable[[httpx.Request], Any], ask: Callable[[httpx.AsyncClient, VirtualClock], Any]) -> Dependency:
    async def main(clock: VirtualClock) -> Dependency:
        dependency = Dependency("books", POLICY, Breaker("books", POLICY.circuit, clock, lambda: 0.5), clock, lambda: 0.5)
        transport = AsyncGuardedTransport(httpx.MockTransport(server), dependency, clock)
        async with httpx.AsyncClient(transport=transport, base_url="http://books") as client:
            await ask(client, clock)
        return dependency

    return in_virtual_time(main)


def test_an_async_client_is_guarded_in_the_same_way() -> None:
    server = Server(503, 200, httpx.ConnectError("refused"))

    async def ask(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        assert (await client.get("/x")).json() == {"status": 200}
        with pytest.raises(DependencyFailed, match="could not be reached"):
            await client.post("/x")

    totals = in_async_client(server, ask).breaker.totals()
    assert (totals.ok, totals.bad, len(server.asked)) == (1, 2, 3)


def test_an_async_answer_has_the_attempts_time_in_all() -> None:
    async def stuck(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    async def ask(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        began = clock.monotonic()
        with pytest.raises(TimedOut):
            await client.get("/x")
        assert clock.monotonic() - began == pytest.approx(1.0)

    assert in_async_client(stuck, ask).breaker.totals().bad == 1
