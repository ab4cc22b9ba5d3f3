"""Several instances in one process, stepped by hand, by real time or by a clock that the server shares."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.clock import Clock, SystemClock
from backend.errors import CallRefused, DependencyFailed
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import FleetState, OrderFeed
from backend.storage.shared import SharedState
from tests.support.clock import ManualClock

QUICK = Policy(minimum_calls=6, wait_seconds=0.25, longest_wait_seconds=1.0, jitter=0.0, lease_seconds=0.8, probes=2)


NOW = "cb:{r}:now"
BY_KEY = f"local now = tonumber(redis.call('GET', '{NOW}'))"  # stands where the scripts else ask the server for its time


class Instance:
    """One process's part: its breaker and its exchange, on its own connection."""

    def __init__(
        self,
        shared: SharedState,
        name: str,
        policy: Policy = QUICK,
        *,
        clock: Clock | None = None,
        state: FleetState | None = None,
        feed: OrderFeed | None = None,
    ) -> None:
        clock = clock or SystemClock()
        self.breaker = Breaker("geocoder", policy, clock, lambda: 0.5)
        self.sync = FleetSync(state or RedisState(shared), name, clock, lambda: 0.5, role="api", feed=feed)
        self.sync.register(self.breaker, "Geocoder")

    def call(self, good: bool = True) -> str:
        try:
            return self.breaker.call(lambda: "ok" if good else _fail())
        except DependencyFailed:
            return "failed"
        except CallRefused as refusal:
            return refusal.code


def patient(shared: SharedState) -> SharedState:
    """The same server for tests in which time stands still: a busy machine is no loss of the store."""
    return SharedState(shared.url, connect_timeout=10, read_timeout=60)


class SteppedFleet:
    """Instances and a server under one clock that moves only when told to."""

    def __init__(self, shared: SharedState) -> None:
        self.clock = ManualClock()
        self.state = RedisState(patient(shared), clock=BY_KEY)
        self._shared = shared
        self.advance(0)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self._shared.client.set(NOW, round(self.clock.monotonic() * 1000))

    def of(self, count: int, policy: Policy = QUICK) -> list[Instance]:
        instances = [Instance(self._shared, f"api-{number}", policy, clock=self.clock, state=self.state) for number in range(count)]
        step_all(instances)
        return instances


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
