"""How long a search may go on, and whether anybody still waits for it."""

from __future__ import annotations

from collections.abc import Callable

from backend.errors import DeadlineExceeded


class Budget:
    """Asked by a search after every step; not thread-safe."""

    def __init__(self, seconds: float, monotonic: Callable[[], float], cancelled: Callable[[], bool] = lambda: False) -> None:
        self._until = monotonic() + seconds
        self._monotonic = monotonic
        self._cancelled = cancelled

    def check(self) -> None:
        """Raise DeadlineExceeded when the time is used up or the caller has gone."""
        if self._cancelled():
            raise DeadlineExceeded("the search was cancelled")
        if self._monotonic() > self._until:
            raise DeadlineExceeded("the search took longer than it may; ask for a shorter range or for less in it")
