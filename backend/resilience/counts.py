"""How the calls of one breaker ended: the window they are judged by, their sums since the start, and what is still to be told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backend.resilience.latency import BUCKETS, bucket_of
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Tally
from backend.resilience.window import CountWindow, Health, Mark, Sums, TimeWindow, Window

_MOST_LATE = 64  # (slot, epoch) pairs kept of results that came too late, however long nobody fetches them
_NO_DURATIONS = (0,) * BUCKETS


@dataclass(frozen=True)
class Totals:
    """Calls since the process started, for metrics; ``buckets`` are durations by ``latency.BOUNDS_SECONDS``, ``refused`` by error code."""

    ok: int
    bad: int
    ignored: int
    slow: int
    buckets: tuple[int, ...]
    seconds: float
    refused: Mapping[str, int]
    listener_faults: int = 0


class Counts:
    """A call is counted once; windows, sums and tallies are read off the same numbers. Not thread-safe: the breaker's lock guards it."""

    __slots__ = (
        "_by_time",
        "_late",
        "_late_sums",
        "_told",
        "_told_durations",
        "_window",
        "by_number",
        "durations",
        "ignored",
        "seconds",
        "sums",
    )

    def __init__(self, policy: Policy) -> None:
        self.durations = [0] * BUCKETS
        self.seconds = 0.0
        self.ignored = 0
        self._late: dict[tuple[int, int], list[int]] = {}
        self._late_sums = [0, 0, 0]
        self._told_durations = _NO_DURATIONS
        self._told: Sums = (0, 0, 0)
        self._begin(policy, 0)

    def record(self, now: float, *, ok: bool, slow: bool, seconds: float) -> None:
        self._by_time.record(now, ok=ok, slow=slow)
        if self.by_number is not None:
            self.by_number.record(now, ok=ok, slow=slow)
        self._timed(seconds)

    def record_late(self, now: float, epoch: int, *, ok: bool, slow: bool, seconds: float) -> None:
        """A result of a call that was admitted under another epoch: the fleet is told, the window is not."""
        key = (int(now // self._by_time.slot_seconds), epoch)
        counts = self._late.setdefault(key, [0, 0, 0])
        if len(self._late) > _MOST_LATE:
            del self._late[next(iter(self._late))]
        for sums in (counts, self._late_sums):
            sums[0 if ok else 1] += 1
            sums[2] += slow
        self._timed(seconds)

    def health(self, now: float) -> Health:
        """Of the window that this process judges by."""
        return self._window.health(now)

    @property
    def troubled(self) -> bool:
        return self._window.troubled

    @property
    def slot_ends(self) -> float:
        """Until then ``sums``, ``durations`` and ``seconds`` may be added to without asking, and ``by_number`` where there is one."""
        return self._by_time.ends

    def clear(self) -> None:
        """Begin the window anew."""
        self._window.clear()

    def enter(self, now: float, epoch: int) -> None:
        """From now on calls belong to another epoch of the fleet."""
        self._by_time.enter(now, epoch)

    def use(self, policy: Policy, epoch: int) -> None:
        """A window of another shape; what the old one has not told yet is not told any more."""
        self._late_sums = [late + old for late, old in zip(self._late_sums, self.sums, strict=True)]
        self._begin(policy, epoch)

    def taken(self, now: float) -> tuple[Tally, ...]:
        """All that is to be told and lies in the window, and forget it.

        Durations go with the last one, as fetches are far more frequent than slots.
        """
        if not self._late and self._told == tuple(self.sums):
            return ()
        self._by_time.advance(now)
        parts = [*self._stretches(), *(Mark(slot, epoch, *counts) for (slot, epoch), counts in self._late.items())]
        recent = [part for part in parts if self._by_time.holds(part.slot)]
        durations = [_NO_DURATIONS] * (len(recent) - 1) + [self._durations()]
        self._told = (self.sums[0], self.sums[1], self.sums[2])
        self._told_durations, self._late = tuple(self.durations), {}
        return tuple(self._tally(now, part, spent) for part, spent in zip(recent, durations, strict=False))

    def totals(self, refused: Mapping[str, int], listener_faults: int) -> Totals:
        ok, bad, slow = (late + present for late, present in zip(self._late_sums, self.sums, strict=True))
        return Totals(ok, bad, self.ignored, slow, tuple(self.durations), self.seconds, refused, listener_faults)

    def _begin(self, policy: Policy, epoch: int) -> None:
        self._by_time = TimeWindow(policy.slot_seconds, policy.slots, epoch)
        self.by_number = CountWindow(policy.window_calls) if policy.window == "count" else None
        self._window: Window = self.by_number or self._by_time
        self.sums = self._by_time.sums
        self._told = (0, 0, 0)
        self._late.clear()

    def _timed(self, seconds: float) -> None:
        self.durations[bucket_of(seconds)] += 1
        self.seconds += seconds

    def _tally(self, now: float, part: Mark, durations: tuple[int, ...]) -> Tally:
        age = max(0.0, now - (part.slot + 1) * self._by_time.slot_seconds)
        return Tally(age, part.epoch, part.ok, part.bad, part.slow, durations)

    def _stretches(self) -> list[Mark]:
        return list(self._by_time.since(self._told))[::-1]

    def _durations(self) -> tuple[int, ...]:
        return tuple(new - old for new, old in zip(self.durations, self._told_durations, strict=True))
