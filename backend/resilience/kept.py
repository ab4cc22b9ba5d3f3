"""Good answers kept for a while in this process: the least recently used go first, and nothing lesser is ever kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from backend.clock import Clock

T = TypeVar("T")


class Kept(NamedTuple, Generic[T]):
    """A primary's answer and its age."""

    value: T
    age_seconds: float


class AnswerCache(Generic[T]):
    """Thread-safe and bounded; how old an answer may be is for the reader to say."""

    def __init__(self, entries: int, clock: Clock) -> None:
        self._entries = entries
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, tuple[T, float]] = OrderedDict()

    def put(self, key: Hashable, value: T) -> None:
        with self._lock:
            self._answers[key] = (value, self._clock.monotonic())
            self._answers.move_to_end(key)
            self._shrink()

    def get(self, key: Hashable, youngest_seconds: float) -> Kept[T] | None:
        """The answer, if it is not older than that; one of no age at all is asked for with 0 and never found."""
        with self._lock:
            found = self._answers.get(key)
            if found is None:
                return None
            age = self._clock.monotonic() - found[1]
            if age >= youngest_seconds:
                return None
            self._answers.move_to_end(key)
            return Kept(found[0], age)

    def resize(self, entries: int) -> None:
        with self._lock:
            self._entries = entries
            self._shrink()

    def __len__(self) -> int:
        return len(self._answers)

    def _shrink(self) -> None:
        while len(self._answers) > self._entries:
            self._answers.popitem(last=False)
