"""Angles on the circle, and how documents round: cut to 1e-7, never -0.0, never 360.0."""

from __future__ import annotations

from math import floor

_FULL, _LAST = 360.0, 359.9999999
_SIGN, _LAST_IN_SIGN = 30.0, 29.9999999


def around(degrees: float) -> float:
    """Any angle as one from 0 up to and without 360; the remainder of a tiny negative one alone would be 360 itself."""
    rest = degrees % 360
    return rest if rest < _FULL else 0.0


def cut(number: float) -> float:
    """Rounded to 1e-7, never -0.0; several times faster than ``round``, which takes the way through decimal text."""
    return floor(number * 1e7 + 0.5) / 1e7


def circle(degrees: float) -> float:
    """Cut, not wrapped, at the end of the circle: what lies in Pisces must not read as 0° Aries."""
    rounded = cut(degrees)
    return rounded if rounded < _FULL else _LAST


def in_sign(degrees: float) -> float:
    """Degrees within a sign, cut at its end: what lies in one sign must not read as 30°."""
    rounded = cut(degrees)
    return rounded if rounded < _SIGN else _LAST_IN_SIGN
