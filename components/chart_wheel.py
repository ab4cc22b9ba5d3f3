"""A chart's document as pictures: the wheel, the aspect grid, and the same in words."""

from __future__ import annotations

from math import cos, radians, sin
from typing import Any, NamedTuple

from backend.charts.vocabulary import BODY_TITLES, SIGNS, degrees_text
from components.chart_glyphs import glyph
from components.chart_spread import spread
from components.colours import Theme
from components.colours import theme as colours

Document = dict[str, Any]

_LINES = {  # colour and dash together: a chart in grey print still tells its aspects apart
    "square": ("bad", "", 1.2),
    "opposition": ("bad", "8 3", 1.2),
    "trine": ("ok", "", 1.2),
    "sextile": ("ok", "3 3", 1.2),
    "semisquare": ("neutral", "1 4", 1.0),
    "sesquisquare": ("neutral", "1 4", 1.0),
    "semisextile": ("neutral", "1 4", 1.0),
    "quincunx": ("neutral", "5 2 1 2", 1.0),
}
_TONES = {kind: tone for kind, (tone, _, _) in _LINES.items()} | {"conjunction": "info"}
_GAP = 8.2  # degrees between neighbouring glyphs, as wide as "29°r" is where it stands
_AXES = (("ascendant", "AC"), ("imum_coeli", "IC"), ("descendant", "DC"), ("midheaven", "MC"))


class Rings(NamedTuple):
    """Radii of the wheel, outermost first."""

    outer: float
    signs: float
    glyphs: float
    degrees: float
    houses: float
    aspects: float

    @classmethod
    def of(cls, size: float) -> Rings:
        outer = size / 2 - 26
        signs = outer - 34
        return cls(outer, signs, signs - 34, signs - 53, signs - 70, signs - 90)


class _Wheel:
    """Coordinates and colours while one wheel is drawn."""

    def __init__(self, document: Document, theme: Theme, size: float) -> None:
        self.document, self.colour, self.middle = document, theme, size / 2
        self.rings = Rings.of(size)
        self.left = document["angles"]["ascendant"]["longitude_degrees"]

    def at(self, longitude: float, radius: float) -> tuple[float, float]:
        """Where a longitude lies: the Ascendant left, the signs against the clock."""
        angle = radians(180 + longitude - self.left)
        return self.middle + radius * cos(angle), self.middle - radius * sin(angle)

    def ray(self, longitude: float, outer: float, inner: float) -> str:
        (x1, y1), (x2, y2) = self.at(longitude, outer), self.at(longitude, inner)
        return f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"

    def circle(self, radius: float, fill: str, stroke: str) -> str:
        return f'<circle cx="{self.middle:.1f}" cy="{self.middle:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{stroke}"/>'

    def text(self, words: str, longitude: float, radius: float, size: float, colour: str, weight: int = 400) -> str:
        x, y = self.at(longitude, radius)
        return (
            f'<text x="{x:.1f}" y="{y + size * 0.36:.1f}" font-size="{size:g}" font-weight="{weight}" text-anchor="middle" '
            f'fill="{self.colour[colour]}">{words}</text>'
        )


def wheel(document: Document, theme: str, size: int = 560) -> str:
    """The natal wheel as one SVG string; ``theme`` is light or dark."""
    drawing = _Wheel(document, colours(theme), size)
    parts = (_rings(drawing), _ticks(drawing), _signs(drawing), _houses(drawing), _axes(drawing), _aspects(drawing), _bodies(drawing))
    return _svg(size, size, "".join(parts))


def aspect_grid(document: Document, theme: str, cell: int = 34) -> str:
    """The staircase of aspects: each body against each, with the orb in degrees."""
    colour = colours(theme)
    names = [body["body"] for body in document["bodies"]]
    found = {(aspect["first"], aspect["second"]): aspect for aspect in document["aspects"]}
    parts = []
    for column, name in enumerate(names):
        parts.append(glyph(name, (column + 0.5) * cell, (column + 0.5) * cell, 17, colour["ink"]))
        for row in range(column + 1, len(names)):
            parts.append(_cell(found.get((name, names[row])), column * cell, row * cell, cell, colour))
    side = len(names) * cell
    return _svg(side, side, "".join(parts))


def alternative(document: Document) -> str:
    """What the wheel shows, in words, for those who cannot see it."""
    angles = document["angles"]
    heads = f"Natal wheel. Ascendant {_place(angles['ascendant'])}, Midheaven {_place(angles['midheaven'])}."
    bodies = "; ".join(
        f"{_title(body['body'])} {_place(body)}, house {body['house']}{', retrograde' if body['retrograde'] else ''}"
        for body in document["bodies"]
    )
    aspects = "; ".join(
        f"{_title(aspect['first'])} {aspect['aspect']} {_title(aspect['second'])}, orb {abs(aspect['orb_degrees']):.1f}°, {aspect['phase']}"
        for aspect in document["aspects"]
    )
    return f"{heads} {bodies}. {len(document['aspects'])} aspects: {aspects or 'none'}."


def _svg(width: float, height: float, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="system-ui, sans-serif">{body}</svg>'
    )


def _rings(drawing: _Wheel) -> str:
    colour, rings = drawing.colour, drawing.rings
    return (
        drawing.circle(rings.outer, colour["panel"], colour["neutral"])
        + drawing.circle(rings.signs, colour["paper"], colour["neutral"])
        + drawing.circle(rings.houses, "none", colour["line"])
        + drawing.circle(rings.aspects, "none", colour["line"])
    )


def _ticks(drawing: _Wheel) -> str:
    """A tick for each degree, longer at 5, longest at 10: one path."""
    edge = drawing.rings.signs
    rays = (drawing.ray(degree, edge, edge - (9 if degree % 10 == 0 else 6 if degree % 5 == 0 else 3.4)) for degree in range(360))
    return f'<path d="{"".join(rays)}" stroke="{drawing.colour["neutral"]}" stroke-width=".7" opacity=".8"/>'


def _signs(drawing: _Wheel) -> str:
    rings, colour = drawing.rings, drawing.colour
    borders = "".join(drawing.ray(number * 30, rings.outer, rings.signs) for number in range(12))
    parts = [f'<path d="{borders}" stroke="{colour["neutral"]}"/>']
    for number, sign in enumerate(SIGNS):
        x, y = drawing.at(number * 30 + 15, (rings.outer + rings.signs) / 2)
        parts.append(glyph(sign, x, y, 19, colour["ink"], 1.4))
    return "".join(parts)


def _houses(drawing: _Wheel) -> str:
    """Cusps as thin lines, and each house's number in the middle of its house."""
    rings, colour = drawing.rings, drawing.colour
    cusps = [cusp["longitude_degrees"] for cusp in drawing.document["houses"]["cusps"]]
    lines = "".join(drawing.ray(cusp, rings.signs, rings.aspects) for cusp in cusps)
    parts = [f'<path d="{lines}" stroke="{colour["line"]}" stroke-width="1.2"/>']
    for number, cusp in enumerate(cusps, 1):
        middle = cusp + _turn(cusp, cusps[number % len(cusps)]) / 2
        parts.append(drawing.text(str(number), middle, (rings.houses + rings.aspects) / 2, 11 if len(cusps) <= 12 else 8.5, "neutral"))
    return "".join(parts)


def _turn(start: float, end: float) -> float:
    """From one cusp to the next by the shorter way: Gauquelin's sectors run against the signs."""
    return (end - start + 180) % 360 - 180


def _axes(drawing: _Wheel) -> str:
    """Horizon and meridian, thick, with their names outside the ring."""
    rings, angles = drawing.rings, drawing.document["angles"]
    lines = "".join(drawing.ray(angles[name]["longitude_degrees"], rings.signs, rings.aspects) for name, _ in _AXES)
    names = (drawing.text(short, angles[name]["longitude_degrees"], rings.outer + 14, 12, "ink", 700) for name, short in _AXES)
    return f'<path d="{lines}" stroke="{drawing.colour["ink"]}" stroke-width="1.8"/>' + "".join(names)


def _aspects(drawing: _Wheel) -> str:
    longitudes = {body["body"]: body["longitude_degrees"] for body in drawing.document["bodies"]}
    parts = []
    for aspect in drawing.document["aspects"]:
        if aspect["aspect"] in _LINES:
            tone, dash, width = _LINES[aspect["aspect"]]
            (x1, y1), (x2, y2) = (drawing.at(longitudes[aspect[end]], drawing.rings.aspects - 5) for end in ("first", "second"))
            parts.append(
                f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{drawing.colour[tone]}" stroke-width="{width}" '
                f'stroke-dasharray="{dash}" opacity=".85"/>'
            )
    return "".join(parts)


def _bodies(drawing: _Wheel) -> str:
    """Each body's glyph, pushed aside where they crowd, with a leader to its true degree and a dot on the aspect circle."""
    bodies = drawing.document["bodies"]
    shown = spread([body["longitude_degrees"] for body in bodies], _GAP)
    clearings = "".join(_clearing(drawing, longitude) for longitude in shown)
    return clearings + "".join(_body(drawing, body, longitude) for body, longitude in zip(bodies, shown, strict=True))


def _clearing(drawing: _Wheel, shown: float) -> str:
    """Bare paper under a glyph and its degrees, so that no axis or cusp runs through them."""
    spots = (drawing.at(shown, drawing.rings.glyphs), drawing.at(shown, drawing.rings.degrees))
    return "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="10" fill="{drawing.colour["paper"]}"/>' for x, y in spots)


def _body(drawing: _Wheel, body: Document, shown: float) -> str:
    rings, colour, true = drawing.rings, drawing.colour, body["longitude_degrees"]
    (x1, y1), (x2, y2) = drawing.at(true, rings.signs - 9), drawing.at(shown, rings.glyphs + 11)
    leader = f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour["neutral"]}"/>'
    mark = glyph(body["body"], *drawing.at(shown, rings.glyphs), 18, colour["ink"])
    degrees = f"{int(body['degrees_in_sign'])}°{'r' if body['retrograde'] else ''}"
    x, y = drawing.at(true, rings.aspects - 5)
    dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour["ink"]}"/>'
    return leader + mark + drawing.text(degrees, shown, rings.degrees, 10.5, "neutral") + dot


def _cell(aspect: Document | None, x: float, y: float, cell: float, colour: Theme) -> str:
    fill = colour["panel"] if aspect else "none"
    box = f'<rect x="{x + 0.5}" y="{y + 0.5}" width="{cell - 1}" height="{cell - 1}" fill="{fill}" stroke="{colour["line"]}"/>'
    if aspect is None:
        return box
    mark = glyph(aspect["aspect"], x + cell / 2, y + cell * 0.36, 13, colour[_TONES[aspect["aspect"]]], 1.4)
    orb = f"{abs(aspect['orb_degrees']):.1f}°"
    return (
        f'{box}{mark}<text x="{x + cell / 2:.1f}" y="{y + cell - 5:.1f}" font-size="9.5" text-anchor="middle" '
        f'fill="{colour["neutral"]}">{orb}</text>'
    )


def _place(point: Document) -> str:
    return f"{degrees_text(point['degrees_in_sign'])} {point['sign'].capitalize()}"


def _title(name: str) -> str:
    return next((title for body, title in BODY_TITLES.items() if body == name), name)
