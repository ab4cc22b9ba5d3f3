"""Keeping a handful of processes alive: started in order, restarted with growing waits, replaced, stopped in the reverse order."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from threading import Event

from backend.children import Process, Spawn, stop
from backend.clock import Clock
from backend.errors import ServiceError

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0
ROUND_SECONDS = 0.1


def wait_before_restart(deaths: int) -> float:
    """1, 2, 4 … 30 s for the first, second, third … death in a row."""
    return float(min(FIRST_WAIT_SECONDS * 2 ** (deaths - 1), LONGEST_WAIT_SECONDS))


@dataclass(frozen=True)
class Role:
    """One process to keep: ``start`` gives a new one each time; ``lasting`` is false for one that may end by itself."""

    name: str
    start: Spawn
    grace_seconds: float = 10.0
    lasting: bool = True


@dataclass
class _Kept:
    role: Role
    process: Process | None = None
    started_at: float = 0.0
    deaths: int = 0
    start_at: float | None = None


@dataclass(frozen=True)
class _Retiring:
    """One that has a successor: asked to stop, and left until then."""

    role: Role
    process: Process
    until: float


class Supervisor:
    """Keeps roles alive in the main thread; ``say`` gets one plain line for each thing that happens."""

    def __init__(self, clock: Clock, say: Callable[[str], None], wait: Callable[[float], bool] | None = None) -> None:
        self._clock = clock
        self._say = say
        self._stopping = Event()
        self._wait = wait or self._stopping.wait
        self._kept: list[_Kept] = []
        self._retiring: list[_Retiring] = []
        self._renewal = Event()
        self._terminal = Terminal()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def ask_to_stop(self, *_: object) -> None:
        """Also a signal's handler."""
        self._stopping.set()

    def listen_to_signals(self) -> None:
        self._terminal = Terminal.of_this_process()
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, self.ask_to_stop)
        signal.signal(signal.SIGHUP, self._hung_up)

    def _hung_up(self, *_: object) -> None:
        """The terminal that started us is gone: stop. Else somebody asks for new processes."""
        if self._terminal.is_gone():
            self.ask_to_stop()
        else:
            self._renewal.set()

    def renewal_asked(self) -> bool:
        """Whether somebody asked since the last time this was asked."""
        asked = self._renewal.is_set()
        self._renewal.clear()
        return asked

    def add(self, role: Role) -> None:
        """Start it now; a start that fails at once is an error of the caller's."""
        self._kept.append(_Kept(role, role.start(), self._clock.monotonic()))

    def running(self) -> dict[str, int]:
        """Process ids by name."""
        return {kept.role.name: kept.process.pid for kept in self._kept if kept.process and kept.process.poll() is None}

    def run(self) -> None:
        """Until somebody asks to stop."""
        while not self.pause(ROUND_SECONDS):
            pass

    def pause(self, seconds: float) -> bool:
        """Wait that long, tending; True as soon as somebody asks to stop."""
        until = self._clock.monotonic() + seconds
        while not self.stopping:
            self.tend()
            left = until - self._clock.monotonic()
            if left <= 0:
                return self.stopping
            self._wait(min(left, ROUND_SECONDS))
        return True

    def tend(self) -> None:
        """One look at each: note a death, start again what has waited long enough, end what had time enough to end."""
        for kept in list(self._kept):
            if kept.process is not None and kept.process.poll() is not None:
                self._note_death(kept)
            elif kept.start_at is not None and self._clock.monotonic() >= kept.start_at:
                self._restart(kept)
        for retiring in list(self._retiring):
            if retiring.process.poll() is not None:
                self._retiring.remove(retiring)
            elif self._clock.monotonic() >= retiring.until:
                retiring.process.kill()
                self._say(f"{retiring.role.name} did not stop within {retiring.role.grace_seconds:.0f} s and was killed.")

    def replace(self, name: str, successor: Process) -> None:
        """Keep ``successor`` under this name from now on; the one before is asked to stop, and has its grace."""
        kept = next(kept for kept in self._kept if kept.role.name == name)
        before, now = kept.process, self._clock.monotonic()
        kept.process, kept.started_at, kept.start_at, kept.deaths = successor, now, None, 0
        if before is not None and before.poll() is None:
            before.send_signal(signal.SIGTERM)
            self._retiring.append(_Retiring(kept.role, before, now + kept.role.grace_seconds))

    def are_retired(self) -> bool:
        """Whether everybody that was replaced has ended."""
        return not self._retiring

    def stop(self) -> None:
        """The last started first, and all of a kind ('api 1', 'api 2') together; each gets its grace, then no choice."""
        self._stopping.set()
        alive = [(retiring.role, retiring.process) for retiring in self._retiring]
        alive += [(kept.role, kept.process) for kept in reversed(self._kept) if kept.process is not None and kept.process.poll() is None]
        for _, same in groupby(alive, lambda one: one[0].name.split()[0]):
            self._stop_together(list(same))
        self._kept.clear()
        self._retiring.clear()

    def _stop_together(self, processes: list[tuple[Role, Process]]) -> None:
        for _, process in processes[1:]:
            process.send_signal(signal.SIGTERM)
        for role, process in processes:
            if not stop(process, role.grace_seconds):
                self._say(f"{role.name} did not stop within {role.grace_seconds:.0f} s and was killed.")

    def _note_death(self, kept: _Kept) -> None:
        assert kept.process is not None
        how, kept.process = _ending(kept.process.poll() or 0), None
        if not kept.role.lasting:
            self._say(f"{kept.role.name} {how}; it is not started again.")
            self._kept.remove(kept)
            return
        now = self._clock.monotonic()
        kept.deaths = 1 if now - kept.started_at >= HEALTHY_AFTER_SECONDS else kept.deaths + 1
        wait = wait_before_restart(kept.deaths)
        kept.start_at = now + wait
        self._say(f"{kept.role.name} {how}; starting it again in {wait:.0f} s.")

    def _restart(self, kept: _Kept) -> None:
        now = self._clock.monotonic()
        try:
            kept.process = kept.role.start()
        except (OSError, subprocess.SubprocessError, ServiceError) as error:
            kept.deaths += 1
            kept.start_at = now + wait_before_restart(kept.deaths)
            self._say(f"{kept.role.name} could not be started ({error}); the next try is in {kept.start_at - now:.0f} s.")
            return
        kept.start_at, kept.started_at = None, now
        self._say(f"{kept.role.name} runs again as process {kept.process.pid}.")


@dataclass(frozen=True)
class Terminal:
    """Where we were started: its end ends us, unless we were started to outlive it or without one."""

    ends_us: bool = False

    @classmethod
    def of_this_process(cls) -> Terminal:
        return cls(signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal())

    def is_gone(self) -> bool:
        return self.ends_us and not _has_terminal()


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}" if code else "ended"
