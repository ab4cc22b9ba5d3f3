"""Colours by meaning, for pictures: an SVG inside an image inherits neither theme nor font of the page."""

from __future__ import annotations

Theme = dict[str, str]

LIGHT: Theme = {
    "ok": "#006D77", "bad": "#7F1D1D", "watch": "#946000", "held": "#5B3FA0", "info": "#0B5CAD", "neutral": "#56606B",
    "ink": "#161B22", "paper": "#FFFFFF", "panel": "#F4F6F9", "line": "#D5DAE1", "faint": "#E9ECF0",
}  # fmt: skip
DARK: Theme = {
    "ok": "#5EEAD4", "bad": "#F87171", "watch": "#F2B84B", "held": "#BBA6FF", "info": "#7DB9FF", "neutral": "#A5B0BC",
    "ink": "#E6EAF0", "paper": "#11161D", "panel": "#1A212B", "line": "#2D3643", "faint": "#232B36",
}  # fmt: skip
DIRECTIVE = {
    "ok": "green", "bad": "red", "watch": "orange", "pending": "orange", "held": "violet", "bypassed": "violet", "info": "blue",
    "neutral": "gray",
}  # fmt: skip
_TINTED_AS = {"pending": "watch", "bypassed": "held"}


def theme(name: str | None) -> Theme:
    """The colours of the theme on screen ('light' or 'dark')."""
    return DARK if name == "dark" else LIGHT


def tint(kind: str, colours: Theme) -> str:
    """The colour of a kind of state; some kinds share one and differ by shape."""
    return colours[_TINTED_AS.get(kind, kind)]
