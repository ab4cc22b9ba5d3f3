"""The exchange with a fleet that is at hand, away, or talks nonsense."""

from __future__ import annotations

import pytest

from backend.errors import DependencyFailed, StorageUnavailable
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Exchange, Reply, SharedCircuit, SharedOverride
from tests.support.clock import ManualClock
from tests.unit.resilience.fleets import eventually


class Fleet:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[Exchange] = []
        self.left: list[str] = []
        self.trouble: Exception | None = None

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        self.heard.append(exchange)
        if self.trouble:
            raise self.trouble
        return {question.name: Reply(SharedCircuit(epoch=0), SharedOverride()) for question in exchange.questions}

    def leave(self, instance: str, names: tuple[str, ...]) -> None:
        if self.trouble:
            raise self.trouble
        self.left.append(instance)


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return Breaker("geocoder", Policy(), clock, lambda: 0.5)


@pytest.fixture
def sync(fleet: Fleet, breaker: Breaker, clock: ManualClock) -> FleetSync:
    sync = FleetSync(fleet, "api-1", clock, lambda: 0.5, role="api", interval_seconds=0.01)
    sync.register(breaker)
    return sync


def test_what_was_not_heard_is_told_again_unchanged(sync: FleetSync, fleet: Fleet, breaker: Breaker, clock: ManualClock) -> None:
    fleet.trouble = StorageUnavailable("valkey")
    breaker.call(lambda: "ok")
    assert not sync.step()
    breaker.call(lambda: "ok")
    clock.advance(2)
    assert not sync.step()
    fleet.trouble = None
    assert sync.step()
    assert sync.step()
    first, again, heard, later = fleet.heard
    assert first.questions[0].batch == again.questions[0].batch == heard.questions[0].batch
    assert first.sequence == again.sequence == heard.sequence == later.sequence - 1
    assert (first.delay_seconds, heard.delay_seconds) == (0.0, 2.0)
    assert sum(tally.ok for tally in later.questions[0].batch.tallies) == 1


def test_its_view_says_how_it_goes(sync: FleetSync, fleet: Fleet, clock: ManualClock) -> None:
    assert sync.view().lag_seconds is None
    sync.step()
    clock.advance(3)
    assert sync.view().connected
    fleet.trouble = StorageUnavailable("valkey")
    sync.step()
    assert (sync.view().connected, sync.view().lag_seconds, sync.view().failures) == (False, 3.0, 1)


def test_the_thread_outlives_an_answer_it_cannot_read(sync: FleetSync, fleet: Fleet, breaker: Breaker) -> None:
    fleet.trouble = ValueError("not JSON")
    sync.start()
    eventually(lambda: len(fleet.heard) > 2)
    fleet.trouble = None
    eventually(lambda: breaker.view().connected)
    sync.stop()
    assert fleet.left == ["api-1"]


def test_stopping_tells_what_is_left(sync: FleetSync, fleet: Fleet, breaker: Breaker) -> None:
    sync.start()
    sync.start()
    with pytest.raises(DependencyFailed), breaker.guard():
        raise DependencyFailed("geocoder", "it broke", transient=True)
    sync.stop()
    assert sum(tally.bad for exchange in fleet.heard for tally in exchange.questions[0].batch.tallies) == 1


def test_stopping_without_the_fleet_is_no_trouble(sync: FleetSync, fleet: Fleet) -> None:
    fleet.trouble = StorageUnavailable("valkey")
    sync.start()
    sync.stop()
    assert fleet.left == []


def test_the_first_exchange_is_over_when_start_returns(sync: FleetSync, breaker: Breaker) -> None:
    sync.start()
    assert breaker.view().connected
    sync.stop()
