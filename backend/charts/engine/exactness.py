"""When aspects are exact: found as roots along the bodies' own paths, not estimated from today's speeds."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Protocol

from backend.charts.engine.aspects import Aspect
from backend.charts.engine.instants import Instant, instant_at
from backend.charts.vocabulary import ASPECT_ANGLES, Body
from backend.errors import ComputationFailed

FARTHEST_DEGREES = 16.0
LONGEST_DAYS = 3653.0
_QUICK = frozenset({Body.MOON, Body.OSCULATING_LILITH, Body.INTERPOLATED_LILITH, Body.INTERPOLATED_PERIGEE, Body.TRUE_NODE})
_SLOW = frozenset({Body.JUPITER, Body.SATURN, Body.URANUS, Body.NEPTUNE, Body.PLUTO, Body.CHIRON, Body.PHOLUS})
_HALVINGS = 30  # of at most 4 days: to 4e-9 days

Place = Callable[[float, Body], tuple[float, float, float, float]]
Off = Callable[[float], tuple[float, float]]


class AspectTime(NamedTuple):
    """When an aspect is exact: the next time while it applies, the last while it separates, the nearest while it stands.

    ``exact`` is None where the pair first draws more than 16 degrees off, or ten years pass.
    """

    aspect: Aspect
    exact: Instant | None


class Sky(Protocol):
    """What is needed of the sky."""

    def ecliptic(self, julian_day_tt: float, body: Body) -> tuple[float, float, float, float]: ...

    def delta_t_days(self, julian_day_ut1: float) -> float: ...


def aspect_times(aspects: tuple[Aspect, ...], julian_day_tt: float, sky: Sky) -> tuple[AspectTime, ...]:
    """The time of each aspect."""
    place = cache(sky.ecliptic)  # all march from one instant in the same steps, and share bodies
    found = [(aspect, exact_day(aspect, julian_day_tt, place)) for aspect in aspects]
    return tuple(AspectTime(aspect, None if day is None else instant_at(day, sky)) for aspect, day in found)


def exact_day(aspect: Aspect, julian_day_tt: float, place: Place) -> float | None:
    """The Julian day in TT at which the aspect is exact, to a hundredth of a second of the bodies' motion."""
    off = _off(aspect, julian_day_tt, place)
    days = {"applying": (1.0,), "separating": (-1.0,)}.get(aspect.phase, (1.0, -1.0))
    found = [day for direction in days if (day := _march(off, julian_day_tt, direction * _step(aspect))) is not None]
    return min(found, key=lambda day: abs(day - julian_day_tt), default=None)


def _off(aspect: Aspect, julian_day_tt: float, place: Place) -> Off:
    """How far the pair is from exactness (signed, -180 to 180) and how that grows, as a function of time."""
    angle = ASPECT_ANGLES[aspect.kind]

    def apart(day: float) -> tuple[float, float]:
        first, second = place(day, aspect.first), place(day, aspect.second)
        return (second[0] - first[0] + 180) % 360 - 180, second[3] - first[3]

    side = angle if apart(julian_day_tt)[0] >= 0 else -angle

    def off(day: float) -> tuple[float, float]:
        degrees, growth = apart(day)
        return (degrees - side + 180) % 360 - 180, growth

    return off


def _step(aspect: Aspect) -> float:
    """Days in which neither body turns twice."""
    pair = {aspect.first, aspect.second}
    return 0.25 if pair & _QUICK else 4.0 if pair <= _SLOW else 1.0


def _march(off: Off, day: float, step: float) -> float | None:
    """The first root in the direction of ``step``; a pair that touches and turns between two steps is not passed over."""
    try:
        here = off(day)
        for number in range(int(LONGEST_DAYS / abs(step))):
            start, end = day + number * step, day + (number + 1) * step
            there = off(end)
            if here[0] * there[0] <= 0 and abs(there[0]) < 90:
                return _halve(off, start, end, 0)
            turning = _halve(off, start, end, 1) if here[1] * there[1] < 0 else end
            if here[0] * off(turning)[0] < 0:
                return _halve(off, start, turning, 0)
            if abs(there[0]) > FARTHEST_DEGREES:
                return None
            here = there
    except ComputationFailed:
        return None
    return None


def _halve(off: Off, start: float, end: float, which: int) -> float:
    """Where the distance (0) or its growth (1) changes its sign between two days."""
    low = off(start)[which]
    for _ in range(_HALVINGS):
        middle = (start + end) / 2
        value = off(middle)[which]
        if low * value <= 0:
            end = middle
        else:
            start, low = middle, value
    return (start + end) / 2
