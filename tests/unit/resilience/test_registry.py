"""Breakers by key, in a bounded number."""

from __future__ import annotations

import gc
import random
import threading
import tracemalloc

import pytest

from backend.clock import SystemClock
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.fleet import FleetSync
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.registry import Registry
from backend.resilience.shared_state import Exchange, Reply, SharedCircuit
from tests.support.clock import ManualClock

POLICY = Policy(minimum_calls=2, slow_seconds=1, ramp_seconds=0)


class Hub:
    """An exchange that remembers who takes part."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def register(self, breaker: Breaker) -> Breaker:
        self.names.add(breaker.name)
        return breaker

    def unregister(self, name: str) -> None:
        self.names.remove(name)


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def registry(clock: ManualClock, hub: Hub) -> Registry:
    return Registry(lambda key: Breaker(key, POLICY, clock, lambda: 0.5), 3, hub)


def fail(breaker: Breaker) -> None:
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0)


def test_a_key_keeps_its_breaker(registry: Registry) -> None:
    assert registry.get("a") is registry.get("a")
    assert registry.get("a") is not registry.get("b")


def test_the_least_recently_used_makes_room(registry: Registry, hub: Hub) -> None:
    first = [registry.get(key) for key in "abc"]
    assert registry.get("a") is first[0]
    registry.get("d")
    assert hub.names == {"a", "c", "d"}
    assert registry.get("b") is not first[1]
    assert registry.view().evicted == 2


def test_one_that_failed_of_late_stays_whatever_others_ask(registry: Registry, clock: ManualClock) -> None:
    troubled = registry.get("a")
    fail(troubled)
    for number in range(50):
        registry.get(f"k{number}")
    assert registry.get("a") is troubled
    clock.advance(POLICY.window_seconds + 1)
    for number in range(50):
        registry.get(f"k{number}")
    assert registry.get("a") is not troubled


def test_one_that_is_open_stays_after_its_failures_left_the_window(registry: Registry, clock: ManualClock) -> None:
    troubled = registry.get("a")
    fail(troubled)
    fail(troubled)
    clock.advance(100)
    for number in range(50):
        registry.get(f"k{number}")
    assert registry.get("a") is troubled


def test_one_under_an_operators_or_the_fleets_word_stays(registry: Registry, clock: ManualClock) -> None:
    overridden, stopped = registry.get("a"), registry.get("b")
    overridden.adopt(Reply(SharedCircuit(epoch=0), {Slot.OVERRIDE: Order("disabled", 1, "act")}), clock.monotonic())
    stopped.adopt(Reply(SharedCircuit(State.OPEN, 1, 600.0)), clock.monotonic())
    for number in range(50):
        registry.get(f"k{number}")
    assert (registry.get("a"), registry.get("b")) == (overridden, stopped)


def test_where_none_can_make_room_the_call_is_made_with_a_breaker_of_its_own(registry: Registry, hub: Hub) -> None:
    for key in "abc":
        fail(registry.get(key))
    stranger = registry.get("d")
    assert stranger.call(lambda: "ok") == "ok"
    assert registry.get("d") is not stranger
    assert hub.names == set("abc")
    assert (registry.view().size, registry.view().unkept) == (3, 2)


def test_an_open_breaker_among_many_does_not_keep_the_others_from_making_room(clock: ManualClock) -> None:
    registry = Registry(lambda key: Breaker(key, POLICY, clock, lambda: 0.5), 100)
    for number in range(100):
        breaker = registry.get(str(number))
        if number < 40:
            fail(breaker)
    kept = [registry.get(f"new{number}") for number in range(20)]
    assert registry.view().unkept <= 4
    assert all(registry.get(f"new{number}") is breaker for number, breaker in enumerate(kept[5:], 5))


def test_ten_thousand_keys_leave_it_at_its_capacity(clock: ManualClock) -> None:
    registry = Registry(lambda key: Breaker(key, POLICY, clock, lambda: 0.5), 200)
    for number in range(10_000):
        registry.get(f"key{number}").call(int)
    assert (registry.view().size, registry.view().evicted, registry.view().unkept) == (200, 9_800, 0)


@pytest.mark.parametrize("window", ["time", "count"])
def test_a_breaker_whose_whole_window_is_full_and_untold_takes_8_kilobytes_at_most(clock: ManualClock, window: str) -> None:
    tracemalloc.start()
    try:
        breakers = [Breaker(f"b{number}", Policy(window=window), clock, lambda: 0.5) for number in range(20)]  # type: ignore[arg-type]
        for second in range(40):
            for breaker in breakers:
                for _ in range(10):
                    breaker.call(int)
                if second % 4 == 0:
                    fail(breaker)
            clock.advance(1)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held / len(breakers) <= 8 * 1024


def test_many_threads_get_the_same_breaker_and_never_too_many(hub: Hub) -> None:
    registry = Registry(lambda key: Breaker(key, POLICY, SystemClock(), random.random), 8, hub)
    together, mistakes = threading.Barrier(8, timeout=10), []

    def work(seed: int) -> None:
        keys = random.Random(seed)
        together.wait()
        for _ in range(500):
            key = str(keys.randrange(30))
            if registry.get(key).name != key:
                mistakes.append(key)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not mistakes
    assert registry.view().size == len(hub.names) == 8


class Told:
    """A fleet state that hears which circuits are told of."""

    def __init__(self) -> None:
        self.told: list[set[str]] = []
        self.left: list[tuple[str, ...]] = []

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        self.told.append({question.name for question in exchange.questions})
        return {question.name: Reply(SharedCircuit(epoch=0)) for question in exchange.questions}

    def leave(self, instance: str, names: tuple[str, ...], *, ends: bool = True) -> None:
        self.left.append(names)


def test_breakers_join_and_leave_a_fleet_that_is_already_under_way(clock: ManualClock) -> None:
    told = Told()
    sync = FleetSync(told, "api-1", clock, lambda: 0.5)
    registry = Registry(lambda key: Breaker(key, POLICY, clock, lambda: 0.5), 1, sync)
    sync.step()
    registry.get("a")
    sync.step()
    registry.get("b")
    sync.step()
    sync.step()
    assert told.told == [set(), {"a"}, {"a", "b"}, {"b"}]
    assert told.left == [("a",)]
