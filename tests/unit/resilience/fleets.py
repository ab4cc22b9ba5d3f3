"""Several instances in one process, stepped by hand."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.clock import SystemClock
from backend.errors import CallRefused, DependencyFailed
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.storage.shared import SharedState

QUICK = Policy(minimum_calls=6, wait_seconds=0.25, longest_wait_seconds=1.0, jitter=0.0, lease_seconds=0.8, probes=2)


class Instance:
    """One process's part: its breaker and its exchange, on its own connection."""

    def __init__(self, shared: SharedState, name: str, policy: Policy = QUICK) -> None:
        clock = SystemClock()
        self.breaker = Breaker("geocoder", policy, clock, lambda: 0.5)
        self.sync = FleetSync(RedisState(shared), name, clock, lambda: 0.5, role="api")
        self.sync.register(self.breaker)

    def call(self, good: bool = True) -> str:
        try:
            return self.breaker.call(lambda: "ok" if good else _fail())
        except DependencyFailed:
            return "failed"
        except CallRefused as refusal:
            return refusal.code


def _fail() -> str:
    raise DependencyFailed("geocoder", "it broke", transient=True)


def fleet_of(shared: SharedState, count: int, policy: Policy = QUICK) -> list[Instance]:
    instances = [Instance(shared, f"api-{number}", policy) for number in range(count)]
    step_all(instances)
    return instances


def step_all(instances: list[Instance]) -> None:
    for instance in instances:
        instance.sync.step()


def eventually(claim: Callable[[], bool], within_seconds: float = 5.0) -> float:
    """Seconds until the claim holds of something that runs by itself."""
    began = time.monotonic()
    while not claim():
        assert time.monotonic() - began < within_seconds, "it did not come true in time"
        time.sleep(0.005)
    return time.monotonic() - began
