"""Eclipses as Swiss Ephemeris finds them, worldwide and at one place; for jobs on the computing thread only.

Times are Julian days in UT1. The library's Besselian search finds the least distance of the shadow's axis from the Earth's
centre (solar) or of the Moon's centre from that axis (lunar); gamma is that distance in equatorial radii of the Earth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import asin, sqrt
from typing import Any, NamedTuple

import swisseph

from backend.charts.engine.chart_settings import LAST_JULIAN_DAY
from backend.charts.engine.ephemeris import Sky

_AU_KM, _EARTH_KM, _SUN_KM, _MOON_KM = 149597870.7, 6378.137, 696000.0, 1737.4
_APART_DAYS = 20.0  # two eclipses of one kind are at least a lunation of 29.27 days apart
_EARLY_DAYS = 1.0  # the library skips an eclipse within seconds after where it begins to look
_LONG_UNSEEN_DAYS = 20 * 366.0
_NO_SAROS = -1
_SOLAR_CONTACTS = {"begin": 2, "end": 3, "central_begin": 4, "central_end": 5, "axis_begin": 6, "axis_end": 7}
_LUNAR_CONTACTS = {"penumbral_begin": 6, "partial_begin": 2, "total_begin": 4, "total_end": 5, "partial_end": 3, "penumbral_end": 7}
_SOLAR_SEEN = {"begin": 1, "central_begin": 2, "central_end": 3, "end": 4, "sunrise": 5, "sunset": 6}
_LUNAR_SEEN = {**_LUNAR_CONTACTS, "moonrise": 8, "moonset": 9}

Place = tuple[float, float, float]
"""Longitude and latitude in degrees, altitude in metres: the library's order."""


class Eclipse(NamedTuple):
    """One eclipse; ``contacts`` by name where they happen, ``greatest_at``: latitude and longitude (solar only)."""

    maximum_ut1: float
    kind: str
    central: bool | None
    gamma: float
    magnitude: float
    penumbral_magnitude: float | None
    saros: int | None
    saros_member: int | None
    contacts: dict[str, float]
    greatest_at: tuple[float, float] | None


class SeenEclipse(NamedTuple):
    """The same eclipse from one place: when it is greatest there with the body above the horizon, and how much of it is seen."""

    maximum_ut1: float
    magnitude: float
    obscuration: float | None
    altitude_degrees: float
    contacts: dict[str, float]


def solar_eclipses(start_ut1: float, end_ut1: float, sky: Sky) -> Iterator[Eclipse]:
    """Every solar eclipse whose greatest moment lies from ``start_ut1`` up to ``end_ut1``."""
    for flags, times in _each(lambda day: swisseph.sol_eclipse_when_glob(day, sky.theory), start_ut1, end_ut1):
        yield _solar(flags, times, sky)


def lunar_eclipses(start_ut1: float, end_ut1: float, sky: Sky) -> Iterator[Eclipse]:
    """Every lunar eclipse, the penumbral ones among them, whose greatest moment lies in the range."""
    for flags, times in _each(lambda day: swisseph.lun_eclipse_when(day, sky.theory), start_ut1, end_ut1):
        yield _lunar(flags, times, sky)


def solar_eclipses_seen(start_ut1: float, end_ut1: float, place: Place, sky: Sky) -> Iterator[SeenEclipse]:
    """Every solar eclipse of which something can be seen from a place in the range."""
    for _, times, seen in _each(lambda day: swisseph.sol_eclipse_when_loc(day, place, sky.theory), start_ut1, end_ut1):
        yield SeenEclipse(times[0], seen[8], seen[2], seen[6], _contacts(_SOLAR_SEEN, times))


def lunar_eclipses_seen(start_ut1: float, end_ut1: float, place: Place, sky: Sky) -> Iterator[SeenEclipse]:
    """Every lunar eclipse of which something can be seen from a place in the range."""
    for _, times, seen in _each(lambda day: swisseph.lun_eclipse_when_loc(day, place, sky.theory), start_ut1, end_ut1):
        yield SeenEclipse(times[0], seen[0], None, seen[6], _contacts(_LUNAR_SEEN, times))


def _each(search: Callable[[float], tuple[Any, ...]], start_ut1: float, end_ut1: float) -> Iterator[tuple[Any, ...]]:
    """What the library finds from one to the next; its second value begins with the greatest moment."""
    day = start_ut1 - _EARLY_DAYS
    while (found := _next(search, day)) and found[1][0] < end_ut1:
        if found[1][0] >= start_ut1:
            yield found
        day = found[1][0] + _APART_DAYS


def _next(search: Callable[[float], tuple[Any, ...]], day: float) -> tuple[Any, ...] | None:
    """None where the library, looking for the next one, came to the end of the ephemeris: some places see none for years."""
    try:
        return search(day)
    except swisseph.Error:
        if day < LAST_JULIAN_DAY - _LONG_UNSEEN_DAYS:
            raise
        return None


def _solar(flags: int, times: tuple[float, ...], sky: Sky) -> Eclipse:
    _, where, about = swisseph.sol_eclipse_where(times[0], sky.theory)
    return Eclipse(
        times[0],
        _solar_kind(flags),
        bool(flags & swisseph.ECL_CENTRAL),
        _gamma(times[0], sky, lunar=False),
        about[8],
        None,
        *_saros(about),
        _contacts(_SOLAR_CONTACTS, times),
        (where[1], where[0]),
    )


def _lunar(flags: int, times: tuple[float, ...], sky: Sky) -> Eclipse:
    _, about = swisseph.lun_eclipse_how(times[0], (0.0, 0.0, 0.0), sky.theory)
    kind = "total" if flags & swisseph.ECL_TOTAL else "partial" if flags & swisseph.ECL_PARTIAL else "penumbral"
    umbral = about[0] if kind != "penumbral" else about[1] - _radii(times[0], sky)
    gamma = _gamma(times[0], sky, lunar=True)
    return Eclipse(times[0], kind, None, gamma, umbral, about[1], *_saros(about), _contacts(_LUNAR_CONTACTS, times), None)


def _solar_kind(flags: int) -> str:
    if flags & swisseph.ECL_ANNULAR_TOTAL:
        return "hybrid"
    if flags & swisseph.ECL_TOTAL:
        return "total"
    return "annular" if flags & swisseph.ECL_ANNULAR else "partial"


def _contacts(names: dict[str, int], times: tuple[float, ...]) -> dict[str, float]:
    return {name: times[index] for name, index in names.items() if times[index] > 0}


def _saros(about: tuple[float, ...]) -> tuple[int | None, int | None]:
    """Series and member; the library has a number below nought where it knows none."""
    series, member = int(about[9]), int(about[10])
    return (None, None) if series <= _NO_SAROS else (series, member)


def _gamma(day_ut1: float, sky: Sky, *, lunar: bool) -> float:
    """The distance of the axis from the Earth's centre, or of the Moon from the axis; positive to the north."""
    (sx, sy, sz), (mx, my, mz) = (_place(body, day_ut1, sky) for body in (swisseph.SUN, swisseph.MOON))
    ax, ay, az = (sx, sy, sz) if lunar else (sx - mx, sy - my, sz - mz)
    share = (mx * ax + my * ay + mz * az) / (ax * ax + ay * ay + az * az)
    off_x, off_y, off_z = mx - share * ax, my - share * ay, mz - share * az
    distance = sqrt(off_x * off_x + off_y * off_y + off_z * off_z) * _AU_KM / _EARTH_KM
    return distance if off_z > 0 else -distance


def _radii(day_ut1: float, sky: Sky) -> float:
    """The Sun's apparent radius in those of the Moon: by so much the penumbral magnitude exceeds the umbral one."""
    sun, moon = (sqrt(sum(each * each for each in _place(body, day_ut1, sky))) for body in (swisseph.SUN, swisseph.MOON))
    return asin(_SUN_KM / (sun * _AU_KM)) / asin(_MOON_KM / (moon * _AU_KM))


def _place(body: int, day_ut1: float, sky: Sky) -> tuple[float, float, float]:
    """Apparent place in au, on the equator of date."""
    (x, y, z, *_), _ = swisseph.calc_ut(day_ut1, body, sky.theory | swisseph.FLG_EQUATORIAL | swisseph.FLG_XYZ)
    return x, y, z
