"""Midpoints take the shorter arc; opposite points have two, and one of them by rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.analysis.midpoints import middle, midpoint_contacts, midpoints, undecided
from backend.charts.analysis.points import Point

DEGREES = st.floats(0, 359.9999)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [(10, 50, 30), (350, 30, 10), (350, 10, 0), (0, 179, 89.5), (0, 181, 270.5), (0, 180, 90), (170, 350, 260), (359, 359, 359)],
)
def test_the_shorter_arc(one: float, other: float, expected: float) -> None:
    assert middle(one, other) == middle(other, one) == expected


@given(DEGREES, DEGREES)
@settings(max_examples=40, deadline=None)
def test_a_midpoint_is_as_far_from_both_and_never_farther_than_a_right_angle(one: float, other: float) -> None:
    between = middle(one, other)
    apart = [min((between - each) % 360, (each - between) % 360) for each in (one, other)]
    assert apart[0] == pytest.approx(apart[1], abs=1e-9)
    assert apart[0] <= 90 + 1e-9
    assert between == middle(other, one)


def test_opposite_points_say_that_the_other_middle_is_as_near() -> None:
    assert undecided(10.0, 190.0) and undecided(350.0, 170.0)
    assert not undecided(10.0, 190.001) and not undecided(10.0, 10.0)


def test_the_two_nodes_have_no_midpoint_of_their_own() -> None:
    points = [Point("sun", 0.0, 1.0), Point("mean_node", 10.0, 0.0), Point("true_node", 12.0, 0.0)]
    assert [(each.first, each.second) for each in midpoints(points)] == [("sun", "mean_node"), ("sun", "true_node")]


def test_a_point_on_the_axis_of_others_is_in_the_tree() -> None:
    """Sun 0°, Moon 40°: the axis lies at 20°; Mars at 110.5° is 90° from it, Saturn at 66° is 46°."""
    points = [Point("sun", 0.0, 1.0), Point("moon", 40.0, 1.0), Point("mars", 110.5, 1.0), Point("saturn", 66.2, 1.0)]
    found = [(each.point, each.first, each.second, each.angle_degrees) for each in midpoint_contacts(points, 1.0)]
    assert ("mars", "sun", "moon", 90.0) in found
    assert not any(point == "saturn" and pair == ("sun", "moon") for point, *pair, _ in [(p, f, s, a) for p, f, s, a in found])
    assert all(point not in pair for point, *pair, _ in found)


def test_the_closest_contact_of_a_point_comes_first() -> None:
    points = [Point("sun", 0.0, 1.0), Point("moon", 40.0, 1.0), Point("mars", 41.0, 1.0), Point("saturn", 20.2, 1.0)]
    orbs = [abs(each.orb_degrees) for each in midpoint_contacts(points) if each.point == "saturn"]
    assert orbs == sorted(orbs) and len(orbs) == 2
