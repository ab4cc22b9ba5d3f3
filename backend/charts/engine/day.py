"""A chart of unknown time: what the whole civil day says of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backend.charts.engine.aspects import Aspect, Point, aspects_by
from backend.charts.engine.chart import BodyOfDay, Day
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import Position, Sky
from backend.charts.engine.request import ChartRequest
from backend.charts.engine.time_scale import moment_of
from backend.charts.engine.zodiac import sign_of, zodiac_point


def day_of(day: tuple[CivilTime, CivilTime], request: ChartRequest, noon: Sequence[Position], aspects: Iterable[Aspect], sky: Sky) -> Day:
    """The day from its first to its last moment; ``noon`` and ``aspects`` are those of the chart."""
    begins, ends = moment_of(day[0], sky), moment_of(day[1], sky)
    first, last = (sky.positions(moment.julian_day_tt, request.bodies)[0] for moment in (begins, ends))
    at_both = _kept(first, request) & _kept(last, request)
    hours = (ends.julian_day_ut1 - begins.julian_day_ut1) * 24
    return Day(*day, hours, _bodies(first, noon, last), frozenset(each for each in aspects if each[:3] in at_both))


def _bodies(first: Sequence[Position], noon: Sequence[Position], last: Sequence[Position]) -> tuple[BodyOfDay, ...]:
    ends = {position.body: position for position in last}
    middles = {position.body: position for position in noon}
    return tuple(
        _body_of_day(start, middles[start.body], ends[start.body]) for start in first if start.body in ends and start.body in middles
    )


def _body_of_day(first: Position, noon: Position, last: Position) -> BodyOfDay:
    signs = dict.fromkeys(sign_of(each.longitude_degrees) for each in (first, noon, last))
    return BodyOfDay(first.body, zodiac_point(first.longitude_degrees), zodiac_point(last.longitude_degrees), tuple(signs))


def _kept(positions: Sequence[Position], request: ChartRequest) -> set[tuple[object, ...]]:
    points = [Point(each.body, each.longitude_degrees, each.speed_degrees_per_day) for each in positions]
    return {aspect[:3] for aspect in aspects_by(points, request.orbs, request.body_orbs)}
