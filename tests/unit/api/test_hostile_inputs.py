"""Hostile inputs over a real port, to the real chart service: a named refusal within 2 s, and the process lives on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from backend.api import protocol
from backend.api.app import create_app
from backend.api.parts import ApiParts
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.clock import SystemClock
from backend.telemetry import logging as telemetry
from tests.conformance.inputs import BASE, differences
from tests.conformance.wire import Answer, Message, send
from tests.unit.api.builders import KEY, Api, FakePlaces, real_desk
from tests.unit.api.server import running

PUBLISHED = json.loads((Path(__file__).parents[2] / "reference" / "bad_inputs.json").read_text("utf-8"))
CANARY = "Quokka-Canary"


def chart(id: str, field: str, value: Any, expect: str) -> dict[str, Any]:
    return {"id": id, "where": "api.chart", "field": field, "value": value, "expect": expect}


OURS = [
    chart("nan", "latitude", {"$literal": "NaN"}, "400"),
    chart("huge", "latitude", {"$literal": "1e999"}, "400"),
    chart("digits", "latitude", {"$literal": "9" * 6000}, "400"),
    chart("true", "latitude", True, "422-field"),
    chart("list", "date", ["1990-06-15"], "422-field"),
    chart("object", "name", {"a": "b"}, "422-field"),
    chart("february", "date", "2023-02-29", "422-field"),
    chart("gap", "time_zone", "Europe/Lodnon", "422-field"),
    chart("right", "time_zone", "right/UTC", "422-field"),
    chart("surrogate", "name", "\ud800", "400|422-field"),
    chart("nfc", "name", "Zoe\u0301", "accept-escaped"),
    chart("place-and-coordinates", "place", "London", "422"),
    chart("deep", "body", {"$raw_repeat": ['{"a":', 100_000, "1", "}"]}, "400|413"),
    chart("deep-small", "body", {"$raw_repeat": ["[", 30_000, "]"]}, "400"),
    chart("gzip", "body", {"$gzip_bomb": 50_000_000}, "415"),
    chart("keys", "body", {"$many_keys": 5_000}, "422"),
    chart("empty", "body", {"$raw_body": ""}, "400"),
    chart("mark", "body", {"$raw_body_b64": "77u/e30="}, "400"),
    {"id": "xml", "where": "api.header", "field": "Content-Type", "value": "text/xml", "expect": "415"},
    {"id": "utf-16", "where": "api.header", "field": "Content-Type", "value": "application/json; charset=utf-16", "expect": "415"},
    {"id": "length", "where": "api.header", "field": "Content-Length", "value": "-1", "expect": "400"},
    {"id": "long-length", "where": "api.header", "field": "Content-Length", "value": "9" * 30, "expect": "400|413"},
    {"id": "no-key", "where": "api.header", "field": "Authorization", "value": "Basic YTpi", "expect": "401"},
    {"id": "long-header", "where": "api.header", "field": "X-Long", "value": {"$repeat": ["a", 200_000]}, "expect": "431|400"},
    {"id": "up", "where": "api.path", "field": "path", "value": "/../../etc/passwd", "expect": "404"},
    {"id": "null", "where": "api.path", "field": "path", "value": "/places%00", "expect": "404"},
    {"id": "text-limit", "where": "api.query", "field": "limit", "value": "1e3", "expect": "422-field"},
    {"id": "control", "where": "api.query", "field": "q", "value": "a\u0000b", "expect": "422-field"},
]
ENTRIES = [entry for entry in PUBLISHED if entry["where"].startswith("api.")] + OURS


@dataclass
class Live:
    address: str
    log: io.StringIO


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    log = io.StringIO()
    telemetry.configure("info", "api", "test", log)
    ephemeris = Ephemeris(DATA / "ephemeris")
    with running(create_app(real_parts(ephemeris))) as address:
        yield Live(address, log)
    ephemeris.close()


def real_parts(ephemeris: Ephemeris) -> ApiParts:
    return replace(Api().parts, charts=real_desk(ephemeris, FakePlaces(), SystemClock()), clock=SystemClock(), body_seconds=0.5)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_a_hostile_input_is_refused_or_made_harmless(live: Live, entry: dict[str, Any]) -> None:
    assert differences(entry, live.address, KEY) == []


def post(live: Live, body: bytes, *headers: tuple[str, str]) -> Answer:
    return send(live.address, Message("POST", "/v1/charts", (("X-Api-Key", KEY), ("Content-Type", "application/json"), *headers), body))


def test_the_valid_request_is_computed(live: Live) -> None:
    answer = post(live, json.dumps(BASE).encode())
    assert answer.status == 200 and json.loads(answer.body)["bodies"][0]["body"] == "sun"


def test_nothing_of_any_input_stands_in_the_log(live: Live) -> None:
    for body in ({"name": CANARY}, {"date": CANARY}, {CANARY: CANARY}, {"time_zone": CANARY}, {"place": CANARY}):
        post(live, json.dumps({**BASE, **body}).encode(), ("User-Agent", CANARY), ("Cookie", CANARY))
    send(live.address, Message("GET", f"/{CANARY}?{CANARY}={CANARY}"))
    send(live.address, Message(CANARY, "/"))
    lines = live.log.getvalue().splitlines()
    assert len(lines) > 6 and CANARY not in live.log.getvalue() and "1990-06-15" not in live.log.getvalue()
    assert all(json.loads(line) for line in lines)


def test_what_is_not_http_is_a_problem_too(live: Live) -> None:
    answer = send(live.address, Message("GET", "/ HTTP/9.9\r\nx"))
    assert answer.status == 400 and json.loads(answer.body)["code"] == "bad_http"
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["x-request-id"]


def test_a_head_that_never_ends_is_cut_off_by_its_size(live: Live) -> None:
    answer = send(live.address, Message("GET", "/livez", tuple((f"X-{number}", "a" * 100) for number in range(600))))
    assert answer.status == 431


def test_more_connections_than_can_be_held_are_told_so(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 0)
    answer = send(live.address, Message("GET", "/livez"))
    assert answer.status == 503 and json.loads(answer.body)["code"] == "bulkhead_full" and answer.headers["retry-after"] == "1"


def test_a_declared_ten_megabyte_body_is_refused_before_it_is_sent(live: Live) -> None:
    answer = send(
        live.address,
        Message("POST", "/v1/charts", (("X-Api-Key", KEY), ("Content-Type", "application/json"), ("Content-Length", "10485760"))),
    )
    assert answer.status == 413 and answer.seconds < 2
