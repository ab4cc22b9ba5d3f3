"""Signs, places in the zodiac, essential dignities, altitude."""

from __future__ import annotations

from math import asin, cos, degrees, radians, sin
from typing import NamedTuple

from backend.charts.rounding import around
from backend.charts.vocabulary import SIGNS, Body, Sign


class ZodiacPoint(NamedTuple):
    """A cusp, an angle or a lot."""

    longitude_degrees: float
    sign: Sign
    degrees_in_sign: float


DOMICILES: dict[Body, tuple[Sign, ...]] = {
    Body.SUN: (Sign.LEO,),
    Body.MOON: (Sign.CANCER,),
    Body.MERCURY: (Sign.GEMINI, Sign.VIRGO),
    Body.VENUS: (Sign.TAURUS, Sign.LIBRA),
    Body.MARS: (Sign.ARIES, Sign.SCORPIO),
    Body.JUPITER: (Sign.SAGITTARIUS, Sign.PISCES),
    Body.SATURN: (Sign.CAPRICORN, Sign.AQUARIUS),
}
EXALTATIONS: dict[Body, Sign] = {
    Body.SUN: Sign.ARIES,
    Body.MOON: Sign.TAURUS,
    Body.MERCURY: Sign.VIRGO,
    Body.VENUS: Sign.PISCES,
    Body.MARS: Sign.CAPRICORN,
    Body.JUPITER: Sign.CANCER,
    Body.SATURN: Sign.LIBRA,
}


def opposite(sign: Sign) -> Sign:
    return SIGNS[(SIGNS.index(sign) + 6) % 12]


def _dignities(body: Body, sign: Sign) -> tuple[str, ...]:
    found = []
    if sign in DOMICILES.get(body, ()):
        found.append("domicile")
    if EXALTATIONS.get(body) is sign:
        found.append("exaltation")
    if opposite(sign) in DOMICILES.get(body, ()):
        found.append("detriment")
    if EXALTATIONS.get(body) is opposite(sign):
        found.append("fall")
    return tuple(found)


DIGNITIES: dict[Body, tuple[tuple[str, ...], ...]] = {body: tuple(_dignities(body, sign) for sign in SIGNS) for body in Body}
"""Essential dignities (Ptolemy, Tetrabiblos I 17 to 19; the seven classical planets) by body and number of the sign."""


def sign_of(longitude_degrees: float) -> Sign:
    return SIGNS[int(longitude_degrees // 30) % 12]


def altitude_degrees(right_ascension: float, declination: float, armc: float, latitude: float) -> float:
    """Geometric altitude of a body above the horizon; all in degrees."""
    hour_angle = radians(armc - right_ascension)
    place, body = radians(latitude), radians(declination)
    return degrees(asin(max(-1.0, min(1.0, sin(place) * sin(body) + cos(place) * cos(body) * cos(hour_angle)))))


def zodiac_point(longitude_degrees: float) -> ZodiacPoint:
    """Any longitude as a place in the zodiac."""
    longitude = around(longitude_degrees)
    number, degrees_in_sign = divmod(longitude, 30)
    return ZodiacPoint(longitude, SIGNS[int(number)], degrees_in_sign)
