"""The ramp after closing."""

from __future__ import annotations

import random

import pytest

from backend.errors import CircuitOpen
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.shared_state import SharedCircuit
from tests.support.clock import ManualClock
from tests.unit.resilience.listened_breaker import RAMPED, breaker, fail, heard, told

__all__ = ["breaker", "heard"]


def admitted(breaker: Breaker, calls: int = 400) -> float:
    let_in = 0
    for _ in range(calls):
        try:
            breaker.call(int)
        except CircuitOpen as refusal:
            assert "recovering" in str(refusal)
            assert refusal.retry_after_seconds is not None
            assert 0 < refusal.retry_after_seconds <= 1
        else:
            let_in += 1
    return let_in / calls


@pytest.mark.parametrize("who", ["process", "fleet"])
def test_after_closing_calls_are_let_in_by_a_growing_share(clock: ManualClock, who: str) -> None:
    breaker = Breaker("geocoder", RAMPED, clock, random.Random(7).random)
    if who == "fleet":
        told(breaker, clock, circuit=SharedCircuit(State.HALF_OPEN, 2))
        told(breaker, clock, circuit=SharedCircuit(State.CLOSED, 3, cause="probes_succeeded"))
    else:
        fail(breaker)
        clock.advance(5)
        for _ in range(2):
            breaker.call(int)
    for share in (0.1, 0.25, 0.5, 1.0):
        assert breaker.view().share == share
        assert admitted(breaker) == pytest.approx(share, abs=0.08)
        clock.advance(1)
    assert (breaker.view().share, admitted(breaker)) == (1.0, 1.0)


def test_each_process_ramps_from_when_the_fleet_closed_not_from_when_it_heard(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", RAMPED, clock, lambda: 0.5)
    told(breaker, clock, circuit=SharedCircuit(State.CLOSED, 3, age_seconds=2.5, cause="probes_succeeded"))
    assert breaker.view().share == 0.5
    clock.advance(0.5)
    assert breaker.call(lambda: "ok") == "ok"


def test_trouble_during_the_ramp_opens_again(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", RAMPED, clock, lambda: 0.0)
    fail(breaker)
    clock.advance(5)
    for _ in range(2):
        breaker.call(int)
    fail(breaker)
    with pytest.raises(CircuitOpen, match="failed too often"):
        breaker.call(int)
