"""Sliding windows of call counts, by time and by number; recording costs the same whatever the traffic, and nothing is recounted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Health(NamedTuple):
    """Calls seen in a window; a slow call is also a good or a bad one."""

    ok: int = 0
    bad: int = 0
    slow: int = 0

    @property
    def calls(self) -> int:
        return self.ok + self.bad


class Window(Protocol):
    """The recent calls that a circuit is judged by."""

    def record(self, now: float, *, ok: bool, slow: bool) -> None: ...

    def health(self, now: float) -> Health: ...

    @property
    def troubled(self) -> bool:
        """Whether anything recorded of late was bad or slow; cheap enough to ask after each call."""
        ...

    def clear(self) -> None: ...


Sums = tuple[int, int, int]  # good, bad and slow calls


class Mark(NamedTuple):
    """The counts at the start of a stretch: one slot under one epoch of the fleet."""

    slot: int
    epoch: int
    ok: int
    bad: int
    slow: int


class TimeWindow:
    """Counts over the last ``slots`` slots of ``slot_seconds``.

    ``sums`` (good, bad, slow) only grow; what they were at the start of each slot is remembered, and the window is the difference.
    Time is the caller's monotonic clock; a reading that went back counts into the newest slot.
    """

    __slots__ = ("_base", "_cleared", "_epoch", "_marks", "_slot", "_slots", "ends", "slot_seconds", "sums")

    def __init__(self, slot_seconds: float, slots: int, epoch: int = 0) -> None:
        self.slot_seconds = slot_seconds
        self.sums = [0, 0, 0]
        self.ends = float("-inf")  # of the newest slot; until then ``sums`` may be added to without asking
        self._slots = slots
        self._epoch = epoch
        self._slot = 0
        self._marks: list[Mark] = []
        self._cleared = self._base = (0, 0, 0)

    def record(self, now: float, *, ok: bool, slow: bool) -> None:
        if now >= self.ends:
            self.advance(now)
        self.sums[0 if ok else 1] += 1
        self.sums[2] += slow

    def health(self, now: float) -> Health:
        self.advance(now)
        (ok, bad, slow), (ok_before, bad_before, slow_before) = self.sums, self._base
        return Health(ok - ok_before, bad - bad_before, slow - slow_before)

    @property
    def troubled(self) -> bool:
        return self.sums[1] > self._base[1] or self.sums[2] > self._base[2]

    def clear(self) -> None:
        """Begin the window anew; what is still to be told of its stretches stays."""
        self._cleared = self._base = (self.sums[0], self.sums[1], self.sums[2])

    def advance(self, now: float) -> None:
        """Let slots that are over go."""
        if now < self.ends:
            return
        slot = int(now // self.slot_seconds)
        if self._marks and slot <= self._slot:
            return
        self._begin(slot)
        while self._marks[0].slot <= slot - self._slots:
            self._marks.pop(0)
        first, cleared = self._marks[0], self._cleared
        self._base = (max(first.ok, cleared[0]), max(first.bad, cleared[1]), max(first.slow, cleared[2]))

    def enter(self, now: float, epoch: int) -> None:
        """From now on calls belong to another epoch of the fleet."""
        self.advance(now)
        if epoch != self._epoch:
            self._epoch = epoch
            self._begin(self._slot)

    def holds(self, slot: int) -> bool:
        """Whether this slot is still in the window."""
        return slot > self._slot - self._slots

    def since(self, told: Sums) -> Iterator[Mark]:
        """What each stretch added after these sums were told, newest first; stretches that left the window are not among them."""
        later: Sums = (self.sums[0], self.sums[1], self.sums[2])
        for mark in reversed(self._marks):
            if later == told:
                return
            ok, bad, slow = (late - max(early, known) for late, early, known in zip(later, mark[2:], told, strict=True))
            if ok or bad:
                yield Mark(mark.slot, mark.epoch, ok, bad, slow)
            later = (max(mark.ok, told[0]), max(mark.bad, told[1]), max(mark.slow, told[2]))

    def _begin(self, slot: int) -> None:
        self._slot, self.ends = slot, (slot + 1) * self.slot_seconds
        self._marks.append(Mark(slot, self._epoch, *self.sums))


_OK, _BAD, _SLOW = 1, 2, 4


class CountWindow:
    """The last ``size`` calls, whenever they were."""

    __slots__ = ("_next", "_ring", "_totals")

    def __init__(self, size: int) -> None:
        self._ring = bytearray(size)
        self._next = 0
        self._totals = [0, 0, 0]

    def record(self, now: float, *, ok: bool, slow: bool) -> None:  # noqa: ARG002 - of the port; here time does not matter
        kind = (_OK if ok else _BAD) | (_SLOW if slow else 0)
        leaving, self._ring[self._next] = self._ring[self._next], kind
        if leaving != kind:
            self._add(leaving, -1)
            self._add(kind, 1)
        self._next = (self._next + 1) % len(self._ring)

    def health(self, now: float) -> Health:  # noqa: ARG002
        return Health(*self._totals)

    @property
    def troubled(self) -> bool:
        return bool(self._totals[1] or self._totals[2])

    def clear(self) -> None:
        self._ring = bytearray(len(self._ring))
        self._next = 0
        self._totals = [0, 0, 0]

    def _add(self, kind: int, amount: int) -> None:
        self._totals[0] += amount if kind & _OK else 0
        self._totals[1] += amount if kind & _BAD else 0
        self._totals[2] += amount if kind & _SLOW else 0
