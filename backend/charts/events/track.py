"""The way of an angle over a stretch of time, cut at its stations, so that each target on a piece is passed exactly once.

Between two looks the way is modelled by the cubic through both places and speeds (Hermite). The model only says where to
look closer; what is kept, a node's place or a station, is always the ephemeris's own.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import copysign, sqrt
from typing import NamedTuple

from backend.charts.budget import Budget
from backend.charts.engine.almanac import Motion, NoPlace
from backend.charts.events.pace import Pace

_FINEST_DAYS = 1 / 96  # a standstill shorter than this is looked at once more and then believed
_STATION_DAYS = 5e-7  # 0.04 s
_CELLS = 16  # a day; powers of two, so that the places are the same to the last bit
_MOST_STEPS = 60


class Node(NamedTuple):
    """One look: ``degrees`` run on over 360 without a jump."""

    time: float
    degrees: float
    speed: float


class Leg(NamedTuple):
    """The way from one station to the next; the first and the last leg of a track may have been cut off."""

    begin: Node
    end: Node

    @property
    def direct(self) -> bool:
        return self.end.degrees > self.begin.degrees

    def holds(self, degrees: float) -> bool:
        """Half open: the beginning belongs to a leg, its end to the next one."""
        if self.direct:
            return self.begin.degrees <= degrees < self.end.degrees
        return self.begin.degrees >= degrees > self.end.degrees


class Track:
    """``nodes`` in the order of time from start to end; every station between them is a node itself.

    Legs may reach beyond both ends, as far as the way was followed.
    """

    def __init__(self, motion: Motion, pace: Pace, budget: Budget, start: float, end: float) -> None:
        self._motion, self._pace, self._budget = motion, pace, budget
        self.nodes = [Node(start, *motion(start))]
        self._run(self.nodes, end)
        self._way = self.nodes
        self._legs: list[Leg] | None = None

    @property
    def turns(self) -> bool:
        return self._pace.turns

    def legs(self) -> list[Leg]:
        if self._legs is None:
            self._legs = _legs(self._way)
        return self._legs

    def leg_at(self, time: float) -> int:
        """The number of the leg that holds this time."""
        return max(0, bisect_right(self.legs(), time, key=lambda leg: leg.begin.time) - 1)

    def whole_leg(self, time: float, offset: int) -> Leg | None:
        """The leg so many legs after (before) the one that holds ``time``, followed to its ends; None where the ephemeris ends."""
        while not 0 < self.leg_at(time) + offset < len(self.legs()) - 1:
            if not self.grow(ahead=offset > 0):
                return None
        return self.legs()[self.leg_at(time) + offset]

    def grow(self, *, ahead: bool) -> bool:
        """Follow the way beyond an end until the leg there is whole; False where the ephemeris ends before that."""
        inner, edge = self._way[-2:] if ahead else self._way[1::-1]
        sign = 1 if ahead else -1
        limit, grown = edge.time + sign * self._pace.longest_leg_days, [inner, edge]
        try:
            while len(_legs(grown)) == 1:
                if (limit - grown[-1].time) * sign <= 0:
                    return False
                self._run(grown, grown[-1].time + sign * self._pace.step_days)
        except NoPlace:
            return False
        self._append(grown[2:], ahead=ahead)
        return True

    def look_beyond(self, days: float) -> None:
        """Follow the way a little beyond both ends, as far as the ephemeris goes: a station exactly at an end shows only then."""
        for ahead in (True, False):
            grown = self._way[-2:] if ahead else self._way[1::-1]
            try:
                self._run(grown, grown[-1].time + (days if ahead else -days))
            except NoPlace:
                continue
            self._append(grown[2:], ahead=ahead)

    def _append(self, nodes: list[Node], *, ahead: bool) -> None:
        self._way = self._way + nodes if ahead else nodes[::-1] + self._way
        self._legs = None

    def _run(self, nodes: list[Node], until: float) -> None:
        """Add nodes up to ``until``, which may lie before the last one."""
        step = self._pace.step_days if until >= nodes[-1].time else -self._pace.step_days
        while nodes[-1].time != until:
            self._budget.check()
            last = nodes[-1]
            time = last.time + step
            node = self._look(until if (until - time) * step <= 0 else time, last)
            if self._pace.turns:
                nodes += self._stations(last, node)
            nodes.append(node)

    def _look(self, time: float, near: Node) -> Node:
        degrees, speed = self._motion(time)
        expected = near.degrees + (time - near.time) * (near.speed + speed) / 2
        return Node(time, degrees + 360 * round((expected - degrees) / 360), speed)

    def _stations(self, a: Node, b: Node) -> list[Node]:
        """What must be known between two looks: stations, and looks in between where the model cannot exclude two of them."""
        standstill = a.speed * b.speed < 0
        if abs(b.time - a.time) < _FINEST_DAYS or not _may_stand_still(a, b):
            return [self._station(a, b)] if standstill else []
        middle = self._look((a.time + b.time) / 2, a)
        return [*self._stations(a, middle), middle, *self._stations(middle, b)]

    def _station(self, a: Node, b: Node) -> Node:
        """Where the speed is nought. A slow body's speed is so flat there that the last second depends on where one comes from: so one
        comes from the ends of the same small cell of time whatever the range is."""
        return self._in_cell(self._about(a, b), a) or self._in_cell(self._standstill(a, b).time, a) or self._standstill(a, b)

    def _about(self, a: Node, b: Node) -> float:
        """The model's own station, corrected once."""
        time, slope = _model_station(a, b)
        corrected = time - self._look(time, a).speed / slope
        return corrected if min(a.time, b.time) < corrected < max(a.time, b.time) else time

    def _in_cell(self, time: float, near: Node) -> Node | None:
        """The station in the cell that holds this time; None where there is none, or the ephemeris ends within the cell."""
        middle = round(time * _CELLS) / _CELLS
        try:
            before, after = (self._look(middle + side * 0.5 / _CELLS, near) for side in (-1, 1))
        except NoPlace:
            return None
        return self._standstill(before, after) if before.speed * after.speed < 0 else None

    def _standstill(self, a: Node, b: Node) -> Node:
        """Secant steps that stay between the two looks."""
        low, high = a, b
        node, before = self._look((a.time * b.speed - b.time * a.speed) / (b.speed - a.speed), a), a
        for _ in range(_MOST_STEPS):
            if node.speed * low.speed > 0:
                low = node
            else:
                high = node
            slope = (node.speed - before.speed) / (node.time - before.time) if node.time != before.time else 0.0
            time = node.time - node.speed / slope if slope else low.time
            if abs(time - node.time) < _STATION_DAYS:
                break
            if not min(low.time, high.time) < time < max(low.time, high.time):
                time = (low.time + high.time) / 2
            node, before = self._look(time, a), node
        return node


def _model_speed(a: Node, b: Node) -> tuple[float, float, float]:
    """The model's speed at a share of the way in time, as the factors of the share's powers."""
    travel = (b.degrees - a.degrees) / (b.time - a.time)
    return a.speed, 6 * travel - 4 * a.speed - 2 * b.speed, 3 * (a.speed + b.speed - 2 * travel)


def _may_stand_still(a: Node, b: Node) -> bool:
    """Whether the model's speed has a turning point between the looks that comes near nought: then there may be two stations more."""
    start, slope, bend = _model_speed(a, b)
    if not bend or not 0 < -slope / (2 * bend) < 1 or a.speed * b.speed <= 0:
        return False
    least = start - slope * slope / (4 * bend)
    return least * start <= 0 or abs(least) < 0.3 * min(abs(a.speed), abs(b.speed))


def _model_station(a: Node, b: Node) -> tuple[float, float]:
    """When the model stands still between two looks of opposite motion, and how fast its speed changes there."""
    start, slope, bend = _model_speed(a, b)
    root = sqrt(max(0.0, slope * slope - 4 * start * bend))
    far = -(slope + copysign(root, slope)) / 2
    share = next((each for each in ((far / bend if bend else -1.0), (start / far if far else -1.0)) if 0 <= each <= 1), 0.5)
    days = b.time - a.time
    change = (slope + 2 * bend * share) / days
    return a.time + share * days, change or (b.speed - a.speed) / days


def _legs(nodes: list[Node]) -> list[Leg]:
    cuts, going = [0], 0.0
    for index, (a, b) in enumerate(pairwise(nodes)):
        move = b.degrees - a.degrees
        if move * going < 0:
            cuts.append(index)
        going = move or going  # a station that falls on a look adds a node that does not move
    cuts.append(len(nodes) - 1)
    return [Leg(nodes[first], nodes[last]) for first, last in pairwise(cuts)]
