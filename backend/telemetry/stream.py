"""Where log lines go: a full disk or a closed pipe costs lines, never a request."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from io import UnsupportedOperation
from typing import TextIO

import orjson


class LossyStream:
    """Writes whole lines, past the buffers of ``out``, and says afterwards how many could not be written."""

    def __init__(self, out: TextIO) -> None:
        self._write = _writer(out)
        self._lock = threading.Lock()
        self._lost = 0

    def write(self, text: str) -> int:
        with self._lock:
            lost = "" if not self._lost else "\n" + orjson.dumps({"event": "log_lines_lost", "count": self._lost}).decode() + "\n"
            try:
                self._write(lost + text)
            except OSError:
                self._lost += 1
            else:
                self._lost = 0
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def _writer(out: TextIO) -> Callable[[str], None]:
    with suppress(OSError, UnsupportedOperation, AttributeError):
        descriptor = out.fileno()
        return lambda text: _whole(descriptor, text.encode())

    def write(text: str) -> None:
        out.write(text)
        out.flush()

    return write


def _whole(descriptor: int, data: bytes) -> None:
    """A disk that fills up takes half a line first; the next one to get through begins on a line of its own."""
    if os.write(descriptor, data) < len(data):
        raise OSError("no room for the whole line")
