"""Searches over HTTP: apart from charts, ended when nobody waits, done once; and drawings beside their documents."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from backend.answer import Answer
from backend.api.app import create_app
from backend.api.kept import SVG_POLICY
from backend.api.pools import MOST_SEARCHES
from backend.charts.budget import Budget
from backend.charts.patience import caller_gone
from backend.charts.technique import Technique
from backend.clock import SystemClock
from backend.errors import DeadlineExceeded
from tests.conformance.wire import Message, send
from tests.support.processes import until
from tests.unit.api.builders import BODY, KEY, PLACE, Api, KnownKeys, client_of, desk_of, told
from tests.unit.api.server import running

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def api() -> Api:
    return Api(keys=KnownKeys())


@dataclass
class Search:
    """A technique that searches until told to stop, or until nobody waits."""

    go_on: threading.Event = field(default_factory=threading.Event)
    begun: int = 0
    ended: list[str] = field(default_factory=list)

    def compute(self, request: Any, _bench: Any) -> Answer[Any]:
        self.begun += 1
        budget = Budget(10.0, SystemClock().monotonic, caller_gone())
        try:
            while not self.go_on.wait(0.005):
                budget.check()
        except DeadlineExceeded as error:
            self.ended.append(error.detail)
            raise
        self.ended.append("found")
        return Answer(request, "files")

    @property
    def technique(self) -> Technique[Any, Any]:
        draws = {"type": "object", "properties": {"svg": {"type": "string"}}}
        return Technique("search", "Search", "Long.", dict, self.compute, _drawn, {"type": "object"}, draws, searches=True)


def _drawn(answer: Answer[Any]) -> dict[str, Any]:
    return {"kind": "search", "degraded": [], "asked": answer.value, "svg": "<svg/>"}


@pytest.fixture
def search() -> Search:
    return Search()


def parts_with(api: Api, search: Search, **more: Any) -> Any:
    clock = SystemClock()
    charts = desk_of(api.charts, clock, search=search.technique)
    return replace(api.parts, charts=charts, clock=clock, **more)


async def test_a_search_keeps_neither_charts_nor_liveness_waiting(api: Api, search: Search) -> None:
    async with client_of(parts_with(api, search)) as client:
        searches = [asyncio.create_task(client.post("/v1/search", json={"n": number})) for number in range(8)]
        assert await asyncio.to_thread(until, lambda: search.begun >= 4)
        assert (await client.post("/v1/charts", json=BODY)).status_code == 200
        assert (await client.post("/v1/charts", json=PLACE)).status_code == 200
        assert (await client.get("/livez")).status_code == 200
        search.go_on.set()
        assert {(await one).status_code for one in searches} == {200}


async def test_more_searches_than_can_wait_are_told_to_come_back(api: Api, search: Search) -> None:
    async with client_of(parts_with(api, search)) as client:
        searches = [asyncio.create_task(client.post("/v1/search", json={"n": number})) for number in range(MOST_SEARCHES)]
        assert await asyncio.to_thread(until, lambda: search.begun >= 4)
        answer = await client.post("/v1/search", json={"n": "one more"})
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "bulkhead_full", "1")
        search.go_on.set()
        assert {(await one).status_code for one in searches} == {200}


def test_a_search_ends_when_its_caller_hangs_up(api: Api, search: Search) -> None:
    with running(create_app(parts_with(api, search))) as address:
        port = int(address.rpartition(":")[2])
        asyncio.run(_hang_up(port, search))
        assert until(lambda: search.ended == ["the search was cancelled"])
        assert send(address, Message("GET", "/livez")).status == 200


async def _hang_up(port: int, search: Search) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/search HTTP/1.1\r\nHost: x\r\nX-Api-Key: {KEY}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    writer.write(head.encode() + b"{}")
    assert await asyncio.to_thread(until, lambda: search.begun == 1)
    writer.close()


async def test_a_search_that_takes_too_long_is_ended_as_well(api: Api, search: Search) -> None:
    async with client_of(parts_with(api, search, request_seconds=0.5)) as client:
        answer = await client.post("/v1/search", json={})
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
    assert await asyncio.to_thread(until, lambda: search.ended == ["the search was cancelled"])


async def test_the_same_search_at_the_same_time_is_done_once(api: Api, search: Search) -> None:
    async with client_of(parts_with(api, search)) as client:
        searches = [asyncio.create_task(client.post("/v1/search", json={"n": 1})) for _ in range(4)]
        assert await asyncio.to_thread(until, lambda: search.begun == 1)
        search.go_on.set()
        assert {(await one).status_code for one in searches} == {200}
    assert search.begun == 1


async def test_a_drawing_is_kept_apart_from_its_document(api: Api, search: Search) -> None:
    search.go_on.set()
    async with client_of(parts_with(api, search)) as client:
        drawings = [await client.post("/v1/search", json={}, headers={"Accept": "image/svg+xml"}) for _ in range(2)]
        whole = await client.post("/v1/search", json={})
    for drawing, cached in zip(drawings, ("miss", "hit"), strict=True):
        assert told(drawing) == (200, cached) and drawing.content == b"<svg/>"
        assert drawing.headers["content-type"] == "image/svg+xml; charset=utf-8"
        assert drawing.headers.get_list("content-security-policy") == [SVG_POLICY.decode()]
        assert drawing.headers["vary"] == "Accept"
    assert told(whole) == (200, "miss") and whole.json()["svg"] == "<svg/>"
    assert whole.headers["etag"] != drawings[0].headers["etag"]
