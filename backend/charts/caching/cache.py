"""Answers kept in two tiers, each made once however many ask; those that may grow old are given while new ones are made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeGuard

from backend.charts.caching.flights import Flights
from backend.charts.caching.keys import Keys
from backend.charts.caching.made import Made, Outcome, Served
from backend.charts.caching.memory import LONGEST_TEXT, Memory
from backend.charts.caching.shared import SharedAnswers
from backend.clock import Clock
from backend.errors import ServiceError
from backend.resilience import deadline
from backend.telemetry.logging import log
from backend.telemetry.spans import note, span

LOG = log(__name__)
WAIT_SECONDS = 10.0
AGAIN_SECONDS = 30.0
_MOST_RESTING = 1024
Make = Callable[[], Made]


class AnswerCache:
    """What is less than it should be is handed on and never kept.

    ``finding``: whether places are looked up as usual. While they are not, a kept answer about a place is not given: it could hide that
    from who asks, and a new one says so.
    """

    def __init__(self, keys: Keys, memory: Memory, shared: SharedAnswers, clock: Clock, finding: Callable[[], bool] = lambda: True) -> None:
        self._keys = keys
        self._memory = memory
        self._shared = shared
        self._clock = clock
        self._finding = finding
        self._flights: Flights[Served] = Flights()
        self._refresher = ThreadPoolExecutor(1, "chart-refresh")
        self._resting: dict[bytes, float] = {}
        self._resting_lock = threading.Lock()

    def recall(self, resource: str, text: bytes) -> Served | None:
        """The answer to a request written just so, if this process has a fresh one; it waits for nothing."""
        made = self._memory.by_text(self._keys.of_text(resource, text)) if len(text) <= LONGEST_TEXT else None
        if made is None:
            return None
        now = self._now()
        good = made.is_fresh(now) and (not made.perishable or self._finding())
        return Served(made, Outcome.HIT, max(0.0, now - made.made_at)) if good else None

    def obtain(self, resource: str, text: bytes, meaning: bytes, make: Make) -> Served:
        """The answer to a request of that canonical form: kept, or made now and kept from now on."""
        key = self._keys.of_answer(resource, meaning)
        digest = self._keys.of_text(resource, text) if len(text) <= LONGEST_TEXT else None

        def keep(made: Made) -> None:
            self._memory.keep(key, made, resource, text if digest else b"", digest)

        made = self._memory.by_key(key, digest)
        if self._is_usable(made):
            return self._kept(key, made, make, keep)
        with span("cache.miss"):
            return self._flights.join(key, lambda: self._first(key, make, keep), self._patience)

    def fetch(self, resource: str, text: bytes, meaning: bytes) -> None:
        """Have what the processes share in this one."""
        key = self._keys.of_answer(resource, meaning)
        made = self._shared.get(key)
        if made is not None:
            self._memory.keep(key, made, resource, text, self._keys.of_text(resource, text))

    def close(self) -> None:
        self._refresher.shutdown(wait=False, cancel_futures=True)

    def _first(self, key: bytes, make: Make, keep: Callable[[Made], None]) -> Served:
        """By the first who asks, for all who do."""
        made = self._memory.by_key(key)  # another may have ended making it between our look and our turn
        if not self._is_usable(made):
            with span("cache.fetch"):
                made = self._shared.get(key)
                note(found="false" if made is None else "true")
            if self._is_usable(made):
                keep(made)
        if self._is_usable(made):
            return self._kept(key, made, make, keep)
        with span("chart.make"):
            made = make()
        with span("cache.store"):
            self._store(key, made, keep)
        return Served(made, Outcome.MISS, 0.0)

    def _kept(self, key: bytes, made: Made, make: Make, keep: Callable[[Made], None]) -> Served:
        now = self._now()
        fresh = made.is_fresh(now)
        if not fresh and self._may_refresh(key):
            self._refresher.submit(self._refresh, key, make, keep)
        return Served(made, Outcome.HIT if fresh else Outcome.STALE, max(0.0, now - made.made_at))

    def _store(self, key: bytes, made: Made, keep: Callable[[Made], None]) -> None:
        if not made.degraded:
            keep(made)
            self._shared.put(key, made)

    def _refresh(self, key: bytes, make: Make, keep: Callable[[Made], None]) -> None:
        try:
            self._store(key, make(), keep)
        except ServiceError as error:
            LOG.info("refresh_failed", error_code=error.code)
        except Exception:  # nobody waits for it
            LOG.error("refresh_failed", exc_info=True)

    def _may_refresh(self, key: bytes) -> bool:
        """Once in a while for each answer, whatever becomes of it."""
        now = self._clock.monotonic()
        with self._resting_lock:
            if self._resting.get(key, 0.0) > now:
                return False
            if len(self._resting) >= _MOST_RESTING:
                self._resting = {each: until for each, until in self._resting.items() if until > now}
            self._resting[key] = now + AGAIN_SECONDS
        return True

    def _is_usable(self, made: Made | None) -> TypeGuard[Made]:
        return made is not None and made.is_usable(self._now()) and (not made.perishable or self._finding())

    def _patience(self) -> float:
        return deadline.attempt_seconds(WAIT_SECONDS, self._clock)

    def _now(self) -> float:
        return self._clock.now().timestamp()
