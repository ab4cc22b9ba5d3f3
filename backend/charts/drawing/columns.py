"""What stands at one place of a ring: boxes one behind the other towards the middle, and how far apart two such columns have to be."""

from __future__ import annotations

from math import asin, cos, degrees, hypot, sin
from typing import NamedTuple

from backend.charts.drawing.dial import Box, Dial

SPACE = 1.5
"""Pixels kept free between two boxes."""
_LONGEST_SINE = 0.999
_LOWER = 0.4  # of the mark
_TOUCH = 0.8


class Slot(NamedTuple):
    """An upright box whose middle lies at a radius of the wheel."""

    radius: float
    width: float
    height: float


class Column(NamedTuple):
    """The boxes of one point; ``mark`` is the side of a small square beside the first box, right of it or below, 0 without one."""

    longitude: float
    slots: tuple[Slot, ...]
    mark: float = 0.0

    def boxes(self, dial: Dial, longitude: float) -> list[Box]:
        """Its boxes where it is shown, the mark's last."""
        found = [Box(*dial.at(longitude, slot.radius), slot.width, slot.height) for slot in self.slots]
        if self.mark:
            found.append(self._mark_box(dial, longitude))
        return found

    def _mark_box(self, dial: Dial, longitude: float) -> Box:
        """Beside the first box; where it is to the right it stands lower, like an index."""
        angle, radius = dial.direction(longitude), self.slots[0].radius
        beside, above = self._mark_reaches(angle)
        away = degrees((min(beside, above) + _TOUCH) / radius) * mark_side(angle)
        x, y = dial.at(longitude + away, radius)
        return Box(x, y + (self.mark * _LOWER if beside < above else 0.0), self.mark, self.mark)

    def _mark_reaches(self, angle: float) -> tuple[float, float]:
        """How far along the ring the mark must be to stand beside the first box, and to stand above or below it."""
        slot = self.slots[0]
        wide, high = (slot.width + self.mark) / 2, (slot.height + self.mark) / 2
        tilted = angle + mark_side(angle) * _reach(wide, high, abs(sin(angle)), abs(cos(angle))) / slot.radius / 2
        return _reaches(wide, high, abs(sin(tilted)), abs(cos(tilted)))

    def mark_distance(self, dial: Dial, longitude: float) -> float:
        """From the first box's middle to the mark's, along the ring."""
        return min(self._mark_reaches(dial.direction(longitude))) + _TOUCH

    def extent(self, dial: Dial, wall: float, side: int) -> float:
        """Degrees that its middle has to keep from a line at ``wall`` which lies on ``side`` of it (1: further on in the zodiac)."""
        angle = dial.direction(wall)
        across, along = abs(sin(angle)), abs(cos(angle))
        widest = max(_angle((slot.width * across + slot.height * along) / 2 + SPACE, slot.radius) for slot in self.slots)
        if self.mark and mark_side(angle) == side:
            reach = self.mark_distance(dial, wall) + self.mark * (across / 2 + along / 2 + along * _LOWER) + SPACE
            widest = max(widest, _angle(reach, self.slots[0].radius))
        return widest


def mark_side(angle: float) -> int:
    """On which side along the ring lies right or below: 1 towards higher longitudes."""
    return 1 if sin(angle) + cos(angle) < 0 else -1


def distance(first: Column, second: Column, dial: Dial, middle: float) -> float:
    """Degrees between two neighbours, ``second`` further on, that keep boxes of the same slot apart around ``middle``."""
    angle = dial.direction(middle)
    across, along = abs(sin(angle)), abs(cos(angle))
    needed = 0.0
    for one, other in zip(first.slots, second.slots, strict=False):
        wide, high = (one.width + other.width) / 2 + SPACE, (one.height + other.height) / 2 + SPACE
        needed = max(needed, _angle(_reach(wide, high, across, along) / 2, min(one.radius, other.radius)) * 2)
    if first.mark or second.mark:
        needed = max(needed, _with_marks(first, second, dial, middle, across, along))
    return needed


def _with_marks(first: Column, second: Column, dial: Dial, middle: float, across: float, along: float) -> float:
    """The same, where a mark stands between the two first boxes."""
    side, radius = mark_side(dial.direction(middle)), first.slots[0].radius
    marked, bare = (first, second) if side == 1 else (second, first)
    if not marked.mark:
        return 0.0
    slot = bare.slots[0]
    reach = _reach((marked.mark + slot.width) / 2 + SPACE, (marked.mark + slot.height) / 2 + SPACE, across, along)
    return _angle((marked.mark_distance(dial, middle) + reach) / 2, radius) * 2


def clash(first: list[Box], second: list[Box]) -> bool:
    """Whether any box of the one meets any of the other."""
    for x, y, wide, high in first:
        for other_x, other_y, other_wide, other_high in second:
            if abs(x - other_x) < (wide + other_wide) / 2 and abs(y - other_y) < (high + other_high) / 2:
                return True
    return False


def stacked(first: tuple[float, float], second: tuple[float, float]) -> float:
    """How far apart two boxes of these sizes have to be one behind the other, in whatever direction."""
    return hypot((first[0] + second[0]) / 2, (first[1] + second[1]) / 2) + 0.5


def _reach(wide: float, high: float, across: float, along: float) -> float:
    """How far along a ring two boxes must be apart: whichever of side by side and one above the other comes first."""
    return min(_reaches(wide, high, across, along))


def _reaches(wide: float, high: float, across: float, along: float) -> tuple[float, float]:
    return wide / across if across > 1e-9 else 1e9, high / along if along > 1e-9 else 1e9


def _angle(length: float, radius: float) -> float:
    return degrees(asin(min(_LONGEST_SINE, length / radius)))
