"""Who is there, and what is read of a circuit, on a real Valkey and in memory."""

from __future__ import annotations

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.readings import Named
from backend.resilience.shared_state import (
    Happening,
    LocalMove,
)
from tests.contract.fleet_store import POLICY, Store, shared, store, valkey_server
from tests.support.threads import at_once

__all__ = ["shared", "store", "valkey_server"]


def test_live_instances_are_those_that_spoke_of_late(store: Store) -> None:
    for who in ("api-1", "api-2", "api-3"):
        store.tell(who)
    store.state.leave("api-3", ("geocoder",))
    assert store.tell("api-1").live_instances == 0  # counted twice a second
    store.advance(0.5)
    assert store.tell("api-1").live_instances == 2
    store.advance(2.501)
    assert store.tell("api-1").live_instances == 1
    assert [one.id for one in store.state.read("geocoder").instances] == ["api-2", "api-1"]
    store.advance(57.0)
    store.tell("api-1")
    assert [one.id for one in store.state.read("geocoder").instances] == ["api-1"]


def test_a_process_may_leave_one_circuit_and_stay_in_another(store: Store) -> None:
    store.tell(name="geocoder")
    store.tell("api-2", name="mail")
    store.tell(name="mail")
    store.state.leave("api-1", ("mail",), ends=False)
    assert [[one.id for one in store.state.read(name).instances] for name in ("geocoder", "mail")] == [["api-1"], ["api-2"]]
    assert store.state.read("geocoder").instances[0].role == "api"


def test_a_blank_circuit_that_its_last_process_lets_go_is_forgotten(store: Store) -> None:
    for name in ("tenant-1", "tenant-2", "tenant-3"):
        store.tell(name=name)
    store.tell("api-2", name="tenant-2")
    store.state.control("tenant-3", Slot.POLICY, Order("{}", 1, "p"), "policy")
    store.open()
    store.state.leave("api-1", ("tenant-1", "tenant-2", "tenant-3", "geocoder"), ends=False)
    store.state.leave("api-2", ("geocoder",), ends=False)
    assert [store.state.read(name).known for name in ("tenant-1", "tenant-2", "tenant-3", "geocoder")] == [False, True, True, True]
    assert {named.name for named in store.state.names()} == {"tenant-2", "tenant-3", "geocoder"}


def test_a_circuit_whose_processes_all_ended_is_remembered(store: Store) -> None:
    store.tell()
    store.state.leave("api-1", ("geocoder",))
    assert store.state.read("geocoder").known
    assert [named.name for named in store.state.names()] == ["geocoder"]


def test_every_circuit_of_every_service_is_named(store: Store) -> None:
    store.tell(name="mail", title="Mail")
    store.advance(5.0)
    store.tell(name="geocoder", title="")
    assert store.state.names() == [Named("mail", "Mail", "astrolabe", 5.0), Named("geocoder", "", "astrolabe", 0.0)]
    store.advance(86_395.0)
    store.tell(name="geocoder", title="Geocoder")
    assert store.state.names() == [Named("geocoder", "Geocoder", "astrolabe", 0.0)]


def test_of_a_circuit_that_nobody_told_of_nothing_is_known(store: Store) -> None:
    reading = store.state.read("nobody")
    assert (reading.known, reading.bars, reading.policy, reading.p95_seconds, reading.instances) == (False, (), None, None, ())


def test_a_reading_says_by_which_figures_the_circuit_goes(store: Store) -> None:
    store.tell()
    policy = store.state.read("geocoder").policy
    assert Policy(**policy) == POLICY


def test_the_history_is_read_in_pages_of_one_circuit_or_all(store: Store) -> None:
    for number in range(1, 8):
        for name in ("geocoder", "mail"):
            store.state.control(name, Slot.OVERRIDE, Order("isolated", number, f"{number}"), "isolated")
    first = store.state.transitions("mail", 3)
    second = store.state.transitions("mail", 3, first[-1].id)
    assert [move.epoch for move in first + second] == [7, 6, 5, 4, 3, 2]
    assert [move.circuit for move in store.state.transitions(None, 3, second[-1].id)] == ["geocoder", "mail", "geocoder"]
    assert store.state.transitions("nobody", 3) == []


def test_happenings_are_kept_with_their_sums_and_once(store: Store) -> None:
    happened = (Happening("refused", "circuit_open", 12), Happening("retried", "", 1))
    store.tell(happenings=happened)
    store.tell(happenings=happened, repeated=True)
    lines = store.state.happenings("geocoder", 10)
    assert [(line.kind, line.detail, line.count, line.instance) for line in lines] == [
        ("retried", "", 1, "api-1"),
        ("refused", "circuit_open", 12, "api-1"),
    ]
    assert store.state.happenings("mail", 10) == []
    assert [line.kind for line in store.state.happenings(None, 10, lines[0].id)] == ["refused"]


def test_a_processs_own_moves_are_told_while_the_fleets_circuit_is_closed(store: Store) -> None:
    own = (LocalMove(State.CLOSED, State.OPEN, "process_window", 1),)
    store.tell(moves=own)
    store.open()
    store.tell(moves=own)
    assert store.causes() == ["process_window", "window"]


def test_a_name_that_may_not_become_a_key_is_refused(store: Store) -> None:
    for refused in (lambda: store.state.read("a:b"), lambda: store.state.control("A", Slot.RESET, Order("reset", 1), "reset")):
        with pytest.raises(ValueError, match="name"):
            refused()


def test_orders_given_at_once_are_applied_once_each(store: Store) -> None:
    order = Order("isolated", 1, "the-act")
    verdicts = at_once(*[lambda: store.state.control("geocoder", Slot.OVERRIDE, order, "isolated")] * 4)
    assert sorted(verdicts) == ["applied", "same", "same", "same"]
