"""What a moment ago was true is true enough for a glance: one look at a source serves everybody who looks within that moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from backend.clock import Clock

T = TypeVar("T")


class Recent:
    """Values by key for some seconds. One caller reads, the others wait for it; a failure is remembered for nobody."""

    def __init__(self, seconds: float, most: int = 64) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[Hashable, tuple[float, Any]] = {}

    def value(self, key: Hashable, clock: Clock, read: Callable[[], T]) -> T:
        with self._lock:
            now = clock.monotonic()
            known = self._known.get(key)
            if known is None or now - known[0] > self._seconds:
                if len(self._known) >= self._most:
                    self._known.clear()
                known = self._known[key] = (now, read())
            value: T = known[1]
            return value

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


GLANCES = Recent(2)
"""What everybody sees alike on a page that renews itself every few seconds."""
