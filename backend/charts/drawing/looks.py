"""The looks of a picture: what each colour means, on paper of its own, because a picture inherits nothing from the page it stands on."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Look(StrEnum):
    """Colours for a bright screen, for a dark one, and black ink on white paper."""

    LIGHT = "light"
    DARK = "dark"
    PRINT = "print"


class Palette(NamedTuple):
    """Colours by meaning. On ``paper`` and on ``panel`` the inks keep 4.5 : 1, and ``rule`` keeps 3 : 1 (WCAG 1.4.3 and 1.4.11).

    ``fine`` is the thickness of rules in pixels: black ones have to be thinner to stay in the background.
    """

    paper: str
    panel: str
    ink: str
    soft: str
    rule: str
    hard: str
    flowing: str
    joining: str
    minor: str
    fine: float = 1.0


PALETTES: dict[Look, Palette] = {
    Look.LIGHT: Palette("#FFFFFF", "#F4F6F9", "#161B22", "#4F5964", "#8A94A0", "#A3201D", "#006D77", "#0B5CAD", "#56606B"),
    Look.DARK: Palette("#11161D", "#1A212B", "#E6EAF0", "#A5B0BC", "#6B7684", "#F98F8F", "#5EEAD4", "#7DB9FF", "#A5B0BC"),
    Look.PRINT: Palette("#FFFFFF", "#FFFFFF", "#000000", "#000000", "#000000", "#000000", "#000000", "#000000", "#000000", 0.5),
}
FONT = "system-ui, sans-serif"
