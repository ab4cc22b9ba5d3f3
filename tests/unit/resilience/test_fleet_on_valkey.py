"""The fleet's rules as breakers and a real server play them together, under one stepped clock."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from backend.errors import CircuitOpen, DependencyFailed, StorageUnavailable
from backend.resilience.circuit_state import State
from backend.resilience.policy import Policy
from tests.unit.resilience.fleets import QUICK, Instance, SteppedFleet, step_all
from tests.unit.resilience.stepped import PAST_THE_WAIT, closed_again, fleet, moves_of, open_fleet

__all__ = ["fleet"]


def test_trouble_seen_by_two_instances_stops_those_that_saw_none(fleet: SteppedFleet) -> None:
    first, second, third = fleet.of(3)
    third.call()
    for _ in range(4):
        first.call(good=False)
        second.call(good=False)
    step_all([first, second, third])
    step_all([first, second, third])
    assert third.call() == "circuit_open"
    assert third.breaker.view().fleet is State.OPEN


def test_one_sick_instance_stops_itself_alone(fleet: SteppedFleet) -> None:
    sick, *healthy = fleet.of(8)
    for _ in range(40):
        sick.call(good=False)
        for instance in healthy:
            instance.call()
    step_all([sick, *healthy])
    step_all([sick, *healthy])
    assert sick.call() == "circuit_open"
    assert {instance.call() for instance in healthy} == {"ok"}
    assert healthy[0].breaker.view().fleet is State.CLOSED


def test_where_one_instance_alone_calls_its_trouble_is_enough(fleet: SteppedFleet) -> None:
    caller, idle = fleet.of(2)
    for _ in range(QUICK.minimum_calls):
        caller.call(good=False)
    step_all([caller, idle])
    assert idle.breaker.view().fleet is State.CLOSED
    fleet.advance(0.3)  # others are heard first
    step_all([caller, idle])
    assert idle.call() == "circuit_open"


def test_one_probe_at_a_time_closes_for_all(fleet: SteppedFleet) -> None:
    instances = fleet.of(4)
    open_fleet(instances)
    assert {instance.call() for instance in instances} == {"circuit_open"}
    fleet.advance(PAST_THE_WAIT)
    step_all(instances)
    step_all(instances)
    assert sorted(instance.call() for instance in instances).count("ok") == 1
    closed_again(fleet, instances)
    assert [instance.call() for instance in instances] == ["ok"] * 4


def test_each_process_waits_a_moment_of_its_own_before_it_asks_for_the_first_probe(fleet: SteppedFleet) -> None:
    instances = fleet.of(2)
    open_fleet(instances)
    instances[0].call()
    fleet.advance(QUICK.wait_seconds + 0.04)
    step_all(instances)
    assert fleet.state.read("geocoder").circuit.state is State.OPEN
    fleet.advance(0.02)  # its chance is 0.5 of an interval of 0.1 s
    step_all(instances)
    assert fleet.state.read("geocoder").circuit.state is State.HALF_OPEN


def test_a_bad_probe_makes_the_fleet_wait_longer(fleet: SteppedFleet) -> None:
    instances = fleet.of(2)
    open_fleet(instances)
    instances[0].call()
    fleet.advance(PAST_THE_WAIT)
    instances[0].sync.step()
    assert instances[0].call(good=False) == "failed"
    instances[0].sync.step()
    circuit = fleet.state.read("geocoder").circuit
    assert (circuit.state, circuit.rounds, circuit.left_seconds) == (State.OPEN, 1, 2 * QUICK.wait_seconds)


def test_a_probe_holder_that_vanishes_costs_one_lease_and_one_exchange(fleet: SteppedFleet) -> None:
    gone, other = fleet.of(2)
    open_fleet([gone, other])
    gone.call()
    fleet.advance(PAST_THE_WAIT)
    gone.sync.step()
    other.call()
    other.sync.step()
    fleet.advance(QUICK.lease_seconds - 0.001)
    other.sync.step()
    assert other.call() == "circuit_open"
    fleet.advance(0.001)
    other.sync.step()
    assert other.call() == "ok"


def test_a_holder_with_nobody_calling_leaves_the_probe_to_others(fleet: SteppedFleet) -> None:
    idle, busy = fleet.of(2)
    open_fleet([idle, busy])
    idle.call()
    fleet.advance(PAST_THE_WAIT)
    idle.sync.step()
    for _ in range(3):
        fleet.advance(0.4)
        assert busy.call() == "circuit_open"
        step_all([busy, idle])
    busy.sync.step()  # hears that a lease is free
    busy.sync.step()
    assert busy.call() == "ok"


def test_as_many_probes_at_once_as_the_policy_permits(fleet: SteppedFleet) -> None:
    policy = Policy(minimum_calls=6, wait_seconds=0.25, jitter=0.0, lease_seconds=5.0, probes=2, concurrent_probes=2)
    instances = fleet.of(4, policy)
    open_fleet(instances)
    for instance in instances:
        instance.call()
    fleet.advance(PAST_THE_WAIT)
    step_all(instances)
    guards = [instance.breaker.guard() for instance in instances]
    admitted = []
    for guard in guards:
        try:
            guard.__enter__()
            admitted.append(guard)
        except CircuitOpen:
            continue
    assert len(admitted) == 2
    for guard in admitted:
        guard.__exit__(None, None, None)
    step_all(instances)
    assert fleet.state.read("geocoder").circuit.state is State.CLOSED


def test_epochs_in_the_history_grow_by_one(fleet: SteppedFleet) -> None:
    instances = fleet.of(2)
    for _ in range(2):
        open_fleet(instances)
        closed_again(fleet, instances)
    moves = moves_of(fleet.state)
    assert [move.epoch for move in moves] == list(range(1, len(moves) + 1))
    assert [(move.source, move.target) for move in moves] == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")] * 2


def test_a_repeated_exchange_counts_once(fleet: SteppedFleet) -> None:
    (instance,) = fleet.of(1)
    for _ in range(3):
        instance.call()
    state = instance.sync._state
    heard = state.exchange

    def lost_answer(exchange):  # the server did its work; the answer never came
        heard(exchange)
        raise StorageUnavailable("valkey")

    state.exchange = lost_answer
    assert not instance.sync.step()
    state.exchange = heard
    assert instance.sync.step()
    assert sum(ok for ok, _, _ in state.read("geocoder").bars) == 3


def test_what_is_older_than_the_window_is_not_told(fleet: SteppedFleet) -> None:
    (instance,) = fleet.of(1)
    instance.call()
    heard = instance.sync._state.exchange

    def away(exchange):
        raise StorageUnavailable("valkey")

    instance.sync._state.exchange = away
    assert not instance.sync.step()
    fleet.advance(QUICK.window_seconds)
    instance.sync._state.exchange = heard
    assert instance.sync.step()
    assert sum(ok for ok, _, _ in fleet.state.read("geocoder").bars) == 0


@pytest.mark.parametrize("seed", range(6))
def test_any_schedule_keeps_one_probe_and_legal_moves(fleet: SteppedFleet, seed: int) -> None:
    chance = random.Random(seed)
    policy = Policy(minimum_calls=6, wait_seconds=0.01, longest_wait_seconds=0.02, lease_seconds=60.0, probes=2, ramp_seconds=0.0)
    instances = fleet.of(5, policy)
    probing: dict[Instance, object] = {}
    for _ in range(400):
        instance = chance.choice(instances)
        fleet.advance(chance.choice((0.0, 0.01, 0.05)))
        if chance.random() < 0.4:
            instance.sync.step()
        elif instance in probing:
            probing.pop(instance).__exit__(None, None, None) if chance.random() < 0.7 else _fail_in(probing.pop(instance))
        elif instance.breaker.view().fleet is State.HALF_OPEN:
            guard = instance.breaker.guard()
            try:
                guard.__enter__()
            except CircuitOpen:
                continue
            if instance.breaker.view().fleet is State.HALF_OPEN:
                probing[instance] = guard
        else:
            instance.call(good=chance.random() < 0.4)
        assert len(probing) <= 1
    moves = moves_of(fleet.state)
    assert moves
    assert [move.epoch for move in moves] == list(range(1, len(moves) + 1))
    assert all(one.target == next_one.source for one, next_one in pairwise(moves))
    assert {(move.source, move.target) for move in moves} <= {
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "open"),
        ("half_open", "closed"),
    }


def _fail_in(guard) -> None:
    error = DependencyFailed("geocoder", "it broke", transient=True)
    guard.__exit__(DependencyFailed, error, None)


def test_slow_calls_alone_open_the_fleet(fleet: SteppedFleet) -> None:
    policy = Policy(minimum_calls=5, slow_seconds=0.01, slow_ratio=0.8, wait_seconds=30)
    (instance,) = fleet.of(1, policy)
    for _ in range(5):
        instance.breaker.call(lambda: fleet.clock.advance(0.012))
    fleet.advance(0)
    instance.sync.step()
    fleet.advance(0.3)
    instance.sync.step()
    assert fleet.state.read("geocoder").circuit.state is State.OPEN
