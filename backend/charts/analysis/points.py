"""What rules read of a chart: named places with their motion, and which names are one thing computed twice."""

from __future__ import annotations

from typing import NamedTuple

from backend.charts.engine.chart import Chart
from backend.charts.vocabulary import Body

ANGLES = ("ascendant", "midheaven")
_KINDS = ("_node", "_lilith")
_OF_THE_MOONS_ORBIT = (*_KINDS, "_perigee")
PLANETS: tuple[Body, ...] = tuple(Body)[:10]
"""Sun to Pluto."""


class Point(NamedTuple):
    """A body or an angle; an angle of a chart stands still (speed 0)."""

    name: str
    longitude_degrees: float
    speed_degrees_per_day: float


def points_of(chart: Chart) -> tuple[Point, ...]:
    """The chart's bodies, then Ascendant and Midheaven where the time is known."""
    bodies = tuple(Point(body.body, body.longitude_degrees, body.speed_degrees_per_day) for body in chart.bodies)
    return bodies + tuple(Point(name, chart.angles[name].longitude_degrees, 0.0) for name in ANGLES if name in chart.angles)


def same_point(first: str, second: str) -> bool:
    """Whether two names mean one thing by two theories: both nodes, or two of the lunar apogees."""
    return any(first.endswith(kind) and second.endswith(kind) for kind in _KINDS)


def is_planet_like(name: str) -> bool:
    """Sun, Moon, planets and asteroids: what moves by itself, unlike nodes, apogees, angles and lots."""
    return name in Body.__members__.values() and not name.endswith(_OF_THE_MOONS_ORBIT)
