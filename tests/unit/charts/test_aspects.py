"""Aspects: across 0° Aries, at the limit, growing and shrinking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.engine.aspects import Point, aspects_by, by_whole_degree, find_aspects, orb_of_pair, orbs_in_use, reaches
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


SQUARE_97 = [Point(Body.SUN, 0, 1), Point(Body.MOON, 97.5, 13)]


def test_an_orb_of_ones_own_stands_for_the_default() -> None:
    assert aspects_by(SQUARE_97, (), ()) == ()
    (found,) = aspects_by(SQUARE_97, ((AspectKind.SQUARE, 8.0),), ())
    assert found.kind is AspectKind.SQUARE
    assert aspects_by(SQUARE_97, ((AspectKind.TRINE, 8.0),), ()) == ()


def test_an_orb_of_0_leaves_the_aspect_out() -> None:
    exact = [Point(Body.SUN, 0, 1), Point(Body.MOON, 90, 13)]
    assert len(aspects_by(exact, (), ())) == 1
    assert aspects_by(exact, ((AspectKind.SQUARE, 0.0),), ()) == ()
    assert AspectKind.SQUARE not in orbs_in_use(((AspectKind.SQUARE, 0.0),))


def test_each_body_brings_half_of_its_orb() -> None:
    assert orb_of_pair(AspectKind.SQUARE, 7.0, None, None) == 7.0
    assert orb_of_pair(AspectKind.SQUARE, 7.0, 15.0, 12.0) == 13.5  # Lilly's Sun and Moon
    assert orb_of_pair(AspectKind.SQUARE, 7.0, None, 12.0) == 9.5
    (found,) = aspects_by(SQUARE_97, (), ((Body.MOON, 12.0),))
    assert found.orb_degrees == 7.5
    assert aspects_by(SQUARE_97, (), ((Body.MOON, 7.9),)) == ()


def test_a_bodys_orb_narrows_a_minor_aspect_and_never_widens_it() -> None:
    assert orb_of_pair(AspectKind.QUINCUNX, 2.0, 12.0, None) == 2.0
    assert orb_of_pair(AspectKind.QUINCUNX, 2.0, 0.5, 0.5) == 0.5


@given(st.lists(st.floats(0, 359.999), min_size=3, max_size=6))
def test_default_orbs_given_by_hand_change_nothing(longitudes: list[float]) -> None:
    points = [Point(body, longitude, 1.0) for body, longitude in zip(Body, longitudes, strict=False)]
    assert aspects_by(points, tuple(DEFAULT_ORBS.items()), ()) == find_aspects(points)


def test_three_apogees_are_one_point() -> None:
    apogees = [
        Point(body, 10.0 + index, 0.1) for index, body in enumerate([Body.MEAN_LILITH, Body.OSCULATING_LILITH, Body.INTERPOLATED_LILITH])
    ]
    assert find_aspects(apogees) == ()
    swung = [Point(Body.MEAN_LILITH, 10.0, 0.1), Point(Body.OSCULATING_LILITH, 40.0, 0.1)]  # it swings up to 30 degrees around the mean
    assert find_aspects(swung) == ()
