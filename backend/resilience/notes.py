"""Where the parts around a breaker tell what they did: summed there, and told to the fleet, the log and the metrics."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Protocol

from backend.resilience.listener import Happened


class Notes(Protocol):
    """A breaker is one."""

    def note(self, kind: Happened, detail: str = "", count: int = 1) -> None: ...


class Unnoted:
    """Nobody is told."""

    def note(self, kind: Happened, detail: str = "", count: int = 1) -> None:
        """Nothing to do."""


class Summed:
    """Tells another, and knows the sums since the start."""

    def __init__(self, told: Notes) -> None:
        self._told = told
        self._lock = threading.Lock()
        self._sums: Counter[tuple[Happened, str]] = Counter()

    def note(self, kind: Happened, detail: str = "", count: int = 1) -> None:
        with self._lock:
            self._sums[kind, detail] += count
        self._told.note(kind, detail, count)

    def sums(self) -> dict[tuple[Happened, str], int]:
        """By kind and detail."""
        with self._lock:
            return dict(self._sums)
