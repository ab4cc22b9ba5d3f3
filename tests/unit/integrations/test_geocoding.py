"""The geocoder as it is wired: one story through every source, an operator's orders, and what is told of it all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs

from backend.geocoding import Geocoding, build_geocoding, geocoder_policy, guarded
from backend.integrations.geocoder import NAME
from backend.integrations.place_service import PlaceService
from backend.integrations.places import PlaceIndex
from backend.monitoring.records import Instance
from backend.resilience.dependency_policy import from_document, to_document
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.shared_state import Reply, SharedCircuit
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry.series import Series
from tests.support.clock import ManualClock
from tests.support.expositions import read_exposition

OSLO = {"category": "place", "lat": "59.9133", "lon": "10.7389", "name": "Oslo", "address": {"country_code": "no"}}


@pytest.fixture
def series() -> Series:
    return Series("1")


@pytest.fixture
def settings(tmp_path: Path, httpserver: HTTPServer) -> Settings:
    return Settings.model_validate({"state_dir": tmp_path, "geocoder_url": httpserver.url_for("")})


@pytest.fixture
def geocoding(settings: Settings, clock: ManualClock, series: Series) -> Iterator[Geocoding]:
    instance = Instance("api-1", "api", 1, "host", "1", clock.now())
    geocoding = build_geocoding(settings, SharedState(f"unix://{settings.state_dir}/nobody.sock"), instance, series, clock)
    yield geocoding
    geocoding.client.close()


@pytest.fixture
def places(geocoding: Geocoding, place_index: PlaceIndex, clock: ManualClock) -> PlaceService:
    return PlaceService(place_index, geocoding.geocoder, geocoding.dependency, clock)


def told(series: Series, name: str) -> dict[str, float]:
    """By the label that is not the dependency's name."""
    found: dict[str, float] = {}
    for sample in read_exposition(series.exposition()):
        if sample.name == f"astrolabe_dependency_{name}" and sample.labels.pop("dependency") == NAME:
            found["".join(sample.labels.values())] = sample.value
    return found


def order(geocoding: Geocoding, slot: Slot, document: dict[str, Any] | None, epoch: int, clock: ManualClock) -> None:
    body = "" if document is None else json.dumps(document)
    reply = Reply(SharedCircuit(epoch=0), {slot: Order(body, epoch, f"act-{epoch}", 60.0)})
    geocoding.breaker.adopt(reply, clock.monotonic())


def test_one_story_reaches_every_source_and_is_told(
    httpserver: HTTPServer, geocoding: Geocoding, places: PlaceService, clock: ManualClock, series: Series
) -> None:
    httpserver.expect_request("/search").respond_with_json([OSLO])
    assert places.resolve("Oslo").source == "geocoder"
    assert places.resolve("oslo").source == "fresh cache"
    clock.advance(5)
    order(geocoding, Slot.FAULT, {"error_ratio": 1}, 1, clock)
    stale = places.resolve("Oslo")
    assert (stale.source, stale.degraded[0].why) == ("stale cache", "dependency_failed")
    assert places.resolve("Lima").source == "offline index"
    order(geocoding, Slot.FAULT, None, 2, clock)
    assert places.resolve("Oslo").source == "geocoder"
    assert told(series, "answers_total") == {"primary": 2, "fresh cache": 1, "stale cache": 1, "offline index": 1}
    assert told(series, "calls_total").items() >= {"ok": 2, "bad": 4, "ignored": 0, "circuit_open": 0}.items()
    assert told(series, "retries_total") == {"dependency_failed": 2}
    assert told(series, "faults_injected_total") == {"error": 4}
    assert told(series, "call_seconds_count") == {"": 6}
    assert len(httpserver.log) == 2


def test_an_operators_policy_is_in_force_when_it_is_heard_and_goes_when_it_is_withdrawn(
    httpserver: HTTPServer, geocoding: Geocoding, places: PlaceService, settings: Settings, clock: ManualClock
) -> None:
    own = geocoder_policy(settings)
    changed = from_document({"retry": {"attempts": 3}, "circuit": {"minimum_calls": 50}, "fallback": {"fresh_seconds": 0}}, own)
    order(geocoding, Slot.POLICY, to_document(changed), 1, clock)
    httpserver.expect_request("/search").respond_with_data("", status=503)
    places.search("Oslo")
    assert (geocoding.dependency.policy, geocoding.breaker.policy, len(httpserver.log)) == (changed, changed.circuit, 3)
    order(geocoding, Slot.POLICY, None, 2, clock)
    assert (geocoding.dependency.policy, geocoding.breaker.policy) == (own, own.circuit)


def test_what_happens_is_logged_with_its_sum(geocoding: Geocoding) -> None:
    geocoding.breaker.note(Happened.RETRIED, "dependency_failed", 2)
    with capture_logs() as lines:
        geocoding.breaker.take_batch(last=True)
    (line,) = (line for line in lines if line["event"] == "circuit_happened")
    assert (line["circuit"], line["kind"], line["detail"], line["count"]) == (NAME, "retried", "dependency_failed", 2)


def test_without_an_address_there_is_nothing_to_guard(settings: Settings) -> None:
    assert guarded(settings)[NAME].policy == geocoder_policy(settings)
    assert guarded(settings.model_copy(update={"geocoder_url": ""})) == {}
