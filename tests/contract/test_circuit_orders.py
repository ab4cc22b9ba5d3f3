"""Orders between SQL, which is the truth, and the fleet, which may be away or forget; on both databases and a real Valkey."""

from __future__ import annotations

import pytest

from backend.errors import StorageUnavailable
from backend.operations.applying import standing_orders
from backend.resilience.orders import Order, Slot
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.circuit_desk import REASON, CircuitDesk, guarded
from tests.support.clock import ManualClock
from tests.support.threads import at_once
from tests.support.valkey import shared, valkey_server
from tests.unit.resilience.fleets import QUICK, fleet_of

__all__ = ["shared", "valkey_server"]

FAULT = {"latency_seconds": 0.5, "error_ratio": 0.25}
POLICY = {"circuit": {"failure_ratio": 0.25}}


@pytest.fixture
def desk(database: Database, shared: SharedState, clock: ManualClock) -> CircuitDesk:
    return CircuitDesk(database, shared, clock, guarded(QUICK))


def all_orders(desk: CircuitDesk) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    desk.circuits.change_policy(desk.admin, "geocoder", POLICY, REASON)
    desk.circuits.inject_fault(desk.admin, "geocoder", FAULT, REASON, 5)


def test_what_the_fleet_forgot_it_is_told_again(desk: CircuitDesk, shared: SharedState) -> None:
    all_orders(desk)
    assert desk.circuits.apply_pending() == 0
    shared.client.flushall()
    assert desk.circuits.apply_pending() == 3
    for slot in (Slot.OVERRIDE, Slot.POLICY, Slot.FAULT):
        assert (desk.held(slot).body, desk.held(slot).act) == (desk.newest(slot).body, desk.newest(slot).id)
    assert desk.circuits.apply_pending() == 0


def test_what_ended_is_not_told_to_a_fleet_that_forgot(desk: CircuitDesk, shared: SharedState) -> None:
    all_orders(desk)
    desk.circuits.release(desk.admin, "geocoder", REASON)
    desk.circuits.revert_policy(desk.admin, "geocoder", REASON)
    desk.circuits.end_fault(desk.admin, "geocoder", REASON)
    shared.client.flushall()
    assert desk.circuits.apply_pending() == 0
    assert [desk.held(slot).body for slot in Slot] == [""] * 4


@pytest.mark.parametrize(
    ("slot", "body", "cause"), [(Slot.OVERRIDE, "isolated", "isolated"), (Slot.FAULT, '{"error_ratio":1}', "fault_injected")]
)
def test_an_order_that_sql_never_recorded_is_lifted(desk: CircuitDesk, slot: Slot, body: str, cause: str) -> None:
    desk.state.control("geocoder", slot, Order(body, 7, "unknown", 600.0), cause)
    assert desk.circuits.apply_pending() == 1
    assert desk.held(slot).body in ("", "none")
    assert desk.circuits.apply_pending() == 0
    assert desk.circuits.isolate(desk.admin, "geocoder", REASON, 10).applied_at is not None


@pytest.mark.parametrize("epoch", [1, 5])
def test_an_isolation_that_sql_knows_holds_though_the_fleet_heard_another_word(desk: CircuitDesk, shared: SharedState, epoch: int) -> None:
    record = desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    shared.client.flushall()
    desk.state.control("geocoder", Slot.OVERRIDE, Order("none", epoch, "of-another-database"), "released")
    assert desk.circuits.apply_pending() == 1
    assert (desk.held().body, desk.held().epoch) == ("isolated", epoch + 1)
    assert desk.circuits.apply_pending() == 0
    assert desk.circuits.release(desk.admin, "geocoder", REASON).epoch == epoch + 2
    assert record.epoch == 1


@pytest.mark.parametrize("slot", [Slot.OVERRIDE, Slot.FAULT])
def test_an_order_ends_when_its_time_is_over_and_that_is_recorded_once(desk: CircuitDesk, clock: ManualClock, slot: Slot) -> None:
    act, ended = ("circuits.isolate", "circuits.expire") if slot is Slot.OVERRIDE else ("faults.inject", "faults.expire")
    if slot is Slot.OVERRIDE:
        desk.circuits.isolate(desk.admin, "geocoder", REASON, 1)
    else:
        desk.circuits.inject_fault(desk.admin, "geocoder", FAULT, REASON, 1)
    assert desk.circuits.expire_due() == 0
    clock.advance(60)
    assert (desk.view().override, desk.view().fault, desk.circuits.faults()) == (None, None, [])
    assert sum(at_once(*[desk.circuits.expire_due] * 3)) == 1
    assert desk.acts() == [(act, "done"), (ended, "done")]
    assert desk.told == [(act, True), (ended, True)]
    assert (desk.newest(slot).kind, desk.newest(slot).actor_id) == ("none", "system:worker")
    assert desk.held(slot).body in ("", "none")


def test_a_reset_that_could_not_be_told_is_told_when_the_store_is_back(desk: CircuitDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> str:
        raise StorageUnavailable("valkey")

    monkeypatch.setattr("backend.resilience.redis_state.RedisState.control", away)
    assert desk.circuits.reset(desk.admin, "geocoder", REASON).applied_at is None
    monkeypatch.undo()
    assert desk.circuits.apply_pending() == 1
    assert desk.newest(Slot.RESET).applied_at is not None
    assert desk.circuits.apply_pending() == 0
    assert [move.cause for move in desk.state.transitions("geocoder", 5)] == ["reset"]


def test_a_process_that_missed_the_release_does_not_bring_the_isolation_back(desk: CircuitDesk, shared: SharedState) -> None:
    (late,) = fleet_of(shared, 1)
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    late.sync.step()
    desk.circuits.release(desk.admin, "geocoder", REASON)
    shared.client.flushall()
    late.sync.step()  # it remembers the isolation, and tells
    assert desk.circuits.apply_pending() == 1
    late.sync.step()
    assert late.call() == "ok"


def test_a_process_that_starts_alone_learns_from_sql_what_holds(desk: CircuitDesk, clock: ManualClock) -> None:
    all_orders(desk)
    desk.circuits.reset(desk.admin, "geocoder", REASON)
    clock.advance(60)
    standing = standing_orders(desk.database, "geocoder", clock.now())
    assert set(standing) == {Slot.OVERRIDE, Slot.POLICY, Slot.FAULT}
    assert standing[Slot.OVERRIDE] == Order("isolated", 1, desk.newest().id, 540.0, 60.0)
    assert (standing[Slot.FAULT].left_seconds, standing[Slot.POLICY].left_seconds) == (240.0, None)
    clock.advance(600)
    assert standing_orders(desk.database, "geocoder", clock.now())[Slot.OVERRIDE].left_seconds == 0.0
    assert standing_orders(desk.database, "elsewhere", clock.now()) == {}


def test_orders_of_a_circuit_that_nobody_configured_are_applied_too(desk: CircuitDesk, shared: SharedState, clock: ManualClock) -> None:
    elsewhere = CircuitDesk(desk.database, shared, clock, {"mail": next(iter(guarded(QUICK).values()))})
    elsewhere.circuits.isolate(desk.admin, "mail", REASON, 10)
    shared.client.flushall()
    assert desk.circuits.apply_pending() == 1
    assert desk.state.read("mail").order(Slot.OVERRIDE).body == "isolated"
