"""Where the synchronous services run: a bounded number of threads, a bounded queue before them, and a deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

from backend.clock import Clock
from backend.errors import BulkheadFull, DeadlineExceeded
from backend.resilience import deadline
from backend.telemetry import profiling

T = TypeVar("T")
THREADS = 16  # for calls that may wait for somebody else
SEARCHING_THREADS = 4  # for what takes seconds, in processes of its own
COMPUTING_THREADS = 1  # for what only computes: more of them would only take the interpreter from each other and from the loop


class Threads:
    """``run`` refuses when ``most_waiting`` calls are under way or waiting, and gives up after ``seconds``.

    A thread cannot be stopped; it sees the same deadline wherever it calls out.
    """

    def __init__(self, seconds: float, clock: Clock, most_waiting: int, threads: int = THREADS) -> None:
        self._seconds = seconds
        self._clock = clock
        self._most_waiting = most_waiting
        self._threads = threads
        self._limiter: CapacityLimiter | None = None
        self._inside = 0

    @property
    def inside(self) -> int:
        """Calls under way and waiting now."""
        return self._inside

    @property
    def most(self) -> int:
        """How many there may be."""
        return self._most_waiting

    async def run(self, call: Callable[[], T]) -> T:
        if self._inside >= self._most_waiting:
            raise BulkheadFull("charts", "more is asked of this process than it can do at once", 1)
        if self._limiter is None:  # it belongs to the running loop
            self._limiter = CapacityLimiter(self._threads)
        seconds = deadline.attempt_seconds(self._seconds, self._clock)  # less where the caller gave us less
        self._inside += 1
        try:
            with deadline.within(seconds, self._clock), anyio.fail_after(seconds):
                return await to_thread.run_sync(profiling.watched(call), limiter=self._limiter, abandon_on_cancel=True)
        except TimeoutError:
            raise DeadlineExceeded(f"no result within {seconds:g} s") from None
        finally:
            self._inside -= 1
