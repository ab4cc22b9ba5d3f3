"""Aspects as a grid: each point against each of one chart as stairs, or one chart's points against another's as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.charts.drawing.aspect_lines import STROKES, TIGHT
from backend.charts.drawing.canvas import line, number, picture, text, texts
from backend.charts.drawing.captions import name
from backend.charts.drawing.charts_in import charts_in
from backend.charts.drawing.glyphs import glyph, glyphs
from backend.charts.drawing.looks import PALETTES, Look, Palette
from backend.charts.drawing.rings import Aspect, Point, Ring, ring_of
from backend.charts.drawing.words import aspect_words, counted, listed

CELL, EDGE = 34.0, 10.0
_GLYPH, _MARK, _LETTERS, _ORB, _CAPTION = 17.0, 12.5, 11.5, 9.0, 10.5
_FOOT = 34.0
_PHASES = {"applying": "a", "separating": "s"}
_NARROWEST = 330.0


def draw_grid(document: Mapping[str, Any], look: Look) -> str:
    """A natal, composite or Davison document as stairs; a synastry, a progression or a solar arc as a table, its first chart's points down.

    A cell holds the aspect's glyph, its orb in degrees, and a for applying or s for separating; the close ones have a stronger frame.
    """
    charts = [ring_of(chart) for chart in charts_in(document)]
    palette = PALETTES[look]
    return _stairs(charts[0], palette) if len(charts) == 1 else _table(charts[0], charts[1], _across(document), palette)


def _across(document: Mapping[str, Any]) -> tuple[Aspect, ...]:
    """Aspects from the first chart's points to the second's; progressions name the moving point first."""
    if document.get("kind") == "synastry":
        return ring_of({"aspects": document["aspects"]}).aspects
    moving = ring_of({"aspects": document.get("aspects_to_natal") or ()}).aspects
    return tuple(aspect._replace(first=aspect.second, second=aspect.first) for aspect in moving)


def _stairs(ring: Ring, palette: Palette) -> str:
    points = _named(ring, {end for aspect in ring.aspects for end in (aspect.first, aspect.second)})
    place = {point.name: index for index, point in enumerate(points)}
    cells = {}
    for aspect in ring.aspects:
        if aspect.first in place and aspect.second in place:
            row, column = sorted((place[aspect.first], place[aspect.second]), reverse=True)
            cells[row, column] = aspect
    frames = [(row, column) for row in range(len(points)) for column in range(row)]
    heads = [(point, index, index) for index, point in enumerate(points)]
    title = f"Aspect grid: {name(ring.document)}"
    return _grid((len(points), len(points)), heads, frames, cells, title, _words(title, ring.aspects), palette)


def _table(first: Ring, second: Ring, aspects: Sequence[Aspect], palette: Palette) -> str:
    rows, columns = _named(first, {aspect.first for aspect in aspects}), _named(second, {aspect.second for aspect in aspects})
    down = {point.name: index for index, point in enumerate(rows, 1)}
    across = {point.name: index for index, point in enumerate(columns, 1)}
    cells = {(down[one.first], across[one.second]): one for one in aspects if one.first in down and one.second in across}
    frames = [(row, column) for row in range(1, len(rows) + 1) for column in range(1, len(columns) + 1)]
    heads = [(point, index, 0) for index, point in enumerate(rows, 1)] + [(point, 0, index) for index, point in enumerate(columns, 1)]
    title = f"Aspect grid: {name(first.document)} down, {name(second.document)} across"
    return _grid((len(rows) + 1, len(columns) + 1), heads, frames, cells, title, _words(title, aspects), palette)


def _named(ring: Ring, ends: set[str]) -> list[Point]:
    """The bodies, and whatever else an aspect names."""
    others = [point for point in (*ring.points, *ring.angles.values()) if point.kind != "body" and point.name in ends]
    return [point for point in ring.points if point.kind == "body"] + others


def _grid(
    size: tuple[int, int],
    heads: Sequence[tuple[Point, int, int]],
    frames: Sequence[tuple[int, int]],
    cells: Mapping[tuple[int, int], Aspect],
    title: str,
    words: str,
    palette: Palette,
) -> str:
    rows, columns = size
    body = _frames(frames, cells, palette) + _heads(heads, palette) + _marks(cells, palette)
    foot = EDGE + rows * CELL + 10
    moving = any(aspect.phase in _PHASES for aspect in cells.values())
    said = [*(["a applying, s separating"] if moving else []), f"strong frame: orb up to {TIGHT:g}°"]
    notes = "".join(text(each, EDGE, foot + 14 * index) for index, each in enumerate(said))
    body += texts(notes, _CAPTION, palette.soft, anchor="start")
    return picture(max(columns * CELL + 2 * EDGE, _NARROWEST * 0.6), foot + _FOOT - 10, title, words, palette, body)


def _middle(row: int, column: int) -> tuple[float, float]:
    return EDGE + (column + 0.5) * CELL, EDGE + (row + 0.5) * CELL


def _frames(frames: Sequence[tuple[int, int]], cells: Mapping[tuple[int, int], Aspect], palette: Palette) -> str:
    """A thin frame for each pair; where there is an aspect the cell is filled, and framed strongly within where it is close."""
    filled = [place for place in frames if place in cells]
    close = [place for place in filled if abs(cells[place].orb) <= TIGHT]
    return (
        line("".join(_square(*place, 0) for place in frames), palette.rule, palette.fine * 0.6)
        + f'<path d="{"".join(_square(*place, 1) for place in filled)}" fill="{palette.panel}"/>'
        + line("".join(_square(*place, 1.5) for place in close), palette.soft, 1.6)
    )


def _square(row: int, column: int, inset: float) -> str:
    side = CELL - 2 * inset
    return f"M{number(EDGE + column * CELL + inset)} {number(EDGE + row * CELL + inset)}h{side:g}v{side:g}h-{side:g}z"


def _heads(heads: Sequence[tuple[Point, int, int]], palette: Palette) -> str:
    marks = "".join(glyph(point.glyph, *_middle(row, column), _GLYPH) for point, row, column in heads if point.glyph)
    letters = "".join(text(point.short, *_middle(row, column)) for point, row, column in heads if not point.glyph)
    return glyphs(marks, _GLYPH, palette.ink) + texts(letters, _LETTERS, palette.ink, weight=700)


def _marks(cells: Mapping[tuple[int, int], Aspect], palette: Palette) -> str:
    drawn = ""
    for kind, stroke in STROKES.items():
        found = (place for place, aspect in cells.items() if aspect.kind == kind)
        pieces = "".join(glyph(kind, x, y - 5.5, _MARK) for x, y in (_middle(*place) for place in found))
        drawn += glyphs(pieces, _MARK, getattr(palette, stroke.colour), 1.3)
    orbs = ((_middle(*place), f"{abs(aspect.orb):.1f}°{_PHASES.get(aspect.phase, '')}") for place, aspect in cells.items())
    return drawn + texts("".join(text(words, x, y + 9.5) for (x, y), words in orbs), _ORB, palette.ink)


def _words(title: str, aspects: Sequence[Aspect]) -> str:
    ordered = sorted(aspects, key=lambda aspect: abs(aspect.orb))
    return f"{title}. {counted(ordered, 'aspect')}{', closest first' if len(ordered) > 1 else ''}{listed(map(aspect_words, ordered))}."
