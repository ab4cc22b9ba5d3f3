"""Long searches in a process of their own, one after the other: they hold the interpreter, and this process has callers to answer."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol, TypeVar

from backend.charts.budget import Budget
from backend.charts.search_messages import CANCEL, JOB, Outcome, Task, to_error, whole
from backend.charts.vocabulary import Mode
from backend.clock import Clock
from backend.errors import BulkheadFull, ComputationFailed, DeadlineExceeded
from backend.telemetry.logging import log

T = TypeVar("T")
LOG = log(__name__)
MOST_WAITING = 16
LOOK_SECONDS = 0.02
GRACE_SECONDS = 1.0
_ROOT = Path(__file__).resolve().parents[2]


class Searching(Protocol):
    """Where searches are done: a function of a module, with a sky and a budget before its own arguments."""

    def run(self, job: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], seconds: float, gone: Callable[[], bool]) -> T: ...

    def close(self) -> None: ...


class SearchProcess:
    """Starts its process at the first search, and another whenever it has died; safe to share between threads."""

    def __init__(self, folder: Path, mode: Mode, clock: Clock, most_waiting: int = MOST_WAITING) -> None:
        self._folder, self._mode, self._clock = folder, mode, clock
        self._line = _Line(most_waiting)
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """Of the process that is running; None: there is none."""
        child = self._child
        return child.pid if child and child.is_alive() else None

    def run(self, job: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], seconds: float, gone: Callable[[], bool]) -> T:
        """The result of ``job(sky, budget, *args, **kwargs)``, or what it raised.

        ``seconds`` cover the wait for one's turn. DeadlineExceeded when they are over or ``gone()`` is true; a search that does not
        stop within a second of that is ended with its process. BulkheadFull when too many are waiting.
        """
        ends = self._clock.monotonic() + seconds
        budget = Budget(seconds, self._clock.monotonic, gone)
        with self._line.turn(budget):
            child = self._alive()
            task = Task(job, args, kwargs, ends - self._clock.monotonic())
            try:
                outcome = child.ask(task, budget)
            except (EOFError, OSError):
                child.kill()
                LOG.warning("search_process_died")
                raise ComputationFailed("the search was interrupted; ask again") from None
        value: T = self._value(outcome)
        return value

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._child:
            self._child.end()

    def _alive(self) -> _Child:
        if self._child is None or not self._child.is_alive():
            self._child = _Child(self._folder, self._mode)
            LOG.info("search_process_started", pid=self._child.pid)
        return self._child

    def _value(self, outcome: Outcome) -> Any:
        if outcome.error is None:
            return outcome.value
        if outcome.error.kind == "broken":
            LOG.error("search_failed", error=outcome.error.detail)
        raise to_error(outcome.error)


class _Line:
    """Turns in the order of coming; a bounded number may wait."""

    def __init__(self, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._tickets: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, budget: Budget) -> Iterator[None]:
        ticket = threading.Event()
        with self._lock:
            if len(self._tickets) > self._most_waiting:
                raise BulkheadFull("search", "more searches are waiting than this process takes on", 2)
            self._tickets.append(ticket)
            self._tickets[0].set()
        try:
            while not ticket.wait(LOOK_SECONDS):
                budget.check()
            yield
        finally:
            with self._lock:
                self._tickets.remove(ticket)
                if self._tickets:
                    self._tickets[0].set()


class _Child:
    """The process with our end of the wire to it; it ends when the wire does, so that it never outlives us."""

    def __init__(self, folder: Path, mode: Mode) -> None:
        ours, theirs = socket.socketpair()
        words = [sys.executable, "-m", "backend.charts.search_worker", str(theirs.fileno()), str(folder), mode.value]
        with theirs:
            self._process = subprocess.Popen(words, cwd=_ROOT, pass_fds=(theirs.fileno(),), stdin=subprocess.DEVNULL, process_group=0)
        self._wire = Connection(ours.detach())

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_alive(self) -> bool:
        return self._process.poll() is None and not self._wire.closed

    def ask(self, task: Task, budget: Budget) -> Outcome:
        self._wire.send_bytes(JOB + pickle.dumps(task))
        parts = []
        while True:
            outcome = self._next(budget)
            parts.append(outcome.value)
            if not outcome.more:
                return outcome._replace(value=whole(parts))

    def _next(self, budget: Budget) -> Outcome:
        while not self._wire.poll(LOOK_SECONDS):
            try:
                budget.check()
            except DeadlineExceeded:
                self._cancel()
                raise
        return self._read()

    def _read(self) -> Outcome:
        outcome: Outcome = pickle.loads(self._wire.recv_bytes())
        return outcome

    def _cancel(self) -> None:
        """Ask it to stop; if it does not, end it."""
        self._wire.send_bytes(CANCEL)
        while self._wire.poll(GRACE_SECONDS):
            if not self._read().more:
                return
        LOG.warning("search_process_killed")
        self.kill()

    def end(self) -> None:
        """It sees that nobody is there any more, and has a moment to go."""
        self._wire.close()
        try:
            self._process.wait(2 * GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._wire.close()
        self._process.kill()
        self._process.wait()
