"""What one process of a scenario does: call a dependency through its breaker, and write down what came of it."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import time
from ctypes import c_int
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Gate
from multiprocessing.synchronize import Semaphore
from pathlib import Path

from backend.clock import SystemClock
from backend.errors import CallRefused, DependencyFailed
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.storage.shared import SharedState
from tests.scenarios.log import Log
from tests.scenarios.recorded import Recorded

NAME = "geocoder"
_PAUSE_AFTER_REFUSAL = 0.005
_LOOK_SECONDS = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Part:
    """``calls_per_second`` 0: one after the other. ``work_seconds``: how long the dependency takes to answer, good or bad."""

    index: int
    url: str
    folder: Path
    policy: Policy
    calls_per_second: float = 0.0
    work_seconds: float = 0.0
    at_fault: bool = False  # its calls fail whatever the dependency does
    stops_when_refused: bool = False
    notes_refusals: bool = False

    @property
    def process(self) -> str:
        return f"p-{self.index}"


class Flag:
    """Raised once, in shared memory without a lock: a process that is killed while it looks leaves nothing held."""

    def __init__(self, raised: c_int) -> None:
        self._raised = raised

    def set(self) -> None:
        self._raised.value = 1

    def is_set(self) -> bool:
        return bool(self._raised.value)

    def wait(self, seconds: float) -> bool:
        """Whether it was raised within that time."""
        ends = time.monotonic() + seconds
        while not self.is_set() and (left := ends - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
        return self.is_set()


@dataclass(frozen=True)
class Signals:
    """What the scenario tells all its processes, through shared memory."""

    ready: Semaphore
    go: Gate
    over: Flag
    dead: c_int
    hangs: c_int


def take_part(part: Part, signals: Signals) -> None:
    """The whole life of one process."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    clock, log = SystemClock(), Log(part.folder / f"{part.index}.jsonl", part.process)
    chance = random.Random(os.getpid())
    breaker = Breaker(NAME, part.policy, clock, chance.random)
    shared = SharedState(part.url)
    state, feed = Recorded(RedisState(shared), log), RedisFeed(shared.following())
    sync = FleetSync(state, part.process, clock, chance.random, role="api", feed=feed)
    sync.register(breaker)
    sync.start()
    signals.ready.release()
    signals.go.wait()
    Caller(part, signals, breaker, log).go_on()
    sync.stop()
    log.write("ends")


class Caller:
    """Calls until the scenario is over, at its own pace."""

    def __init__(self, part: Part, signals: Signals, breaker: Breaker, log: Log) -> None:
        self._part = part
        self._signals = signals
        self._breaker = breaker
        self._log = log

    def go_on(self) -> None:
        interval = 1 / self._part.calls_per_second if self._part.calls_per_second else 0.0
        due = time.monotonic() + interval * self._part.index / 8  # a fleet does not call in step
        while not self._signals.over.wait(max(0.0, due - time.monotonic())):
            refused = self._call()
            if refused and self._part.stops_when_refused:
                return
            due = max(due + interval, time.monotonic() + (_PAUSE_AFTER_REFUSAL if refused and not interval else 0.0))

    def _call(self) -> bool:
        asked = time.monotonic()
        result = "ok"
        try:
            self._breaker.call(lambda: self._dependency(asked))
        except DependencyFailed:
            result = "failed"
        except CallRefused as refusal:
            if self._part.notes_refusals or self._part.stops_when_refused:
                self._log.write("refused", asked=asked, code=refusal.code)
            return True
        except Exception as error:
            self._log.write("surprised", error=repr(error))
            raise
        self._log.write("called", asked=asked, result=result)
        return False

    def _dependency(self, asked: float) -> None:
        self._log.write("calls", asked=asked)
        time.sleep(self._part.work_seconds)
        while self._signals.hangs.value and not self._signals.over.is_set():
            time.sleep(0.01)
        if self._part.at_fault or self._signals.dead.value:
            raise DependencyFailed(NAME, "it is dead", transient=True)
