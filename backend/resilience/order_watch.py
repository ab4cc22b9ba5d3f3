"""The thread that hears of new orders as they are given, and only wakes the exchange; without it they are heard one interval later."""

from __future__ import annotations

import threading
from collections.abc import Callable

from backend.resilience.shared_state import OrderFeed

_WAIT_SECONDS = 1.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0


class OrderWatch:
    """Outlives any loss of the store: it listens again from the newest order, and wakes the exchange for those it may have missed."""

    def __init__(self, feed: OrderFeed, wake: Callable[[frozenset[str] | None], None], random: Callable[[], float]) -> None:
        self._feed = feed
        self._wake = wake
        self._random = random
        self.hears = False  # of every order, from now on
        self.fault = ""  # what ended the hearing last
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="circuit-orders", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """End the thread, whatever it waits for."""
        self._stopping.set()
        self._feed.close()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        cursor, failures = "", 0
        while not self._stopping.is_set():
            try:
                cursor = self._heard(cursor)
                failures = 0
            except Exception as error:  # noqa: BLE001 - away, closed under us, or an answer that makes no sense
                self.fault = type(error).__name__
                cursor, failures, self.hears = "", failures + 1, False
                self._stopping.wait(self._pause(failures))

    def _heard(self, cursor: str) -> str:
        if not cursor:
            cursor = self._feed.newest()
            self.hears = True
            self._wake(None)
        cursor, names = self._feed.after(cursor, _WAIT_SECONDS)
        if names:
            self._wake(names)
        return cursor

    def _pause(self, failures: int) -> float:
        grown = min(_FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 8), _LONGEST_PAUSE_SECONDS)
        return grown * (0.5 + 0.5 * self._random())
