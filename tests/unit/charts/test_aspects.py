"""Aspects: across 0° Aries, at the limit, growing and shrinking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.engine.aspects import Point, by_whole_degree, find_aspects, reaches
from backend.charts.vocabulary import DEFAULT_ORBS, AspectKind, Body


def pair(first: float, second: float, first_speed: float = 1.0, second_speed: float = 0.1):
    return find_aspects([Point(Body.SUN, first, first_speed), Point(Body.MARS, second, second_speed)])


def test_a_conjunction_holds_across_0_aries() -> None:
    (found,) = pair(359.0, 2.0)
    assert (found.kind, found.separation_degrees, found.phase) == (AspectKind.CONJUNCTION, 3.0, "applying")


@pytest.mark.parametrize("separation", [98.0 - 1.0, 90.0 - 7.0])
def test_an_orb_exactly_at_the_limit_counts_once(separation: float) -> None:
    (found,) = pair(10.0, 10.0 + separation)
    assert found.kind is AspectKind.SQUARE
    assert abs(found.orb_degrees) == pytest.approx(7.0)


def test_beyond_the_limit_there_is_none() -> None:
    assert pair(10.0, 10.0 + 97.001) == ()


def test_applying_turns_when_the_faster_body_is_retrograde() -> None:
    assert pair(0.0, 92.0)[0].phase == "applying"
    assert pair(0.0, 92.0, first_speed=-1.0)[0].phase == "separating"
    assert pair(0.0, 88.0)[0].phase == "separating"


def test_a_pair_that_keeps_its_distance_is_stationary() -> None:
    assert pair(0.0, 92.0, 0.5, 0.5)[0].phase == "stationary"


def test_the_two_nodes_are_one_point() -> None:
    assert find_aspects([Point(Body.MEAN_NODE, 10, -0.05), Point(Body.TRUE_NODE, 11, -0.05)]) == ()


def test_overlapping_orbs_give_the_closer_aspect() -> None:
    wide = by_whole_degree(reaches({**DEFAULT_ORBS, AspectKind.SEMISEXTILE: 15.0, AspectKind.SEMISQUARE: 15.0}))
    points = [Point(Body.SUN, 0, 1), Point(Body.MARS, 36, 0.1)]
    assert [aspect.kind for aspect in find_aspects(points, wide)] == [AspectKind.SEMISEXTILE]
    assert [aspect.kind for aspect in find_aspects([points[0], Point(Body.MARS, 38, 0.1)], wide)] == [AspectKind.SEMISQUARE]


@given(st.floats(0, 359.999), st.floats(0, 359.999), st.floats(-2, 2), st.floats(-2, 2))
def test_aspects_do_not_depend_on_the_order_of_the_pair(first: float, second: float, one: float, other: float) -> None:
    forth = pair(first, second, one, other)
    back = find_aspects([Point(Body.MARS, second, other), Point(Body.SUN, first, one)])
    assert [(a.kind, a.orb_degrees, a.phase) for a in forth] == [(a.kind, a.orb_degrees, a.phase) for a in back]


@given(st.floats(0, 359.999), st.floats(0, 359.999), st.floats(-2, 2), st.floats(-2, 2))
def test_an_applying_aspect_is_closer_a_moment_later(first: float, second: float, one: float, other: float) -> None:
    step = 1e-5
    for aspect in pair(first, second, one, other):
        later = pair(first + one * step, second + other * step, one, other)
        if aspect.phase != "stationary" and abs(aspect.orb_degrees) > 1e-3 and later:
            closer = abs(later[0].orb_degrees) < abs(aspect.orb_degrees)
            assert closer == (aspect.phase == "applying")
