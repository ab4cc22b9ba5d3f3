"""Sect: which planets belong to the day and which to the night, and which stand as they like it (Ptolemy, Tetrabiblos I 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from backend.charts.analysis.signs import Polarity, polarity_of
from backend.charts.engine.chart import Chart
from backend.charts.engine.zodiac import altitude_degrees
from backend.charts.vocabulary import CLASSICAL_PLANETS, Body, Sign

DAY, NIGHT = "day", "night"
_OWN_SECT = {
    Body.SUN: DAY,
    Body.JUPITER: DAY,
    Body.SATURN: DAY,
    Body.MOON: NIGHT,
    Body.VENUS: NIGHT,
    Body.MARS: NIGHT,
}


class PlanetSect(NamedTuple):
    """``None`` reads: not known (no time, or no Sun to measure Mercury by)."""

    body: Body
    own: str | None
    in_sect: bool | None
    above_horizon: bool | None
    in_hayz: bool | None


def sects(chart: Chart) -> tuple[PlanetSect, ...]:
    """The seven classical planets of a chart."""
    longitudes = {each.body: each.longitude_degrees for each in chart.supporting}
    longitudes |= {each.body: each.longitude_degrees for each in chart.bodies}
    found = []
    for each in chart.bodies:
        if each.body in CLASSICAL_PLANETS:
            own, above = own_sect(each.body, longitudes), above_horizon(chart, each.right_ascension_degrees, each.declination_degrees)
            found.append(judge(each.body, own, chart.sect, above, each.sign))
    return tuple(found)


def own_sect(body: Body, longitudes: Mapping[Body, float]) -> str | None:
    """Mercury is of the day as a morning star, that is behind the Sun in the zodiac, and of the night as an evening star."""
    if body is not Body.MERCURY:
        return _OWN_SECT[body]
    if Body.SUN not in longitudes or Body.MERCURY not in longitudes:
        return None
    return DAY if (longitudes[Body.SUN] - longitudes[Body.MERCURY]) % 360 < 180 else NIGHT


def above_horizon(chart: Chart, right_ascension: float, declination: float) -> bool | None:
    """By the body itself, with its latitude; None without a time."""
    if chart.armc_degrees is None:
        return None
    return altitude_degrees(right_ascension, declination, chart.armc_degrees, chart.place.latitude_degrees) >= 0


def judge(body: Body, own: str | None, of_chart: str | None, above: bool | None, sign: Sign) -> PlanetSect:
    """Hayz: in its own sect, on the Sun's side of the horizon for a planet of the day (else on the other), in a sign of its kind."""
    if own is None or of_chart is None or above is None:
        return PlanetSect(body, own, None if own is None or of_chart is None else own == of_chart, above, None)
    with_the_sun = above == (of_chart == DAY)
    kind = Polarity.POSITIVE if own == DAY else Polarity.NEGATIVE
    return PlanetSect(body, own, own == of_chart, above, own == of_chart and with_the_sun == (own == DAY) and polarity_of(sign) is kind)
