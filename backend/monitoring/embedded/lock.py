"""Who scrapes and tends the store: one process, which holds a lock on a file beside it until it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class TendingLock:
    """The system lets go of it when the process dies, however it dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    def take(self) -> bool:
        """Whether this process has it now. Asking again costs nothing."""
        if self._held is not None:
            return True
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._held = opened
        return True

    def release(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None
