"""Houses and angles of a wheel: cusps broken where something stands on them, numbers in their houses, labels outside."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

from backend.charts.drawing.canvas import CAPITAL_HEIGHT, line, number, text, texts, width
from backend.charts.drawing.columns import Column, Slot
from backend.charts.drawing.dial import Box, Dial, turn
from backend.charts.drawing.looks import Palette
from backend.charts.drawing.placing import Wall, place
from backend.charts.drawing.plan import LABELS, OUTER, Plan
from backend.charts.drawing.rings import AXES, Point, Ring

_NAME, _DEGREES = 12.0, 9.5
_CLEARANCE = 1.0  # pixels of paper between a cusp and what it stops at
_SHORTEST = 3.0


class Label(NamedTuple):
    """An angle's name outside the wheel, with its degrees below."""

    name: str
    degrees: str
    box: Box
    true: float
    shown: float


class HouseNumber(NamedTuple):
    words: str
    box: Box


def walls(ring: Ring) -> list[Wall]:
    """Cusps that points stay beside where there is room; the axes are the strong ones."""
    axes = [Wall(ring.angles[name].longitude, True) for name, _ in AXES if name in ring.angles]
    return [*(Wall(cusp) for cusp in ring.cusps), *axes]


def labels(ring: Ring, dial: Dial) -> list[Label]:
    """The four angles, pushed apart where the meridian lies close to the horizon."""
    found = [(short, ring.angles[name]) for name, short in AXES if name in ring.angles]
    size = (width("29°59′", _DEGREES), _NAME * CAPITAL_HEIGHT + 3 + _DEGREES * CAPITAL_HEIGHT)
    columns = [Column(angle.longitude, (Slot(LABELS, *size),)) for _, angle in found]
    shown = place(columns, (), dial) or [column.longitude for column in columns]
    return [
        Label(short, _degrees(angle), column.boxes(dial, longitude)[0], angle.longitude, longitude)
        for (short, angle), column, longitude in zip(found, columns, shown, strict=True)
    ]


def house_numbers(ring: Ring, plan: Plan, dial: Dial) -> tuple[list[HouseNumber], float]:
    """Each house's number in its middle, or beside it where houses are narrow; and the font they fit in."""
    middles = [cusp + turn(cusp, ring.cusps[index % len(ring.cusps)]) / 2 for index, cusp in enumerate(ring.cusps, 1)]
    size = plan.bands[0].sizes.numbers
    while True:
        high = size * CAPITAL_HEIGHT
        columns = [Column(middle, (Slot(plan.numbers, width(str(house), size), high),)) for house, middle in enumerate(middles, 1)]
        shown = place(columns, (), dial)
        if shown is not None:
            boxes = [column.boxes(dial, longitude)[0] for column, longitude in zip(columns, shown, strict=True)]
            return [HouseNumber(str(house), box) for house, box in enumerate(boxes, 1)], size
        size *= 0.9


def draw_labels(found: Sequence[Label], dial: Dial, palette: Palette) -> str:
    """Names with their degrees, and a short line from the rim to each that was pushed aside."""
    lift = (_DEGREES * CAPITAL_HEIGHT + 3) / 2
    names = "".join(text(label.name, label.box.x, label.box.y - lift) for label in found)
    degrees = "".join(text(label.degrees, label.box.x, label.box.y + (_NAME * CAPITAL_HEIGHT + 3) / 2) for label in found)
    ties = "".join(_tie(label, dial) for label in found if abs(turn(label.true, label.shown)) > 1)
    return texts(names, _NAME, palette.ink, weight=700) + texts(degrees, _DEGREES, palette.ink) + line(ties, palette.soft, 0.8)


def draw_numbers(found: Sequence[HouseNumber], size: float, palette: Palette) -> str:
    return texts("".join(text(each.words, each.box.x, each.box.y) for each in found), size, palette.soft)


def draw_cusps(ring: Ring, plan: Plan, dial: Dial, obstacles: Sequence[Box], palette: Palette) -> str:
    """Thin lines for cusps, thick ones for the axes; a cusp that is an axis is drawn once."""
    axes = [ring.angles[name].longitude for name, _ in AXES if name in ring.angles]
    plain = [cusp for cusp in ring.cusps if all(abs(turn(cusp, axis)) > 0.01 for axis in axes)]
    near = _Obstacles(obstacles, dial)
    cusps = "".join(near.broken(cusp, plan.signs, plan.aspects) for cusp in plain)
    heavy = "".join(near.broken(axis, plan.signs, plan.aspects) for axis in axes)
    return line(cusps, palette.rule, palette.fine) + line(heavy, palette.ink, 1.8)


class _Obstacles:
    """Boxes by their distance from the wheel's middle, so that a line asks few of them."""

    def __init__(self, boxes: Sequence[Box], dial: Dial) -> None:
        self.dial = dial
        self.boxes = [
            (box.x - dial.x, dial.y - box.y, box.width / 2 + _CLEARANCE, box.height / 2 + _CLEARANCE, hypot(box.width, box.height) / 2 + 2)
            for box in boxes
        ]

    def broken(self, longitude: float, outer: float, inner: float) -> str:
        """The line from outside to inside without what stands on it."""
        x, y = self.dial.at(longitude, outer)
        east, north = (x - self.dial.x) / outer, (self.dial.y - y) / outer
        hidden = sorted(self._hidden(east, north))
        pieces, start = [], inner
        for low, high in hidden:
            if low - start > _SHORTEST:
                pieces.append((start, min(low, outer)))
            start = max(start, high)
        if outer - start > _SHORTEST:
            pieces.append((start, outer))
        return "".join(self._piece(east, north, low, high) for low, high in pieces if high > inner)

    def _hidden(self, east: float, north: float) -> list[tuple[float, float]]:
        """The stretches of the ray, as radii, that lie within a box."""
        found = []
        for x, y, wide, high, half in self.boxes:
            if abs(x * north - y * east) > half:
                continue
            low, far = 0.0, 1e9
            for middle, side, way in ((x, wide, east), (y, high, north)):
                if abs(way) < 1e-9:
                    if abs(middle) > side:
                        far = -1.0
                    continue
                near, end = sorted(((middle - side) / way, (middle + side) / way))
                low, far = max(low, near), min(far, end)
            if low < far:
                found.append((low, far))
        return found

    def _piece(self, east: float, north: float, low: float, high: float) -> str:
        x, y = self.dial.x, self.dial.y
        return f"M{number(x + east * high)} {number(y - north * high)}L{number(x + east * low)} {number(y - north * low)}"


def _tie(label: Label, dial: Dial) -> str:
    (x1, y1), (x2, y2) = dial.at(label.true, OUTER + 1), dial.at(label.shown, OUTER + 8)
    return f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"


def _degrees(angle: Point) -> str:
    degrees, minutes = divmod(int(angle.degrees_in_sign * 60 + 1e-9), 60)
    return f"{degrees}°{minutes:02d}′"
