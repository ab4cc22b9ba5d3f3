"""An event loop whose clock jumps to the next thing due, so that minutes of waiting take no time and come out the same each run."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Never waits: when nothing is ready, its time is that of the next timer."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = 1000.0

    def time(self) -> float:
        return self._seconds

    def _run_once(self) -> None:
        while self._scheduled and self._scheduled[0]._cancelled:
            self._timer_cancelled_count -= 1
            heapq.heappop(self._scheduled)._scheduled = False
        if not self._ready and self._scheduled:
            self._seconds = max(self._seconds, self._scheduled[0]._when)
        super()._run_once()


class VirtualClock:
    """Fulfils ``backend.clock.Clock`` by that loop's time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("in virtual time one awaits")


def in_virtual_time(main: Callable[[VirtualClock], Coroutine[Any, Any, T]]) -> T:
    """Run it to its end."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(main(VirtualClock(loop)))
    finally:
        loop.close()
