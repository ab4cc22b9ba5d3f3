"""What an examination found, and whether a `run` is on: what its checks share."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass

from backend.settings import Settings


@dataclass(frozen=True)
class Finding:
    """One check's outcome: ``words`` says what was found, ``mend`` what to do when it is not ``ok``."""

    name: str
    ok: bool
    words: str
    mend: str = ""


def run_is_on(settings: Settings) -> bool:
    """Whether a living `run` holds the state folder."""
    try:
        handle = os.open(settings.state_dir / "run.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
