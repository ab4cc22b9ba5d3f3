"""The line before the computing threads: bounded, left once whatever happens, and quick to say that it is full."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from backend.answer import Answer
from backend.api.admission import Admission, leave_line
from backend.api.app import create_app
from backend.api.protocol import is_whole_request_for_work
from backend.api.serve import listening, server_for
from backend.api.threads import COMPUTING_THREADS
from backend.clock import SystemClock
from backend.telemetry.series import Series
from tests.conformance.wire import Message, send
from tests.support.processes import until
from tests.unit.api.builders import BODY, KEY, Api

CHART = Message("POST", "/v1/charts", (("X-Api-Key", KEY), ("Content-Type", "application/json")), json.dumps(BODY).encode())
HEAD = b"POST /v1/charts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n"


class Held:
    """Charts that are not finished before the test says so."""

    def __init__(self) -> None:
        self.begun = 0
        self.go_on = threading.Event()

    def has_begun(self, charts: int) -> bool:
        return self.begun == charts

    def compute(self, _actor: Any, request: Any) -> Answer[Any]:
        self.begun += 1
        self.go_on.wait(20)
        return Answer(request, "files")


@contextmanager
def serving(api: Api, admission: Admission) -> Iterator[str]:
    """The API on a real port with this line before it."""
    listener = listening("127.0.0.1", 0)
    server = server_for(create_app(api.parts, api.records.append), admission=admission)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    assert until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.go_on.set()


def test_a_full_line_is_told_at_once_and_empties_by_itself(held: Held) -> None:
    api = Api(charts=held, clock=SystemClock())  # type: ignore[arg-type]
    admission = Admission(api.series, longest=2)
    answers: list[int] = []
    with serving(api, admission) as address:
        asking = [threading.Thread(target=lambda: answers.append(send(address, CHART).status)) for _ in range(COMPUTING_THREADS + 2)]
        for number, one in enumerate(asking, start=1):
            one.start()
            assert until(partial(held.has_begun, min(number, COMPUTING_THREADS)))
        assert until(lambda: admission.is_full)
        refused = send(address, CHART)
        assert (refused.status, refused.headers["retry-after"], json.loads(refused.body)["code"]) == (503, "1", "bulkhead_full")
        assert refused.headers["x-request-id"] == json.loads(refused.body)["instance"]
        assert send(address, Message("GET", "/livez")).status == 200
        held.go_on.set()
        for one in asking:
            one.join()
        assert answers == [200] * (COMPUTING_THREADS + 2)
        assert send(address, CHART).status == 200
    assert b'astrolabe_http_requests_shed_total{route="/v1/charts"} 1.0' in api.series.exposition()


def test_a_connection_goes_on_after_a_refusal_of_whatever_form(held: Held) -> None:
    api = Api()
    full = Admission(api.series, longest=0)
    whole = b"POST /v1/charts HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
    named = b"POST /v1/charts HTTP/1.1\r\nHost: x\r\nX-Request-Id: mine\r\nContent-Length: 2\r\n\r\n{}"
    chunked = b"POST /v1/charts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    alive = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with serving(api, full) as address:
        statuses = asyncio.run(_ask_in_turn(int(address.rpartition(":")[2]), whole, named, HEAD, b"{}" + chunked, whole, alive))
    assert statuses == [503, 503, 503, 503, 503, 200]


async def _ask_in_turn(port: int, *pieces: bytes) -> list[int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    for piece in pieces:
        writer.write(piece)
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        found.append(int(head[9:12]))
        if piece.startswith(b"POST /v1/charts HTTP/1.1\r\nHost: x\r\nX-Request-Id"):
            assert b"x-request-id: mine\r\n" in head
    writer.close()
    return found


def test_a_place_is_left_once_however_often_it_is_left() -> None:
    admission = Admission(Series("0"), longest=1)
    scope: dict[str, Any] = {}
    admission.enter(scope)
    assert admission.is_full
    leave_line(scope)
    leave_line(scope)
    leave_line({})
    admission.enter({})
    assert admission.is_full


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        (HEAD + b"{}", True),
        (b"GET /v1/places?q=x HTTP/1.1\r\nHost: x\r\n\r\n", True),
        (HEAD, False),
        (HEAD + b"{} ", False),
        (HEAD + b"{}" + HEAD, False),
        (HEAD.replace(b"/v1/charts", b"/livez") + b"{}", False),
        (HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") + b"{}", False),
        (HEAD.replace(b"Host: x", b"Connection: close") + b"{}", False),
        (HEAD.replace(b"Host: x", b"Content-Length: 2") + b"{}", False),
        (HEAD.replace(b"Host: x", b"transfer-encoding: chunked") + b"{}", False),
        (HEAD.replace(b"Content-Length: 2", b"Content-Length : 2") + b"{}", False),
        (HEAD.replace(b"Content-Length: 2", b"Content-Length: 02x") + b"{}", False),
        (HEAD.replace(b"Host: x", b"Host: " + b"x" * 40_000) + b"{}", False),
        (b"", False),
    ],
)
def test_only_the_plainest_request_is_refused_unparsed(data: bytes, whole: bool) -> None:
    assert is_whole_request_for_work(data) is whole
