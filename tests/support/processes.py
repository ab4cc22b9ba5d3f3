"""What tests of real processes share: who is alive, and waiting for what takes its own time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

TRIALS = int(os.environ.get("ASTROLABE_TRIALS", "3"))


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it became true within that time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def alive_with(mark: str) -> list[int]:
    """Process ids whose command line or environment holds ``mark``; those that have ended but were not yet waited for do not count."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue
            if mark.encode() in words:
                found.append(int(folder.name))
    return found
