"""Parallels of declination, and bodies out of bounds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.analysis.parallels import Declined, OutOfBounds, declinations_of, find_parallels, out_of_bounds
from tests.unit.charts.conftest import Compute


def pair(first: float, second: float, orb: float = 1.0):
    return [(each.kind, each.orb_degrees) for each in find_parallels([Declined("sun", first), Declined("mars", second)], orb)]


def test_on_one_side_of_the_equator_it_is_a_parallel() -> None:
    assert pair(12.0, 12.5) == [("parallel", 0.5)]
    assert pair(-12.0, -12.5) == [("parallel", 0.5)]
    assert pair(12.0, -12.5) == [("contraparallel", 0.5)]


def test_near_the_equator_only_the_side_counts() -> None:
    assert pair(0.3, -0.2) == [("contraparallel", pytest.approx(0.1))]
    assert pair(0.3, 0.2) == [("parallel", pytest.approx(0.1))]
    assert pair(0.0, -0.4) == [("parallel", 0.4)]


def test_an_orb_exactly_at_the_limit_counts() -> None:
    assert pair(10.0, 11.0) == [("parallel", 1.0)]
    assert pair(10.0, 11.0001) == []
    assert pair(10.0, 11.0, orb=0.5) == []


def test_the_two_nodes_are_one_point() -> None:
    assert find_parallels([Declined("mean_node", 3.0), Declined("true_node", 3.1)]) == ()


@given(st.floats(-28, 28), st.floats(-28, 28))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_pair_does_not_matter(first: float, second: float) -> None:
    assert pair(first, second) == pair(second, first)


def test_the_moon_of_december_1988_is_out_of_bounds(compute: Compute) -> None:
    """Meeus, Astronomical Algorithms, example 52.a: greatest northern declination, 28° 09' 22", on 1988 December 22 at 20:01 TD."""
    chart = compute(date="1988-12-22", time="20:00", time_zone="UTC").value
    (moon,) = [each for each in out_of_bounds(declinations_of(chart), chart.obliquity_degrees) if each.body == "moon"]
    assert moon.declination_degrees == pytest.approx(28 + 9 / 60 + 22 / 3600, abs=0.003)
    assert moon.beyond_degrees == pytest.approx(28.156 - 23.4439, abs=0.01)


def test_the_sun_never_is(compute: Compute) -> None:
    for date in ("2024-06-20", "2024-12-21"):
        chart = compute(date=date).value
        assert "sun" not in {each.body for each in out_of_bounds(declinations_of(chart), chart.obliquity_degrees)}


def test_how_far_beyond_is_measured_on_both_sides() -> None:
    assert out_of_bounds([Declined("moon", -25.0), Declined("sun", 23.0)], 23.5) == (OutOfBounds("moon", -25.0, 1.5),)
