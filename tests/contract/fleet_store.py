"""The fleet's state on a real Valkey and in memory, under a clock that a test moves, and processes that ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.memory_state import MemoryState
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.resilience.shared_state import (
    Batch,
    Exchange,
    OrderFeed,
    Question,
    Reply,
    SharedCircuit,
    Tally,
)
from tests.support.clock import ManualClock
from tests.support.valkey import shared, valkey_server
from tests.unit.resilience.fleets import BY_KEY, NOW, patient

__all__ = ["shared", "valkey_server"]

POLICY = Policy(minimum_calls=4, wait_seconds=5.0, jitter=0.2, lease_seconds=20.0, probes=2)
LONG = '{"circuit": {' + " " * 200 + "}}"


class Store:
    """A state under a clock that moves when told to, and processes that ask it."""

    def __init__(self, state: Any, feed: Callable[[], OrderFeed], clock: ManualClock, moved: Callable[[float], object]) -> None:
        self.state = state
        self.feed = feed
        self._clock = clock
        self._moved = moved
        self._sequences: dict[str, int] = {}
        self.advance(0)

    def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)
        self._moved(self._clock.now().timestamp())

    def tell(self, who: str = "api-1", *, repeated: bool = False, delay: float = 0.0, **words: Any) -> Reply:
        self._sequences[who] = self._sequences.get(who, 0) + (0 if repeated else 1)
        batch = {word: words.pop(word) for word in ("tallies", "reports", "moves", "happenings") if word in words}
        plain = Question("geocoder", POLICY, Batch(), SharedCircuit(), {}, State.CLOSED, title="Geocoder")
        question = replace(plain, batch=Batch(**batch), **words)
        reply = self.state.exchange(Exchange(who, "api", self._sequences[who], (question,), delay, "astrolabe"))[question.name]
        assert isinstance(reply, Reply)
        return reply

    def begin_anew(self, who: str) -> None:
        """A new process of that name: it numbers its exchanges from the first."""
        del self._sequences[who]

    def open(self) -> Reply:
        self.tell("api-1", tallies=(bad(3),))
        return self.tell("api-2", tallies=(bad(3),))

    def half_open(self, who: str = "api-1", **words: Any) -> Reply:
        self.open()
        self.advance(6.0)
        return self.tell(who, wants_probe=True, **words)

    def causes(self) -> list[str]:
        return [move.cause for move in reversed(self.state.transitions("geocoder", 100))]


@pytest.fixture(params=["valkey", "memory"])
def store(request: pytest.FixtureRequest, clock: ManualClock) -> Store:
    if request.param == "memory":
        memory = MemoryState(clock)
        return Store(memory, memory.feed, clock, lambda _: None)
    connection = patient(request.getfixturevalue("shared"))
    state = RedisState(connection, clock=BY_KEY)
    return Store(state, lambda: RedisFeed(connection.following()), clock, lambda at: connection.client.set(NOW, int(at * 1000)))


def bad(count: int, epoch: int = -1, age: float = 0.0) -> Tally:
    return Tally(age, epoch, 0, count, 0, (count,) * 10)


def good(count: int, epoch: int = -1) -> Tally:
    return Tally(0.0, epoch, count, 0, 0, (count,) * 10)
