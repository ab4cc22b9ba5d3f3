"""Who is told what happens at a breaker: metrics and log lines stand beside it, not inside."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Happened(StrEnum):
    """What may happen around a call, beside its end."""

    REFUSED = "refused"
    RETRIED = "retried"
    BUDGET_REFUSED = "budget_refused"
    FELL_BACK = "fell_back"
    HEDGED = "hedged"
    HEDGE_WON = "hedge_won"
    BULKHEAD_FULL = "bulkhead_full"
    FAULT_INJECTED = "fault_injected"
    WOULD_OPEN = "would_open"


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
