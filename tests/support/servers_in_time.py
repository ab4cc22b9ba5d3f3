"""Servers and callers as a simulation: places, service times, arrivals; and what callers measured."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from backend.errors import ServiceError
from tests.support.virtual_time import VirtualClock


class Server:
    """So many calls at a time, the rest in line; ``seconds`` gives each call's own time."""

    def __init__(self, places: int, seconds: Callable[[], float]) -> None:
        self._places = asyncio.Semaphore(places)
        self._seconds = seconds
        self.calls = 0

    async def answer(self) -> str:
        self.calls += 1
        async with self._places:
            await asyncio.sleep(self._seconds())
        return "answer"


async def offered(
    per_second: float, seconds: float, ask: Callable[[], Awaitable[object]], clock: VirtualClock, seed: int = 7
) -> list[float]:
    """The durations of the calls that were answered, in order of their start; others count as refused."""
    random, tasks = Random(seed), []
    ends = clock.monotonic() + seconds
    while clock.monotonic() < ends:
        tasks.append(asyncio.create_task(_timed(ask, clock)))
        await asyncio.sleep(random.expovariate(per_second))
    return [took for took in await asyncio.gather(*tasks) if took is not None]


async def _timed(ask: Callable[[], Awaitable[object]], clock: VirtualClock) -> float | None:
    began = clock.monotonic()
    try:
        await ask()
    except ServiceError:
        return None
    return clock.monotonic() - began


def share_of(durations: list[float], share: float) -> float:
    """The duration that this share of the calls did not exceed."""
    return sorted(durations)[min(int(share * len(durations)), len(durations) - 1)]
