"""Injecting faults and seeing that they are, on both databases and a real Valkey."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Permission, Role
from backend.errors import Conflict, Forbidden, InvalidRequest, StorageUnavailable
from backend.resilience.orders import Slot
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.builders import actor_with
from tests.support.circuit_desk import REASON, CircuitDesk, guarded
from tests.support.clock import ManualClock
from tests.support.valkey import TestServer, own_valkey, shared, valkey_server
from tests.unit.resilience.fleets import QUICK, fleet_of

__all__ = ["own_valkey", "shared", "valkey_server"]

FAULT = {"latency_seconds": 0.5, "error_ratio": 0.25, "disconnect_ratio": 0.0}


@pytest.fixture
def desk(database: Database, shared: SharedState, clock: ManualClock) -> CircuitDesk:
    return CircuitDesk(database, shared, clock, guarded(QUICK))


def test_a_fault_is_shown_with_who_why_and_until_when_and_ended_in_one_act(desk: CircuitDesk, clock: ManualClock) -> None:
    record = desk.circuits.inject_fault(desk.admin, "geocoder", FAULT, REASON, 5)
    (active,) = desk.circuits.faults(desk.admin)
    assert (active.circuit, active.title, active.fault, active.actor_name, active.reason) == (
        "geocoder", "Geocoder", FAULT, desk.admin.name, REASON
    )  # fmt: skip
    assert active.ends_at == clock.now() + timedelta(minutes=5) == record.expires_at
    assert desk.view().fault == record
    assert 0 < desk.held(Slot.FAULT).left_seconds <= 300
    desk.circuits.end_fault(desk.admin, "geocoder", REASON)
    assert (desk.circuits.faults(), desk.view().fault, desk.held(Slot.FAULT).body) == ([], None, "")
    assert desk.acts() == [("faults.inject", "done"), ("faults.end", "done")]


def test_only_what_is_injected_can_be_ended(desk: CircuitDesk) -> None:
    with pytest.raises(Conflict):
        desk.circuits.end_fault(desk.admin, "geocoder", REASON)


@pytest.mark.parametrize(
    ("fault", "minutes", "field"),
    [
        ({"latency": 1}, 5, "latency"),
        ({"error_ratio": 1.5}, 5, "error_ratio"),
        ({}, 5, "latency_seconds"),
        (FAULT, 0, "minutes"),
        (FAULT, 61, "minutes"),
        (FAULT, float("nan"), "minutes"),
        (FAULT, True, "minutes"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_happens(desk: CircuitDesk, fault: dict[str, float], minutes: float, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        desk.circuits.inject_fault(desk.admin, "geocoder", fault, REASON, minutes)
    assert refusal.value.problems[0].field == field
    assert (desk.newest(Slot.FAULT), desk.acts()) == (None, [])


@pytest.mark.parametrize("role", list(Role))
def test_who_may_inject_and_that_refusals_are_recorded(desk: CircuitDesk, role: Role) -> None:
    actor = actor_with(role)
    if Permission.INJECT_FAULTS in PERMISSIONS[role]:
        desk.circuits.inject_fault(actor, "geocoder", FAULT, REASON, 5)
        assert desk.acts() == [("faults.inject", "done")]
    else:
        with pytest.raises(Forbidden):
            desk.circuits.inject_fault(actor, "geocoder", FAULT, REASON, 5)
        assert desk.acts() == [("faults.inject", "refused")]
    assert isinstance(desk.circuits.faults(actor), list)


def test_nobody_without_the_permission_sees_faults(desk: CircuitDesk) -> None:
    with pytest.raises(Forbidden):
        desk.circuits.faults(Actor(ActorKind.API_KEY, "key", "key", frozenset()))


def test_the_last_word_on_a_fault_counts(desk: CircuitDesk, clock: ManualClock) -> None:
    desk.circuits.inject_fault(desk.admin, "geocoder", FAULT, REASON, 5)
    clock.advance(1)
    desk.circuits.inject_fault(desk.admin, "geocoder", {"error_ratio": 1.0}, REASON, 1)
    assert [active.fault["error_ratio"] for active in desk.circuits.faults()] == [1.0]
    clock.advance(60)
    assert desk.circuits.faults() == []  # the longer one before it does not come back


def test_with_sql_away_the_fleet_tells_of_faults(desk: CircuitDesk, shared: SharedState, clock: ManualClock, tmp_path: Path) -> None:
    fleet_of(shared, 1)
    desk.circuits.inject_fault(desk.admin, "geocoder", FAULT, REASON, 5)
    blind = CircuitDesk(Database(f"sqlite:///{tmp_path / 'no' / 'folder.db'}"), shared, clock, guarded(QUICK))
    (active,) = blind.circuits.faults()
    assert (active.circuit, active.title, active.fault, active.actor_name) == ("geocoder", "Geocoder", FAULT, None)
    assert active.ends_at is not None


def test_with_both_stores_away_faults_are_not_called_none(own_valkey: TestServer, clock: ManualClock, tmp_path: Path) -> None:
    blind = CircuitDesk(Database(f"sqlite:///{tmp_path / 'no' / 'folder.db'}"), own_valkey.shared(), clock, guarded(QUICK))
    own_valkey.kill()
    with pytest.raises(StorageUnavailable):
        blind.circuits.faults()
