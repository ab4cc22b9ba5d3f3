"""Finished calls on their way to the fleet, by slot and shared epoch; bounded, however long nobody fetches them."""

from __future__ import annotations

from backend.resilience.latency import BUCKETS, bucket_of
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Tally


class Tallies:
    """Not thread-safe; the breaker's lock guards it."""

    def __init__(self, policy: Policy) -> None:
        self._slot_seconds = policy.slot_seconds
        self._window_seconds = policy.window_seconds
        self._limit = policy.slots + 2
        self._counts: dict[tuple[int, int], list[int]] = {}

    def add(self, now: float, epoch: int, ok: bool, slow: bool, seconds: float) -> None:
        key = (int(now // self._slot_seconds), epoch)
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0] * (3 + BUCKETS)
            if len(self._counts) > self._limit:
                del self._counts[next(iter(self._counts))]  # the oldest: it left the window anyway
        counts[0 if ok else 1] += 1
        counts[2] += slow
        counts[3 + bucket_of(seconds)] += 1

    def taken(self, now: float) -> tuple[Tally, ...]:
        """All that lie in the window, and forget them."""
        tallies = [self._tally(now, key, counts) for key, counts in self._counts.items()]
        self._counts = {}
        return tuple(tally for tally in tallies if tally.age_seconds < self._window_seconds)

    def _tally(self, now: float, key: tuple[int, int], counts: list[int]) -> Tally:
        slot, epoch = key
        age = max(0.0, now - (slot + 1) * self._slot_seconds)
        return Tally(age, epoch, counts[0], counts[1], counts[2], tuple(counts[3:]))
