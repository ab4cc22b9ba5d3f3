"""How many calls beyond the asked-for ones a dependency is sent: retries and hedges draw on one purse.

Every request begun pays in a share of a call, which may be drawn for some seconds; a small steady income comes on top, so that
a quiet service may repeat too. What is drawn was paid in before: the purse is never in debt.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from backend.clock import Clock

_SLOTS = 10  # the window's parts; what was paid in expires by part
_ROUNDING = 1e-9  # ten times 0.2 is a little less than 2


@dataclass(frozen=True)
class BudgetPolicy:
    """``ratio`` of the requests of a window, and ``floor_per_second`` besides; a call that timed out costs ``timeout_cost`` to repeat."""

    ratio: float = 0.2
    floor_per_second: float = 10.0
    window_seconds: float = 10.0
    timeout_cost: float = 2.0


class Budget:
    """Thread-safe. The first second's income is there at once and paid for by the second after it."""

    def __init__(self, policy: BudgetPolicy, clock: Clock) -> None:
        self.policy = policy
        self._clock = clock
        self._lock = threading.Lock()
        self._credits: deque[list[float]] = deque()  # [slot, what is left of it], the oldest first
        self._income = policy.floor_per_second
        self._income_at = clock.monotonic() + 1.0

    def started(self) -> None:
        """A request has begun; however it ends, it has paid."""
        now = self._clock.monotonic()
        slot = now * _SLOTS // self.policy.window_seconds
        with self._lock:
            if self._credits and self._credits[-1][0] == slot:
                self._credits[-1][1] += self.policy.ratio
            else:
                self._expire(slot)
                self._credits.append([slot, self.policy.ratio])

    def take(self, cost: float = 1.0) -> bool:
        """Draw that much, or nothing."""
        with self._lock:
            if self._left() < cost - _ROUNDING:
                return False
            self._draw(cost)
            return True

    def left(self) -> float:
        """What could be drawn now, in calls."""
        with self._lock:
            return self._left()

    def use(self, policy: BudgetPolicy) -> None:
        """Other figures from now on; what was paid in stays."""
        with self._lock:
            self._earn()
            self.policy = policy
            self._income = min(self._income, policy.floor_per_second)

    # -- inside the lock --------------------------------------------------------------------------------------------

    def _left(self) -> float:
        self._earn()
        self._expire(self._clock.monotonic() * _SLOTS // self.policy.window_seconds)
        return self._income + sum(left for _, left in self._credits)

    def _earn(self) -> None:
        now = self._clock.monotonic()
        if now > self._income_at:
            floor = self.policy.floor_per_second
            self._income = min(floor, self._income + floor * (now - self._income_at))
            self._income_at = now

    def _expire(self, slot: float) -> None:
        while self._credits and self._credits[0][0] <= slot - _SLOTS:
            self._credits.popleft()

    def _draw(self, cost: float) -> None:
        """From the income first, then from what expires first."""
        paid = min(self._income, cost)
        self._income -= paid
        owed = cost - paid
        for credit in self._credits:
            paid = min(credit[1], owed)
            credit[1] -= paid
            owed -= paid
