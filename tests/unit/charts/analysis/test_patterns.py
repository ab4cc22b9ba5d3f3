"""Patterns of aspects: found where they are, named once, and none made of an axis."""

from __future__ import annotations

import pytest

from backend.charts.analysis.patterns import Pattern, PatternKind, Web, find_patterns, patterns_of, stelliums
from backend.charts.analysis.points import is_planet_like, same_point
from backend.charts.engine.aspects import Point, find_aspects
from backend.charts.vocabulary import Body, Sign
from tests.unit.charts.conftest import Compute

PLANETS = (Body.SUN, Body.MOON, Body.MARS, Body.JUPITER, Body.SATURN)


def patterns(*longitudes: float) -> list[tuple[str, tuple[str, ...], str | None]]:
    bodies = PLANETS[: len(longitudes)]
    aspects = find_aspects([Point(body, longitude, 0.5) for body, longitude in zip(bodies, longitudes, strict=True)])
    web = Web(bodies, ((each.first, each.second, each.kind, each.orb_degrees) for each in aspects))
    return [(each.kind.value, each.bodies, each.apex) for each in patterns_of(web)]


@pytest.mark.parametrize(
    ("longitudes", "kind", "apex"),
    [
        ((0.0, 120.0, 240.0), "grand_trine", None),
        ((350.0, 110.0, 230.0), "grand_trine", None),
        ((0.0, 180.0, 90.0), "t_square", "mars"),
        ((355.0, 177.0, 267.0), "t_square", "mars"),
        ((0.0, 60.0, 210.0), "yod", "mars"),
        ((0.0, 180.0, 90.0, 270.0), "grand_cross", None),
        ((0.0, 120.0, 240.0, 180.0), "kite", "jupiter"),
        ((0.0, 60.0, 180.0, 240.0), "mystic_rectangle", None),
    ],
)
def test_each_pattern_is_found_and_found_once(longitudes: tuple[float, ...], kind: str, apex: str | None) -> None:
    assert patterns(*longitudes) == [(kind, PLANETS[: len(longitudes)], apex)]


def test_a_grand_cross_is_not_four_t_squares_as_well() -> None:
    assert [kind for kind, *_ in patterns(0.0, 180.0, 90.0, 270.0)] == ["grand_cross"]


def test_a_t_square_beside_a_cross_is_kept() -> None:
    """Saturn squares the first opposition from outside the cross."""
    found = patterns(0.0, 180.0, 90.0, 270.0, 93.0)
    assert ("grand_cross", ("sun", "moon", "mars", "jupiter"), None) in found
    assert ("grand_cross", ("sun", "moon", "jupiter", "saturn"), None) in found


def test_two_oppositions_that_do_not_meet_are_no_pattern() -> None:
    assert patterns(0.0, 180.0, 20.0, 200.0) == []


def test_the_widest_orb_is_that_of_the_widest_aspect() -> None:
    aspects = find_aspects([Point(Body.SUN, 0.0, 1), Point(Body.MOON, 176.0, 13), Point(Body.MARS, 91.0, 0.5)])
    (found,) = patterns_of(Web(PLANETS, ((each.first, each.second, each.kind, each.orb_degrees) for each in aspects)))
    assert found.widest_orb_degrees == pytest.approx(5.0)  # Moon and Mars: 85°


def test_a_stellium_has_four_in_one_sign() -> None:
    signs = [("sun", Sign.LEO), ("mercury", Sign.LEO), ("venus", Sign.LEO), ("moon", Sign.ARIES)]
    assert stelliums(signs) == ()
    assert stelliums([*signs, ("mars", Sign.LEO)]) == (Pattern(PatternKind.STELLIUM, ("sun", "mercury", "venus", "mars"), sign=Sign.LEO),)


def test_nodes_apogees_and_angles_take_no_part() -> None:
    assert [body for body in Body if not is_planet_like(body)] == [
        "mean_node",
        "true_node",
        "mean_lilith",
        "osculating_lilith",
        "interpolated_lilith",
        "interpolated_perigee",
    ]
    assert not is_planet_like("ascendant")
    assert same_point("mean_node", "true_node") and not same_point("mean_node", "mean_lilith")


def test_no_pattern_of_a_real_chart_is_made_of_an_axis(compute: Compute) -> None:
    """A planet on the node's axis, with apogee and perigee facing each other, makes no pattern by that."""
    bodies = [body.value for body in Body if body is not Body.EARTH]
    for year in range(1950, 1960):
        chart = compute(date=f"{year}-03-01", bodies=bodies, include=["patterns"]).value
        assert all(is_planet_like(body) for each in find_patterns(chart) for body in each.bodies)


def test_the_grand_trine_of_july_2013_is_found(compute: Compute) -> None:
    """Jupiter, Saturn and Neptune stood in water within a degree of a grand trine on 17 to 19 July 2013."""
    chart = compute(date="2013-07-18").value
    trines = [each for each in find_patterns(chart) if each.kind in (PatternKind.GRAND_TRINE, PatternKind.KITE)]
    assert any({"jupiter", "saturn", "neptune"} <= set(each.bodies) for each in trines)
