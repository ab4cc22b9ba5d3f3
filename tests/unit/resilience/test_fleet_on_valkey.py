"""The fleet's rules as the real server runs them."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import pytest

from backend.clock import SystemClock
from backend.errors import CircuitOpen, DependencyFailed, StorageUnavailable
from backend.resilience.circuit_state import State
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import Reply, SharedCircuit, SharedOverride
from backend.storage.shared import SharedState
from tests.unit.resilience.fleets import QUICK, Instance, fleet_of, step_all


def open_fleet(instances: list[Instance]) -> None:
    for instance in instances:
        for _ in range(QUICK.minimum_calls // len(instances) + 1):
            instance.call(good=False)
    step_all(instances)
    step_all(instances)


def test_trouble_seen_by_two_instances_stops_those_that_saw_none(shared: SharedState) -> None:
    first, second, third = fleet_of(shared, 3)
    third.call()
    for _ in range(4):
        first.call(good=False)
        second.call(good=False)
    step_all([first, second, third])
    step_all([first, second, third])
    assert third.call() == "circuit_open"
    assert third.breaker.view().fleet is State.OPEN


def test_one_sick_instance_stops_itself_alone(shared: SharedState) -> None:
    sick, *healthy = fleet_of(shared, 8)
    for _ in range(40):
        sick.call(good=False)
        for instance in healthy:
            instance.call()
    step_all([sick, *healthy])
    step_all([sick, *healthy])
    assert sick.call() == "circuit_open"
    assert {instance.call() for instance in healthy} == {"ok"}
    assert healthy[0].breaker.view().fleet is State.CLOSED


def test_where_one_instance_alone_calls_its_trouble_is_enough(shared: SharedState) -> None:
    caller, idle = fleet_of(shared, 2)
    for _ in range(QUICK.minimum_calls):
        caller.call(good=False)
    step_all([caller, idle])
    time.sleep(0.31)  # others are heard first
    step_all([caller, idle])
    assert idle.call() == "circuit_open"


def test_one_probe_at_a_time_reopens_or_closes_for_all(shared: SharedState) -> None:
    fleet = fleet_of(shared, 4)
    open_fleet(fleet)
    assert {instance.call() for instance in fleet} == {"circuit_open"}
    time.sleep(QUICK.wait_seconds)  # the server's own clock
    step_all(fleet)
    step_all(fleet)
    assert sorted(instance.call() for instance in fleet).count("ok") == 1
    for _ in range(2 * QUICK.probes):
        step_all(fleet)
        for instance in fleet:
            instance.call()
    step_all(fleet)
    step_all(fleet)
    assert [instance.call() for instance in fleet] == ["ok"] * 4


def test_a_bad_probe_makes_the_fleet_wait_longer(shared: SharedState) -> None:
    fleet = fleet_of(shared, 2)
    open_fleet(fleet)
    fleet[0].call()
    time.sleep(QUICK.wait_seconds)
    fleet[0].sync.step()
    assert fleet[0].call(good=False) == "failed"
    fleet[0].sync.step()
    reading = RedisState(shared).read("geocoder", QUICK)
    assert reading.circuit.state is State.OPEN
    assert reading.circuit.rounds == 1
    assert QUICK.wait_seconds < reading.circuit.left_seconds <= 2 * QUICK.wait_seconds


def test_a_probe_holder_that_vanishes_costs_one_lease(shared: SharedState) -> None:
    gone, other = fleet_of(shared, 2)
    open_fleet([gone, other])
    gone.call()
    time.sleep(QUICK.wait_seconds)
    gone.sync.step()
    other.call()
    other.sync.step()
    assert other.call() == "circuit_open"
    time.sleep(QUICK.lease_seconds)
    other.sync.step()
    assert other.call() == "ok"


def test_epochs_in_the_history_grow_by_one(shared: SharedState) -> None:
    fleet = fleet_of(shared, 2)
    for _ in range(2):
        open_fleet(fleet)
        fleet[0].call()
        time.sleep(QUICK.wait_seconds)
        for _ in range(QUICK.probes + 2):
            fleet[0].sync.step()
            fleet[0].call()
        step_all(fleet)
        step_all(fleet)
    moves = [move for move in RedisState(shared).transitions("geocoder", 100) if not move.cause.startswith("process_")]
    assert [move.epoch for move in reversed(moves)] == list(range(1, len(moves) + 1))
    assert [(move.source, move.target) for move in reversed(moves)] == [
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "closed"),
    ] * 2


def test_a_repeated_exchange_counts_once(shared: SharedState) -> None:
    (instance,) = fleet_of(shared, 1)
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
    assert sum(ok for ok, _, _ in RedisState(shared).read("geocoder", QUICK).bars) == 3


def commands(shared: SharedState) -> int:
    return int(shared.client.info("stats")["total_commands_processed"])


def test_an_exchange_is_one_command(shared: SharedState) -> None:
    (instance,) = fleet_of(shared, 1)
    evaluated = shared.client.info("commandstats")["cmdstat_evalsha"]["calls"]
    instance.sync.step()
    assert shared.client.info("commandstats")["cmdstat_evalsha"]["calls"] == evaluated + 1


@pytest.mark.parametrize("state", ["closed", "open", "half_open", "isolated"])
def test_no_call_costs_a_command_in_any_state(shared: SharedState, state: str) -> None:
    (instance,) = fleet_of(shared, 1)
    circuit = SharedCircuit(State(state if state != "isolated" else "closed"), 1, 60.0)
    override = SharedOverride("isolated", 1, "act", 60.0) if state == "isolated" else SharedOverride()
    instance.breaker.adopt(Reply(circuit, override, "token" if state == "half_open" else ""), SystemClock().monotonic())
    assert instance.breaker.view().state == state
    before = commands(shared)
    for number in range(50):
        instance.call(good=number % 2 == 0)
    assert commands(shared) - before == 1  # the first count itself


@pytest.mark.parametrize("seed", range(6))
def test_any_schedule_keeps_one_probe_and_legal_moves(shared: SharedState, seed: int) -> None:
    chance = random.Random(seed)
    policy = Policy(minimum_calls=6, wait_seconds=0.01, longest_wait_seconds=0.02, lease_seconds=5.0, probes=2)
    fleet = fleet_of(shared, 5, policy)
    probing: dict[Instance, object] = {}
    for _ in range(400):
        instance = chance.choice(fleet)
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
    moves = [move for move in reversed(RedisState(shared).transitions("geocoder", 500)) if not move.cause.startswith("process_")]
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


def test_an_override_reaches_every_instance_at_its_next_exchange_and_is_acknowledged(shared: SharedState) -> None:
    fleet = fleet_of(shared, 8)
    state = RedisState(shared)
    assert state.control("geocoder", SharedOverride("isolated", 1, "act-1", 60.0), "isolated") == "applied"
    step_all(fleet)
    assert {instance.call() for instance in fleet} == {"circuit_isolated"}
    step_all(fleet)
    assert [instance.override_epoch for instance in state.read("geocoder", QUICK).instances] == [1] * 8
    state.control("geocoder", SharedOverride("none", 2, "act-2"), "released")
    step_all(fleet)
    assert {instance.call() for instance in fleet} == {"ok"}


def test_an_older_word_never_replaces_a_newer_one(shared: SharedState) -> None:
    state = RedisState(shared)
    assert state.control("geocoder", SharedOverride("none", 2, "b"), "released") == "applied"
    assert state.control("geocoder", SharedOverride("isolated", 1, "a", 60.0), "isolated") == "stale"
    assert state.control("geocoder", SharedOverride("none", 2, "b"), "released") == "same"
    assert state.read("geocoder", QUICK).override.kind == "none"


def test_an_isolation_ends_by_itself_when_its_time_is_over(shared: SharedState) -> None:
    (instance,) = fleet_of(shared, 1)
    RedisState(shared).control("geocoder", SharedOverride("isolated", 1, "a", 0.5), "isolated")
    instance.sync.step()
    assert instance.call() == "circuit_isolated"
    time.sleep(0.52)
    assert instance.call() == "ok"
    assert RedisState(shared).read("geocoder", QUICK).override.kind == "none"


def test_a_store_that_lost_everything_is_told_again(shared: SharedState) -> None:
    slow = Policy(minimum_calls=6, wait_seconds=30.0, jitter=0.0)
    fleet = fleet_of(shared, 2, slow)
    open_fleet(fleet)
    RedisState(shared).control("geocoder", SharedOverride("isolated", 3, "act-3", 60.0), "isolated")
    step_all(fleet)
    shared.client.flushall()
    fleet[0].sync.step()
    reading = RedisState(shared).read("geocoder", slow)
    assert (reading.circuit.state, reading.circuit.epoch) == (State.OPEN, 1)
    assert reading.circuit.left_seconds > 25
    assert (reading.override.kind, reading.override.epoch, reading.override.act) == ("isolated", 3, "act-3")
    assert fleet[1].call() == "circuit_isolated"


def test_who_takes_leave_is_no_longer_counted(shared: SharedState) -> None:
    first, _ = fleet_of(shared, 2)
    first.sync._state.leave("api-0", ("geocoder",))
    assert [instance.id for instance in RedisState(shared).read("geocoder", QUICK).instances] == ["api-1"]


def test_slow_calls_alone_open_the_fleet(shared: SharedState) -> None:
    policy = Policy(minimum_calls=5, slow_seconds=0.01, slow_ratio=0.8, wait_seconds=30)
    (instance,) = fleet_of(shared, 1, policy)
    for _ in range(5):
        instance.breaker.call(lambda: time.sleep(0.012))
    instance.sync.step()
    time.sleep(0.31)
    instance.sync.step()
    assert RedisState(shared).read("geocoder", policy).circuit.state is State.OPEN
