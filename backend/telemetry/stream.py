"""Where log lines go: a full disk or a closed pipe costs lines, never a request."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path
from time import monotonic
from typing import TextIO

import orjson

LOOK_SECONDS = 1.0
STDERR = 2


class FollowedFile:
    """Stderr goes to the file of that name from now on; once the file was moved away, to a new one of that name.

    So whoever moves it aside loses no line: what was written stands in the one or in the other.
    """

    def __init__(self, path: Path, now: Callable[[], float] = monotonic, descriptor: int = STDERR) -> None:
        self._path = path
        self._now = now
        self._descriptor = descriptor
        self._looked = now()
        self._lock = threading.Lock()
        self._open()

    def fileno(self) -> int:
        return self._descriptor

    def look(self) -> None:
        """Before a line: is this still the file of that name? Asked once a second at most."""
        at = self._now()
        if at - self._looked < LOOK_SECONDS:
            return
        with self._lock, suppress(OSError):  # without room or rights for a new one, the lines go on to where they went
            self._looked = at
            if not self._is_there():
                self._open()

    def _is_there(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def _open(self) -> None:
        opened = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.dup2(opened, self._descriptor)
        finally:
            os.close(opened)


class LossyStream:
    """Writes whole lines, past the buffers of ``out``, and says afterwards how many could not be written."""

    def __init__(self, out: TextIO | FollowedFile) -> None:
        self._write = _writer(out)
        self._lock = threading.Lock()
        self._lost = 0
        self.lost_in_all = 0

    def write(self, text: str) -> int:
        with self._lock:
            lost = "" if not self._lost else "\n" + orjson.dumps({"event": "log_lines_lost", "count": self._lost}).decode() + "\n"
            try:
                self._write(lost + text)
            except OSError:
                self._lost += 1
                self.lost_in_all += 1
            else:
                self._lost = 0
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def _writer(out: TextIO | FollowedFile) -> Callable[[str], None]:
    if isinstance(out, FollowedFile):
        return _following(out)
    with suppress(OSError, UnsupportedOperation, AttributeError):
        descriptor = out.fileno()
        return lambda text: _whole(descriptor, text.encode())

    def write(text: str) -> None:
        out.write(text)
        out.flush()

    return write


def _following(file: FollowedFile) -> Callable[[str], None]:
    def write(text: str) -> None:
        file.look()
        _whole(file.fileno(), text.encode())

    return write


def _whole(descriptor: int, data: bytes) -> None:
    """A disk that fills up takes half a line first; the next one to get through begins on a line of its own."""
    if os.write(descriptor, data) < len(data):
        raise OSError("no room for the whole line")
