"""What a fleet costs its store: commands, keys, bytes, and how long they stay."""

from __future__ import annotations

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Reply, SharedCircuit
from backend.storage.shared import SharedState
from tests.unit.resilience.fleets import QUICK, SteppedFleet, step_all
from tests.unit.resilience.stepped import PAST_THE_WAIT, fleet, isolation, open_fleet

__all__ = ["fleet"]


def commands(shared: SharedState) -> int:
    return int(shared.client.info("stats")["total_commands_processed"])


def lives(shared: SharedState) -> dict[str, int]:
    """How long each key of the circuit is still kept, in ms; -1: for ever, -2: it is not there."""
    return {part: shared.client.pttl(f"cb:{{r}}:geocoder:{part}") for part in ("st", "w", "d", "cl", "rp", "ls", "ak", "pr")}


def assert_about(lives: dict[str, int], expected: dict[str, int]) -> None:
    assert {part: round(lives[part] / 10_000) for part in expected} == {part: round(life / 10_000) for part, life in expected.items()}


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


def test_a_breaker_at_rest_keeps_at_most_4_kib(fleet: SteppedFleet, shared: SharedState) -> None:
    instances = fleet.of(8)
    for second in range(31):
        fleet.advance(1)
        for instance in instances:
            instance.call(good=second % 10 != 0)
        step_all(instances)
    keys = shared.client.keys("cb:{r}:geocoder:*")
    assert sum(shared.client.memory_usage(key) for key in keys) <= 4096


def test_slots_that_left_the_window_are_not_kept(fleet: SteppedFleet, shared: SharedState) -> None:
    (instance,) = fleet.of(1)
    for _ in range(3 * QUICK.slots):
        fleet.advance(QUICK.slot_seconds)
        instance.call(good=True)
        instance.sync.step()
    assert shared.client.hlen("cb:{r}:geocoder:w") <= QUICK.slots


def test_the_history_of_one_circuit_is_found_behind_that_of_another(fleet: SteppedFleet) -> None:
    for name, orders in (("mail", 1), ("geocoder", 501)):
        for number in range(1, orders + 1):
            fleet.state.control(name, Slot.OVERRIDE, Order("isolated", number, f"{number}"), "isolated")
    assert [move.circuit for move in fleet.state.transitions("mail", 10)] == ["mail"]


DAY = 86_400_000


def test_what_nobody_speaks_of_is_forgotten(fleet: SteppedFleet, shared: SharedState) -> None:
    policy = Policy(window_seconds=300, minimum_calls=6, wait_seconds=0.25, jitter=0.0, lease_seconds=30.0)
    instances = fleet.of(2, policy)
    instances[0].call(good=False)
    step_all(instances)
    window = 2 * 300_000
    assert_about(lives(shared), {"st": DAY, "ak": DAY, "pr": DAY, "w": window, "d": window, "cl": window, "rp": window})
    open_fleet(instances)
    instances[0].call()
    fleet.advance(PAST_THE_WAIT)
    instances[0].sync.step()
    assert_about(lives(shared), {"ls": 60_000})
    shared.client.pexpire("cb:{r}:geocoder:st", 1000)
    fleet.advance(0.5)
    step_all(instances)
    assert_about(lives(shared), {"st": DAY})


def test_a_process_that_fell_silent_is_struck_from_every_list(fleet: SteppedFleet, shared: SharedState) -> None:
    first, _ = fleet.of(2)
    fleet.advance(61.0)
    first.sync.step()
    client = shared.client
    assert client.zrange("cb:{r}:in", 0, -1) == client.hkeys("cb:{r}:sq") == client.hkeys("cb:{r}:id") == ["api-0"]
    assert client.zrange("cb:{r}:geocoder:pr", 0, -1) == client.hkeys("cb:{r}:geocoder:ak") == ["api-0"]


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


@pytest.mark.parametrize("passed", [31.0, -10.0])
def test_callers_and_reporters_of_another_time_are_thrown_away(fleet: SteppedFleet, shared: SharedState, passed: float) -> None:
    first, second = fleet.of(2)
    for instance, seconds in ((first, passed), (second, 0.0)):
        instance.call(good=False)
        instance.sync.step()
        fleet.advance(seconds)
    assert [shared.client.zrange(f"cb:{{r}}:geocoder:{part}", 0, -1) for part in ("cl", "rp")] == [["api-1"]] * 2
