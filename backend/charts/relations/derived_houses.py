"""Houses of charts that belong to no moment: from a Midheaven that was moved or shared, at a latitude."""

from __future__ import annotations

from math import atan2, cos, degrees, radians, sin
from typing import NamedTuple

from backend.charts.document_frame import Document, place_of
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.houses import by_policy
from backend.charts.engine.positions import Houses
from backend.charts.rounding import around
from backend.charts.vocabulary import BeyondPolarCircle, HouseSystem
from backend.errors import InvalidRequest

_NEED_THE_SUN = frozenset({HouseSystem.SUNSHINE, HouseSystem.SUNSHINE_MAKRANSKY})


class DerivedHouses(NamedTuple):
    """Cusps and the two angles, degrees in the zodiac of the chart; ``method`` says how they came about.

    ``used`` stands in for ``requested`` where ``reason`` says why, as in a natal chart.
    """

    requested: HouseSystem
    used: HouseSystem
    reason: str | None
    method: str
    cusps: tuple[float, ...]
    ascendant: float
    midheaven: float

    @property
    def angles(self) -> dict[str, float]:
        return {
            "ascendant": self.ascendant,
            "midheaven": self.midheaven,
            "descendant": around(self.ascendant + 180),
            "imum_coeli": around(self.midheaven + 180),
        }


class Frame(NamedTuple):
    """What turns a right ascension of the Midheaven into houses; ``ayanamsa`` is 0 in the tropical zodiac.

    ``sun_declination`` counts for the Sunshine systems only; None: the chart belongs to no moment and has no Sun.
    """

    latitude: float
    obliquity: float
    ayanamsa: float
    system: HouseSystem
    beyond_polar_circle: BeyondPolarCircle
    sun_declination: float | None = None


def houses_by_armc(armc: float, frame: Frame, method: str, sky: Sky) -> DerivedHouses:
    """Houses from the right ascension of the Midheaven.

    Where the system has no meaning: what the request put in its place, else InvalidRequest for ``house_system``.
    """
    if frame.system in _NEED_THE_SUN and frame.sun_declination is None:
        raise InvalidRequest.of("house_system", "not_applicable", "these houses need the Sun of a moment; choose another system")

    def houses_of(system: HouseSystem) -> Houses:
        return sky.houses_from_armc(armc % 360, frame.latitude, frame.obliquity, system, frame.sun_declination or 0.0)

    found, used, reason = by_policy(frame.system, frame.beyond_polar_circle, houses_of)
    ascendant, midheaven = around(found.ascendant - frame.ayanamsa), around(found.midheaven - frame.ayanamsa)
    cusps = sign_cusps(used, ascendant) or tuple(around(cusp - frame.ayanamsa) for cusp in found.cusps)
    return DerivedHouses(frame.system, used, reason, method, cusps, ascendant, midheaven)


def armc_of(midheaven: float, frame: Frame) -> float:
    """The right ascension of a Midheaven (a point of the ecliptic: tan a = tan l cos e)."""
    longitude = radians(midheaven + frame.ayanamsa)
    return degrees(atan2(sin(longitude) * cos(radians(frame.obliquity)), cos(longitude))) % 360


def sign_cusps(system: HouseSystem, ascendant: float) -> tuple[float, ...]:
    """Cusps that are the signs' own beginnings; none where the system is another one."""
    if system is HouseSystem.WHOLE_SIGN:
        start = ascendant // 30 * 30
    elif system is HouseSystem.EQUAL_ARIES:
        start = 0.0
    else:
        return ()
    return tuple((start + 30 * number) % 360 for number in range(12))


def houses_document(houses: DerivedHouses | None) -> Document | None:
    if houses is None:
        return None
    cusps = [{"house": number, **place_of(cusp)} for number, cusp in enumerate(houses.cusps, 1)]
    chosen = {"requested": houses.requested, "used": houses.used, "reason": houses.reason}
    return {**chosen, "method": houses.method, "cusps": cusps}


def angles_document(houses: DerivedHouses | None) -> Document | None:
    return None if houses is None else {name: place_of(longitude) for name, longitude in houses.angles.items()}
