"""Calls while the shared store is killed, paused and brought back: they go on, fast, under the last word heard."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import SharedOverride
from tests.support.valkey import TestServer
from tests.unit.resilience.fleets import QUICK, Instance, eventually


@pytest.fixture
def fleet(own_valkey: TestServer) -> Iterator[list[Instance]]:
    instances = [Instance(own_valkey.shared(), f"api-{number}") for number in range(2)]
    for instance in instances:
        instance.sync.start()
    eventually(lambda: all(instance.breaker.view().connected for instance in instances))
    yield instances
    own_valkey.go_on() if own_valkey._process else None
    for instance in instances:
        instance.sync.stop()


def calls_for(instance: Instance, seconds: float) -> tuple[set[str], float]:
    """What calls met, and the 99th percentile of their time."""
    met, times, until = set(), [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        met.add(instance.call())
        times.append(time.perf_counter() - began)
        time.sleep(0.001)
    return met, sorted(times)[int(len(times) * 0.99)]


@pytest.mark.parametrize("loss", ["kill", "pause"])
def test_calls_go_on_and_all_heals(own_valkey: TestServer, fleet: list[Instance], loss: str) -> None:
    getattr(own_valkey, loss)()
    met, p99 = calls_for(fleet[0], 0.8)
    assert met == {"ok"}
    assert p99 < 0.05
    assert not fleet[0].breaker.view().connected
    for _ in range(QUICK.minimum_calls):
        fleet[1].call(good=False)
    assert fleet[1].call() == "circuit_open"  # protection without the store
    own_valkey.go_on() if loss == "pause" else own_valkey.start()
    eventually(lambda: all(instance.breaker.view().connected for instance in fleet))
    eventually(lambda: RedisState(own_valkey.shared()).read("geocoder", QUICK).bars[-1] is not None)


@pytest.mark.parametrize("loss", ["kill", "pause"])
def test_an_isolation_outlives_the_store(own_valkey: TestServer, fleet: list[Instance], loss: str) -> None:
    state = RedisState(own_valkey.shared())
    state.control("geocoder", SharedOverride("isolated", 1, "act", 600.0), "isolated")
    assert eventually(lambda: all(instance.call() == "circuit_isolated" for instance in fleet)) < 1.0
    getattr(own_valkey, loss)()
    assert calls_for(fleet[0], 0.6)[0] == {"circuit_isolated"}
    own_valkey.go_on() if loss == "pause" else own_valkey.start()
    eventually(lambda: all(instance.breaker.view().connected for instance in fleet))
    assert state.read("geocoder", QUICK).override.kind == "isolated"  # told again by those who remember
    state.control("geocoder", SharedOverride("none", 2, "act-2"), "released")
    assert eventually(lambda: all(instance.call() == "ok" for instance in fleet)) < 1.0
