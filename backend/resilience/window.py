"""A sliding window of call counts in time slots; its totals are kept, never recounted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """Calls seen in a window; a slow call is also a good or a bad one."""

    ok: int = 0
    bad: int = 0
    slow: int = 0

    @property
    def calls(self) -> int:
        return self.ok + self.bad


class TimeWindow:
    """Counts over the last ``slots`` slots of ``slot_seconds``; recording costs the same whatever the traffic.

    Time is the caller's monotonic clock; a reading that went back counts into the newest slot.
    """

    def __init__(self, slot_seconds: float, slots: int) -> None:
        self._slot_seconds = slot_seconds
        self._counts = [[0, 0, 0] for _ in range(slots)]
        self._totals = [0, 0, 0]
        self._newest = 0
        self._begun = False

    def record(self, now: float, *, ok: bool, slow: bool) -> None:
        self._advance(now)
        counts = self._counts[self._newest % len(self._counts)]
        outcome = 0 if ok else 1
        counts[outcome] += 1
        self._totals[outcome] += 1
        if slow:
            counts[2] += 1
            self._totals[2] += 1

    def health(self, now: float) -> Health:
        self._advance(now)
        return Health(*self._totals)

    @property
    def troubled(self) -> bool:
        """Whether anything recorded of late was bad or slow; cheap enough to ask after each call."""
        return bool(self._totals[1] or self._totals[2])

    def clear(self) -> None:
        for counts in self._counts:
            counts[:] = (0, 0, 0)
        self._totals = [0, 0, 0]

    def _advance(self, now: float) -> None:
        slot = int(now // self._slot_seconds)
        if not self._begun:
            self._newest, self._begun = slot, True
        if slot - self._newest >= len(self._counts):
            self.clear()
            self._newest = slot
        while self._newest < slot:
            self._newest += 1
            self._evict(self._counts[self._newest % len(self._counts)])

    def _evict(self, counts: list[int]) -> None:
        for index, amount in enumerate(counts):
            self._totals[index] -= amount
        counts[:] = (0, 0, 0)
