"""How the Midheaven of a progressed chart is found; the Ascendant and the houses follow from it at the place of birth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from backend.charts.relations.derived_houses import Frame, armc_of


class AngleMethod(StrEnum):
    """The Sun's true arc since birth, in right ascension or in longitude; Naibod's mean arc; or the sky's own turning."""

    SOLAR_ARC_RIGHT_ASCENSION = "solar_arc_right_ascension"
    SOLAR_ARC_LONGITUDE = "solar_arc_longitude"
    NAIBOD_RIGHT_ASCENSION = "naibod_right_ascension"
    MEAN_QUOTIDIAN = "mean_quotidian"


NAIBOD_DEGREES = 0.98564733
"""The Sun's mean motion in a day, 0° 59' 08.33" (V. Naibod, Enarratio, 1560)."""

TURN_DEGREES = 360.98564736629
"""How far the Earth turns against the equinox in a day of mean solar time (Meeus, Astronomical Algorithms, formula 12.4)."""


class Progress(NamedTuple):
    """What the methods go by: the natal Midheaven, the age, and how far the Sun has come; degrees."""

    armc: float
    midheaven: float
    years: float
    arc_right_ascension: float
    arc_longitude: float


_ARMC: Mapping[AngleMethod, Callable[[Progress, Frame], float]] = {
    AngleMethod.SOLAR_ARC_RIGHT_ASCENSION: lambda progress, _: progress.armc + progress.arc_right_ascension,
    AngleMethod.SOLAR_ARC_LONGITUDE: lambda progress, frame: armc_of(progress.midheaven + progress.arc_longitude, frame),
    AngleMethod.NAIBOD_RIGHT_ASCENSION: lambda progress, _: progress.armc + NAIBOD_DEGREES * progress.years,
    AngleMethod.MEAN_QUOTIDIAN: lambda progress, _: progress.armc + TURN_DEGREES * progress.years,
}


def progressed_armc(method: AngleMethod, progress: Progress, frame: Frame) -> float:
    """The right ascension of the progressed Midheaven, 0 to 360."""
    return _ARMC[method](progress, frame) % 360
