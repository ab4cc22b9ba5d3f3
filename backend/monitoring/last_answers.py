"""The last good answers to the questions of a page: what is shown, and said to be old, while the source does not answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

ENTRIES = 256
LARGEST = 100_000  # numbers in one answer; a larger one is not kept


@dataclass(frozen=True)
class Kept:
    """``value`` None: it was too large to keep, or had nothing in it; ``full_at`` is when an answer last had anything in it."""

    value: Any
    at: datetime
    full_at: datetime | None


class LastAnswers:
    """By question; the least recently asked goes first. Thread-safe."""

    def __init__(self, entries: int = ENTRIES) -> None:
        self._entries = entries
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self._lock = Lock()
        self._last_good: datetime | None = None

    @property
    def last_good(self) -> datetime | None:
        """When any question was last answered."""
        return self._last_good

    def of(self, question: Hashable) -> Kept | None:
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None:
                self._kept.move_to_end(question)
            return kept

    def keep(self, question: Hashable, value: Any, at: datetime, full_at: datetime | None, size: int) -> None:
        """``full_at`` is when it last had anything in it, None: not now."""
        with self._lock:
            before = self._kept.pop(question, None)
            since = full_at or (before.full_at if before else None)
            self._kept[question] = Kept(value if full_at and size <= LARGEST else None, at, since)
            self._last_good = at
            while len(self._kept) > self._entries:
                self._kept.popitem(last=False)
