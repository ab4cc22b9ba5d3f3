"""What listeners hear of a breaker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.errors import CircuitOpen
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.shared_state import Happening, SharedCircuit
from tests.support.clock import ManualClock
from tests.unit.resilience.listened_breaker import POLICY, Failing, Heard, breaker, fail, heard, override, told

__all__ = ["breaker", "heard"]


def test_moves_are_told_with_their_cause(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    fail(breaker)
    clock.advance(5)
    fail(breaker, 1)
    clock.advance(10)
    for _ in range(2):
        breaker.call(int)
    told(breaker, clock, circuit=SharedCircuit(State.OPEN, 1, 7.0, cause="window"))
    breaker.drift()
    assert heard.states == [
        ("open", "process_window"),
        ("half_open", "process_wait_over"),
        ("open", "process_probe_failed"),
        ("half_open", "process_wait_over"),
        ("closed", "process_probes_succeeded"),
        ("open", "window"),
    ]


def test_refusals_and_notes_are_told_as_sums_about_once_a_second(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    fail(breaker)
    for _ in range(3):
        with pytest.raises(CircuitOpen):
            breaker.call(int)
    breaker.note(Happened.FELL_BACK, "offline index")
    breaker.note(Happened.FELL_BACK, "offline index", 2)
    assert set(breaker.take_batch().happenings) == {Happening("refused", "circuit_open", 3), Happening("fell_back", "offline index", 3)}
    assert sorted(heard.happenings) == [(Happened.FELL_BACK, "offline index", 3), (Happened.REFUSED, "circuit_open", 3)]
    breaker.note(Happened.RETRIED)
    assert breaker.take_batch().happenings == ()
    clock.advance(1)
    assert breaker.take_batch().happenings == (Happening("retried", "", 1),)


def test_a_listeners_fault_is_counted_and_reaches_nobody_who_called(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, listener=Failing())
    fail(breaker)
    breaker.note(Happened.RETRIED)
    assert breaker.take_batch().happenings
    assert breaker.totals().listener_faults == 2
    assert caplog.text.count("a listener of circuit geocoder failed") == 2
    assert breaker.view().state == "open"


def test_orders_on_policy_and_fault_are_told_once_and_outside_the_lock(clock: ManualClock) -> None:
    orders: list[tuple[Slot, str]] = []

    def on_order(slot: Slot, order: Order) -> None:
        breaker.use(replace(POLICY, minimum_calls=9))  # would wait for ever inside the lock
        orders.append((slot, order.body))

    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, on_order=on_order)
    policy, fault = (Slot.POLICY, Order("{}", 1, "a")), (Slot.FAULT, Order('{"error_ratio": 1}', 3, "b"))
    told(breaker, clock, policy, fault, override(OverrideKind.METRICS_ONLY))
    told(breaker, clock, policy, fault)
    told(breaker, clock, (Slot.POLICY, Order("", 2, "c")))
    assert orders == [(Slot.POLICY, "{}"), (Slot.FAULT, '{"error_ratio": 1}'), (Slot.POLICY, "")]


def test_an_order_that_cannot_be_carried_out_leaves_the_exchange_alive(clock: ManualClock) -> None:
    def on_order(slot: Slot, order: Order) -> None:
        raise ValueError("not JSON")

    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, on_order=on_order)
    told(breaker, clock, (Slot.POLICY, Order("{", 1, "a")))
    assert breaker.totals().listener_faults == 1
    assert breaker.view().connected


def test_a_view_says_since_when_the_fleet_is_not_heard(breaker: Breaker, clock: ManualClock) -> None:
    assert breaker.view().adrift_since is None
    told(breaker, clock)
    breaker.drift()
    lost = clock.now()
    clock.advance(9)
    breaker.drift()
    assert (breaker.view().adrift_since, breaker.view().connected) == (lost, False)
    told(breaker, clock)
    assert breaker.view().adrift_since is None
