"""The words in a wheel's four corners: whose charts, how computed, what the lines mean, and what is to be known about it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from backend.charts.drawing.aspect_lines import STROKES
from backend.charts.drawing.canvas import fitted, line, number, text, texts, width
from backend.charts.drawing.captions import Line
from backend.charts.drawing.glyphs import glyph, glyphs
from backend.charts.drawing.looks import Palette
from backend.charts.drawing.plan import CLEAR, HIGH, MIDDLE, WIDE

EDGE, STEP = 10.0, 15.0
_SIZE = 10.5
_MARK = 9.5
_MOST_NOTES = 6


def room(y: float) -> float:
    """How wide a line at this height may be, from the picture's edge."""
    away = abs(y - MIDDLE[1]) - _SIZE / 2
    chord = sqrt(CLEAR**2 - away**2) if away < CLEAR else 0.0
    return WIDE / 2 - max(chord, 6.0) - EDGE


def wrapped(notes: Sequence[str], heights: Sequence[float]) -> list[str] | None:
    """Sentences broken into lines, one for each height, each as wide as there is room there; None if they need more lines."""
    lines: list[str] = []
    for note in notes:
        rest = note.split()
        while rest:
            if len(lines) == len(heights):
                return None
            free, taken = room(heights[len(lines)]), 1
            while taken < len(rest) and width(" ".join(rest[: taken + 1]), _SIZE) <= free:
                taken += 1
            lines.append(fitted(" ".join(rest[:taken]), _SIZE, free))
            rest = rest[taken:]
    return lines


def draw_top(lines: Sequence[Line], palette: Palette, *, right: bool) -> str:
    """Lines from the upper edge down, at the left or at the right."""
    x, anchor = (WIDE - EDGE, "end") if right else (EDGE, "start")
    heights = [EDGE + 6 + index * STEP for index in range(len(lines))]
    drawn = [(each.strong, text(_fitted(each, room(y)), x, y)) for each, y in zip(lines, heights, strict=True)]
    names, rest = ("".join(piece for strong, piece in drawn if strong is wanted) for wanted in (True, False))
    return texts(names, _SIZE, palette.ink, anchor=anchor, weight=700) + texts(rest, _SIZE, palette.soft, anchor=anchor)


def _fitted(each: Line, free: float) -> str:
    return fitted(each.words, _SIZE * (1.1 if each.strong else 1), free)


def draw_notes(notes: Sequence[str], palette: Palette) -> str:
    """Sentences at the lower right, the last line at the edge; those for which there is no room are in the alternative."""
    kept = list(notes)
    while kept:
        for count in range(1, _MOST_NOTES + 1):
            heights = [HIGH - EDGE - 6 - STEP * (count - 1 - index) for index in range(count)]
            lines = wrapped(kept, heights)
            if lines is not None:
                pieces = (text(words, WIDE - EDGE, y) for words, y in zip(lines, heights, strict=False))
                return texts("".join(pieces), _SIZE, palette.soft, anchor="end")
        kept.pop()
    return ""


def draw_legend(kinds: Sequence[str], palette: Palette) -> str:
    """A sample of each line that occurs, with the aspect's glyph and name; rows fill from the lower edge up, where there is most room."""
    samples, marks, names = "", "", ""
    y = HIGH - EDGE - 6
    for row in _rows(kinds):
        x = EDGE
        for kind in row:
            samples += line(f"M{number(x)} {number(y)}h28", getattr(palette, STROKES[kind].colour), 1.4, STROKES[kind].dash)
            marks += glyph(kind, x + 37, y, _MARK)
            names += text(kind.replace("_", " ").capitalize(), x + 46, y)
            x += _entry(kind)
        y -= STEP + 1
    return samples + glyphs(marks, _MARK, palette.ink, 1.0) + texts(names, _SIZE, palette.soft, anchor="start")


def _rows(kinds: Sequence[str]) -> list[list[str]]:
    """The kinds in rows, lowest first, so that they read in their order from the top."""
    rows: list[list[str]] = [[]]
    for kind in reversed(kinds):
        y = HIGH - EDGE - 6 - (STEP + 1) * (len(rows) - 1)
        if rows[-1] and sum(map(_entry, (*rows[-1], kind))) > room(y):
            rows.append([])
        rows[-1].insert(0, kind)
    return rows


def _entry(kind: str) -> float:
    return 56 + width(kind, _SIZE)
