"""The API's edge: ids, headers, problems, keys, and nothing of the input anywhere."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.middleware.base import BaseHTTPMiddleware

from backend.answer import Degradation
from backend.api.app import create_app, create_operations_app
from backend.api.context import SECURITY_HEADERS
from backend.api.problems import KINDS
from backend.errors import (
    CircuitIsolated,
    ComputationFailed,
    Conflict,
    DeadlineExceeded,
    DependencyFailed,
    LimitExceeded,
    ServiceError,
    StorageUnavailable,
)
from backend.operations.health import StoreHealth
from backend.telemetry import logging as telemetry
from tests.support.clock import START
from tests.unit.api.builders import BODY, OPERATIONS_KEY, Api

pytestmark = pytest.mark.anyio

CANARY = "zebra-canary-7421"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def lines() -> io.StringIO:
    stream = io.StringIO()
    telemetry.configure("info", "api", "test", stream)
    return stream


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["code"] == code and document["status"] == status and document["type"] == f"/problems/{code}"
    assert document["instance"] == answer.headers["x-request-id"]
    assert document["title"] and document["detail"]
    return dict(document)


def has_our_headers(answer: httpx.Response) -> None:
    good_chart = answer.status_code in (200, 304) and "etag" in answer.headers
    for name, value in {**SECURITY_HEADERS, **({"Cache-Control": "private, no-cache"} if good_chart else {})}.items():
        assert answer.headers[name] == value
    assert answer.headers["x-request-id"] and answer.headers["traceparent"].startswith("00-")
    assert "server" not in answer.headers


async def test_a_good_request_is_answered_with_ids_and_headers(api: Api) -> None:
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY)
    assert answer.status_code == 200 and answer.json()["name"] == "A"
    has_our_headers(answer)
    assert "astrolabe-degraded" not in answer.headers


async def test_a_well_formed_request_id_and_trace_are_carried_on(api: Api) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"X-Request-Id": "order-7.a_B", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY, headers=sent)
    assert answer.headers["x-request-id"] == "order-7.a_B"
    assert answer.headers["traceparent"].split("-")[1] == trace
    assert answer.headers["traceparent"].split("-")[2] != "00f067aa0ba902b7"
    assert api.records[0].id == "order-7.a_B" and api.records[0].trace_id == trace


@pytest.mark.parametrize("odd", ["a b", "x" * 65, "ä", "a;b", ""])
async def test_an_odd_request_id_is_replaced(api: Api, odd: str) -> None:
    async with api.client() as client:
        answer = await client.get("/livez", headers={"X-Request-Id": odd.encode()})
    assert answer.headers["x-request-id"] != odd and len(answer.headers["x-request-id"]) == 36


async def test_every_kind_of_refusal_is_a_problem_with_our_headers(api: Api) -> None:
    async with api.client() as client:
        answers = [
            (await client.get("/nothing"), 404, "not_found"),
            (await client.get("/v1/charts/"), 404, "not_found"),
            (await client.get("/v1/charts"), 405, "method_not_allowed"),
            (await client.request("TRACE", "/v1/charts"), 405, "method_not_allowed"),
            (await client.post("/v1/charts", content=b"{}", headers={"Content-Type": "text/plain"}), 415, "unsupported_media_type"),
            (await client.post("/v1/charts", content=b"{}"), 415, "unsupported_media_type"),
            (await client.post("/v1/charts", json={}), 422, "invalid_request"),
            (await client.get("/v1/places?q=x&sort=name"), 422, "invalid_request"),
            (await client.get("/metrics"), 403, "forbidden"),
            (await client.get("/openapi.json"), 403, "forbidden"),
            (await client.get("/livez", headers={"X-Long": "a" * 17_000}), 431, "headers_too_large"),
        ]
    for answer, status, code in answers:
        is_problem(answer, status, code)
        has_our_headers(answer)
    assert answers[2][0].headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Conflict("changed"), 409),
        (LimitExceeded("too many", 2.2), 429),
        (ComputationFailed("no"), 500),
        (DependencyFailed("geocoder", "it failed", transient=True), 502),
        (StorageUnavailable("sql"), 503),
        (CircuitIsolated("geocoder"), 503),
        (DeadlineExceeded("late"), 504),
    ],
)
async def test_each_error_of_a_service_has_its_status(api: Api, error: ServiceError, status: int) -> None:
    api.charts.error = error
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY)
    is_problem(answer, status, error.code)
    assert ("retry-after" in answer.headers) == (status in (429, 502, 503))
    if isinstance(error, LimitExceeded):
        assert answer.headers["retry-after"] == "3"
    assert api.records[0].error_code == error.code


async def test_an_unexpected_error_is_a_plain_500_and_its_text_stays_inside(api: Api, lines: io.StringIO) -> None:
    api.charts.error = RuntimeError(f"cannot read {CANARY} in /srv/x.py")
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY)
        after = await client.get("/livez")
    is_problem(answer, 500, "internal_error")
    has_our_headers(answer)
    assert CANARY not in answer.text and "Traceback" not in answer.text and ".py" not in answer.text
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    error = next(line for line in logged if line["event"] == "unhandled_error")
    assert error["request_id"] == answer.headers["x-request-id"] and error["error_type"] == "RuntimeError"
    assert CANARY not in lines.getvalue()
    assert after.status_code == 200


@pytest.mark.parametrize("key", [None, "ak_unknown", "a b", "x" * 300])
async def test_without_a_valid_key_there_is_a_401_that_says_how(api: Api, key: str | None) -> None:
    async with api.client(key) as client:
        answer = await client.post("/v1/charts", json=BODY)
    is_problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_key_may_come_in_its_own_header_but_not_two_different_ones(api: Api) -> None:
    async with api.client(None) as client:
        good = await client.get("/v1/places?q=London", headers={"X-Api-Key": "ak_test_" + "a" * 43})
        two = await client.get("/v1/places?q=London", headers={"X-Api-Key": "ak_test_" + "a" * 43, "Authorization": "Bearer other"})
    assert good.status_code == 200
    is_problem(two, 401, "unauthenticated")


async def test_a_key_without_the_scope_is_told_which_one_it_lacks(api: Api) -> None:
    async with api.client(OPERATIONS_KEY) as client:
        answer = await client.post("/v1/charts", json=BODY)
    assert "'charts'" in is_problem(answer, 403, "forbidden")["detail"]


async def test_keys_that_cannot_be_checked_are_a_503_not_a_401(api: Api) -> None:
    api.keys.error = StorageUnavailable("sql")
    async with api.client() as client:
        is_problem(await client.post("/v1/charts", json=BODY), 503, "storage_unavailable")


async def test_nothing_that_was_sent_reaches_logs_metrics_or_records(api: Api, lines: io.StringIO) -> None:
    async with api.client() as client:
        await client.post("/v1/charts", json=BODY | {"name": CANARY})
        await client.post("/v1/charts", json=BODY | {"date": CANARY, CANARY: 1, "place": CANARY})
        await client.post("/v1/charts", content=f'{{"{CANARY}"'.encode(), headers={"Content-Type": "application/json"})
        await client.get("/v1/places", params={"q": CANARY, CANARY: CANARY})
        await client.get(f"/v1/{CANARY}", params={"q": CANARY})
        await client.get("/livez", headers={"X-Request-Id": f"{CANARY}!", "User-Agent": CANARY})
    assert len(lines.getvalue().splitlines()) == 6
    assert CANARY not in lines.getvalue()
    assert CANARY.encode() not in api.series.exposition()
    assert CANARY not in repr(api.records)


async def test_the_log_line_has_the_ids_the_route_and_the_time(api: Api, lines: io.StringIO) -> None:
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY)
    line = json.loads(lines.getvalue().splitlines()[-1])
    assert line["event"] == "request" and line["route"] == "/v1/charts" and line["status"] == 200
    assert line["request_id"] == answer.headers["x-request-id"] and line["trace_id"] in answer.headers["traceparent"]
    assert line["actor_id"] == "key-charts" and line["role"] == "api"
    assert {"event", "at", "level", "seconds"} <= set(line)


async def test_a_degraded_chart_says_so_in_header_record_and_metric(api: Api) -> None:
    api.charts.degraded = (Degradation("place", "circuit_open", "from the offline index", START),)
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY)
    assert answer.headers["astrolabe-degraded"] == "place=circuit_open"
    assert api.records[0].degraded == ("place=circuit_open",)
    assert b'astrolabe_charts_total{degraded="true",kind="natal",source="files"} 1.0' in api.series.exposition()


async def test_metrics_count_routes_not_paths(api: Api) -> None:
    async with api.client() as client:
        for number in range(50):
            await client.get(f"/v1/charts/{number}")
            await client.post("/v1/charts", json=BODY)
    text = api.series.exposition().decode()
    assert 'route="unmatched"' in text and 'route="/v1/charts"' in text and "/v1/charts/1" not in text


async def test_too_large_bodies_are_refused_declared_or_not(api: Api) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(600):
            yield b"a" * 1024

    kind = {"Content-Type": "application/json"}
    async with api.client() as client:
        declared = await client.post("/v1/charts", content=b"a" * 10_000_000, headers=kind)
        chunked = await client.post("/v1/charts", content=chunks(), headers=kind)
    for answer in (declared, chunked):
        is_problem(answer, 413, "body_too_large")
        assert answer.headers["connection"] == "close" or answer is declared


async def test_readiness_is_a_bare_word_to_strangers_and_details_to_operations(api: Api) -> None:
    async with api.client(None) as client:
        bare = await client.get("/readyz")
    async with api.client(OPERATIONS_KEY) as client:
        full = await client.get("/readyz")
    assert bare.json() == {"ready": True}
    assert full.json()["dependencies"][0]["state"] == "reachable"
    api.health.found = [StoreHealth("sql", "SQL database", False, None, "away", "everything", True)]
    async with api.client(None) as client:
        away = await client.get("/readyz")
    assert away.status_code == 503 and away.json() == {"ready": False}


async def test_the_root_names_licence_and_source(api: Api) -> None:
    async with api.client(None) as client:
        answer = (await client.get("/")).json()
    assert answer["licence"].startswith("AGPL") and answer["source"] == "https://source.example/"


async def test_the_operations_port_needs_no_key_but_a_loopback_host(api: Api) -> None:
    app = create_operations_app(api.parts, create_app(api.parts))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1:9") as client:
        assert b"astrolabe_build_info" in (await client.get("/metrics")).content
        assert (await client.get("/readyz")).json()["dependencies"]
        assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.")
        is_problem(await client.get("/metrics", headers={"Host": "evil.example"}), 400, "bad_header")
        is_problem(await client.post("/v1/charts", json=BODY), 404, "not_found")


async def test_places_are_searched_within_bounds(api: Api) -> None:
    async with api.client() as client:
        good = await client.get("/v1/places", params={"q": "  Lond ", "limit": "3"})
        bad = [
            await client.get("/v1/places", params=one)
            for one in ({}, {"q": " "}, {"q": "a" * 201}, {"q": "a\x00"}, {"q": "a", "limit": "x"})
        ]
        twice = await client.get("/v1/places?q=a&q=b")
    assert api.places.asked == [("Lond", 3)]
    assert good.json()["places"][0]["time_zone"] == "Europe/London" and good.json()["source"] == "offline index"
    for answer, name in zip([*bad, twice], ["q", "q", "q", "q", "limit", "q"], strict=True):
        assert is_problem(answer, 422, "invalid_request")["errors"][0]["name"] == name


async def test_strict_transport_security_only_over_tls(api: Api) -> None:
    async with api.client() as client:
        assert "strict-transport-security" not in (await client.get("/livez")).headers
    api.changes["tls"] = True
    async with api.client() as client:
        assert "strict-transport-security" in (await client.get("/livez")).headers


async def test_a_result_that_takes_too_long_is_a_504(api: Api) -> None:
    import threading

    held = threading.Event()
    api.changes |= {"request_seconds": 0.05}
    api.charts.before = lambda: held.wait(5)
    async with api.client() as client:
        is_problem(await client.post("/v1/charts", json=BODY), 504, "deadline_exceeded")
    held.set()


async def test_more_than_can_wait_is_refused_at_once(api: Api) -> None:
    api.changes["most_waiting"] = 0
    async with api.client() as client:
        answer = await client.get("/v1/places?q=London")
        assert (await client.get("/readyz")).status_code == 200
    is_problem(answer, 503, "bulkhead_full")
    assert answer.headers["retry-after"] == "1"


def test_there_is_no_middleware_of_the_slow_kind(api: Api) -> None:
    for app in (create_app(api.parts), create_operations_app(api.parts, create_app(api.parts))):
        layer: Any = app.build_middleware_stack()
        seen = 0
        while layer is not None:
            assert not isinstance(layer, BaseHTTPMiddleware)
            layer, seen = getattr(layer, "app", None) or getattr(layer, "_app", None), seen + 1
        assert seen >= 4


def test_every_kind_has_words() -> None:
    assert all(kind.title and kind.advice.endswith(".") and 400 <= kind.status < 600 for kind in KINDS.values())


def test_parts_can_be_replaced(api: Api) -> None:
    assert replace(api.parts, tls=True).tls
