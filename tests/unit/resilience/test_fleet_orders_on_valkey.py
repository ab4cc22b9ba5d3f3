"""Orders to a fleet, and what it remembers of a store that forgot them."""

from __future__ import annotations

from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.storage.shared import SharedState
from tests.unit.resilience.fleets import SteppedFleet, step_all
from tests.unit.resilience.stepped import closed_again, fleet, isolation, moves_of, open_fleet

__all__ = ["fleet"]


def test_an_override_reaches_every_instance_at_its_next_exchange_and_is_acknowledged(fleet: SteppedFleet) -> None:
    instances = fleet.of(8)
    assert fleet.state.control("geocoder", Slot.OVERRIDE, isolation(1), "isolated") == "applied"
    step_all(instances)
    assert {instance.call() for instance in instances} == {"circuit_isolated"}
    step_all(instances)
    assert [instance.epochs[Slot.OVERRIDE] for instance in fleet.state.read("geocoder").instances] == [1] * 8
    fleet.state.control("geocoder", Slot.OVERRIDE, Order("none", 2, "act-2"), "released")
    step_all(instances)
    assert {instance.call() for instance in instances} == {"ok"}


def test_a_reset_closes_the_fleet_and_each_process(fleet: SteppedFleet) -> None:
    instances = fleet.of(2)
    open_fleet(instances)
    assert {instance.call() for instance in instances} == {"circuit_open"}
    assert fleet.state.control("geocoder", Slot.RESET, Order("reset", 1, "act"), "reset") == "applied"
    step_all(instances)
    assert {instance.call() for instance in instances} == {"ok"}
    assert moves_of(fleet.state)[-1].cause == "reset"


def test_an_isolation_ends_by_itself_when_its_time_is_over(fleet: SteppedFleet) -> None:
    (instance,) = fleet.of(1)
    fleet.state.control("geocoder", Slot.OVERRIDE, isolation(1, 0.5), "isolated")
    instance.sync.step()
    assert instance.call() == "circuit_isolated"
    fleet.advance(0.5)
    assert instance.call() == "ok"
    assert fleet.state.read("geocoder").order(Slot.OVERRIDE).left_seconds == 0


def test_a_store_that_lost_everything_is_told_again(fleet: SteppedFleet, shared: SharedState) -> None:
    slow = Policy(minimum_calls=6, wait_seconds=30.0, jitter=0.0)
    instances = fleet.of(2, slow)
    open_fleet(instances)
    policy = "{" + " " * 500 + "}"
    fleet.state.control("geocoder", Slot.OVERRIDE, isolation(3), "isolated")
    fleet.state.control("geocoder", Slot.POLICY, Order(policy, 2, "act-p"), "policy")
    step_all(instances)
    shared.client.flushall()
    fleet.advance(1)
    instances[0].sync.step()
    reading = fleet.state.read("geocoder")
    assert (reading.circuit.state, reading.circuit.epoch, reading.circuit.left_seconds) == (State.OPEN, 1, 29.0)
    assert reading.order(Slot.OVERRIDE) == Order("isolated", 3, "act-3", 59.0, 1.0)
    assert moves_of(fleet.state)[-1].cause == "reseeded"
    instances[0].sync.step()  # a long body is told when it was asked for
    assert fleet.state.read("geocoder").order(Slot.POLICY).body == policy
    assert instances[1].call() == "circuit_isolated"


def test_a_reset_outlives_what_processes_remember_of_before(fleet: SteppedFleet, shared: SharedState) -> None:
    instances = fleet.of(2)
    open_fleet(instances)
    closed_again(fleet, instances)
    open_fleet(instances)
    shared.client.flushall()
    fleet.advance(0)
    fleet.state.control("geocoder", Slot.RESET, Order("reset", 1, "act"), "reset")
    step_all(instances)
    assert {instance.call() for instance in instances} == {"ok"}
    circuit = fleet.state.read("geocoder").circuit
    assert (circuit.state, circuit.epoch) == (State.CLOSED, 5)  # beyond all that anybody remembers
