"""At most so many calls to one dependency at a time; the limit follows what the dependency can take."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from backend.clock import Clock
from backend.errors import BulkheadFull
from backend.resilience import deadline
from backend.resilience.adaptive_limit import Pace, Rounds
from backend.resilience.deadline import TimedOut
from backend.resilience.listener import Happened
from backend.resilience.notes import Notes

T = TypeVar("T")


@dataclass(frozen=True)
class BulkheadPolicy:
    """``limit`` to begin with, or always where it is not adaptive; ``tolerance``: how many times its own pace a dependency may take.

    What takes no longer than ``quick_seconds`` harms nobody, however much quicker it would be alone.
    """

    limit: int = 16
    adaptive: bool = True
    low: int = 2
    high: int = 64
    tolerance: float = 1.5
    quick_seconds: float = 0.02
    wait_seconds: float = 0.0


class BulkheadView(NamedTuple):
    """``base_seconds``: the dependency's own pace, None while unknown."""

    limit: int
    in_flight: int
    waiting: int
    base_seconds: float | None


class _Waiter:
    __slots__ = ("admitted", "wake")

    def __init__(self, wake: Callable[[], None]) -> None:
        self.wake = wake
        self.admitted = False


class Bulkhead:
    """Thread-safe, and one for threads and coroutines alike. Who finds it full waits a short time, first come first served."""

    def __init__(self, dependency: str, policy: BulkheadPolicy, clock: Clock, notes: Notes) -> None:
        self.policy = policy
        self._dependency = dependency
        self._clock = clock
        self._notes = notes
        self._lock = threading.Lock()
        self._in_flight = 0
        self._waiting: deque[_Waiter] = deque()
        self._pace = Pace(float(policy.limit))
        self._places = policy.limit  # what the pace allows, as a whole number
        self._rounds = Rounds()

    def call(self, function: Callable[[], T]) -> T:
        """Call it in a place of its own; BulkheadFull where none came free in time."""
        if not self._entered():
            self._wait()
        began = self._clock.monotonic()
        try:
            result = function()
        except BaseException as error:
            self._leave(began, tells=isinstance(error, TimedOut))
            raise
        self._leave(began, tells=True)
        return result

    async def acall(self, function: Callable[[], Awaitable[T]]) -> T:
        """The same for what is awaited."""
        if not self._entered():
            await self._await()
        began = self._clock.monotonic()
        try:
            result = await function()
        except BaseException as error:
            self._leave(began, tells=isinstance(error, TimedOut))
            raise
        self._leave(began, tells=True)
        return result

    def view(self) -> BulkheadView:
        with self._lock:
            return BulkheadView(self._places, self._in_flight, len(self._waiting), self._pace.base_seconds)

    def use(self, policy: BulkheadPolicy) -> None:
        """Other figures from now on; what was learnt of the dependency stays where it still may."""
        with self._lock:
            limit = min(max(self._pace.limit, policy.low), policy.high) if policy.adaptive else policy.limit
            self._set(Pace(float(limit), self._pace.base_seconds))
            self.policy = policy

    # -- entering ---------------------------------------------------------------------------------------------------

    def _entered(self) -> bool:
        with self._lock:
            if self._waiting or self._in_flight >= self._places:
                return False
            self._in_flight += 1
            return True

    def _wait(self) -> None:
        came_free = threading.Event()
        waiter = self._queued(came_free.set)
        if waiter is None:
            return
        try:
            came_free.wait(self._patience())
        except BaseException:
            self._abandon(waiter)
            raise
        self._settle(waiter)

    async def _await(self) -> None:
        loop, came_free = asyncio.get_running_loop(), asyncio.Event()
        waiter = self._queued(lambda: _woken(loop, came_free))
        if waiter is None:
            return
        try:
            async with asyncio.timeout(self._patience()):
                await came_free.wait()
        except TimeoutError:
            self._settle(waiter)
        except BaseException:
            self._abandon(waiter)
            raise

    def _queued(self, wake: Callable[[], None]) -> _Waiter | None:
        """In the queue, or None where a place came free meanwhile; no longer a queue than there are places."""
        with self._lock:
            if not self._waiting and self._in_flight < self._places:
                self._in_flight += 1
                return None
            if self.policy.wait_seconds > 0 and len(self._waiting) < self._places:
                waiter = _Waiter(wake)
                self._waiting.append(waiter)
                return waiter
        raise self._full()

    def _patience(self) -> float:
        left = deadline.remaining(self._clock)
        return self.policy.wait_seconds if left is None else max(0.0, min(self.policy.wait_seconds, left))

    def _settle(self, waiter: _Waiter) -> None:
        with self._lock:
            if waiter.admitted:
                return
            self._waiting.remove(waiter)
        raise self._full()

    def _abandon(self, waiter: _Waiter) -> None:
        with self._lock:
            if not waiter.admitted:
                self._waiting.remove(waiter)
                return
        self._leave(0.0, tells=False)

    def _full(self) -> BulkheadFull:
        self._notes.note(Happened.BULKHEAD_FULL)
        return BulkheadFull(self._dependency, f"as many calls to {self._dependency} are under way as it can take")

    # -- leaving ----------------------------------------------------------------------------------------------------

    def _leave(self, began: float, *, tells: bool) -> None:
        """A quick failure says nothing of how much the dependency can take."""
        seconds = self._clock.monotonic() - began
        with self._lock:
            if tells and self.policy.adaptive:
                self._learn(seconds)
            self._in_flight -= 1
            admitted = self._admitted() if self._waiting else ()
        for waiter in admitted:
            waiter.wake()

    def _learn(self, seconds: float) -> None:
        complete = self._rounds.add(seconds, self._in_flight, self._places)
        if complete is not None:
            policy = self.policy
            self._set(self._pace.after(complete, policy.low, policy.high, policy.tolerance, policy.quick_seconds))

    def _set(self, pace: Pace) -> None:
        self._pace, self._places = pace, int(pace.limit)

    def _admitted(self) -> list[_Waiter]:
        admitted = []
        while self._waiting and self._in_flight < self._places:
            waiter = self._waiting.popleft()
            waiter.admitted = True
            self._in_flight += 1
            admitted.append(waiter)
        return admitted


def _woken(loop: asyncio.AbstractEventLoop, came_free: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(came_free.set)
