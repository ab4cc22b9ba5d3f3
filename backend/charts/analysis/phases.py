"""Phases: of the Moon, of every body's light, of its standing to the Sun, and how its speed compares with its mean."""

from __future__ import annotations

from enum import StrEnum
from math import acos, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

from backend.charts.analysis.points import is_planet_like
from backend.charts.engine.chart import BodyPosition
from backend.charts.vocabulary import Body


class LunarPhase(StrEnum):
    """Eighths of the way from one new Moon to the next (D. Rudhyar, The Lunation Cycle)."""

    NEW = "new"
    CRESCENT = "crescent"
    FIRST_QUARTER = "first_quarter"
    GIBBOUS = "gibbous"
    FULL = "full"
    DISSEMINATING = "disseminating"
    LAST_QUARTER = "last_quarter"
    BALSAMIC = "balsamic"


class SolarStanding(StrEnum):
    """Within 17' of the Sun, 8° 30', 17°, or farther (W. Lilly, Christian Astrology, page 113), in longitude."""

    CAZIMI = "cazimi"
    COMBUST = "combust"
    UNDER_THE_BEAMS = "under_the_beams"
    FREE = "free"


class Pace(StrEnum):
    """Slow: below a tenth of the mean motion. It is near a station, which is the root of the speed and found by its own search."""

    DIRECT = "direct"
    SLOW = "slow"
    RETROGRADE = "retrograde"


MEAN_DAILY_DEGREES: dict[Body, float] = {
    Body.SUN: 360 / 365.24219,
    Body.MOON: 360 / 27.321582,
    Body.MERCURY: 360 / 365.24219,
    Body.VENUS: 360 / 365.24219,
    Body.MARS: 360 / 686.98,
    Body.JUPITER: 360 / 4332.59,
    Body.SATURN: 360 / 10759.22,
    Body.URANUS: 360 / 30688.5,
    Body.NEPTUNE: 360 / 60182.0,
    Body.PLUTO: 360 / 90560.0,
    Body.CHIRON: 360 / 18428.0,
    Body.CERES: 360 / 1680.0,
    Body.PALLAS: 360 / 1685.0,
    Body.JUNO: 360 / 1593.0,
    Body.VESTA: 360 / 1325.4,
    Body.PHOLUS: 360 / 33620.0,
}
"""From the periods of revolution in days; seen from the Earth, Mercury and Venus keep the Sun's mean pace."""

_SLOW = 0.1


class Light(NamedTuple):
    """How a body stands to the Sun.

    ``ahead_degrees``: how far it is ahead of the Sun in longitude, 0 to 360. ``elongation_degrees``: how far from it in the sky.
    ``phase_angle_degrees``: Sun and Earth as seen from the body. ``illuminated``: the lit part of the disc, 0 to 1.
    """

    body: Body
    ahead_degrees: float
    elongation_degrees: float
    phase_angle_degrees: float
    illuminated: float
    morning: bool
    standing: SolarStanding


def lunar_phase(moon_longitude: float, sun_longitude: float) -> LunarPhase:
    return tuple(LunarPhase)[int((moon_longitude - sun_longitude) % 360 // 45) % 8]


def light(body: BodyPosition, sun: BodyPosition) -> Light:
    """The geometry of Sun, Earth and body (Meeus, Astronomical Algorithms, chapters 41 and 48)."""
    ahead = (body.longitude_degrees - sun.longitude_degrees) % 360
    elongation = _apart(body, sun)
    phase_angle = _phase_angle(elongation, body.distance_au, sun.distance_au)
    lit = (1 + cos(radians(phase_angle))) / 2
    return Light(body.body, ahead, elongation, phase_angle, lit, ahead >= 180, _standing(min(ahead, 360 - ahead)))


def has_light(body: Body) -> bool:
    """Whether the Sun shines on it: planets and asteroids and the Moon, not the Sun itself nor points without a body."""
    return body is not Body.SUN and is_planet_like(body)


def pace(body: BodyPosition) -> tuple[float, Pace] | None:
    """Its speed over its mean motion, and what that is called; None where it has no mean motion of its own in the table."""
    mean = MEAN_DAILY_DEGREES.get(body.body)
    if mean is None:
        return None
    ratio = body.speed_degrees_per_day / mean
    return ratio, Pace.SLOW if abs(ratio) < _SLOW else Pace.RETROGRADE if ratio < 0 else Pace.DIRECT


def _apart(one: BodyPosition, other: BodyPosition) -> float:
    b1, b2 = radians(one.latitude_degrees), radians(other.latitude_degrees)
    cosine = sin(b1) * sin(b2) + cos(b1) * cos(b2) * cos(radians(one.longitude_degrees - other.longitude_degrees))
    return degrees(acos(max(-1.0, min(1.0, cosine))))


def _phase_angle(elongation: float, distance: float, sun_distance: float) -> float:
    """From the triangle's sides: the body's distances from Earth and Sun, and the Earth's from the Sun; all in au."""
    from_sun = sqrt(sun_distance**2 + distance**2 - 2 * sun_distance * distance * cos(radians(elongation)))
    cosine = (from_sun**2 + distance**2 - sun_distance**2) / (2 * from_sun * distance)
    return degrees(acos(max(-1.0, min(1.0, cosine))))


def _standing(distance_degrees: float) -> SolarStanding:
    if distance_degrees <= 17 / 60:
        return SolarStanding.CAZIMI
    if distance_degrees <= 8.5:
        return SolarStanding.COMBUST
    return SolarStanding.UNDER_THE_BEAMS if distance_degrees <= 17 else SolarStanding.FREE
