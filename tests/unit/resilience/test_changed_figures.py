"""Figures changed at run time, and what they make of the window and the probes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.errors import CircuitOpen
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Reply, SharedCircuit
from tests.support.clock import ManualClock
from tests.unit.resilience.listened_breaker import POLICY, breaker, fail, heard

__all__ = ["breaker", "heard"]


def test_other_figures_hold_at_once_and_keep_a_window_of_the_same_shape(breaker: Breaker) -> None:
    fail(breaker, 3)
    breaker.use(replace(POLICY, minimum_calls=6))
    fail(breaker, 2)
    assert breaker.view().state == "closed"
    fail(breaker, 1)
    assert breaker.view().state == "open"
    assert breaker.policy.minimum_calls == 6


@pytest.mark.parametrize(
    "other", [replace(POLICY, slots=10), replace(POLICY, window="count", window_calls=8), replace(POLICY, window_seconds=60)]
)
def test_a_window_of_another_shape_begins_anew_and_totals_go_on(breaker: Breaker, other: Policy) -> None:
    fail(breaker, 3)
    breaker.use(other)
    fail(breaker, 3)
    assert breaker.view().state == "closed"
    assert breaker.totals().bad == 6
    fail(breaker, 1)
    assert breaker.view().state == "open"


def test_a_window_by_number_forgets_by_number_and_not_by_time(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", replace(POLICY, window="count", window_calls=8, minimum_calls=8), clock, lambda: 0.5)
    fail(breaker, 4)
    clock.advance(1e6)
    for _ in range(3):
        breaker.call(int)
    assert breaker.view().state == "closed"
    breaker.call(int)
    assert breaker.view().state == "open"


def test_a_window_by_number_lets_its_oldest_calls_go(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", replace(POLICY, window="count", window_calls=8, minimum_calls=8), clock, lambda: 0.5)
    fail(breaker, 3)
    for _ in range(8):
        breaker.call(int)
    fail(breaker, 3)
    assert breaker.view().state == "closed"
    fail(breaker, 1)
    assert breaker.view().state == "open"


def test_good_calls_that_complete_the_minimum_open_what_had_failed_enough(breaker: Breaker) -> None:
    fail(breaker, 3)
    breaker.call(int)
    assert breaker.view().state == "open"


def test_good_calls_leaving_the_window_open_what_they_had_outweighed(breaker: Breaker, clock: ManualClock) -> None:
    for _ in range(20):
        breaker.call(int)
    clock.advance(20)
    fail(breaker, 10)
    assert breaker.view().state == "closed"
    clock.advance(10)
    breaker.call(int)
    assert breaker.view().state == "open"


def test_several_probes_at_once_where_the_policy_permits_them(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", replace(POLICY, concurrent_probes=2), clock, lambda: 0.5)
    fail(breaker)
    clock.advance(5)
    with breaker.guard(), breaker.guard(), pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    assert breaker.view().local is State.CLOSED


def test_a_slow_probe_is_a_bad_one(breaker: Breaker, clock: ManualClock) -> None:
    fail(breaker)
    clock.advance(5)
    breaker.call(lambda: clock.advance(1.5))
    assert breaker.view().local is State.OPEN


@pytest.mark.parametrize(("chance", "probes"), [(0.24, True), (0.25, False)])
def test_where_nobody_is_heard_one_of_those_last_known_probes_by_chance(clock: ManualClock, chance: float, probes: bool) -> None:
    chances = [0.5]
    breaker = Breaker("geocoder", POLICY, clock, lambda: chances[-1])
    breaker.adopt(Reply(SharedCircuit(State.OPEN, 1, 5.0), live_instances=4), clock.monotonic())
    breaker.drift()
    clock.advance(5)
    chances.append(chance)
    try:
        breaker.call(int)
    except CircuitOpen:
        assert not probes
    else:
        assert probes
