"""Where a track passes given degrees: each passage once, exact, and which pass of a retrograde loop it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import floor, inf
from typing import Generic, NamedTuple, TypeVar

from backend.charts.engine.almanac import Motion
from backend.charts.engine.instants import DAY_DIGITS
from backend.charts.events.track import Node, Track

T = TypeVar("T")
_EXACT_DEGREES = 1e-8  # 0.00004 arcsec
_EXACT_DAYS = 2e-6  # 0.2 s
_FINEST_DAYS = 1e-9  # as fine as a Julian day can be told apart
_MOST_STEPS = 80


class Hit(NamedTuple, Generic[T]):
    """One passage: over which degrees (running on over 360, as the track's), and whatever is meant by them."""

    time: float
    degrees: float
    direct: bool
    target: T

    @property
    def motion(self) -> str:
        return "direct" if self.direct else "retrograde"


class Pass(NamedTuple):
    """Which pass over the same degrees this is, and of how many before the body comes round again."""

    number: int
    of: int


class Targets(Generic[T]):
    """Degrees of the circle and what each of them means."""

    def __init__(self, meanings: Iterable[tuple[float, T]]) -> None:
        ordered = sorted(((degrees % 360, meaning) for degrees, meaning in meanings), key=lambda pair: pair[0])
        self.degrees = [degrees for degrees, _ in ordered]
        self.meanings = [meaning for _, meaning in ordered]


def hits(track: Track, motion: Motion, targets: Targets[T]) -> Iterator[Hit[T]]:
    """Every passage over a target, piece by piece in the order of time; half open: the last instant of the track is not in it."""
    for a, b in pairwise(track.nodes):
        direct = b.degrees > a.degrees
        for degrees, meaning in _within(a.degrees, b.degrees, targets):
            yield Hit(passage(motion, degrees, a, b), degrees, direct, meaning)


def _within(begin: float, end: float, targets: Targets[T]) -> Sequence[tuple[float, T]]:
    """The targets on the way from ``begin`` up or down to ``end``, the end excluded, in the order of passing."""
    low, high = (begin, end) if begin < end else (end, begin)
    found: list[tuple[float, T]] = []
    if not targets.degrees:
        return found
    turn = floor(low / 360) * 360.0
    index = bisect_left(targets.degrees, low - turn - 1e-9)
    while True:
        if index == len(targets.degrees):
            index, turn = 0, turn + 360.0
        degrees = targets.degrees[index] + turn
        if degrees > high:
            break
        if begin <= degrees < end or begin >= degrees > end:
            found.append((degrees, targets.meanings[index]))
        index += 1
    return found if begin < end else found[::-1]


def passage(motion: Motion, degrees: float, a: Node, b: Node) -> float:
    """When the way from ``a`` to ``b``, which does not turn between them, passes ``degrees``: Newton's steps within a bracket.

    The nearest of the instants that were looked at, each as a document writes it: the library's interpolated apsides are rough at a
    thousandth of an arcsecond, so that an instant beside a good one need not be good.
    """
    if a.degrees == degrees:
        return a.time
    low, high, rising = a.time, b.time, b.degrees > a.degrees
    time = round(low + _model_share(degrees, a, b) * (high - low), DAY_DIGITS)
    nearest, found = inf, time
    for _ in range(_MOST_STEPS):
        place, speed = motion(time)
        rest = (place - degrees + 180) % 360 - 180
        if abs(rest) < nearest:
            nearest, found = abs(rest), time
        if nearest <= min(_EXACT_DEGREES, abs(speed) * _EXACT_DAYS) or high - low < _FINEST_DAYS:
            break
        low, high = (low, time) if (rest > 0) == rising else (time, high)
        time -= rest / speed if speed else high - low
        time = round(time if low <= time <= high else (low + high) / 2, DAY_DIGITS)
    return found


def _model_share(degrees: float, a: Node, b: Node) -> float:
    """Where on the cubic through both looks the degrees lie, as a share of the time between them."""
    days, way = b.time - a.time, b.degrees - a.degrees
    first, last, wanted = a.speed * days, b.speed * days, degrees - a.degrees
    square, cube = 3 * way - 2 * first - last, first + last - 2 * way
    share = wanted / way
    for _ in range(4):
        slope = first + share * (2 * square + 3 * share * cube)
        if not slope:
            break
        share -= (share * (first + share * (square + share * cube)) - wanted) / slope
        if not 0 <= share <= 1:
            return wanted / way
    return share


def count_pass(track: Track, hit: Hit[T]) -> Pass | None:
    """Which pass of how many; None where the ephemeris ends before that can be known.

    Passes belong together when they lie on neighbouring legs: forwards, back and forwards again.
    """
    if not track.turns:
        return Pass(1, 1)
    before, after = _linked(track, hit, -1), _linked(track, hit, 1)
    return None if before is None or after is None else Pass(before + 1, before + 1 + after)


def _linked(track: Track, hit: Hit[T], direction: int) -> int | None:
    """On how many neighbouring legs in a row, in that direction of time, the same degrees are passed too."""
    count = 0
    while True:
        leg = track.whole_leg(hit.time, direction * (count + 1))
        if leg is None:
            return None
        if not leg.holds(hit.degrees):
            return count
        count += 1
