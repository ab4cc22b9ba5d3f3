"""Reads what stands in a picture back from its bytes: texts and glyphs as upright boxes, lines as segments."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import NamedTuple

from backend.charts.drawing.canvas import CAPITAL_HEIGHT, width
from backend.charts.drawing.dial import Box
from backend.charts.drawing.glyphs import INK

SPACE = "{http://www.w3.org/2000/svg}"
_TRANSLATE = re.compile(r"translate\((-?[\d.]+) (-?[\d.]+)\)")
_SCALE = re.compile(r"scale\(([\d.]+)\)")
_ANCHORS = {"start": 0.5, "middle": 0.0, "end": -0.5}
_ROUNDED = 0.2  # pixels: coordinates are written to a tenth


class Thing(NamedTuple):
    """Something drawn: its words (or strokes), its middle, and its size."""

    what: str
    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Thing) -> bool:
        beside, above = abs(self.x - other.x), abs(self.y - other.y)
        return beside < (self.width + other.width) / 2 - _ROUNDED and above < (self.height + other.height) / 2 - _ROUNDED


def things(picture: str) -> list[Thing]:
    """Every text and every glyph."""
    root = ET.fromstring(picture)
    return [thing for group in root.iter(f"{SPACE}g") for thing in (*_texts(group), *_glyphs(group))]


def _texts(group: ET.Element) -> Iterator[Thing]:
    size, anchor = float(group.get("font-size", "0")), group.get("text-anchor", "start")
    wider = 1.1 if group.get("font-weight") else 1.0
    for text in group.findall(f"{SPACE}text"):
        wide = width(text.text or "", size) * wider
        x = float(text.get("x", "0")) + _ANCHORS[anchor] * wide
        yield Thing(text.text or "", x, float(text.get("y", "0")), wide, size * CAPITAL_HEIGHT)


def _glyphs(group: ET.Element) -> Iterator[Thing]:
    scaled = _SCALE.fullmatch(group.get("transform", ""))
    if not scaled:
        return
    scale = float(scaled[1])
    for path in group.findall(f"{SPACE}path"):
        moved = _TRANSLATE.fullmatch(path.get("transform", ""))
        assert moved
        x, y = (scale * (float(part) + 12) for part in moved.groups())
        yield Thing(path.get("d", ""), x, y, INK * scale, INK * scale)


def collisions(found: list[Thing]) -> list[tuple[Thing, Thing]]:
    """Pairs that share more than an edge."""
    ordered = sorted(found, key=lambda thing: thing.x - thing.width / 2)
    pairs = []
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.x - other.width / 2 >= one.x + one.width / 2:
                break
            if one.meets(other):
                pairs.append((one, other))
    return pairs


Segment = tuple[float, float, float, float]
_STRAIGHT = re.compile(r"M(-?[\d.]+) (-?[\d.]+)L(-?[\d.]+) (-?[\d.]+)")


def segments(pieces: str) -> list[Segment]:
    """The straight lines of paths."""
    return [(float(x1), float(y1), float(x2), float(y2)) for x1, y1, x2, y2 in _STRAIGHT.findall(pieces)]


def crossed(lines: list[Segment], boxes: list[Box]) -> list[tuple[Segment, Box]]:
    """Lines of which some stretch lies within a box (clipped as Liang and Barsky do)."""
    return [(line, box) for line in lines for box in boxes if _runs_into(line, box)]


def _runs_into(line: Segment, box: Box) -> bool:
    x1, y1, x2, y2 = line
    low, high = 0.0, 1.0
    for start, way, middle, size in ((x1, x2 - x1, box.x, box.width), (y1, y2 - y1, box.y, box.height)):
        near, far = middle - size / 2 - start, middle + size / 2 - start
        if abs(way) < 1e-9:
            if near >= 0 or far <= 0:
                return False
            continue
        low, high = max(low, min(near / way, far / way)), min(high, max(near / way, far / way))
    return low < high
