"""The worker's care for the store: chunks are made, what is old goes, and only one process does it."""

from __future__ import annotations

from backend.clock import Clock
from backend.monitoring.embedded.lock import TendingLock
from backend.monitoring.embedded.store import MetricsStore


class Tending:
    """Each act does nothing while another process holds the lock."""

    def __init__(self, store: MetricsStore, lock: TendingLock, clock: Clock) -> None:
        self._store = store
        self._lock = lock
        self._clock = clock

    def compact(self) -> int:
        """How many chunks were made. (A job.)"""
        return self._store.compact(self._now()) if self._lock.take() else 0

    def retain(self) -> int:
        """How many rows are gone. (A job.)"""
        return self._store.retain(self._now()) if self._lock.take() else 0

    def close(self) -> None:
        self._lock.release()

    def _now(self) -> int:
        return round(self._clock.now().timestamp() * 1000)
