"""Orders that reach a breaker from elsewhere than the fleet."""

from __future__ import annotations

import pytest

from backend.errors import CircuitIsolated
from backend.resilience.breaker import Breaker
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from tests.support.clock import ManualClock


@pytest.fixture
def heard() -> list[tuple[Slot, int]]:
    return []


@pytest.fixture
def breaker(clock: ManualClock, heard: list[tuple[Slot, int]]) -> Breaker:
    return Breaker("geocoder", Policy(), clock, lambda: 0.5, on_order=lambda slot, order: heard.append((slot, order.epoch)))


def test_they_hold_before_the_fleet_was_ever_heard_until_their_time_is_over(breaker: Breaker, clock: ManualClock) -> None:
    breaker.instruct({Slot.OVERRIDE: Order("isolated", 3, "act", 60.0)})
    with pytest.raises(CircuitIsolated):
        breaker.call(lambda: "ok")
    clock.advance(60)
    assert breaker.call(lambda: "ok") == "ok"


def test_policies_and_faults_are_passed_on(breaker: Breaker, heard: list[tuple[Slot, int]]) -> None:
    breaker.instruct({Slot.POLICY: Order("{}", 2, "p"), Slot.FAULT: Order("{}", 4, "f", 9.0), Slot.OVERRIDE: Order("none", 1, "o")})
    assert heard == [(Slot.POLICY, 2), (Slot.FAULT, 4)]
    breaker.instruct({Slot.POLICY: Order("{}", 2, "p")})
    assert len(heard) == 2


def test_an_older_order_than_is_held_changes_nothing(breaker: Breaker) -> None:
    breaker.instruct({Slot.OVERRIDE: Order("isolated", 3, "act", 60.0)})
    breaker.instruct({Slot.OVERRIDE: Order("none", 2, "older")})
    assert breaker.view().state == "isolated"


def test_the_fleet_is_told_of_them(breaker: Breaker) -> None:
    breaker.instruct({Slot.OVERRIDE: Order("isolated", 3, "act", 60.0)})
    assert breaker.question(breaker.take_batch()).orders[Slot.OVERRIDE].epoch == 3
