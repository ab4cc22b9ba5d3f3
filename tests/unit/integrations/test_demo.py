"""The demo's geocoder and its traffic."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from backend.clock import SystemClock
from backend.demo_geocoder import DemoGeocoder, Switches
from backend.demo_traffic import asked, drive
from backend.errors import DependencyFailed
from backend.integrations.geocoder import Geocoder
from backend.integrations.http_client import Fetched, Fetcher, HttpClient
from backend.integrations.places import PlaceIndex
from backend.resilience.breaker import Breaker
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.policy import Policy
from backend.resilience.retry import RetryPolicy
from tests.support.clock import ManualClock

CLOCK = SystemClock()


@pytest.fixture
def demo(place_index: PlaceIndex) -> Iterator[DemoGeocoder]:
    demo = DemoGeocoder(place_index, CLOCK, random.Random(7).random).start()
    yield demo
    demo.stop()


@pytest.fixture
def fetch() -> Iterator[Fetcher]:
    fetcher = Fetcher("geocoder", CLOCK)
    yield fetcher
    fetcher.close()


@pytest.fixture
def geocoder(demo: DemoGeocoder) -> Iterator[Geocoder]:
    policy = DependencyPolicy(retry=RetryPolicy(1), attempt_seconds=1, total_seconds=2)
    dependency = Dependency("geocoder", policy, Breaker("geocoder", Policy(), CLOCK, lambda: 0.5), CLOCK, lambda: 0.5)
    client = HttpClient(demo.url, dependency, CLOCK)
    yield Geocoder(client)
    client.close()


def switch(fetch: Fetcher, demo: DemoGeocoder, document: object) -> Fetched:
    return fetch("POST", f"{demo.url}/_switch", seconds=2, body=json.dumps(document).encode())


def test_our_geocoder_client_understands_it(demo: DemoGeocoder, geocoder: Geocoder) -> None:
    first, second = geocoder.search("Springfield, US", 2)
    assert (first.label, first.zone) == ("Springfield, Missouri, US", "America/Chicago")
    assert second.name == "Springfield"
    assert geocoder.search("xyzzyville", 2) == []
    assert demo.requests == 2


def test_it_listens_on_loopback_alone(demo: DemoGeocoder) -> None:
    assert demo.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("document", [{"delay_seconds": 1.2}, {"error_ratio": 1.0}, {"dead": True}])
def test_each_switch_makes_it_fail_and_switching_back_mends_it(
    demo: DemoGeocoder, geocoder: Geocoder, fetch: Fetcher, document: dict[str, object]
) -> None:
    assert switch(fetch, demo, document).status == 200
    assert json.loads(fetch("GET", f"{demo.url}/_switch", seconds=2).body).items() >= document.items()
    with pytest.raises(DependencyFailed):
        geocoder.search("Oslo", 1)
    switch(fetch, demo, {"delay_seconds": 0, "error_ratio": 0, "dead": False})
    assert geocoder.search("Oslo", 1)[0].name == "Oslo"


@pytest.mark.parametrize("document", [{"x": 1}, {"error_ratio": 2}, {"delay_seconds": "1"}, {"dead": 1}, [], {"delay_seconds": -1}])
def test_a_switch_that_does_not_exist_is_refused(demo: DemoGeocoder, fetch: Fetcher, document: object) -> None:
    assert switch(fetch, demo, document).status == 400
    assert json.loads(fetch("GET", f"{demo.url}/_switch", seconds=2).body) == {"delay_seconds": 0.0, "error_ratio": 0.0, "dead": False}


def test_other_paths_are_not_found(demo: DemoGeocoder, fetch: Fetcher) -> None:
    assert fetch("GET", f"{demo.url}/reverse", seconds=2).status == 404
    assert fetch("POST", f"{demo.url}/search", seconds=2, body=b"{}").status == 404


def test_switches_change_only_what_is_named() -> None:
    assert Switches(delay_seconds=1.0).changed({"dead": True}) == Switches(1.0, 0.0, True)


class Api:
    """Takes requests, answers as told, and remembers."""

    def __init__(self, clock: ManualClock, takes_seconds: float = 0.0) -> None:
        self.clock = clock
        self.takes_seconds = takes_seconds
        self.seen: list[tuple[str, str, bytes | None]] = []
        self.headers: Mapping[str, str] = {}

    def __call__(
        self, method: str, url: str, *, seconds: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Fetched:
        self.clock.advance(self.takes_seconds)
        self.seen.append((method, url, body))
        self.headers = headers or {}
        if len(self.seen) == 3:
            raise DependencyFailed("api", "gone", transient=True)
        if len(self.seen) == 4:
            return Fetched(200, {}, b'{"degraded": [{"what": "place"}]}')
        return Fetched(200, {}, b"[]")


def test_the_traffic_is_bounded_mixed_and_counted(clock: ManualClock) -> None:
    api = Api(clock)
    driven = drive("http://api", "ak_x", 100, 4, random.Random(1).random, clock, api)
    assert driven.requests == len(api.seen) == 400
    assert set(driven.asked) == {"chart_by_place", "chart_by_coordinates", "place_search", "wrong"}
    assert driven.asked["chart_by_place"] > driven.asked["wrong"] > 5
    assert (driven.answered, driven.degraded) == (Counter({200: 399, 0: 1}), 1)
    assert api.headers["authorization"] == "Bearer ak_x"
    places = Counter(json.loads(body).get("place") for _, _, body in api.seen if body)
    assert max(places[name] for name in places if name) > 5  # repeated
    assert len(places) > 80  # and yet mostly new, so that the geocoder is asked


def test_every_place_it_asks_for_exists(place_index: PlaceIndex) -> None:
    drawn = [asked(random.Random(number).random) for number in range(600)]
    names = {request.document["place"] for request in drawn if request.kind == "chart_by_place" and request.document}
    assert [name for name in names if not place_index.search(name, 1)] == []


def test_a_slow_api_is_asked_less_and_never_longer(clock: ManualClock) -> None:
    api, began = Api(clock, takes_seconds=2.0), clock.monotonic()
    driven = drive("http://api", "ak_x", 30, 10, random.Random(1).random, clock, api)
    assert driven.requests <= 15
    assert clock.monotonic() - began <= 32


def test_it_stops_when_told(clock: ManualClock) -> None:
    api = Api(clock)
    assert drive("http://api", "ak_x", 60, 5, random.Random(1).random, clock, api, lambda: len(api.seen) >= 7).requests == 7


def test_the_rate_has_a_ceiling(clock: ManualClock) -> None:
    assert drive("http://api", "ak_x", 2, 10_000, random.Random(1).random, clock, Api(clock)).requests <= 100
