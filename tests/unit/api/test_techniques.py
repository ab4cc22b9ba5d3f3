"""What all techniques share over HTTP: kept answers, tags, drawings, searches apart from charts."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.answer import Degradation
from backend.api.kept import has_it
from backend.api.protocol import ROUTES
from backend.api.resources import resource_for
from backend.api.routes.techniques import may_name_a_place
from backend.charts.caching.made import FRESH_SECONDS
from backend.charts.techniques import RESOURCES
from backend.telemetry import logging as telemetry
from tests.support.clock import START
from tests.support.processes import until
from tests.unit.api.builders import BODY, KEY, PLACE, Api, KnownKeys, client_of, desk_of, told

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def api() -> Api:
    return Api(keys=KnownKeys())


async def test_the_second_time_it_is_kept_and_says_how_old_it_is(api: Api) -> None:
    async with api.client() as client:
        first = await client.post("/v1/charts", json=BODY)
        api.clock.advance(12.5)
        second = await client.post("/v1/charts", json=BODY)
    assert (told(first), told(second)) == ((200, "miss"), (200, "hit"))
    assert (first.headers["age"], second.headers["age"]) == ("0", "12")
    assert first.content == second.content and first.headers["etag"] == second.headers["etag"]
    assert first.headers["cache-control"] == second.headers["cache-control"] == "private, no-cache"
    assert api.charts.computed == 1


async def test_a_kept_answer_is_measured_logged_and_recorded_as_any_other(api: Api) -> None:
    stream = io.StringIO()
    telemetry.configure("info", "api", "test", stream)
    async with api.client() as client:
        answers = [await client.post("/v1/charts", json=BODY) for _ in range(3)]
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["cache"] for line in lines] == ["miss", "hit", "hit"]
    assert {(line["route"], line["status"], line["actor_id"]) for line in lines} == {("/v1/charts", 200, "key-charts")}
    assert [record.id for record in api.records] == [answer.headers["x-request-id"] for answer in answers]
    text = api.series.exposition().decode()
    assert 'astrolabe_chart_cache_total{kind="natal",result="hit"} 2.0' in text
    assert 'astrolabe_charts_total{degraded="false",kind="natal",source="files"} 3.0' in text
    assert 'astrolabe_http_requests_total{method="POST",route="/v1/charts",status="200"} 3.0' in text


async def test_it_is_kept_for_every_key_but_given_to_none_that_may_not_have_it(api: Api) -> None:
    async with api.client() as client:
        await client.post("/v1/charts", json=BODY)
        del api.keys.actors[KEY]
        assert (await client.post("/v1/charts", json=BODY)).status_code == 401


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/charts?x=1", {}, 422),
        ("/v1/charts", {"Idempotency-Key": ""}, 400),
        ("/v1/charts", {"Content-Type": "text/plain"}, 415),
        ("/v1/charts", {"Content-Encoding": "gzip"}, 415),
        ("/v1/charts", {"Authorization": "Bearer other"}, 401),
        ("/v1/charts", {"X-Api-Key": "other"}, 401),
        ("/v1/charts", {"Idempotency-Key": "mine"}, 200),
        ("/v1/charts", {"Content-Type": 'application/json; charset="UTF-8"'}, 200),
    ],
)
async def test_what_is_kept_is_no_way_around_any_rule(api: Api, path: str, headers: dict[str, str], status: int) -> None:
    async with api.client() as client:
        body = json.dumps(BODY).encode()
        assert told(await client.post("/v1/charts", content=body, headers=JSON)) == (200, "miss")
        answer = await client.post(path, content=body, headers={**JSON, **headers})
    assert told(answer) == (status, "hit" if status == 200 else None)


async def test_who_has_it_already_gets_no_body(api: Api) -> None:
    async with api.client() as client:
        first = await client.post("/v1/charts", json=BODY)
        tag = first.headers["etag"]
        same = await client.post("/v1/charts", json=BODY, headers={"If-None-Match": f'"other", W/{tag}'})
        other = await client.post("/v1/charts", json=BODY, headers={"If-None-Match": '"other"'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert "content-type" not in same.headers and same.headers["x-request-id"]
    assert other.status_code == 200 and other.content == first.content


async def test_a_first_question_may_be_answered_so_too(api: Api) -> None:
    async with api.client() as client:
        tag = (await client.post("/v1/charts", json=BODY)).headers["etag"]
    async with api.client() as client:  # another process, as it were: nothing is kept
        answer = await client.post("/v1/charts", json=BODY, headers={"If-None-Match": tag})
    assert told(answer) == (304, "miss")


@pytest.mark.parametrize(
    ("sent", "has"),
    [(None, False), ("*", True), ('"a"', True), ('W/"a"', True), ('"b" , "a"', True), ('"b"', False), ("a", False), ("", False)],
)
def test_tags_are_compared_as_the_standard_says(sent: str | None, has: bool) -> None:
    assert has_it(sent, '"a"') is has


async def test_a_lesser_answer_has_no_tag_and_is_made_anew_each_time(api: Api) -> None:
    api.charts.degraded = (Degradation("place", "circuit_open", "from the offline index", START),)
    async with api.client() as client:
        answers = [await client.post("/v1/charts", json=PLACE, headers={"If-None-Match": "*"}) for _ in range(2)]
    for answer in answers:
        assert told(answer) == (200, "miss") and "etag" not in answer.headers
        assert answer.headers["cache-control"] == "no-store" and answer.headers["astrolabe-degraded"] == "place=circuit_open"
    assert api.charts.computed == 2


async def test_a_named_place_grows_old_and_is_looked_up_anew_meanwhile(api: Api) -> None:
    async with api.client() as client:
        await client.post("/v1/charts", json=PLACE)
        assert told(await client.post("/v1/charts", json=PLACE)) == (200, "hit")
        api.clock.advance(FRESH_SECONDS)
        stale = await client.post("/v1/charts", json=PLACE)
        assert told(stale) == (200, "stale") and stale.headers["age"] == "300"
        assert await asyncio.to_thread(until, lambda: api.charts.computed == 2)
        assert told(await client.post("/v1/charts", json=PLACE)) == (200, "hit")


async def test_a_kept_answer_needs_no_thread(api: Api) -> None:
    parts = api.parts
    async with client_of(parts) as client:
        await client.post("/v1/charts", json=BODY)
        entered, go_on = threading.Event(), threading.Event()
        api.charts.before = lambda: (entered.set(), go_on.wait(10))
        busy = asyncio.create_task(client.post("/v1/charts", json={**BODY, "latitude": 1}))
        assert await asyncio.to_thread(entered.wait, 10)
        assert told(await client.post("/v1/charts", json=BODY)) == (200, "hit")
        go_on.set()
        assert (await busy).status_code == 200


@pytest.mark.parametrize(
    ("body", "may"),
    [(b'{"place": "x"}', True), (b'{"\\u0070lace": "x"}', True), (b'{"date": "x"}', False), (b'{"name": "\xc3\xab"}', False)],
)
def test_whoever_may_have_to_wait_for_a_place_is_known_before_it_is_read(body: bytes, may: bool) -> None:
    assert may_name_a_place(body) is may


@pytest.mark.parametrize(
    ("accept", "resource"),
    [
        (None, "wheel"),
        ("*/*", "wheel"),
        ("image/svg+xml", "wheel.svg"),
        ("application/json, image/svg+xml", "wheel"),
        ("application/json;q=0.5, image/svg+xml", "wheel.svg"),
        ("image/svg+xml;q=0", "wheel"),
        ("image/svg+xml; q=0.1, */*", "wheel.svg"),
        ("image/svg+xml;q=odd", "wheel.svg"),
        ("image/png", "wheel"),
    ],
)
def test_the_drawing_is_for_who_asks_for_it(accept: str | None, resource: str) -> None:
    headers = {b"accept": accept} if accept else {}
    assert resource_for("wheel", headers, {"wheel": 1, "wheel.svg": 2}) == resource
    assert resource_for("charts", headers, {"charts": 1}) == "charts"


def test_every_technique_has_its_own_label_when_it_is_shed() -> None:
    assert {f"/v1/{name}" for name in RESOURCES} < ROUTES


@pytest.mark.parametrize("name", RESOURCES)
async def test_every_technique_is_read_as_strictly_as_charts(api: Api, name: str) -> None:
    parts = replace(api.parts, charts=desk_of(api.charts, api.clock, **{key: each for key, each in RESOURCES.items() if key != "charts"}))
    async with client_of(parts) as client:
        path, odd = f"/v1/{name}", {**JSON, "Content-Encoding": "gzip"}
        answers: list[tuple[Callable[..., Any], int, str]] = [
            (lambda: client.get(path), 405, "method_not_allowed"),
            (lambda: client.post(path, json={}, headers={"Authorization": "Bearer no"}), 401, "unauthenticated"),
            (lambda: client.post(path, content=b'{"a":1,"a":1}', headers=JSON), 400, "malformed_json"),
            (lambda: client.post(path, content=b"{}", headers=odd), 415, "unsupported_media_type"),
            (lambda: client.post(path, json={"no_such_field": 1}), 422, "invalid_request"),
            (lambda: client.post(f"{path}?a=1", json={}), 422, "invalid_request"),
        ]
        for ask, status, code in answers:
            answer = await ask()
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.headers["content-type"] == "application/problem+json" and answer.headers["cache-control"] == "no-store"
