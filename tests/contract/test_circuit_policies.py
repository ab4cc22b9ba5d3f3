"""Changing a dependency's policy and taking it back, on both databases and a real Valkey."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.actor import PERMISSIONS, Permission, Role
from backend.errors import Conflict, Forbidden, InvalidRequest
from backend.resilience.dependency_policy import from_document, to_document
from backend.resilience.orders import Slot
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.builders import actor_with
from tests.support.circuit_desk import REASON, CircuitDesk, guarded
from tests.support.clock import ManualClock
from tests.support.valkey import shared, valkey_server
from tests.unit.resilience.fleets import QUICK

__all__ = ["shared", "valkey_server"]

CIRCUITS = guarded(QUICK)


@pytest.fixture
def desk(database: Database, shared: SharedState, clock: ManualClock) -> CircuitDesk:
    return CircuitDesk(database, shared, clock, CIRCUITS)


def policy(**circuit: Any) -> dict[str, Any]:
    """The one from the settings with other figures of the circuit."""
    document = to_document(CIRCUITS["geocoder"].policy)
    return {**document, "circuit": {**document["circuit"], **circuit}}


def test_a_policy_in_force_says_where_it_comes_from(desk: CircuitDesk, clock: ManualClock) -> None:
    before = desk.view().policy
    assert (before.source, before.document, before.actor_name) == ("settings", policy(), None)
    record = desk.circuits.change_policy(desk.admin, "geocoder", policy(failure_ratio=0.25), REASON)
    after = desk.view().policy
    assert (after.source, after.document, after.epoch) == ("operator", policy(failure_ratio=0.25), 1)
    assert (after.actor_name, after.reason, after.since) == (desk.admin.name, REASON, clock.now())
    assert json.loads(desk.held(Slot.POLICY).body) == policy(failure_ratio=0.25) == record.document
    assert desk.acts() == [("circuits.change_policy", "done")]


def test_a_wrong_policy_is_refused_naming_each_field_and_nothing_happens(desk: CircuitDesk) -> None:
    wrong = {**policy(failure_ratio=3, probes=0), "attempt_seconds": "long", "colour": "red"}
    with pytest.raises(InvalidRequest) as refusal:
        desk.circuits.change_policy(desk.admin, "geocoder", wrong, REASON)
    assert {problem.field for problem in refusal.value.problems} == {
        "circuit.failure_ratio",
        "circuit.probes",
        "attempt_seconds",
        "colour",
    }
    assert (desk.newest(Slot.POLICY), desk.acts()) == (None, [])


def test_a_change_is_taken_back_in_one_act_and_again(desk: CircuitDesk) -> None:
    first, second = policy(failure_ratio=0.25), policy(failure_ratio=0.75)
    desk.circuits.change_policy(desk.admin, "geocoder", first, REASON)
    desk.circuits.change_policy(desk.admin, "geocoder", second, REASON)
    assert desk.circuits.revert_policy(desk.admin, "geocoder", REASON).document == first
    assert desk.view().policy.document == first
    assert desk.circuits.revert_policy(desk.admin, "geocoder", REASON).document == second
    assert [act for act, _ in desk.acts()] == ["circuits.change_policy"] * 2 + ["circuits.revert_policy"] * 2


def test_the_first_change_is_taken_back_to_the_settings(desk: CircuitDesk) -> None:
    desk.circuits.change_policy(desk.admin, "geocoder", policy(failure_ratio=0.25), REASON)
    desk.circuits.revert_policy(desk.admin, "geocoder", REASON, expected_epoch=1)
    assert (desk.view().policy.source, desk.view().policy.document) == ("settings", policy())
    assert desk.held(Slot.POLICY).body == ""


def test_there_must_be_something_to_change_or_to_take_back(desk: CircuitDesk) -> None:
    with pytest.raises(Conflict, match="no change to take back"):
        desk.circuits.revert_policy(desk.admin, "geocoder", REASON)
    desk.circuits.change_policy(desk.admin, "geocoder", policy(failure_ratio=0.25), REASON)
    with pytest.raises(Conflict, match="in force already"):
        desk.circuits.change_policy(desk.admin, "geocoder", policy(failure_ratio=0.25), REASON)
    with pytest.raises(Conflict, match="changed since you looked"):
        desk.circuits.change_policy(desk.admin, "geocoder", policy(failure_ratio=0.3), REASON, expected_epoch=0)


def test_a_field_left_out_is_as_in_the_settings(desk: CircuitDesk) -> None:
    desk.circuits.change_policy(desk.admin, "geocoder", {"circuit": {"failure_ratio": 0.25}}, REASON)
    assert desk.view().policy.document == to_document(from_document({"circuit": {"failure_ratio": 0.25}}, CIRCUITS["geocoder"].policy))
    assert desk.view().policy.document["circuit"]["minimum_calls"] == QUICK.minimum_calls


@pytest.mark.parametrize("role", list(Role))
def test_who_may_change_policies_and_that_refusals_are_recorded(desk: CircuitDesk, role: Role) -> None:
    actor = actor_with(role)
    if Permission.CHANGE_POLICIES in PERMISSIONS[role]:
        desk.circuits.change_policy(actor, "geocoder", policy(failure_ratio=0.25), REASON)
        desk.circuits.revert_policy(actor, "geocoder", REASON)
    else:
        for act in (
            lambda: desk.circuits.change_policy(actor, "geocoder", {}, REASON),
            lambda: desk.circuits.revert_policy(actor, "geocoder", REASON),
        ):
            with pytest.raises(Forbidden):
                act()
    outcome = "done" if Permission.CHANGE_POLICIES in PERMISSIONS[role] else "refused"
    assert desk.acts() == [("circuits.change_policy", outcome), ("circuits.revert_policy", outcome)]
