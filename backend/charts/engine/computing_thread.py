"""One long-lived thread that does the jobs of all others, one after the other.

A pool of one would do; this hands over with one lock per job and no condition variables, which halves the price of a
hand-over, and a chart is only some ten hand-overs long.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from time import perf_counter
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class _Job:
    """A call on its way to the thread and its outcome on the way back."""

    __slots__ = ("call", "came", "done", "error", "result")

    def __init__(self, call: Callable[[], Any]) -> None:
        self.came = perf_counter()
        self.call = call
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class ThreadUsage(NamedTuple):
    """Jobs done since the start, the seconds they took and the seconds they had waited; jobs that wait now."""

    jobs: int
    busy_seconds: float
    wait_seconds: float
    waiting: int


class ComputingThread:
    """Runs calls on its own thread; the caller waits for the result."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._gate = threading.Lock()
        self._open = True
        self._done, self._busy, self._waited = 0, 0.0, 0.0  # written by the thread alone
        self._thread.start()

    def usage(self) -> ThreadUsage:
        return ThreadUsage(self._done, self._busy, self._waited, self._jobs.qsize())

    def run(self, call: Callable[[], T]) -> T:
        """The result of ``call``, or what it raised."""
        job = _Job(call)
        with self._gate:  # nobody may come in behind the last one
            if not self._open:
                raise RuntimeError("the computing thread has ended")
            self._jobs.put(job)
        job.done.acquire()
        if job.error is not None:
            try:
                raise job.error
            finally:
                job.error = None  # else the error, its frames and the job keep each other alive
        result: T = job.result
        return result

    def close(self) -> None:
        """End the thread after the jobs it has."""
        with self._gate:
            self._open = False
            self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            began = perf_counter()
            self._waited += began - job.came
            try:
                job.result = job.call()
            except BaseException as error:  # noqa: BLE001 - it is raised again where the job came from
                job.error = error
            self._busy += perf_counter() - began
            self._done += 1
            job.done.release()
            del job  # holds the caller's values until the next job otherwise
