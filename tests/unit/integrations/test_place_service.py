"""Which source answers, and what the answer says of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.errors import BulkheadFull, CallRefused, CircuitIsolated, CircuitOpen, DeadlineExceeded, DependencyFailed, InvalidRequest
from backend.integrations.place import Place
from backend.integrations.place_service import PlaceService
from backend.resilience.breaker import Breaker
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.fallback import FallbackPolicy
from backend.resilience.orders import Order, Slot
from backend.resilience.shared_state import Reply, SharedCircuit
from tests.support.clock import ManualClock

OFFLINE = Place("Munich", "DE", 48.13743, 11.57549, "Europe/Berlin", 1_505_005)
ONLINE = Place("Munich", "DE", 48.1371, 11.5754, "Europe/Berlin")


class Source:
    """Gives its places, or raises its trouble."""

    def __init__(self, *places: Place) -> None:
        self.places = list(places)
        self.trouble: Exception | None = None

    def search(self, text: str, limit: int) -> list[Place]:
        if self.trouble:
            raise self.trouble
        return self.places[:limit]


@pytest.fixture
def geocoder() -> Source:
    return Source(ONLINE)


@pytest.fixture
def dependency(clock: ManualClock) -> Dependency:
    policy = DependencyPolicy(fallback=FallbackPolicy(fresh_seconds=2, stale_seconds=3600))
    return Dependency("geocoder", policy, Breaker("geocoder", policy.circuit, clock, lambda: 0.5), clock, lambda: 0.5)


@pytest.fixture
def service(geocoder: Source, dependency: Dependency, clock: ManualClock) -> PlaceService:
    return PlaceService(Source(OFFLINE), geocoder, dependency, clock)


def test_without_a_geocoder_the_index_answers_and_nothing_is_degraded(clock: ManualClock) -> None:
    answer = PlaceService(Source(OFFLINE), None, None, clock).resolve("Munich")
    assert (answer.value, answer.source, answer.degraded) == (OFFLINE, "offline index", ())


def test_the_geocoder_answers_when_it_can(service: PlaceService) -> None:
    answer = service.search("Munich")
    assert (answer.value, answer.source, answer.degraded) == ([ONLINE], "geocoder", ())


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (CircuitOpen("geocoder"), "circuit_open"),
        (CircuitIsolated("geocoder"), "circuit_isolated"),
        (BulkheadFull("geocoder"), "bulkhead_full"),
        (CallRefused("geocoder"), "dependency_failed"),
        (DeadlineExceeded("late"), "deadline_exceeded"),
        (DependencyFailed("geocoder", "500", transient=True), "dependency_failed"),
    ],
)
def test_the_fallback_says_what_is_lesser_and_why(service: PlaceService, geocoder: Source, trouble: Exception, why: str) -> None:
    geocoder.trouble = trouble
    answer = service.resolve("Munich")
    assert (answer.value, answer.source) == (OFFLINE, "offline index")
    (degradation,) = answer.degraded
    assert (degradation.what, degradation.why) == ("place", why)
    assert degradation.detail.endswith("the place comes from the offline index.")


def test_an_earlier_answer_of_the_geocoder_stands_in_and_says_how_old_it_is(
    service: PlaceService, geocoder: Source, clock: ManualClock
) -> None:
    service.search("Munich")
    geocoder.trouble = CircuitOpen("geocoder")
    clock.advance(1)
    fresh = service.search("  MUNICH ")
    assert (fresh.value, fresh.source, fresh.age_seconds, fresh.degraded) == ([ONLINE], "fresh cache", 1.0, ())
    clock.advance(9)
    stale = service.search("Munich")
    assert (stale.value, stale.source, stale.age_seconds) == ([ONLINE], "stale cache", 10.0)
    assert stale.degraded[0].detail.endswith("not being called; the place comes from an earlier answer of it.")
    clock.advance(3600)
    assert service.search("Munich").source == "offline index"


def test_since_is_the_first_failure_until_it_works_again(service: PlaceService, geocoder: Source, clock: ManualClock) -> None:
    geocoder.trouble, began = DependencyFailed("geocoder", "500", transient=True), clock.now()
    service.search("Munich")
    clock.advance(60)
    assert service.search("Munich").degraded[0].since == began
    geocoder.trouble = None
    assert not service.search("Munich").is_degraded
    clock.advance(3)
    geocoder.trouble = DependencyFailed("geocoder", "500", transient=True)
    assert service.search("Munich").degraded[0].since == began + timedelta(seconds=63)


def test_since_of_an_isolation_is_when_the_operator_acted(
    service: PlaceService, geocoder: Source, dependency: Dependency, clock: ManualClock
) -> None:
    isolated = Order("isolated", 1, "act", 600.0, age_seconds=30.0)
    dependency.breaker.adopt(Reply(SharedCircuit(epoch=0), {Slot.OVERRIDE: isolated}), clock.monotonic())
    geocoder.trouble = CircuitIsolated("geocoder")
    assert service.search("Munich").degraded[0].since == clock.now() - timedelta(seconds=30)


@pytest.mark.parametrize(("text", "code"), [("", "missing"), ("  ", "missing"), ("x" * 201, "too_long")])
def test_a_name_that_is_none_is_refused_by_its_field(service: PlaceService, text: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        service.search(text)
    assert (refusal.value.problems[0].field, refusal.value.problems[0].code) == ("place", code)


def test_an_unknown_place_is_the_callers_to_mend(clock: ManualClock) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        PlaceService(Source(), None, None, clock).resolve("Xyzzy")
    assert refusal.value.problems[0].code == "unknown_place"
    assert "Xyzzy" not in str(refusal.value)
