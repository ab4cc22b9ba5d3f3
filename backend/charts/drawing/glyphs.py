"""Signs, bodies, lots and aspects as strokes of our own in a box of 24 by 24: no font decides how a chart looks."""

from __future__ import annotations

from collections import Counter

from backend.charts.drawing.canvas import number
from backend.charts.vocabulary import Lot

_LILITH = "M14.5 2.5a5.5 5.5 0 1 0 0 11a11 11 0 0 1 0-11M11 13.5V22M7.5 18h7"
_NODE = "M8.2 15.5a2.7 2.7 0 1 0 .6 4M15.8 15.5a2.7 2.7 0 1 1-.6 4M8.2 15.5C2.5 9 5 3 12 3s9.5 6 3.8 12.5"

STROKES: dict[str, str] = {
    "aries": "M12 21V10C12 5 9.5 3 7 3S3 5 3 7c0 1.6 1 2.8 2.4 2.8M12 10c0-5 2.5-7 5-7s4 2 4 4c0 1.6-1 2.8-2.4 2.8",
    "taurus": "M4 2.5c2.5 0 3.5 7 8 7s5.5-7 8-7M12 9.5a5.8 5.8 0 1 0 .01 0",
    "gemini": "M4 3.5c5 2.5 11 2.5 16 0M4 20.5c5-2.5 11-2.5 16 0M8.5 5.2v13.6M15.5 5.2v13.6",
    "cancer": "M4 9C5 3.5 15 2.5 21 6.5M7 6a3 3 0 1 0 .01 0M20 15C19 20.5 9 21.5 3 17.5M17 12a3 3 0 1 0 .01 0",
    "leo": "M7 12a3 3 0 1 0 .01 0M9.3 13C7.8 9.5 6.3 8 7.3 5.2 8.5 2 15 2 16.3 6c1.1 3.8-3.3 8.5-2.3 12.3.6 2.2 4.2 2.6 5.5.2",
    "virgo": "M3 4.5c2 0 2.2 1.8 2.2 4V18M5.2 8.5c0-5 4.6-5 4.6 0V18M9.8 8.5c0-5 4.6-5 4.6 0V16c0 3.5 2 5 5.1 5"
    "M14.4 10c2-3 6-2.2 5.6 1.6-.4 3.6-3.6 6.4-7.6 8.6",
    "libra": "M3 20.5h18M3 15.8h6.2C7 14 6.2 11.7 6.6 9.2c1-6.2 9.8-6.2 10.8 0 .4 2.5-.4 4.8-2.6 6.6H21",
    "scorpio": "M3 4.5c2 0 2.2 1.8 2.2 4V18M5.2 8.5c0-5 4.6-5 4.6 0V18M9.8 8.5c0-5 4.6-5 4.6 0v8c0 3 2.4 4.2 6.1 2"
    "M17.7 16.6l3.2 1.6-1.4 3.2",
    "sagittarius": "M4 20L20 4M12 4h8v8M6.5 10.5l7 7",
    "capricorn": "M3 4c3 0 3.2 3.5 3.2 7v4M6.2 10c.6-7 6.3-7 6.3-1v7c0 3.2-1.5 5-4 5.4M12.5 15.5a4 4 0 1 1 4 4c-2.4 0-4-1.6-4-4",
    "aquarius": "M2.5 10L7 6.5l3.5 3.5 4-3.5 3.5 3.5 3.5-2.7M2.5 17.5L7 14l3.5 3.5 4-3.5 3.5 3.5 3.5-2.7",
    "pisces": "M5 3c4 6 4 12 0 18M19 3c-4 6-4 12 0 18M3.5 12h17",
    "sun": "M12 4a8 8 0 1 0 .01 0M12 11.2a.8.8 0 1 0 .01 0",
    "moon": "M15.5 3.5a9 9 0 1 0 0 17a10.5 10.5 0 0 1 0-17",
    "mercury": "M12 5.7a4.3 4.3 0 1 0 .01 0M12 14.3V22M8.5 18.5h7M7.5 1.8c.4 2.6 2.2 3.9 4.5 3.9s4.1-1.3 4.5-3.9",
    "venus": "M12 2.5a5.3 5.3 0 1 0 .01 0M12 13.1V22M8 17.8h8",
    "mars": "M9.5 9a6 6 0 1 0 .01 0M13.8 10.8l7-7.4M15 3.2h6v6",
    "jupiter": "M5 7c.4-4.5 7.5-5.5 7.5.3 0 4-3.8 7-8 8.7H20M16.5 4v17.5",
    "saturn": "M8.5 2.5V17M5 6h8M8.5 11.5c2-3.5 8-3.5 7.7 1.2-.2 3.3-2.7 4.6-1.7 7.2.6 1.6 2.7 1.7 3.7.3",
    "uranus": "M6 3v10M18 3v10M6 8h12M12 3v12.6M12 15.6a2.7 2.7 0 1 0 .01 0",
    "neptune": "M5 4v3.5c0 5 3 6.8 7 6.8s7-1.8 7-6.8V4M12 2.5V22M8.5 18.5h7",
    "pluto": "M12 2.5a3.4 3.4 0 1 0 .01 0M6 6.5c0 4.5 2.6 7 6 7s6-2.5 6-7M12 13.5V22M8.5 18.2h7",
    "mean_node": _NODE + "M9.5 9.5h5",
    "true_node": _NODE,
    "chiron": "M12 13.5v-11M12 8.5l5.5-5.5M12 8.5l5.5 5M12 13.5a4 4 0 1 0 .01 0",
    "mean_lilith": _LILITH,
    "osculating_lilith": _LILITH + "M17 18h3",
    "interpolated_lilith": _LILITH + "M17 15h3M17 18h3",
    "interpolated_perigee": "M9.5 21.5a5.5 5.5 0 1 0 0-11a11 11 0 0 1 0 11M13 10.5V2M9.5 6h7",
    "earth": "M12 4a8 8 0 1 0 .01 0M12 4v16M4 12h16",
    "pholus": "M12 13.5v-11M6.5 3c0 4 2.4 6 5.5 6s5.5-2 5.5-6M12 13.5a4 4 0 1 0 .01 0",
    "fortune": "M12 4a8 8 0 1 0 .01 0M6.4 6.4l11.2 11.2M17.6 6.4L6.4 17.6",
    "spirit": "M12 5a7 7 0 1 0 .01 0M12 2v20",
    "star": "M12 3l2.6 6.2 6.7.6-5.1 4.4 1.5 6.6L12 17.3 6.3 20.8l1.5-6.6L2.7 9.8l6.7-.6z",
    "retrograde": "M5 21V3.5h7a4.8 4.8 0 0 1 0 9.7H5M10.5 13.2l9 8M19.5 13.8L12 21.5",
    "ceres": "M8.3 4.2a5.3 5.3 0 1 1 0 8.2M12 13.8V22M8.5 18h7",
    "pallas": "M12 2l5 5.5-5 5.5-5-5.5zM12 13v9M8.5 17.8h7",
    "juno": "M12 2.5V22M7 5l10 5M17 5L7 10M8.5 17.8h7",
    "vesta": "M5 21l3.5-8.5h7L19 21M12 12.5c-5.5-4-1.2-6.5 0-10.3 1.2 3.8 5.5 6.3 0 10.3",
    "conjunction": "M10 10a5 5 0 1 0 .01 0M13.6 11.4L20 5",
    "semisextile": "M4 17h16M12 17L7 8M12 17l5-9",
    "semisquare": "M5 5v14h14M5 19L16 8",
    "sextile": "M12 4v16M5 8l14 8M19 8L5 16",
    "square": "M5.5 5.5h13v13h-13z",
    "trine": "M12 4.5l8 14H4z",
    "sesquisquare": "M5 4.5h9v9H5zM11 20h9M14 13.5l3 6.5",
    "quincunx": "M4 7h16M12 7L7 17M12 7l5 10",
    "opposition": "M6.5 14a3.5 3.5 0 1 0 .01 0M17.5 3a3.5 3.5 0 1 0 .01 0M9 15l6-6",
}


_IN_A_RING = "M12 3a9 9 0 1 0 .01 0"
_LETTERS = {
    "B": "M9 7.5v9h4a2.3 2.3 0 0 0 0-4.6H9M9 7.5h3.4a2.2 2.2 0 0 1 0 4.4",
    "C": "M15.5 9a4.3 4.3 0 1 0 0 6",
    "E": "M15 7.5H9v9h6M9 12h5",
    "F": "M15 7.5H9.2v9M9.2 12h5",
    "I": "M12 7.5v9",
    "M": "M8 16.5v-9l4 5.5 4-5.5v9",
    "N": "M8.8 16.5v-9l6.4 9v-9",
    "S": "M15 8.6c-1.6-1.6-5.6-1.4-5.6.9 0 2.8 5.4 1.8 5.4 4.7 0 2.6-4.4 2.8-6 .9",
    "T": "M8.5 7.5h7M12 7.5v9",
    "V": "M8 7.5l4 9 4-9",
}
_DOTS = ("", "M12 19h.01", "M10.8 19h.01M13.4 19h.01")


def _lots() -> dict[str, str]:
    """A lot without a sign of its own: its first letter in a ring, with a dot where another lot had that letter before."""
    seen: Counter[str] = Counter()
    drawn = {}
    for lot in Lot:
        if lot in STROKES:
            continue
        letter = lot[0].upper()
        drawn[lot.value] = _IN_A_RING + _LETTERS[letter] + _DOTS[seen[letter]]
        seen[letter] += 1
    return drawn


STROKES |= _lots()
INK = 22.8
"""The strokes, with their thickness, fill this much of the box, around its middle."""


def glyph(name: str, x: float, y: float, size: float) -> str:
    """A glyph whose ink is at most ``size`` wide and high, its middle on a point; it belongs into a group of ``glyphs`` of that size."""
    scale = size / INK
    return f'<path transform="translate({number(x / scale - 12)} {number(y / scale - 12)})" d="{STROKES[name]}"/>'


def glyphs(pieces: str, size: float, colour: str, thickness: float = 1.4) -> str:
    """A group of glyphs of one size and colour, ``thickness`` in pixels."""
    if not pieces:
        return ""
    scale = size / INK
    return (
        f'<g transform="scale({scale:.4f})" fill="none" stroke="{colour}" stroke-width="{min(thickness / scale, 2.4):.2f}" '
        f'stroke-linecap="round" stroke-linejoin="round">{pieces}</g>'
    )
