"""What a moment ago was true is true enough for a glance: one look at a source serves everybody who looks within that moment."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from backend.clock import Clock
from components.turns import TURNS
from components.views.ranges import TimeRange

T = TypeVar("T")
OLDEST = 5  # times its seconds: so old may be what is shown while somebody reads anew
_AHEAD = ThreadPoolExecutor(16, "ahead")


@dataclass
class _Kept:
    """One value and who reads it anew; ``begun``: by whom it was asked for ahead."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: float = -math.inf
    value: Any = None
    begun: Future[Any] | None = None


class Recent:
    """Values by key for some seconds. One caller reads anew; meanwhile the others have what was read last, if that is not too old,
    and wait for the new one otherwise. A failure is remembered for nobody; it is told to whoever waits for what was begun ahead."""

    def __init__(self, seconds: float, most: int = 64) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._known: dict[Hashable, _Kept] = {}

    def value(self, key: Hashable, clock: Clock, read: Callable[[], T]) -> T:
        kept, now = self._kept(key), clock.monotonic()
        value: T
        is_coming = kept.begun is not None and not kept.begun.done()
        if now - kept.at <= self._seconds * (OLDEST if is_coming else 1):
            value = kept.value
            return value
        with TURNS.away():
            value = kept.begun.result() if kept.begun is not None and is_coming else self._anew(kept, clock, read)
        return value

    def begin(self, key: Hashable, clock: Clock, read: Callable[[], Any]) -> None:
        """Read ahead what ``value`` will be asked for in a moment, so that a page waits for several slow sources at the same time."""
        kept = self._kept(key)
        if clock.monotonic() - kept.at > self._seconds and (kept.begun is None or kept.begun.done()):
            kept.begun = _AHEAD.submit(self._anew, kept, clock, read)

    def _anew(self, kept: _Kept, clock: Clock, read: Callable[[], T]) -> T:
        is_mine = kept.lock.acquire(blocking=clock.monotonic() - kept.at > OLDEST * self._seconds)
        try:
            if is_mine and clock.monotonic() - kept.at > self._seconds:
                kept.value, kept.at = read(), clock.monotonic()
            value: T = kept.value
            return value
        finally:
            if is_mine:
                kept.lock.release()

    def forget(self) -> None:
        with self._lock:
            self._known.clear()

    def _kept(self, key: Hashable) -> _Kept:
        with self._lock:
            if key not in self._known:
                if len(self._known) >= self._most:
                    self._known.clear()
                self._known[key] = _Kept()
            return self._known[key]


WORDS = Recent(10, most=256)
"""What the source of metrics says that there is."""

GLANCES = Recent(2)
"""What everybody sees alike on a page that renews itself every few seconds."""

ANSWERS = Recent(2, most=8)
"""What the explorer was told; few, as answers may be large. A link that is passed around is opened by many at once."""


def lately(kind: str, names: Iterable[str], span: TimeRange, clock: Clock, read: Callable[[], T]) -> tuple[TimeRange, T]:
    """What is read for an address: one reading serves everybody who looks at the same within that moment, with the span it is of.

    ``names`` are the words of the address that it depends on, beside the span's.
    """
    asked = tuple((name, tuple(st.query_params.get_all(name))) for name in names)
    return GLANCES.value((kind, asked, tuple(span.params().values())), clock, lambda: (span, read()))
