"""A second, equal question when the first takes unusually long; whichever is answered first counts."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from backend.clock import Clock
from backend.resilience.budget import Budget
from backend.resilience.listener import Happened
from backend.resilience.notes import Notes

T = TypeVar("T")

_KEPT = 200  # durations of which the quantile is taken
_RENEWED_EVERY = 20
_MOST_CREDIT = 5.0
_THREADS = 64  # an attempt that finds none free starts later, and knows by its deadline when it is too late


@dataclass(frozen=True)
class HedgePolicy:
    """``delay_seconds`` 0: the ``quantile`` of the durations seen. At most ``most_ratio`` of all calls are asked twice."""

    enabled: bool = False
    delay_seconds: float = 0.0
    quantile: float = 0.95
    most_ratio: float = 0.05


class Delay:
    """How long to wait for the first answer, from the durations seen; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[float] = deque(maxlen=_KEPT)
        self._count = 0
        self._known: tuple[float, ...] = ()

    def add(self, seconds: float) -> None:
        with self._lock:
            self._seen.append(seconds)
            self._count += 1
            if self._count % _RENEWED_EVERY == 0:
                self._known = tuple(sorted(self._seen))

    def after(self, policy: HedgePolicy) -> float | None:
        """None while too little is known."""
        if policy.delay_seconds > 0:
            return policy.delay_seconds
        known = self._known
        return known[min(int(policy.quantile * len(known)), len(known) - 1)] if known else None


class Hedge:
    """For what may be asked twice; draws on the dependency's budget and on a share of its own."""

    def __init__(self, policy: HedgePolicy, clock: Clock, budget: Budget, notes: Notes) -> None:
        self.policy = policy
        self._clock = clock
        self._budget = budget
        self._notes = notes
        self._delay = Delay()
        self._lock = threading.Lock()
        self._credit = 0.0
        self._pool: ThreadPoolExecutor | None = None
        self._owner = 0

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def call(self, function: Callable[[], T], *, idempotent: bool) -> T:
        """In a thread where it may be hedged, so that the caller can turn to the second answer; else just called."""
        if not (idempotent and self.policy.enabled):
            return function()
        self._earn()
        race = _Race(self._start(function))
        delay = self._delay.after(self.policy)
        if delay is not None and not race.settled(delay) and self._affordable():
            race.second = self._start(function)
        return race.won(self._notes)

    async def acall(self, function: Callable[[], Awaitable[T]], *, idempotent: bool) -> T:
        """The same with tasks; the one that lost is cancelled."""
        if not (idempotent and self.policy.enabled):
            return await function()
        self._earn()
        tasks = [asyncio.create_task(self._atimed(function))]
        try:
            delay = self._delay.after(self.policy)
            if delay is not None and not (await asyncio.wait(tasks, timeout=delay))[0] and self._affordable():
                tasks.append(asyncio.create_task(self._atimed(function)))
            return await self._first(tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _first(self, tasks: list[asyncio.Task[T]]) -> T:
        pending = set(tasks)
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            good = [task for task in done if not task.cancelled() and task.exception() is None]
            if good:
                self._told(tasks[0] not in good)
                return good[0].result()
        return tasks[0].result()

    def _told(self, second_won: bool) -> None:
        if second_won:
            self._notes.note(Happened.HEDGE_WON)

    def _start(self, function: Callable[[], T]) -> Future[T]:
        return self._threads().submit(copy_context().run, self._timed, function)

    def _threads(self) -> ThreadPoolExecutor:
        """A pool of this process's own: after a fork the parent's threads are not here."""
        pool = self._pool
        if pool is None or self._owner != os.getpid():
            with self._lock:
                if self._pool is None or self._owner != os.getpid():
                    self._pool, self._owner = ThreadPoolExecutor(_THREADS, thread_name_prefix="hedge"), os.getpid()
                pool = self._pool
        return pool

    def _timed(self, function: Callable[[], T]) -> T:
        began = self._clock.monotonic()
        result = function()
        self._delay.add(self._clock.monotonic() - began)
        return result

    async def _atimed(self, function: Callable[[], Awaitable[T]]) -> T:
        began = self._clock.monotonic()
        result = await function()
        self._delay.add(self._clock.monotonic() - began)
        return result

    def _earn(self) -> None:
        with self._lock:
            self._credit = min(_MOST_CREDIT, self._credit + self.policy.most_ratio)

    def _affordable(self) -> bool:
        with self._lock:
            if self._credit < 1:
                return False
            self._credit -= 1
        if not self._budget.take():
            self._notes.note(Happened.BUDGET_REFUSED, "hedge")
            return False
        self._notes.note(Happened.HEDGED)
        return True


class _Race(Generic[T]):
    """One question, perhaps asked twice."""

    def __init__(self, first: Future[T]) -> None:
        self.first = first
        self.second: Future[T] | None = None

    def settled(self, seconds: float) -> bool:
        return bool(wait([self.first], timeout=seconds).done)

    def won(self, notes: Notes) -> T:
        """The first good answer; where there is none, the first one's failure."""
        pending: set[Future[Any]] = {future for future in (self.first, self.second) if future is not None}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            good = [future for future in done if future.exception() is None]
            if good:
                if self.first not in good:
                    notes.note(Happened.HEDGE_WON)
                return cast(T, good[0].result())
        return self.first.result()
