"""Where things lie on a wheel: the circle of the zodiac, and upright boxes on it."""

from __future__ import annotations

from math import cos, radians, sin
from typing import NamedTuple


class Box(NamedTuple):
    """An upright box by its middle."""

    x: float
    y: float
    width: float
    height: float


class Dial(NamedTuple):
    """A wheel's middle, and the longitude at its left; the signs run against the clock."""

    x: float
    y: float
    left: float

    def direction(self, longitude: float) -> float:
        """The angle of a longitude against the picture's right, against the clock, in radians."""
        return radians(180 + longitude - self.left)

    def at(self, longitude: float, radius: float) -> tuple[float, float]:
        angle = radians(180 + longitude - self.left)
        return self.x + radius * cos(angle), self.y - radius * sin(angle)


def turn(start: float, end: float) -> float:
    """From one longitude to another by the shorter way, -180 to 180: Gauquelin's sectors run against the signs."""
    return (end - start + 180) % 360 - 180
