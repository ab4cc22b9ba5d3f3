"""How often each body must be looked at so that nothing happens unseen between two looks."""

from __future__ import annotations

from typing import NamedTuple

from backend.charts.vocabulary import Body


class Pace(NamedTuple):
    """``step_days``: between two looks, well below half of the shortest time from station to station; ``longest_leg_days``: the
    longest time from one station to the next, with room; 0 where a body never turns."""

    step_days: float
    longest_leg_days: float = 0.0

    @property
    def turns(self) -> bool:
        return self.longest_leg_days > 0


_PACES: dict[Body, Pace] = {
    Body.SUN: Pace(8.0),
    Body.MOON: Pace(1.0),
    Body.MERCURY: Pace(9.0, 150.0),  # retrograde for 19 to 25 days
    Body.VENUS: Pace(8.0, 600.0),  # 40 to 44
    Body.MARS: Pace(12.0, 800.0),  # 58 to 82
    Body.JUPITER: Pace(16.0, 320.0),
    Body.SATURN: Pace(20.0, 280.0),
    Body.URANUS: Pace(20.0, 250.0),
    Body.NEPTUNE: Pace(20.0, 240.0),
    Body.PLUTO: Pace(20.0, 240.0),
    Body.MEAN_NODE: Pace(30.0),
    Body.TRUE_NODE: Pace(1.0, 60.0),  # swings about the mean node twice a month, and stands still several times
    Body.CHIRON: Pace(16.0, 300.0),
    Body.MEAN_LILITH: Pace(30.0),
    Body.OSCULATING_LILITH: Pace(0.5, 60.0),  # swings by 30 degrees within a month
    Body.CERES: Pace(12.0, 500.0),
    Body.PALLAS: Pace(10.0, 600.0),
    Body.JUNO: Pace(10.0, 600.0),
    Body.VESTA: Pace(12.0, 600.0),
    Body.PHOLUS: Pace(16.0, 300.0),
    Body.INTERPOLATED_LILITH: Pace(4.0, 400.0),
    Body.INTERPOLATED_PERIGEE: Pace(1.0, 200.0),
}
SEARCHABLE: tuple[Body, ...] = tuple(body for body in Body if body in _PACES)
"""The bodies that have a place in the sky seen from the Earth."""


def pace_of(body: Body) -> Pace:
    return _PACES[body]


MOON_FROM_SUN = Pace(3.0)
"""The elongation of the Moon only grows, by 10 to 14.5 degrees a day."""

MOON_FROM_OTHERS = Pace(1.0)
"""No other body comes near the Moon's 11.7 degrees a day: its lead only grows. The Moon's own path sets the step."""
