"""How a wheel is divided: sizes of what stands on a ring, and the radii of one, two or three rings between zodiac and aspects."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from backend.charts.drawing.canvas import CAPITAL_HEIGHT, width
from backend.charts.drawing.columns import stacked

WIDE, HIGH = 640.0, 700.0
MIDDLE = (320.0, 350.0)
OUTER, ZODIAC = 280.0, 26.0
"""The wheel's outer radius, and the depth of the band of signs."""
LABELS = OUTER + 20
"""Radius of the middles of the angles' labels; CLEAR is beyond all of them."""
CLEAR = OUTER + 40
_BARE = 6.0  # pixels between minutes and aspects where no house numbers stand


class Sizes(NamedTuple):
    """Of glyphs, texts and free space of a ring, in pixels; ``letters``: where a point has no glyph, ``numbers``: of the houses."""

    glyph: float
    degrees: float
    minutes: float
    mark: float
    letters: float
    leader: float
    numbers: float

    def scaled(self, factor: float) -> Sizes:
        return self._replace(glyph=self.glyph * factor, letters=self.letters * factor, mark=self.mark * factor)

    @property
    def degrees_box(self) -> tuple[float, float]:
        return _box("29°", self.degrees)

    @property
    def minutes_box(self) -> tuple[float, float]:
        return _box("59′", self.minutes)

    @property
    def glyph_box(self) -> tuple[float, float]:
        return self.glyph, self.glyph


@cache
def _box(widest: str, size: float) -> tuple[float, float]:
    return width(widest, size), size * CAPITAL_HEIGHT


_SIZES = {
    1: Sizes(glyph=19.5, degrees=12.5, minutes=10.5, mark=8.5, letters=10.5, leader=15, numbers=11.5),
    2: Sizes(glyph=16, degrees=11, minutes=9, mark=7.5, letters=9.5, leader=9, numbers=10.5),
    3: Sizes(glyph=13.5, degrees=9.5, minutes=8, mark=6.5, letters=8, leader=6.5, numbers=9.5),
}


class Band(NamedTuple):
    """One chart's ring between two radii, and where the middles of its boxes lie."""

    outer: float
    inner: float
    glyphs: float
    degrees: float
    minutes: float
    sizes: Sizes


class Plan(NamedTuple):
    """All radii; the bands are innermost first, like the charts."""

    signs: float
    bands: tuple[Band, ...]
    numbers: float
    aspects: float


@cache
def plan_of(count: int, *, houses: bool = True) -> Plan:
    """The plan for so many charts; without houses there is no ring for their numbers."""
    sizes, outer = _SIZES[count], OUTER - ZODIAC
    bands: list[Band] = []
    for number in range(count):
        bands.insert(0, _band(outer, sizes, ticks=6.0 if number == 0 else 2.0))
        outer = bands[0].inner
    depth = sizes.numbers * 1.5 if houses else _BARE
    return Plan(OUTER - ZODIAC, tuple(bands), outer - depth / 2, outer - depth)


def _band(outer: float, sizes: Sizes, ticks: float) -> Band:
    """Boxes stand so far behind each other that they do not meet in any direction."""
    glyphs = outer - ticks - sizes.leader - sizes.glyph / 2
    degrees = glyphs - stacked(sizes.glyph_box, sizes.degrees_box)
    minutes = degrees - stacked(sizes.degrees_box, sizes.minutes_box)
    return Band(outer, minutes - stacked(sizes.minutes_box, (0, 0)) - 1, glyphs, degrees, minutes, sizes)
