"""The product's breaker and the peers', each on a real server and each at its best."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from backend.clock import SystemClock
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.storage.shared import SharedState
from benchmarks.peers.environment import peer

NAME = "geocoder"


def answer() -> int:
    return 1


async def answer_later() -> int:
    return 1


class Ours:
    """One breaker in a fleet of one: windows of both tiers, exchange every 100 ms in a thread of its own."""

    def __init__(self, url: str, policy: Policy | None = None, instance: str = "bench-1") -> None:
        clock = SystemClock()
        self.shared = SharedState(url)
        self.state = RedisState(self.shared)
        self.breaker = Breaker(NAME, policy or Policy(), clock, random.random)
        feed = RedisFeed(self.shared.following())
        self.sync = FleetSync(self.state, instance, clock, random.random, role="bench", feed=feed)
        self.sync.register(self.breaker)

    @classmethod
    @contextmanager
    def running(cls, url: str, policy: Policy | None = None) -> Iterator[Ours]:
        ours = cls(url, policy)
        ours.sync.start()
        try:
            yield ours
        finally:
            ours.sync.stop()
            ours.shared.close()


def interlock_breaker(url: str, name: str, window: str = "COUNT_BASED", *, asynchronous: bool = False, **storage: Any) -> Any:
    """interlock-cb on its Redis storage, with its cached view polled once a second as its documents advise."""
    interlock, backend = peer("interlock"), peer("interlock.integrations.redis")
    config = interlock.Config(window_type=getattr(interlock.WindowType, window), slow_call_duration_threshold=1.0)
    if asynchronous:
        from redis import asyncio as client

        return interlock.CircuitBreaker(name=name, config=config, storage=backend.AsyncRedisStorage(client.Redis.from_url(url), **storage))
    import redis

    return interlock.CircuitBreaker(name=name, config=config, storage=backend.RedisStorage(redis.Redis.from_url(url), **storage))


def pybreaker_in_memory() -> Any:
    return peer("pybreaker").CircuitBreaker()


def pybreaker_on(url: str) -> Any:
    import redis

    pybreaker = peer("pybreaker")
    storage = pybreaker.CircuitRedisStorage(pybreaker.STATE_CLOSED, redis.Redis.from_url(url), namespace="bench")
    return pybreaker.CircuitBreaker(state_storage=storage)
