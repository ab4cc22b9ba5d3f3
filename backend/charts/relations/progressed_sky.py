"""The sky on the day of life that stands for a year, seen as the natal chart sees its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backend.answer import Answer, Degradation
from backend.charts.degradations import degradation
from backend.charts.engine.chart import Chart
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.positions import Position, Source, Unavailable
from backend.charts.vocabulary import Body, Center


class ProgressedSky(NamedTuple):
    """Positions, and the true obliquity and ayanamsa (0 in the tropical zodiac) they go with; degrees."""

    positions: tuple[Position, ...]
    unavailable: tuple[Unavailable, ...]
    obliquity: float
    ayanamsa: float


def progressed_sky(natal: Chart, julian_day_tt: float, sky: Sky) -> ProgressedSky:
    """The natal chart's bodies at another time; the sky is looked at as the natal request says."""
    positions, missing = sky.positions(julian_day_tt, natal.request.bodies)
    named = natal.request.custom_ayanamsa or natal.request.ayanamsa
    ayanamsa = sky.ayanamsa(julian_day_tt, named, with_nutation=True) if named else 0.0
    return ProgressedSky(tuple(positions), tuple(missing), sky.obliquity(julian_day_tt), ayanamsa)


def sun_at(julian_day_tt: float, center: Center, sky: Sky) -> Position | None:
    """The Sun, whether or not it is among the bodies asked for; None where the sky is seen from the Sun itself."""
    if center is Center.HELIOCENTRIC:
        return None
    (sun,), _ = sky.positions(julian_day_tt, (Body.SUN,))
    return sun


def later_degradations(natal: Answer[Chart], later: ProgressedSky) -> tuple[Degradation, ...]:
    """What is lesser on the later date only: a birth within the years of the files may have its progressions outside them."""
    good = {each.body for each in natal.value.bodies if each.source is not Source.MOSHIER}
    lesser = [each.body for each in later.positions if each.source is Source.MOSHIER and each.body in good]
    missing = [each.body for each in later.unavailable if each.body in good]
    return beyond_files((*lesser, *missing))


def beyond_files(bodies: Sequence[str]) -> tuple[Degradation, ...]:
    """Says of these bodies, if there are any, that the files do not reach the progressed date."""
    return (degradation("outside_file_range", bodies, None),) if bodies else ()
