"""The core of every search, on motions whose stations and crossings are known."""

from __future__ import annotations

from itertools import pairwise
from math import cos, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.budget import Budget
from backend.charts.engine.almanac import Motion, NoPlace
from backend.charts.events.crossings import Pass, Targets, count_pass, hits
from backend.charts.events.pace import Pace
from backend.charts.events.track import Track
from backend.errors import DeadlineExceeded
from tests.support.processes import TRIALS

LOOP = Pace(5.0, 200.0)


def endless() -> Budget:
    return Budget(1.0, lambda: 0.0)


def looping(speed: float = 1.0, swing: float = 20.0, period: float = 100.0, begin: float = 0.0) -> Motion:
    """A mean motion with a swing about it, as a planet's seen from the Earth: it turns where swing * 2 pi / period > speed."""
    pace = 2 * pi / period
    return lambda time: ((begin + speed * time + swing * sin(pace * time)) % 360, speed + swing * pace * cos(pace * time))


def scanned(motion: Motion, degrees: float, start: float, end: float, steps: int = 6000) -> list[float]:
    """Where a dense scan sees the way pass some degrees, to the nearest step."""
    times = [start + (end - start) * number / steps for number in range(steps + 1)]
    offs = [(motion(time)[0] - degrees + 180) % 360 - 180 for time in times]
    return [first for (first, second), (a, b) in zip(pairwise(times), pairwise(offs), strict=True) if (a < 0) != (b < 0) and abs(a) < 90]


def found(motion: Motion, degrees: float, start: float, end: float, pace: Pace = LOOP) -> list[float]:
    track = Track(motion, pace, endless(), start, end)
    return [hit.time for hit in hits(track, motion, Targets([(degrees, None)]))]


@settings(max_examples=max(30, TRIALS))
@given(
    degrees=st.floats(0, 359.9),
    speed=st.floats(0.2, 2.0),
    swing=st.floats(0.0, 40.0),
    begin=st.floats(0, 359.0),
    start=st.floats(-500, 500),
)
def test_a_search_finds_what_a_dense_scan_sees(degrees: float, speed: float, swing: float, begin: float, start: float) -> None:
    motion = looping(speed, swing, 100.0, begin)
    exact, seen = found(motion, degrees, start, start + 300), scanned(motion, degrees, start, start + 300)
    near_station = [time for time in exact if abs(motion(time)[1]) < 0.02]  # a scan may step over both of a pair there
    assert [time for time in seen if not any(abs(time - other) < 0.06 for other in exact)] == []
    missing = [time for time in exact if not any(-0.001 <= time - other <= 0.06 for other in seen)]
    assert all(time in near_station or min(time - start, start + 300 - time) < 0.06 for time in missing)


@settings(max_examples=max(30, TRIALS))
@given(degrees=st.floats(0, 359.9), cut=st.floats(1, 299), swing=st.floats(0.0, 40.0))
def test_two_halves_hold_what_the_whole_holds_and_nothing_twice(degrees: float, cut: float, swing: float) -> None:
    motion = looping(swing=swing)
    whole, halves = found(motion, degrees, 0, 300), found(motion, degrees, 0, cut) + found(motion, degrees, cut, 300)
    assert halves == pytest.approx(whole, abs=1e-5)


def test_a_crossing_at_the_start_belongs_to_the_range_and_one_at_the_end_does_not() -> None:
    steady: Motion = lambda time: (time % 360, 1.0)  # noqa: E731
    assert found(steady, 10.0, 10.0, 20.0, Pace(3.0)) == [10.0]
    assert found(steady, 20.0, 10.0, 20.0, Pace(3.0)) == []
    assert found(steady, 0.0, 350.0, 371.0, Pace(3.0)) == [360.0]


def test_within_a_retrograde_loop_a_place_is_passed_three_times_in_order_and_outside_of_it_once() -> None:
    motion = looping(speed=1.0, swing=25.0)
    track = Track(motion, LOOP, endless(), 0.0, 200.0)
    passes: dict[float, list[Pass | None]] = {}
    for degrees in range(360):
        of_this = [count_pass(track, hit) for hit in hits(track, motion, Targets([(degrees + 0.5, None)]))]
        passes.setdefault(degrees, []).extend(of_this)
    inside = [found for found in passes.values() if len(found) == 3]
    assert len(inside) > 10
    assert all(found == [Pass(1, 3), Pass(2, 3), Pass(3, 3)] for found in inside)
    assert {found[0] for found in passes.values() if len(found) == 1} <= {Pass(1, 1), Pass(1, 3), Pass(3, 3)}
    assert Pass(1, 1) in {each for found in passes.values() for each in found}


def test_the_pass_is_known_though_the_others_lie_outside_of_the_range() -> None:
    motion = looping(speed=1.0, swing=25.0)
    whole = Track(motion, LOOP, endless(), 0.0, 200.0)
    degrees = (whole.legs()[1].begin.degrees + whole.legs()[1].end.degrees) / 2 % 360
    times = found(motion, degrees, 0.0, 200.0)
    for number, time in enumerate(times, 1):
        short = Track(motion, LOOP, endless(), time - 1, time + 1)
        (hit,) = hits(short, motion, Targets([(degrees, None)]))
        assert count_pass(short, hit) == Pass(number, 3)


def test_where_the_ephemeris_ends_the_number_of_passes_is_not_made_up() -> None:
    endless_motion = looping(speed=1.0, swing=25.0)

    def motion(time: float) -> tuple[float, float]:
        if time > 52:
            raise NoPlace("beyond the files")
        return endless_motion(time)

    track = Track(motion, LOOP, endless(), 0.0, 50.0)
    passes = [count_pass(track, hit) for hit in hits(track, motion, Targets([(30.0, None)]))]
    assert passes == [None]


def test_every_station_is_found_once_even_two_of_them_within_one_step() -> None:
    def dipping(time: float) -> tuple[float, float]:
        """Direct at both ends of a step, retrograde for less than a day in the middle of it."""
        off = time - 12.5
        return (time**0 * (off**3 / 3 - 0.16 * off)) % 360, off**2 - 0.16

    track = Track(dipping, Pace(5.0, 100.0), endless(), 10.0, 15.0)
    turns = [leg.begin.time for leg in track.legs()[1:]]
    assert turns == pytest.approx([12.1, 12.9], abs=1e-5)


def test_a_range_beyond_the_budget_ends() -> None:
    times = iter(range(1000))
    budget = Budget(20.0, lambda: float(next(times)))
    with pytest.raises(DeadlineExceeded):
        Track(looping(), LOOP, budget, 0.0, 1000.0)


def test_whoever_leaves_ends_the_search() -> None:
    budget = Budget(20.0, lambda: 0.0, cancelled=lambda: True)
    with pytest.raises(DeadlineExceeded, match="cancelled"):
        Track(looping(), LOOP, budget, 0.0, 1000.0)


@pytest.mark.parametrize("jump", [0.001, -0.001])
def test_a_seam_between_two_theories_is_passed_and_the_search_ends(jump: float) -> None:
    """Where the files end the theory changes, and a body moves by an arcsecond or two at once."""

    def motion(time: float) -> tuple[float, float]:
        return (time + (jump if time > 50.3 else 0.0)) % 360, 1.0

    times = found(motion, 50.3004, 0.0, 100.0)
    assert len(times) == 1
    assert times[0] == pytest.approx(50.3, abs=0.0015)


def test_a_way_that_does_not_turn_for_longer_than_any_body_is_not_followed_for_ever() -> None:
    steady: Motion = lambda time: (time % 360, 1.0)  # noqa: E731
    track = Track(steady, LOOP, endless(), 0.0, 50.0)
    assert [count_pass(track, hit) for hit in hits(track, steady, Targets([(30.0, None)]))] == [None]


def test_a_station_at_the_very_start_is_seen_where_the_ephemeris_ends_with_the_range() -> None:
    motion = looping(speed=1.0, swing=25.0)

    def until_sixty(time: float) -> tuple[float, float]:
        if time > 60:
            raise NoPlace("beyond the files")
        return motion(time)

    (first,) = [leg.begin.time for leg in Track(motion, LOOP, endless(), 30.0, 60.0).legs()[1:]]
    track = Track(until_sixty, LOOP, endless(), first, 60.0)
    assert len(track.legs()) == 1
    track.look_beyond(5.0)
    assert [leg.begin.time for leg in track.legs()[1:]] == pytest.approx([first], abs=1e-6)
    assert track.nodes[-1].time == 60.0


def test_nothing_aimed_at_is_nothing_found() -> None:
    track = Track(looping(), LOOP, endless(), 0.0, 50.0)
    assert list(hits(track, looping(), Targets[None]([]))) == []


@pytest.mark.parametrize("start", [30.0, 31.7, 33.3, 35.9])
@pytest.mark.parametrize("step", [2.0, 5.0, 9.0])
def test_a_station_is_the_same_to_the_last_bit_wherever_the_search_begins(start: float, step: float) -> None:
    motion = looping(speed=1.0, swing=25.0)
    (turn,) = [leg.begin for leg in Track(motion, Pace(step, 200.0), endless(), start, 40.0).legs()[1:]]
    (other,) = [leg.begin for leg in Track(motion, LOOP, endless(), 20.0, 50.0).legs()[1:]]
    assert turn.time == other.time


def test_a_station_within_minutes_of_the_end_of_the_ephemeris_is_found() -> None:
    motion = looping(speed=1.0, swing=25.0)
    (turn,) = [leg.begin.time for leg in Track(motion, LOOP, endless(), 30.0, 40.0).legs()[1:]]

    def ending(time: float) -> tuple[float, float]:
        if time > turn + 0.005:
            raise NoPlace("beyond the files")
        return motion(time)

    track = Track(ending, LOOP, endless(), 30.0, turn + 0.005)
    assert [leg.begin.time for leg in track.legs()[1:]] == pytest.approx([turn], abs=1e-5)
