"""Houses of a composite chart, by either of the two usual methods."""

from __future__ import annotations

from enum import StrEnum

from backend.charts.analysis.midpoints import middle
from backend.charts.engine.chart import Chart
from backend.charts.engine.ephemeris import Sky
from backend.charts.relations.derived_houses import DerivedHouses, Frame, armc_of, houses_by_armc, sign_cusps
from backend.charts.rounding import around
from backend.charts.vocabulary import HouseSystem


class HousesMethod(StrEnum):
    """Cusps half way between the two charts' cusps, or houses for a latitude from the Midheaven half way between theirs."""

    CUSP_MIDPOINTS = "cusp_midpoints"
    MIDHEAVEN = "midheaven"


def cusp_midpoints(first: Chart, second: Chart) -> DerivedHouses:
    """The Ascendant by the shorter arc; every other cusp by the shorter arc too, once both Ascendants stand on the composite one.

    Each cusp so is a midpoint of both charts' own, on the side on which the houses stay in their order: a cusp is never on the other
    half from the Ascendant in one of two charts whose houses run the same way, which some systems beyond the polar circle turn round.
    """
    ascendants = (first.angles["ascendant"].longitude_degrees, second.angles["ascendant"].longitude_degrees)
    ascendant = middle(*ascendants)

    def between(one: float, other: float) -> float:
        return around(ascendant + middle(one - ascendants[0], other - ascendants[1]))

    pairs = zip(first.cusps, second.cusps, strict=True)
    cusps = tuple(between(one.longitude_degrees, other.longitude_degrees) for one, other in pairs)
    midheavens = first.angles["midheaven"].longitude_degrees, second.angles["midheaven"].longitude_degrees
    system = used_by(first)
    return DerivedHouses(
        first.request.house_system,
        system,
        first.house_reason,
        HousesMethod.CUSP_MIDPOINTS,
        sign_cusps(system, ascendant) or cusps,
        ascendant,
        between(*midheavens),
    )


def by_midheaven(first: Chart, second: Chart, latitude: float, sky: Sky) -> DerivedHouses:
    """The Midheaven by the shorter arc; the houses it has at this latitude with the mean of both obliquities."""
    midheaven = middle(first.angles["midheaven"].longitude_degrees, second.angles["midheaven"].longitude_degrees)
    obliquity = (first.obliquity_degrees + second.obliquity_degrees) / 2
    ayanamsa = middle(first.ayanamsa_degrees or 0.0, second.ayanamsa_degrees or 0.0)
    frame = Frame(latitude, obliquity, ayanamsa, first.request.house_system, first.request.beyond_polar_circle)
    return houses_by_armc(armc_of(midheaven, frame), frame, HousesMethod.MIDHEAVEN, sky)


def used_by(chart: Chart) -> HouseSystem:
    """The system of the chart's houses: the one asked for, or what stands in for it beyond the polar circle."""
    return chart.house_system or chart.request.house_system
