"""One chart's points on its ring: placed so that nothing meets, each with a leader to its true degree."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

from backend.charts.drawing.canvas import BOLD, CAPITAL_HEIGHT, number, text, texts, width
from backend.charts.drawing.columns import Column, Slot
from backend.charts.drawing.dial import Box, Dial, turn
from backend.charts.drawing.glyphs import glyph, glyphs
from backend.charts.drawing.looks import Palette
from backend.charts.drawing.placing import Wall, place
from backend.charts.drawing.plan import Band
from backend.charts.drawing.rings import Point, PointKind

_SPARE = (PointKind.LOT, PointKind.STAR)
_STEP = 8.0  # degrees: a longer leader bends with the ring


class Placed(NamedTuple):
    """A point with the longitude at which it is shown, and its boxes there."""

    point: Point
    shown: float
    boxes: list[Box]


class Crowd(NamedTuple):
    """The points of a ring in their places; there was room for so many of degrees and minutes, and none for those left out."""

    placed: list[Placed]
    band: Band
    texts: int
    left_out: int = 0

    @property
    def boxes(self) -> list[Box]:
        return [box for each in self.placed for box in each.boxes]


class Ground(NamedTuple):
    """Where a ring's points are placed."""

    band: Band
    walls: Sequence[Wall]
    dial: Dial


def crowd(points: Sequence[Point], ground: Ground) -> Crowd:
    """The points placed; a ring too full loses the minutes, then stars and lots from the last on, then everything becomes smaller."""
    for lines in (2, 1):
        found = _try(points, ground, lines)
        if found:
            return found
    needed = [point for point in points if point.kind not in _SPARE]
    found = _with_spare(needed, [point for kind in _SPARE for point in points if point.kind is kind], ground)
    factor, lines = 1.0, 1
    while found is None:
        factor, lines = factor * 0.9, 0
        found = _try(needed, ground, lines, factor)
    return found._replace(left_out=len(points) - len(found.placed))


def _with_spare(needed: Sequence[Point], spare: Sequence[Point], ground: Ground) -> Crowd | None:
    """The needed ones with as many of the spare ones as there is room for, found by halving."""
    best, low, high = _try(needed, ground, 1), 0, len(spare)
    while best and high - low > 1:
        middle = (low + high) // 2
        found = _try((*needed, *spare[:middle]), ground, 1)
        if found:
            best, low = found, middle
        else:
            high = middle
    return best


def _try(points: Sequence[Point], ground: Ground, lines: int, factor: float = 1.0) -> Crowd | None:
    band, dial = ground.band._replace(sizes=ground.band.sizes.scaled(factor)), ground.dial
    columns = _columns(points, band, lines)
    shown = place(columns, ground.walls, dial)
    if shown is None:
        return None
    found = zip(points, columns, shown, strict=True)
    return Crowd([Placed(point, at, column.boxes(dial, at)) for point, column, at in found], band, lines)


def _columns(points: Sequence[Point], band: Band, lines: int) -> list[Column]:
    sizes = band.sizes
    head = Slot(band.glyphs, *sizes.glyph_box)
    below = (Slot(band.degrees, *sizes.degrees_box), Slot(band.minutes, *sizes.minutes_box))[:lines]
    return [
        Column(point.longitude, (head if point.glyph else _letters_slot(point, band), *below), sizes.mark if point.mark else 0.0)
        for point in points
    ]


def _letters_slot(point: Point, band: Band) -> Slot:
    size = band.sizes.letters
    return Slot(band.glyphs, width(point.short, size) * BOLD, size * CAPITAL_HEIGHT)


def draw_crowd(crowd: Crowd, dial: Dial, palette: Palette) -> str:
    """Leaders, glyphs, degrees and minutes, and the marks of retrograde motion."""
    sizes, placed = crowd.band.sizes, crowd.placed
    marks = "".join(glyph(each.point.mark, each.boxes[-1].x, each.boxes[-1].y, sizes.mark) for each in placed if each.point.mark)
    return (
        f'<path d="{"".join(_leader(each, crowd.band, dial) for each in placed)}" fill="none" stroke="{palette.soft}" stroke-width=".8"/>'
        + glyphs("".join(_glyph(each, sizes.glyph) for each in placed if each.point.glyph), sizes.glyph, palette.ink)
        + texts("".join(_letters(each) for each in placed if not each.point.glyph), sizes.letters, palette.ink, weight=700)
        + texts("".join(_degrees(each) for each in placed if crowd.texts > 0), sizes.degrees, palette.ink)
        + texts("".join(_minutes(each) for each in placed if crowd.texts > 1), sizes.minutes, palette.soft)
        + glyphs(marks, sizes.mark, palette.ink, 1.0)
    )


def _leader(each: Placed, band: Band, dial: Dial) -> str:
    """From the true degree on the ring's edge to the glyph: a short tick, then along the ring inwards."""
    outer, inner = band.outer - 2, band.glyphs + band.sizes.glyph * 0.62
    true, away = each.point.longitude, turn(each.point.longitude, each.shown)
    steps = max(1, ceil(abs(away) / _STEP))
    path = [dial.at(true, band.outer), dial.at(true, outer - 3)]
    path += [dial.at(true + away * step / steps, outer - 3 - (outer - 3 - inner) * step / steps) for step in range(1, steps + 1)]
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in path)


def _glyph(each: Placed, size: float) -> str:
    box = each.boxes[0]
    return glyph(each.point.glyph, box.x, box.y, size)


def _letters(each: Placed) -> str:
    return text(each.point.short, each.boxes[0].x, each.boxes[0].y)


def _degrees(each: Placed) -> str:
    return text(f"{int(each.point.degrees_in_sign)}°", each.boxes[1].x, each.boxes[1].y)


def _minutes(each: Placed) -> str:
    """Cut, not rounded, as everywhere: 29° 59.9′ is still 29° 59′."""
    minutes = int(each.point.degrees_in_sign * 60 + 1e-9) % 60
    return text(f"{minutes:02d}′", each.boxes[2].x, each.boxes[2].y)
