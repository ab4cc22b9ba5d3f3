"""In which house a longitude lies."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Protocol

from backend.charts.engine.positions import Houses
from backend.charts.engine.request import ChartRequest
from backend.charts.vocabulary import NOT_BEYOND_POLAR_CIRCLE, BeyondPolarCircle, HouseSystem
from backend.errors import InvalidRequest

HouseFinder = Callable[[float], int | None]


class HousesOf(Protocol):
    """Who computes houses, or refuses where the system has no meaning; a Sky does."""

    def houses(self, julian_day_ut1: float, latitude: float, longitude: float, system: HouseSystem) -> Houses: ...


def houses_by_policy(
    request: ChartRequest, latitude: float, longitude: float, julian_day_ut1: float, sky: HousesOf
) -> tuple[Houses, HouseSystem, str | None, HouseFinder]:
    """Houses, their system, why it is not the one asked for, and which house a longitude lies in.

    A system is replaced only where it has no meaning, and only if the request says by what.
    """

    def houses_of(system: HouseSystem) -> Houses:
        return sky.houses(julian_day_ut1, latitude, longitude, system)

    houses, used, reason = by_policy(request.house_system, request.beyond_polar_circle, houses_of)
    return houses, used, reason, house_finder(houses.cusps)


def by_policy(
    wanted: HouseSystem, beyond: BeyondPolarCircle, houses_of: Callable[[HouseSystem], Houses]
) -> tuple[Houses, HouseSystem, str | None]:
    """Houses, their system, and why it is not the one asked for; where it has no meaning and nothing may stand in: its refusal."""
    try:
        return houses_of(wanted), wanted, None
    except InvalidRequest as refusal:
        if beyond is BeyondPolarCircle.REFUSE:
            raise
        used = HouseSystem(beyond.value)
        return houses_of(used), used, refusal.problems[0].code


def no_house(_longitude: float) -> None:
    """Where a chart has no houses."""


def house_finder(cusps: Sequence[float]) -> Callable[[float], int]:
    """A function from longitude to house number (from 1).

    Cusps run with the zodiac; Gauquelin's sectors, and some systems beyond the polar circle, run against it.
    """
    first = cusps[0]
    forward = [(cusp - first) % 360 for cusp in cusps]
    if _rising(forward):
        return lambda longitude: bisect_right(forward, (longitude - first) % 360)
    backward = [(first - cusp) % 360 for cusp in cusps]
    if _rising(backward):
        return lambda longitude: bisect_right(backward, (first - longitude) % 360)
    return lambda longitude: _nearest_before(cusps, longitude)


def _rising(offsets: Sequence[float]) -> bool:
    return all(here <= there for here, there in pairwise(offsets))


def _nearest_before(cusps: Sequence[float], longitude: float) -> int:
    """Where cusps fold over each other (a few systems near the poles): the cusp last passed."""
    return min(range(len(cusps)), key=lambda index: (longitude - cusps[index]) % 360) + 1


def undefined(system: HouseSystem) -> InvalidRequest:
    """The refusal of a house system where it has no meaning."""
    if system in NOT_BEYOND_POLAR_CIRCLE:
        detail = "this house system has no meaning beyond the polar circle; choose another, for example porphyry or whole_sign"
    else:
        detail = "this house system has no meaning at this latitude; choose another, for example whole_sign"
    return InvalidRequest.of("house_system", "undefined_at_latitude", detail)
