"""Another service's dependency: all protections, in step with the fleet."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from backend.errors import CircuitIsolated
from backend.resilience.connection import Fleet, connect
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.faults import Fault
from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisState
from backend.storage.shared import SharedState
from tests.support.valkey import TestServer
from tests.unit.resilience.fleets import eventually


@pytest.fixture
def fleet(shared: SharedState, valkey_server: TestServer) -> Iterator[Fleet]:
    with connect(valkey_server.url, "billing") as fleet:
        yield fleet


def test_an_operators_orders_reach_every_part_of_it(fleet: Fleet, shared: SharedState) -> None:
    mail, state = fleet.dependency("mail", DependencyPolicy(attempt_seconds=1.0), title="Mail"), RedisState(shared)
    assert mail.call(lambda seconds: seconds, idempotent=True) == pytest.approx(1.0)
    state.control("mail", Slot.POLICY, Order(json.dumps({"attempt_seconds": 0.5, "circuit": {"minimum_calls": 77}}), 1, "a"), "policy")
    eventually(lambda: mail.breaker.policy.minimum_calls == 77)
    assert mail.call(lambda seconds: seconds, idempotent=True) == pytest.approx(0.5)
    state.control("mail", Slot.FAULT, Order(json.dumps({"error_ratio": 0.5}), 1, "b", 60.0), "fault")
    eventually(lambda: mail.view().fault is not None)
    fault = mail.view().fault
    assert fault is not None and fault.fault == Fault(error_ratio=0.5) and fault.left_seconds <= 60
    state.control("mail", Slot.FAULT, Order("", 2, "c"), "fault")
    eventually(lambda: mail.view().fault is None)


def test_an_order_from_before_holds_for_the_first_call(fleet: Fleet, shared: SharedState) -> None:
    state = RedisState(shared)
    state.control("mail", Slot.OVERRIDE, Order("isolated", 1, "a", 60.0), "isolated")
    state.control("mail", Slot.POLICY, Order(json.dumps({"attempt_seconds": 0.5}), 1, "b"), "policy")
    mail = fleet.dependency("mail")
    with pytest.raises(CircuitIsolated):
        mail.call(lambda seconds: seconds, idempotent=True)
    assert mail.policy.attempt_seconds == 0.5


def test_a_process_has_one_circuit_of_a_name(fleet: Fleet) -> None:
    fleet.dependency("mail")
    with pytest.raises(ValueError, match="already"):
        fleet.dependency("mail")
