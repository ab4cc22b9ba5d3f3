"""A store that leaves a question unanswered: nobody else waits for it, and one thread finds out when it answers again."""

from __future__ import annotations

import threading
from collections.abc import Callable

from backend.errors import StorageUnavailable

REST_SECONDS = 0.2


class Absence:
    """Known from the first question without an answer to the next with one. ``ask`` raises StorageUnavailable and may hang a while."""

    def __init__(self, ask: Callable[[], None], rest_seconds: float = REST_SECONDS) -> None:
        self._ask = ask
        self._rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._asking: threading.Thread | None = None

    @property
    def known(self) -> bool:
        return self._asking is not None

    def noticed(self) -> None:
        """From now on it is known; the thread that asks on ends with the absence."""
        with self._lock:
            if self._asking is None and not self._closed.is_set():
                self._asking = threading.Thread(target=self._ask_on, name="store-absence", daemon=True)
                self._asking.start()

    def close(self) -> None:
        self._closed.set()

    def _ask_on(self) -> None:
        try:
            while not self._closed.wait(self._rest_seconds):
                if self._answers():
                    break
        finally:
            with self._lock:
                self._asking = None

    def _answers(self) -> bool:
        """Refused is an answer too: callers then hear it at once, and need not be spared."""
        try:
            self._ask()
        except StorageUnavailable as error:
            return not error.late
        return True
