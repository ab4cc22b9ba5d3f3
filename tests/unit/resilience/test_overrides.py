"""An operator's word at the call path."""

from __future__ import annotations

import pytest

from backend.errors import CircuitIsolated, CircuitOpen
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.shared_state import DISPLAY_ONLY_EPOCH, Happening, SharedCircuit
from tests.support.clock import ManualClock
from tests.unit.resilience.listened_breaker import Heard, breaker, fail, heard, override, told

__all__ = ["breaker", "heard"]


@pytest.mark.parametrize(("kind", "error"), [(OverrideKind.ISOLATED, CircuitIsolated), (OverrideKind.FORCED_OPEN, CircuitOpen)])
def test_calls_are_refused_for_as_long_as_the_operator_said(
    breaker: Breaker, clock: ManualClock, heard: Heard, kind: OverrideKind, error: type[Exception]
) -> None:
    told(breaker, clock, override(kind, left=60.0))
    with pytest.raises(error, match="by an operator") as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds == 60.0  # type: ignore[attr-defined]
    assert (breaker.view().state, breaker.view().override) == (kind, kind)
    clock.advance(60)
    assert breaker.call(lambda: "ok") == "ok"
    assert heard.states == [(kind, kind), ("closed", "expired")]
    assert breaker.totals().refused[error.code] == 1  # type: ignore[attr-defined]


def test_one_without_an_end_lasts_until_it_is_released(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    told(breaker, clock, override(OverrideKind.FORCED_OPEN))
    clock.advance(1e6)
    with pytest.raises(CircuitOpen) as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds is None
    told(breaker, clock, override(OverrideKind.NONE, 2))
    assert breaker.call(lambda: "ok") == "ok"
    assert heard.states[-1] == ("closed", "released")


def test_an_isolation_while_calls_are_refused_asks_for_no_probe(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, override(OverrideKind.ISOLATED), circuit=SharedCircuit(State.HALF_OPEN, 2))
    with pytest.raises(CircuitIsolated):
        breaker.call(lambda: "never")
    assert not breaker.question(breaker.take_batch()).wants_probe


@pytest.mark.parametrize("circuit", [SharedCircuit(epoch=0), SharedCircuit(State.OPEN, 1, 60.0), SharedCircuit(State.HALF_OPEN, 2)])
@pytest.mark.parametrize("kind", [OverrideKind.DISABLED, OverrideKind.METRICS_ONLY])
def test_calls_that_nothing_may_hinder_go_through_whatever_the_circuit_says(
    breaker: Breaker, clock: ManualClock, kind: OverrideKind, circuit: SharedCircuit
) -> None:
    told(breaker, clock, override(kind), circuit=circuit)
    fail(breaker, 20)
    assert breaker.call(lambda: "ok") == "ok"
    assert breaker.view().local is State.CLOSED
    assert breaker.totals().bad == 20


def test_disabled_calls_are_told_for_display_only(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, override(OverrideKind.DISABLED, left=60.0))
    fail(breaker, 20)
    assert [(tally.epoch, tally.bad) for tally in breaker.take_batch().tallies] == [(DISPLAY_ONLY_EPOCH, 20)]
    clock.advance(60)
    fail(breaker, 3)  # what failed meanwhile does not count now
    assert breaker.call(lambda: "ok") == "ok"


def test_metrics_only_tells_once_per_would_be_opening_and_counts_for_the_fleet(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    told(breaker, clock, override(OverrideKind.METRICS_ONLY))
    fail(breaker, 8)
    batch = breaker.take_batch()
    assert batch.happenings == (Happening(Happened.WOULD_OPEN, "process", 2),)
    assert (batch.moves, [tally.epoch for tally in batch.tallies]) == ((), [0])
    assert heard.happenings == [(Happened.WOULD_OPEN, "process", 2)]


@pytest.mark.parametrize("kind", [OverrideKind.DISABLED, OverrideKind.METRICS_ONLY])
def test_when_it_ends_the_circuits_own_state_goes_on(breaker: Breaker, clock: ManualClock, kind: OverrideKind) -> None:
    told(breaker, clock)
    fail(breaker)
    told(breaker, clock, override(kind, left=2.0))
    assert [breaker.call(lambda: "ok") for _ in range(9)] == ["ok"] * 9
    clock.advance(2)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    clock.advance(3)
    assert [breaker.call(lambda: "ok") for _ in range(2)] == ["ok", "ok"]
    assert breaker.view().local is State.CLOSED


def test_a_probe_that_ends_under_metrics_only_moves_nothing(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock)
    fail(breaker)
    clock.advance(5)
    with pytest.raises(ZeroDivisionError), breaker.guard():
        told(breaker, clock, override(OverrideKind.METRICS_ONLY))
        raise ZeroDivisionError
    assert breaker.view().local is State.HALF_OPEN


def test_a_reset_closes_and_forgets(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock)
    fail(breaker)
    told(breaker, clock, (Slot.RESET, Order("reset", 1, "act")))
    fail(breaker, 3)
    assert breaker.call(lambda: "ok") == "ok"


def test_the_result_of_a_call_begun_before_a_reset_does_not_count(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock)
    fail(breaker, 3)
    with pytest.raises(ZeroDivisionError), breaker.guard():
        told(breaker, clock, (Slot.RESET, Order("reset", 1, "act")))
        raise ZeroDivisionError
    fail(breaker, 3)
    assert breaker.view().state == "closed"
