"""Signs, bodies and aspects as strokes of our own in a box of 24 by 24: no font decides how a chart looks."""

from __future__ import annotations

from html import escape

_OSCULATING_OR_MEAN_LILITH = "M14.5 2.5a5.5 5.5 0 1 0 0 11a7 7 0 0 1 0-11M11 13.5V22M7.5 18h7"
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
    "mean_lilith": _OSCULATING_OR_MEAN_LILITH,
    "osculating_lilith": _OSCULATING_OR_MEAN_LILITH + "M17 18h3",
    "ceres": "M8.3 4.2a5.3 5.3 0 1 1 0 8.2M12 13.8V22M8.5 18h7",
    "pallas": "M12 2l5 5.5-5 5.5-5-5.5zM12 13v9M8.5 17.8h7",
    "juno": "M12 2.5V22M7 5l10 5M17 5L7 10M8.5 17.8h7",
    "vesta": "M5 21l4-9h6l4 9M12 11.5c-3-3 0-5 0-9 0 4 3 6 0 9",
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

BOX = 24.0


def glyph(name: str, x: float, y: float, size: float, colour: str, weight: float = 1.5) -> str:
    """The glyph centred on a point; a name without a glyph shows its first three letters."""
    if name not in STROKES:
        letters = escape(name[:3].capitalize())
        return f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="11" text-anchor="middle" fill="{colour}">{letters}</text>'
    scale = size / BOX
    return (
        f'<path transform="translate({x - size / 2:.1f} {y - size / 2:.1f}) scale({scale:.3f})" d="{STROKES[name]}" fill="none" '
        f'stroke="{colour}" stroke-width="{weight / scale:.2f}" stroke-linecap="round" stroke-linejoin="round"/>'
    )
