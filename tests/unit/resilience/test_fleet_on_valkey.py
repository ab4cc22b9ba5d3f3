"""The fleet's rules as breakers and a real server play them together, under one stepped clock."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from backend.errors import CircuitOpen, DependencyFailed, StorageUnavailable
from backend.resilience.circuit_state import State
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.readings import Moved
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import Reply, SharedCircuit
from backend.storage.shared import SharedState
from tests.unit.resilience.fleets import QUICK, Instance, SteppedFleet, step_all

_PAST_THE_WAIT = QUICK.wait_seconds + 0.1  # and what each process waits of its own


@pytest.fixture
def fleet(shared: SharedState) -> SteppedFleet:
    return SteppedFleet(shared)


def isolation(epoch: int, seconds: float | None = 60.0, act: str = "") -> Order:
    return Order("isolated", epoch, act or f"act-{epoch}", seconds)


def open_fleet(instances: list[Instance]) -> None:
    for instance in instances:
        for _ in range(QUICK.minimum_calls // len(instances) + 1):
            instance.call(good=False)
    step_all(instances)
    step_all(instances)


def closed_again(fleet: SteppedFleet, instances: list[Instance]) -> None:
    """Probed, closed, and past the ramp."""
    instances[0].call()
    fleet.advance(_PAST_THE_WAIT)
    for _ in range(QUICK.probes + 2):
        instances[0].sync.step()
        instances[0].call()
    step_all(instances)
    fleet.advance(QUICK.ramp_seconds)
    step_all(instances)


def moves_of(state: RedisState) -> list[Moved]:
    return [move for move in reversed(state.transitions("geocoder", 500)) if not move.cause.startswith("process_") and not move.slot]


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
    fleet.advance(_PAST_THE_WAIT)
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
    fleet.advance(_PAST_THE_WAIT)
    instances[0].sync.step()
    assert instances[0].call(good=False) == "failed"
    instances[0].sync.step()
    circuit = fleet.state.read("geocoder").circuit
    assert (circuit.state, circuit.rounds, circuit.left_seconds) == (State.OPEN, 1, 2 * QUICK.wait_seconds)


def test_a_probe_holder_that_vanishes_costs_one_lease_and_one_exchange(fleet: SteppedFleet) -> None:
    gone, other = fleet.of(2)
    open_fleet([gone, other])
    gone.call()
    fleet.advance(_PAST_THE_WAIT)
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
    fleet.advance(_PAST_THE_WAIT)
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
    fleet.advance(_PAST_THE_WAIT)
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


def commands(shared: SharedState) -> int:
    return int(shared.client.info("stats")["total_commands_processed"])


def test_an_exchange_is_one_round_trip_however_many_breakers(fleet: SteppedFleet, shared: SharedState) -> None:
    (instance,) = fleet.of(1)
    for number in range(40):
        instance.sync.register(type(instance.breaker)(f"dependency-{number}", QUICK, fleet.clock, lambda: 0.5))
    evaluated = shared.client.info("commandstats")["cmdstat_evalsha"]["calls"]
    instance.sync.step()
    assert shared.client.info("commandstats")["cmdstat_evalsha"]["calls"] == evaluated + 1
    assert len(fleet.state.names()) == 41


@pytest.mark.parametrize("state", ["closed", "open", "half_open", "isolated"])
def test_no_call_costs_a_command_in_any_state(fleet: SteppedFleet, shared: SharedState, state: str) -> None:
    (instance,) = fleet.of(1)
    circuit = SharedCircuit(State(state if state != "isolated" else "closed"), 1, 60.0)
    orders = {Slot.OVERRIDE: isolation(1)} if state == "isolated" else {}
    instance.breaker.adopt(Reply(circuit, orders, ("token",) if state == "half_open" else ()), fleet.clock.monotonic())
    assert instance.breaker.view().state == state
    before = commands(shared)
    for number in range(50):
        instance.call(good=number % 2 == 0)
    assert commands(shared) - before == 1  # the first count itself


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


def test_a_breaker_at_rest_keeps_at_most_4_kib(fleet: SteppedFleet, shared: SharedState) -> None:
    instances = fleet.of(8)
    for second in range(31):
        fleet.advance(1)
        for instance in instances:
            instance.call(good=second % 10 != 0)
        step_all(instances)
    keys = shared.client.keys("cb:{r}:geocoder:*")
    assert sum(shared.client.memory_usage(key) for key in keys) <= 4096


DAY = 86_400_000


def lives(shared: SharedState) -> dict[str, int]:
    """How long each key of the circuit is still kept, in ms; -1: for ever, -2: it is not there."""
    return {part: shared.client.pttl(f"cb:{{r}}:geocoder:{part}") for part in ("st", "w", "d", "cl", "rp", "ls", "ak", "pr")}


def assert_about(lives: dict[str, int], expected: dict[str, int]) -> None:
    assert {part: round(lives[part] / 10_000) for part in expected} == {part: round(life / 10_000) for part, life in expected.items()}


def test_what_nobody_speaks_of_is_forgotten(fleet: SteppedFleet, shared: SharedState) -> None:
    policy = Policy(window_seconds=300, minimum_calls=6, wait_seconds=0.25, jitter=0.0, lease_seconds=30.0)
    instances = fleet.of(2, policy)
    instances[0].call(good=False)
    step_all(instances)
    window = 2 * 300_000
    assert_about(lives(shared), {"st": DAY, "ak": DAY, "pr": DAY, "w": window, "d": window, "cl": window, "rp": window})
    open_fleet(instances)
    instances[0].call()
    fleet.advance(_PAST_THE_WAIT)
    instances[0].sync.step()
    assert_about(lives(shared), {"ls": 60_000})
    shared.client.pexpire("cb:{r}:geocoder:st", 1000)
    fleet.advance(0.5)
    step_all(instances)
    assert_about(lives(shared), {"st": DAY})


def test_an_override_is_kept_for_as_long_as_it_stands(fleet: SteppedFleet, shared: SharedState) -> None:
    (instance,) = fleet.of(1)
    fleet.state.control("geocoder", Slot.OVERRIDE, isolation(1, 60.0), "isolated")
    assert lives(shared)["st"] == -1
    fleet.advance(59.0)
    instance.sync.step()
    assert lives(shared)["st"] == -1
    fleet.advance(1.0)
    instance.sync.step()
    assert_about(lives(shared), {"st": DAY})
    fleet.state.control("geocoder", Slot.OVERRIDE, isolation(2, None), "isolated")
    fleet.state.control("geocoder", Slot.POLICY, Order("{}", 1, "p"), "policy")
    assert lives(shared)["st"] == -1
    fleet.state.control("geocoder", Slot.OVERRIDE, Order("none", 3, "n"), "released")
    assert_about(lives(shared), {"st": DAY})


def test_histories_and_the_stream_of_orders_are_bounded(fleet: SteppedFleet, shared: SharedState) -> None:
    (instance,) = fleet.of(1)
    for stream, most in (("ev", 10_000), ("or", 1_000), ("hp", 10_000)):
        with shared.client.pipeline(transaction=False) as lines:
            for _ in range(most + 200):
                lines.xadd(f"cb:{{r}}:{stream}", {"circuit": "other", "kind": "x"})
            lines.execute()
    fleet.state.control("geocoder", Slot.OVERRIDE, isolation(1), "isolated")
    instance.breaker.note(Happened.RETRIED)
    instance.sync.step(last=True)
    lengths = [shared.client.xlen(f"cb:{{r}}:{stream}") for stream in ("ev", "or", "hp")]
    assert [length // 100 for length in lengths] == [100, 10, 100]
