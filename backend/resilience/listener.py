"""Who is told what happens at a breaker: metrics and log lines stand beside it, not inside."""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Told what happens, after it happened and outside the lock."""

    def call_finished(self, name: str, outcome: str, seconds: float) -> None: ...

    def call_refused(self, name: str, code: str) -> None: ...

    def state_changed(self, name: str, state: str) -> None: ...


class Silent:
    """Nobody listens."""

    def call_finished(self, name: str, outcome: str, seconds: float) -> None:
        """Nothing to do."""

    def call_refused(self, name: str, code: str) -> None:
        """Nothing to do."""

    def state_changed(self, name: str, state: str) -> None:
        """Nothing to do."""
