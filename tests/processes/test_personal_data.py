"""Nothing of whom a chart is about gets into logs, metrics, traces, profiles or records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, inspect, text

from tests.support.api_process import ApiProcess, Sink
from tests.support.places import place_index_path, with_index

__all__ = ["place_index_path"]

pytestmark = pytest.mark.processes
NAME = "Wilhelmina Quastenflosser"
PLANTED = ("Wilhelmina", "Quastenflosser", "Zwiesel am Regen", "1867-11-07", "51.23457", "-3.98761", "ak_planted")
SHORT = re.compile(r"(?<![\w.-])(1867|04:33)(?![\w.-]|:\d)")  # alone: they are within some durations, ids and instants by chance
BIRTH = {"date": "1867-11-07", "time": "04:33", "latitude": 51.23457, "longitude": -3.98761, "time_zone": "Europe/London"}
REQUEST_ID, TRACE_ID = "the-request-we-look-for", "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
PLACE = {"category": "place", "name": "Zwiesel am Regen", "lat": "51.23457", "lon": "-3.98761", "address": {"country_code": "de"}}


@dataclass(frozen=True)
class Running:
    api: ApiProcess
    collector: Sink
    geocoder: Sink


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, place_index_path: Path) -> Iterator[Running]:
    collector, geocoder = Sink(), Sink(json.dumps([PLACE]).encode())
    folder = with_index(tmp_path_factory.mktemp("private") / "state", place_index_path)
    settings = {"OTLP_URL": collector.url, "GEOCODER_URL": geocoder.url, "PROFILE_SHARE": "1", "PROFILE_SLOW_SECONDS": "0.000001"}
    with ApiProcess(folder, **settings) as api:
        yield Running(api, collector, geocoder)
    collector.close()
    geocoder.close()


def asked(client: httpx.Client) -> list[int]:
    """Every way in which somebody's data comes in, right and wrong."""
    chart, place = "/v1/charts", {"date": "1867-11-07", "time": "04:33", "place": f"{NAME}, Zwiesel am Regen"}
    named = {"User-Agent": NAME, "X-Person": NAME, "Referer": f"http://x/{NAME}", "X-Request-Id": f"{NAME} 1867-11-07", "traceparent": NAME}
    requests: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", chart, {"json": BIRTH, "headers": {"X-Request-Id": REQUEST_ID, "traceparent": TRACEPARENT}}),
        ("POST", chart, {"json": BIRTH, "headers": {"traceparent": TRACEPARENT}}),
        ("POST", chart, {"json": place, "headers": {"traceparent": TRACEPARENT}}),
        ("POST", chart, {"json": BIRTH, "headers": named}),
        ("POST", chart, {"json": BIRTH | {"name": NAME, NAME: NAME}}),
        ("POST", chart, {"json": BIRTH | {"date": NAME, "latitude": NAME}}),
        ("POST", chart, {"content": b'{"name": "Wilhelmina Quastenflosser", ', "headers": {"content-type": "application/json"}}),
        ("POST", f"{chart}?name={NAME}&born=1867-11-07", {"json": BIRTH}),
        ("POST", "/v1/wheel", {"json": {"charts": [BIRTH | {"label": NAME}]}}),
        ("GET", "/v1/places", {"params": {"q": "Zwiesel am Regen"}}),
        ("GET", f"/v1/{NAME}/1867-11-07", {}),
        ("POST", chart, {"json": BIRTH, "headers": {"authorization": "Bearer ak_planted_Wilhelmina"}}),
        ("POST", chart, {"json": BIRTH, "headers": {"idempotency-key": f"{NAME} 1867"}}),
    ]
    return [client.request(method, path, **given).status_code for method, path, given in requests]


def leaks(told: str) -> list[str]:
    return [word for word in PLANTED if word.casefold() in told.casefold()] + SHORT.findall(told)


def test_leaks_are_noticed_and_chance_is_not() -> None:
    assert leaks('{"time": "04:33", "year": 1867}') == ["04:33", "1867"]
    assert leaks("0.0018671 01a21867-1867-7000 2026-11-25T04:33:10Z 2026-11-25 04:33:10") == []


def test_names_and_birth_data_are_in_no_log_metric_trace_profile_or_record(running: Running) -> None:
    api, geocoder = running.api, running.geocoder
    with httpx.Client(base_url=api.url, headers=api.key, timeout=20) as client:
        statuses = asked(client)
        geocoder.status, geocoder.answer = 500, NAME.encode()
        statuses.append(client.get("/v1/places", params={"q": "Zwiesel"}).status_code)
    assert statuses.count(200) >= 5 and {401, 404, 400, 422} <= set(statuses), statuses
    plain = httpx.get(f"{api.operations}/metrics").text
    marked = httpx.get(f"{api.operations}/metrics", headers={"accept": "application/openmetrics-text"}).text
    api.stop()  # what waits is written and sent
    traces, log, records = b"".join(running.collector.bodies), api.log, stored(api.database_url)
    for what, told in {"log": log, "metrics": plain + marked, "traces": traces.decode("latin-1"), "records": records}.items():
        assert leaks(told) == [], what
    assert REQUEST_ID in log and TRACE_ID in log and TRACE_ID in marked  # what is meant to be there is, so the scan sees something
    assert bytes.fromhex(TRACE_ID) in traces and b"chart.compute" in traces and REQUEST_ID.encode() in traces
    assert b"place.resolve" in traces and b"dependency.attempt" in traces
    assert "chart.compute" in records and re.search(r'"profile": ?"[^"]+backend/', records)  # its spans, and its profile
    assert any(head.get("traceparent", "").startswith(f"00-{TRACE_ID}-") for head in geocoder.heads)


def stored(url: str) -> str:
    """Every row of every table that is not a key's own."""
    engine = create_engine(url)
    tables = [name for name in inspect(engine).get_table_names() if name in ("requests", "log_lines", "instances")]
    with engine.connect() as connection:
        found = [str(tuple(row)) for name in tables for row in connection.execute(text(f"SELECT * FROM {name}"))]  # str(row) is cut
    engine.dispose()
    return "\n".join(found)
