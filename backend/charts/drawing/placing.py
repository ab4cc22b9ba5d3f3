"""Room for crowded columns on a ring: the least displacement (least squares) that keeps their order and lets no two of them meet.

Within one arc it is ``in_order``. Walls are lines that columns stay beside, such as cusps; where
the columns between two walls need more room than there is, the wall next to more room falls, the strong ones last.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import degrees
from typing import NamedTuple

from backend.charts.drawing.columns import Column, clash, distance
from backend.charts.drawing.dial import Dial
from backend.charts.drawing.spreading import in_order

_ROUNDS = 16
_AMPLY = 1.015  # so that the next round, in which everything stands a little elsewhere, rarely asks for more
_FAR = 56.0  # pixels along the ring: no two columns that far apart can meet
_MARGIN = 0.3  # degrees more between two columns, and from walls, where boxes of different slots meet
_FULLEST = 310.0  # degrees of a ring that may be taken: with more, columns would stand far from their places
_FULL, _NEARLY_FULL = 360.0, 359.9999999


class Wall(NamedTuple):
    """A line from the ring's outside to its inside."""

    longitude: float
    strong: bool = False


class _Arc(NamedTuple):
    """From wall to wall, in degrees from the origin; ``members`` are places in the ring's order."""

    start: float
    end: float
    members: range


def place(columns: Sequence[Column], walls: Sequence[Wall], dial: Dial) -> list[float] | None:
    """The longitude at which each column is shown, in their order; None if there is not room for all."""
    if not columns:
        return []
    order = sorted(range(len(columns)), key=lambda index: (columns[index].longitude % _FULL, index))
    shown = _Ring([columns[index] for index in order], dial).settle(walls)
    if shown is None:
        return None
    placed = dict(zip(order, shown, strict=True))
    return [placed[index] for index in range(len(columns))]


class _Ring:
    """Columns in the order of the zodiac, with the gaps found so far: ``gaps[i]`` lies between column ``i`` and the next."""

    def __init__(self, columns: list[Column], dial: Dial) -> None:
        self.columns, self.dial = columns, dial
        self.count = len(columns)
        self.gaps = [0.0] * self.count
        self.wanted = [column.longitude % _FULL for column in columns]
        self.judged: list[tuple[float, float] | None] = [None] * self.count
        self.far = degrees(_FAR / min((slot.radius for column in columns for slot in column.slots), default=1.0))
        self.margins = [0.0] * self.count
        self.extents: dict[tuple[int, float, int], float] = {}

    def settle(self, walls: Sequence[Wall]) -> list[float] | None:
        """Gaps depend on where columns stand (boxes are wider than high), and that on the gaps: repeat until nothing meets."""
        self._widen(self.wanted)
        standing = sorted({wall.longitude % _FULL: wall for wall in sorted(walls, key=lambda wall: wall.strong)}.items())
        kept = [Wall(longitude, wall.strong) for longitude, wall in standing]
        for _ in range(_ROUNDS):
            solved = self._solve(kept)
            if solved is None:
                return None
            shown, kept = solved
            if not self._widen(shown):
                return shown
        return None

    def _widen(self, shown: Sequence[float]) -> bool:
        """Let gaps grow to what the columns need where they are shown; False if all of them had enough."""
        grown = False
        for index in range(self.count if self.count > 1 else 0):
            following = (index + 1) % self.count
            actual = (shown[following] - shown[index]) % _FULL
            if actual > self.far or self.judged[index] == (shown[index], actual):
                continue
            self.judged[index] = (shown[index], actual)
            needed = self._needed(index, following, shown[index], actual)
            if needed > self.gaps[index]:
                self.gaps[index] = needed * _AMPLY
            grown = grown or needed > actual + 1e-6
        return grown

    def _needed(self, index: int, following: int, start: float, actual: float) -> float:
        """Degrees that two neighbours need where they are; more than they have if boxes of different slots meet."""
        one, other = self.columns[index], self.columns[following]
        needed = distance(one, other, self.dial, start + actual / 2)
        if needed <= actual + 1e-6 and clash(one.boxes(self.dial, start), other.boxes(self.dial, start + actual)):
            self.margins[index] += _MARGIN
            self.margins[following] += _MARGIN
            return max(actual, self.gaps[index]) * 1.05 + _MARGIN
        return needed

    def _solve(self, walls: list[Wall]) -> tuple[list[float], list[Wall]] | None:
        """Places under the gaps, and the walls that could stand."""
        if sum(self.gaps) > _FULLEST:
            return None
        while walls:
            arcs, first = self._arcs(walls)
            tight = next((number for number, arc in enumerate(arcs) if self._room(arc, walls[0].longitude) < 0), None)
            if tight is None:
                return self._within(arcs, first, walls[0].longitude, walled=True), walls
            del walls[self._weaker(arcs, walls, tight)]
        origin, first = self._widest_gap()
        return self._within([_Arc(0.0, _FULL, range(first, first + self.count))], first, origin, walled=False), []

    def _arcs(self, walls: list[Wall]) -> tuple[list[_Arc], int]:
        """The arcs from the first wall around, and the column that comes first after it."""
        origin = walls[0].longitude
        first = min(range(self.count), key=lambda index: self._after(index, origin))
        ends = [*(wall.longitude - origin for wall in walls[1:]), _FULL]
        arcs, start, member = [], 0.0, first
        for end in ends:
            last = member
            while last < first + self.count and self._after(last % self.count, origin) < end:
                last += 1
            arcs.append(_Arc(start, end, range(member, last)))
            start, member = end, last
        return arcs, first

    def _after(self, index: int, origin: float) -> float:
        """How far on from the origin a column wants to be: less than 360, which the remainder of a tiny negative number is not."""
        return min((self.wanted[index] - origin) % _FULL, _NEARLY_FULL)

    def _bounds(self, arc: _Arc, origin: float) -> tuple[float, float]:
        """Where the first of an arc's columns may stand at the earliest, and the last at the latest."""
        first, last = arc.members[0] % self.count, arc.members[-1] % self.count
        return arc.start + self._extent(first, origin + arc.start, -1), arc.end - self._extent(last, origin + arc.end, 1)

    def _extent(self, index: int, wall: float, side: int) -> float:
        key = (index, wall, side)
        if key not in self.extents:
            self.extents[key] = self.columns[index].extent(self.dial, wall, side)
        return self.extents[key] + self.margins[index]

    def _room(self, arc: _Arc, origin: float) -> float:
        """Degrees left over when the arc's columns stand as close as they may; negative if they do not fit."""
        if not arc.members:
            return arc.end - arc.start
        low, high = self._bounds(arc, origin)
        return high - low - sum(self.gaps[member % self.count] for member in arc.members[:-1])

    def _weaker(self, arcs: list[_Arc], walls: list[Wall], tight: int) -> int:
        """Which of the two walls around a tight arc falls: arc ``i`` lies after wall ``i``."""
        count, origin = len(walls), walls[0].longitude
        candidates = ((tight, tight - 1), ((tight + 1) % count, (tight + 1) % count))
        return min(candidates, key=lambda pair: (walls[pair[0]].strong, -self._room(arcs[pair[1]], origin)))[0]

    def _widest_gap(self) -> tuple[float, int]:
        """The middle of the widest empty stretch, and the column after it; the whole circle where all want one place."""
        following = [*self.wanted[1:], self.wanted[0] + _FULL]
        widest, index = max((there - here, index) for index, (here, there) in enumerate(zip(self.wanted, following, strict=True)))
        return self.wanted[index] + widest / 2, (index + 1) % self.count

    def _within(self, arcs: list[_Arc], first: int, origin: float, *, walled: bool) -> list[float]:
        shown = [0.0] * self.count
        for arc in arcs:
            if not arc.members:
                continue
            edge = self.gaps[(first - 1) % self.count] / 2
            low, high = self._bounds(arc, origin) if walled else (edge, _FULL - edge)
            for member, place in zip(arc.members, self._least_squares(arc, origin, low, high), strict=True):
                shown[member % self.count] = (origin + place) % _FULL
        return shown

    def _least_squares(self, arc: _Arc, origin: float, low: float, high: float) -> list[float]:
        wanted = [self._after(member % self.count, origin) for member in arc.members]
        return in_order(wanted, [self.gaps[member % self.count] for member in arc.members[:-1]], low, high)
