"""Aspects with their angles and orbs."""

from __future__ import annotations

from enum import StrEnum


class AspectKind(StrEnum):
    CONJUNCTION = "conjunction"
    SEMISEXTILE = "semisextile"
    SEMISQUARE = "semisquare"
    SEXTILE = "sextile"
    SQUARE = "square"
    TRINE = "trine"
    SESQUISQUARE = "sesquisquare"
    QUINCUNX = "quincunx"
    OPPOSITION = "opposition"


ASPECT_ANGLES: dict[AspectKind, float] = {
    AspectKind.CONJUNCTION: 0.0,
    AspectKind.SEMISEXTILE: 30.0,
    AspectKind.SEMISQUARE: 45.0,
    AspectKind.SEXTILE: 60.0,
    AspectKind.SQUARE: 90.0,
    AspectKind.TRINE: 120.0,
    AspectKind.SESQUISQUARE: 135.0,
    AspectKind.QUINCUNX: 150.0,
    AspectKind.OPPOSITION: 180.0,
}


DEFAULT_ORBS: dict[AspectKind, float] = {
    AspectKind.CONJUNCTION: 8.0,
    AspectKind.SEMISEXTILE: 2.0,
    AspectKind.SEMISQUARE: 2.0,
    AspectKind.SEXTILE: 5.0,
    AspectKind.SQUARE: 7.0,
    AspectKind.TRINE: 7.0,
    AspectKind.SESQUISQUARE: 2.0,
    AspectKind.QUINCUNX: 2.0,
    AspectKind.OPPOSITION: 8.0,
}


PTOLEMAIC_ASPECTS = frozenset(
    {AspectKind.CONJUNCTION, AspectKind.SEXTILE, AspectKind.SQUARE, AspectKind.TRINE, AspectKind.OPPOSITION},
)
