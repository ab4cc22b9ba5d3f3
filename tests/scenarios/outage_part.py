"""One process with a breaker in every state, calling all of them while its store is taken away."""

from __future__ import annotations

import ctypes
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from statistics import quantiles

from backend.clock import SystemClock
from backend.errors import CallRefused, DependencyFailed
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.storage.shared import SharedState

CLOSED_POLICY = Policy(minimum_calls=5, wait_seconds=60.0, longest_wait_seconds=60.0)
_POLICIES = {"half_open": replace(CLOSED_POLICY, wait_seconds=0.1, longest_wait_seconds=0.1, probes=10**6)}
_TRIPPED = ("open", "half_open")
_PAUSE_SECONDS = 0.002
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Phase:
    """Call these breakers for that long; the dependency is dead or well meanwhile."""

    seconds: float
    states: tuple[str, ...]
    dead: bool = False


@dataclass(frozen=True)
class Met:
    """What calls of one breaker met in a phase, and the 99th percentile of their seconds."""

    results: dict[str, int]
    p99: float
    calls: int


class Breakers:
    """One breaker for each state, all in one exchange."""

    def __init__(self, url: str, states: Iterable[str]) -> None:
        clock, self._chance = SystemClock(), random.Random(7)
        shared = SharedState(url)
        feed = RedisFeed(shared.following())
        self.sync = FleetSync(RedisState(shared), "watched", clock, self._chance.random, role="api", feed=feed)
        self.by_state = {
            state: self.sync.register(Breaker(state, _POLICIES.get(state, CLOSED_POLICY), clock, self._chance.random)) for state in states
        }
        self.dead = False

    def bring(self) -> None:
        """Trip those that are to be tripped, and wait until the fleet has done so too."""
        self.sync.start()
        self.dead = True
        for state in set(_TRIPPED) & set(self.by_state):
            for _ in range(CLOSED_POLICY.minimum_calls):
                self.call(state)
        self.dead = False

    def run(self, phase: Phase) -> dict[str, Met]:
        self.dead = phase.dead
        results: dict[str, Counter[str]] = defaultdict(Counter)
        taken: dict[str, list[float]] = defaultdict(list)
        ends = time.monotonic() + phase.seconds
        while time.monotonic() < ends:
            for state in phase.states:
                began = time.perf_counter()
                result = self.call(state)
                taken[state].append(time.perf_counter() - began)
                results[state][result] += 1
            time.sleep(_PAUSE_SECONDS)
        return {state: Met(dict(results[state]), quantiles(taken[state], n=100)[98], len(taken[state])) for state in phase.states}

    def states(self) -> dict[str, str]:
        return {state: breaker.view().state for state, breaker in self.by_state.items()}

    def connected(self) -> bool:
        return all(breaker.view().connected for breaker in self.by_state.values())

    def call(self, state: str) -> str:
        try:
            return self.by_state[state].call(self._dependency)
        except DependencyFailed:
            return "failed"
        except CallRefused as refusal:
            return refusal.code
        except Exception as error:  # noqa: BLE001
            return f"surprise: {error!r}"

    def _dependency(self) -> str:
        if self.dead:
            raise DependencyFailed("any", "it is dead", transient=True)
        return "ok"


def take_part(url: str, states: tuple[str, ...], orders: Connection) -> None:
    """Do what the scenario sends until it sends nothing more: a phase to run, or the name of a question."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    breakers = Breakers(url, states)
    breakers.bring()
    orders.send("ready")
    while (order := orders.recv()) is not None:
        orders.send(breakers.run(order) if isinstance(order, Phase) else getattr(breakers, order)())
    breakers.sync.stop()
