"""Runs of pages take turns.

One interpreter lock serves all: fifty runs side by side end as late as the last of them, and what each has to send waits behind all the
others for the one thread that sends. One after the other, each ends as early as it can. Nobody is held up by a run that waits: it gives
its turn up where it knows that it will wait, and is passed over where it did not.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SECONDS = 0.25  # several times as long as the slowest page computes


@dataclass(eq=False)
class _Turn:
    """A place in the line; ``since`` it has come. ``again``: for a run that had one before and gave it up."""

    again: bool = False
    come: threading.Event = field(default_factory=threading.Event)
    since: float = 0.0


class Turns:
    """One run at a time, in the order of their coming; each for so many seconds at most. A run within a run needs no turn of its own."""

    def __init__(self, seconds: float = SECONDS, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._line: deque[_Turn] = deque()
        self._mine = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it meanwhile."""
        if getattr(self._mine, "turn", None) is not None:
            yield
            return
        self._mine.turn = self._wait()
        try:
            yield
        finally:
            self._end(self._mine.turn)
            self._mine.turn = None

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let others go ahead meanwhile, for whoever waits for something; another turn comes before those who had none yet."""
        if getattr(self._mine, "turn", None) is None:
            yield
            return
        self._end(self._mine.turn)
        try:
            yield
        finally:
            self._mine.turn = self._wait(again=True)

    def _wait(self, *, again: bool = False) -> _Turn:
        turn = _Turn(again)
        with self._lock:
            ahead = sum(one.again or one.come.is_set() for one in self._line) if again else len(self._line)
            self._line.insert(ahead, turn)
            self._begin_first()
        while not turn.come.wait(self._seconds):
            self._pass_over()
        return turn

    def _end(self, turn: _Turn) -> None:
        """One that was passed over is in the line no more."""
        with self._lock:
            if turn in self._line:
                self._line.remove(turn)
                self._begin_first()

    def _pass_over(self) -> None:
        with self._lock:
            if self._line and self._monotonic() - self._line[0].since >= self._seconds:
                self._line.popleft()
                self._begin_first()

    def _begin_first(self) -> None:
        if self._line and not self._line[0].come.is_set():
            self._line[0].since = self._monotonic()
            self._line[0].come.set()


TURNS = Turns()
