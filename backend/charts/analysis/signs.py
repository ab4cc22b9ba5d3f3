"""Element, mode and polarity of the signs (Ptolemy, Tetrabiblos I 11, 12 and 18)."""

from __future__ import annotations

from enum import StrEnum

from backend.charts.vocabulary import SIGNS, Sign


class Element(StrEnum):
    FIRE = "fire"
    EARTH = "earth"
    AIR = "air"
    WATER = "water"


class SignMode(StrEnum):
    CARDINAL = "cardinal"
    FIXED = "fixed"
    MUTABLE = "mutable"


class Polarity(StrEnum):
    """Positive is the masculine, diurnal half of the signs."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


_ELEMENTS, _MODES, _POLARITIES = tuple(Element), tuple(SignMode), tuple(Polarity)


def element_of(sign: Sign) -> Element:
    return _ELEMENTS[SIGNS.index(sign) % 4]


def mode_of(sign: Sign) -> SignMode:
    return _MODES[SIGNS.index(sign) % 3]


def polarity_of(sign: Sign) -> Polarity:
    return _POLARITIES[SIGNS.index(sign) % 2]
