"""Who is told what happens at a breaker: metrics and log lines stand beside it, not inside."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Happened(StrEnum):
    """What may happen around a call, beside its end. Of REFUSED the detail is the error's code."""

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
    """Told after it happened and outside the lock. Calls are not told one by one: ``Breaker.totals`` holds their sums.

    What it raises is logged and counted, and never reaches who called.
    """

    def state_changed(self, name: str, state: str, cause: str) -> None: ...

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None: ...


class Silent:
    """Nobody listens."""

    def state_changed(self, name: str, state: str, cause: str) -> None:
        """Nothing to do."""

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        """Nothing to do."""
