"""Processes that cannot outlive their parent: how one is started, asked to stop and, if need be, made to."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded here, because between fork and exec nothing may be


class Process(Protocol):
    """What a supervisor needs to know of a running process; ``subprocess.Popen`` is one."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


Spawn = Callable[[], Process]


@dataclass(frozen=True)
class Command:
    """One child's command line; ``keep`` are open descriptors it gets under the same numbers."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None
    folder: Path | None = None
    keep: tuple[int, ...] = ()
    output: IO[bytes] | None = None
    at_parents_death: signal.Signals = field(default=signal.SIGKILL)


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Start it in a process group of its own, so that Ctrl-C reaches the parent alone, who then stops all in order.

    Call this from the main thread: the kernel counts the death of the *thread* that started a child as its parent's.
    """
    return subprocess.Popen(
        list(command.arguments),
        env=dict(command.environment) if command.environment is not None else None,
        cwd=command.folder,
        pass_fds=command.keep,
        stdin=subprocess.DEVNULL,
        stdout=command.output,
        stderr=command.output,
        process_group=0,
        preexec_fn=_die_with(os.getpid(), command.at_parents_death),
    )


def _die_with(parent: int, sign: signal.Signals) -> Callable[[], None]:
    def before_exec() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return before_exec


def stop(process: Process, grace_seconds: float) -> bool:
    """Ask, wait, then insist; True when asking was enough."""
    if process.poll() is not None:
        return True
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
