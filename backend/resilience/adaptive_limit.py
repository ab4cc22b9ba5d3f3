"""How many calls at a time a dependency bears: up by one while it keeps its pace, down by a fifth when a crowd slows it.

Calls are judged in rounds by their median, as one slow call says little. The dependency's own pace (the base) follows quick
rounds soon, and slow ones only when few calls were under way: in a crowd slowness is our own doing, and a base that grew with
the crowd would let the limit grow without end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_SMALLEST_ROUND = 10
_LESS = 0.8
_TOWARDS_QUICKER = 0.5
_TOWARDS_SLOWER = 0.1


@dataclass(frozen=True)
class Round:
    """What a number of finished calls showed: their median, the quickest, and the most that were under way together."""

    median_seconds: float
    quickest_seconds: float
    most_in_flight: int


@dataclass(frozen=True)
class Pace:
    """The limit, with its fraction, and the dependency's own pace; None: unknown."""

    limit: float
    base_seconds: float | None = None

    def after(self, seen: Round, low: int, high: int, tolerance: float, quick_seconds: float = 0.0) -> Pace:
        """What a round makes of it; what is quick enough is never too slow."""
        crowded = seen.most_in_flight > self.limit / 2 and int(self.limit) > low
        base = self._base(seen, crowded)
        kept_pace = seen.median_seconds <= max(tolerance * base, quick_seconds)
        if crowded and not kept_pace:
            return Pace(max(float(low), self.limit * _LESS), base)
        if kept_pace and seen.most_in_flight >= int(self.limit):
            return Pace(min(float(high), self.limit + 1), base)
        return replace(self, base_seconds=base)  # nobody asked for more, or it is slow of itself

    def _base(self, seen: Round, crowded: bool) -> float:
        if self.base_seconds is None:
            return seen.quickest_seconds  # the start may be a crowd already
        gap = seen.median_seconds - self.base_seconds
        if gap <= 0:
            return self.base_seconds + _TOWARDS_QUICKER * gap
        return self.base_seconds if crowded else self.base_seconds + _TOWARDS_SLOWER * gap


class Rounds:
    """Gathers finished calls; not thread-safe."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._most = 0

    def add(self, seconds: float, in_flight: int, limit: int) -> Round | None:
        """The round that this call completes, if it does."""
        self._seconds.append(seconds)
        if in_flight > self._most:
            self._most = in_flight
        if len(self._seconds) < _SMALLEST_ROUND or len(self._seconds) < limit:
            return None
        ordered = sorted(self._seconds)
        complete = Round(ordered[len(ordered) // 2], ordered[0], self._most)
        self._seconds, self._most = [], 0
        return complete
