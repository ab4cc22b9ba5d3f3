"""Who rules a degree: triplicities by Dorotheus, Egyptian bounds, Chaldean faces; domiciles and exaltations by Ptolemy."""

from __future__ import annotations

from typing import NamedTuple

from backend.charts.analysis.signs import Element, element_of
from backend.charts.engine.zodiac import DOMICILES, EXALTATIONS, sign_of
from backend.charts.vocabulary import Body, Sign

TRIPLICITIES: dict[Element, tuple[Body, Body, Body]] = {
    Element.FIRE: (Body.SUN, Body.JUPITER, Body.SATURN),
    Element.EARTH: (Body.VENUS, Body.MOON, Body.MARS),
    Element.AIR: (Body.SATURN, Body.MERCURY, Body.JUPITER),
    Element.WATER: (Body.VENUS, Body.MARS, Body.MOON),
}
"""Lord by day, lord by night, and the one that takes part in both (Dorotheus, Carmen astrologicum I 1)."""

_ME, _VE, _MA, _JU, _SA = Body.MERCURY, Body.VENUS, Body.MARS, Body.JUPITER, Body.SATURN
BOUNDS: dict[Sign, tuple[tuple[Body, int], ...]] = {
    Sign.ARIES: ((_JU, 6), (_VE, 12), (_ME, 20), (_MA, 25), (_SA, 30)),
    Sign.TAURUS: ((_VE, 8), (_ME, 14), (_JU, 22), (_SA, 27), (_MA, 30)),
    Sign.GEMINI: ((_ME, 6), (_JU, 12), (_VE, 17), (_MA, 24), (_SA, 30)),
    Sign.CANCER: ((_MA, 7), (_VE, 13), (_ME, 19), (_JU, 26), (_SA, 30)),
    Sign.LEO: ((_JU, 6), (_VE, 11), (_SA, 18), (_ME, 24), (_MA, 30)),
    Sign.VIRGO: ((_ME, 7), (_VE, 17), (_JU, 21), (_MA, 28), (_SA, 30)),
    Sign.LIBRA: ((_SA, 6), (_ME, 14), (_JU, 21), (_VE, 28), (_MA, 30)),
    Sign.SCORPIO: ((_MA, 7), (_VE, 11), (_ME, 19), (_JU, 24), (_SA, 30)),
    Sign.SAGITTARIUS: ((_JU, 12), (_VE, 17), (_ME, 21), (_SA, 26), (_MA, 30)),
    Sign.CAPRICORN: ((_ME, 7), (_JU, 14), (_VE, 22), (_SA, 26), (_MA, 30)),
    Sign.AQUARIUS: ((_ME, 7), (_VE, 13), (_JU, 20), (_MA, 25), (_SA, 30)),
    Sign.PISCES: ((_VE, 12), (_JU, 16), (_ME, 19), (_MA, 28), (_SA, 30)),
}
"""The Egyptian bounds: lord and the degree at which it ends (Ptolemy, Tetrabiblos I 20; Dorotheus; Vettius Valens I 3)."""

_FACES = (Body.MARS, Body.SUN, Body.VENUS, Body.MERCURY, Body.MOON, Body.SATURN, Body.JUPITER)
_LORD_OF_SIGN: dict[Sign, Body] = {sign: body for body, signs in DOMICILES.items() for sign in signs}
_EXALTED_IN: dict[Sign, Body] = {sign: body for body, sign in EXALTATIONS.items()}


class Lords(NamedTuple):
    """The lords of one degree. ``triplicity`` is the one of the chart's sect, None where that is not known."""

    domicile: Body
    exaltation: Body | None
    triplicity: Body | None
    bound: Body
    face: Body
    participating: Body


def lords_of(longitude_degrees: float, sect: str | None) -> Lords:
    """The lords of a degree in a chart of the day or of the night; ``sect`` as a chart has it."""
    sign = sign_of(longitude_degrees)
    by_day, by_night, participating = TRIPLICITIES[element_of(sign)]
    triplicity = {"day": by_day, "night": by_night}.get(sect or "")
    return Lords(
        _LORD_OF_SIGN[sign], _EXALTED_IN.get(sign), triplicity, bound_lord(longitude_degrees), face_lord(longitude_degrees), participating
    )


def bound_lord(longitude_degrees: float) -> Body:
    degrees = longitude_degrees % 30
    return next(body for body, end in BOUNDS[sign_of(longitude_degrees)] if degrees < end)


def face_lord(longitude_degrees: float) -> Body:
    """The 36 faces of 10° each, in the Chaldean order of the planets from Mars in Aries (Teucer; Paulus, chapter 4)."""
    return _FACES[int(longitude_degrees % 360 // 10) % len(_FACES)]
