"""Orders, and what the fleet remembers of a store that forgot, on a real Valkey and in memory."""

from __future__ import annotations

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, Slot
from backend.resilience.shared_state import (
    ProbeReport,
    SharedCircuit,
)
from tests.contract.fleet_store import LONG, Store, bad, good, shared, store, valkey_server

__all__ = ["shared", "store", "valkey_server"]


# -- orders -------------------------------------------------------------------------------------------------------------


def test_an_order_is_fenced_by_its_epoch_and_known_by_its_act(store: Store) -> None:
    def told(epoch: int, act: str, slot: Slot = Slot.OVERRIDE) -> str:
        return str(store.state.control("geocoder", slot, Order("isolated", epoch, act, 60.0), "isolated"))

    assert [told(2, "b"), told(2, "b"), told(1, "a"), told(2, "c"), told(3, "d")] == ["applied", "same", "stale", "stale", "applied"]
    assert told(1, "f", Slot.FAULT) == "applied"  # each slot counts by itself
    assert store.causes() == ["isolated", "isolated"]


def test_orders_are_told_to_whom_they_are_news(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("metrics_only", 1, "a", 60.0, 2.0), "metrics_only")
    store.state.control("geocoder", Slot.POLICY, Order(LONG, 1, "p"), "policy")
    store.advance(1.0)
    orders = {Slot.OVERRIDE: Order("metrics_only", 1, "a", 59.0, 3.0), Slot.POLICY: Order(LONG, 1, "p", None, 1.0)}
    assert store.tell().orders == orders
    assert store.tell(orders=orders).orders == {}
    assert store.tell(orders=orders | {Slot.POLICY: Order(LONG, 1, "another")}).orders == {Slot.POLICY: orders[Slot.POLICY]}


def test_an_order_is_over_when_its_time_is_and_says_so(store: Store) -> None:
    store.state.control("geocoder", Slot.FAULT, Order('{"error_ratio": 1}', 1, "f", 3.0), "fault")
    store.advance(4.0)
    assert store.tell().orders[Slot.FAULT].left_seconds == 0.0
    assert store.state.read("geocoder").order(Slot.FAULT).left_seconds == 0.0


def test_instances_say_which_orders_they_hold(store: Store) -> None:
    store.tell("api-1", orders={Slot.POLICY: Order("{}", 4, "p"), Slot.RESET: Order("reset", 2, "r")}, local=State.OPEN)
    (instance,) = store.state.read("geocoder").instances
    assert (instance.id, instance.role, instance.state, instance.lag_seconds) == ("api-1", "api", "open", 0.0)
    assert instance.epochs == {Slot.OVERRIDE: 0, Slot.POLICY: 4, Slot.FAULT: 0, Slot.RESET: 2}


def test_a_reset_closes_and_forgets_all_that_was_counted(store: Store) -> None:
    (token,) = store.half_open().tokens
    assert store.state.control("geocoder", Slot.RESET, Order("reset", 1, "r"), "reset") == "applied"
    reading = store.state.read("geocoder")
    assert (reading.circuit.state, reading.circuit.epoch, reading.circuit.rounds) == (State.CLOSED, 3, 0)
    assert sum(sum(bar) for bar in reading.bars) == 0
    assert store.tell("api-1", held=(token,), reports=(ProbeReport(token, 2, False),)).circuit.state is State.CLOSED
    (moved,) = store.state.transitions("geocoder", 1)
    assert (moved.cause, moved.instance) == ("reset", "")  # no process did it


def test_what_was_counted_before_a_reset_opens_nothing_after_it(store: Store) -> None:
    for who in ("api-1", "api-2"):
        store.tell(who, tallies=(bad(1),))
    store.state.control("geocoder", Slot.RESET, Order("reset", 1, "r"), "reset")
    replies = [store.tell(who, tallies=(bad(1),)) for who in ("api-1", "api-2")]
    assert [reply.circuit.state for reply in replies] == [State.CLOSED, State.CLOSED]  # two of the four that it takes


def test_a_disabled_circuit_shows_its_calls_and_never_opens(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("disabled", 1, "a"), "disabled")
    assert store.open().circuit.state is State.CLOSED
    assert sum(bad for _, bad, _ in store.state.read("geocoder").bars) == 6
    store.state.control("geocoder", Slot.OVERRIDE, Order("none", 2, "b"), "released")
    assert store.tell("api-1", tallies=(good(1),)).circuit.state is State.CLOSED


def test_metrics_only_tells_once_a_wait_that_it_would_have_opened(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("metrics_only", 1, "a"), "metrics_only")
    for _ in range(3):
        assert store.open().circuit.state is State.CLOSED
    assert store.causes() == ["metrics_only", "would_open"]
    (told,) = store.state.transitions("geocoder", 1)
    assert (told.source, told.target, told.instance, told.epoch) == ("closed", "open", "api-2", 0)
    store.advance(5.0)
    store.open()
    assert store.causes() == ["metrics_only", "would_open", "would_open"]
    store.state.control("geocoder", Slot.OVERRIDE, Order("none", 2, "b"), "released")
    assert store.open().circuit.state is State.OPEN


def test_an_override_says_in_the_history_what_calls_met_before_and_after(store: Store) -> None:
    store.open()
    store.state.control("geocoder", Slot.OVERRIDE, Order("forced_open", 5, "a"), "forced_open")
    store.state.control("geocoder", Slot.OVERRIDE, Order("none", 6, "b"), "released")
    released, forced = store.state.transitions("geocoder", 2)
    assert (forced.source, forced.target, forced.epoch, forced.slot) == ("open", "forced_open", 5, "override")
    assert (released.source, released.target, released.epoch, released.slot) == ("forced_open", "open", 6, "override")


def test_an_override_of_a_later_version_is_kept_and_changes_no_rule(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("throttled", 1, "a"), "throttled")
    assert store.open().circuit.state is State.OPEN
    assert store.tell().orders[Slot.OVERRIDE].body == "throttled"


def test_who_listens_hears_of_each_order_that_is_applied(store: Store) -> None:
    feed = store.feed()
    cursor = feed.newest()
    assert feed.after(cursor, 0.01) == (cursor, frozenset())
    store.state.control("geocoder", Slot.POLICY, Order("{}", 2, "p"), "policy")
    store.state.control("geocoder", Slot.POLICY, Order("{}", 1, "o"), "policy")
    store.state.control("mail", Slot.RESET, Order("reset", 1, "r"), "reset")
    after, names = feed.after(cursor, 1.0)
    assert names == {"geocoder", "mail"}
    assert feed.after(after, 0.01) == (after, frozenset())
    assert feed.newest() == after
    feed.close()


# -- what was forgotten -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.OPEN, State.HALF_OPEN])
def test_what_processes_remember_outlives_the_store(store: Store, state: State) -> None:
    known = SharedCircuit(state, 7, 3.0, 2, 9.0)
    reply = store.tell(known=known, orders={Slot.OVERRIDE: Order("isolated", 4, "a", 60.0)})
    assert (reply.circuit.state, reply.circuit.epoch, reply.circuit.rounds) == (State.OPEN, 7, 2)
    assert (reply.circuit.left_seconds, reply.circuit.age_seconds) == (3.0, 9.0)
    assert store.state.read("geocoder").order(Slot.OVERRIDE) == Order("isolated", 4, "a", 60.0)
    assert [(move.source, move.cause) for move in store.state.transitions(None, 5)] == [("forgotten", "reseeded")]
    store.tell("api-2", known=known)
    assert store.causes() == ["reseeded"]


def test_a_closed_circuit_that_was_forgotten_is_told_as_such_once(store: Store) -> None:
    store.tell("api-1", known=SharedCircuit(State.CLOSED, 0))
    store.tell("api-2", known=SharedCircuit(State.CLOSED, 0))
    assert store.causes() == ["reseeded"]
    store.tell("api-3", name="mail")
    assert store.state.transitions("mail", 5) == []


def test_a_long_body_is_told_when_it_is_asked_for(store: Store) -> None:
    orders = {Slot.POLICY: Order(LONG, 3, "p")}
    reply = store.tell(orders=orders)
    assert reply.lacks == {Slot.POLICY}
    assert store.tell(orders=orders, lacking=reply.lacks).lacks == frozenset()
    assert store.state.read("geocoder").order(Slot.POLICY).body == LONG


def test_a_reset_beats_the_memory_of_processes_that_have_not_heard_of_it(store: Store) -> None:
    store.state.control("geocoder", Slot.RESET, Order("reset", 1, "r"), "reset")
    reply = store.tell(known=SharedCircuit(State.OPEN, 7, 30.0))
    assert (reply.circuit.state, reply.circuit.epoch) == (State.CLOSED, 8)
