"""Synastry: the same from both sides, with each one's points in the other's houses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from backend.charts.analysis.points import Point
from backend.charts.relations.aspects_between import aspects_among, aspects_between
from backend.charts.relations.orbs import DIRECTED_ORBS, SYNASTRY_ORBS
from backend.charts.vocabulary import AspectKind
from tests.unit.charts.relations.conftest import ANNA, LEAP, Ask, document
from tests.unit.charts.relations.people import PEOPLE


def between(first: float, second: float, orbs: dict[AspectKind, float] | None = None, speed: float = 0.0):
    return aspects_between([Point("sun", first, speed)], [Point("mars", second, 0.0)], orbs or SYNASTRY_ORBS)


def test_aspects_hold_across_0_aries() -> None:
    (found,) = between(358.0, 3.0)
    assert (found.kind, found.separation_degrees, found.orb_degrees) == (AspectKind.CONJUNCTION, 5.0, 5.0)


@pytest.mark.parametrize("separation", [89.0, 91.0])
def test_an_orb_exactly_at_the_limit_counts_once(separation: float) -> None:
    (found,) = between(100.0, 100.0 + separation, dict(DIRECTED_ORBS))
    assert abs(found.orb_degrees) == pytest.approx(1.0)
    assert between(100.0, 100.0 + separation + (0.001 if separation > 90 else -0.001), dict(DIRECTED_ORBS)) == ()


def test_applying_turns_with_the_direction_and_a_standing_pair_is_neither() -> None:
    """The moving point is at 0°, the still one at 92°: forwards the square grows closer."""
    assert between(0.0, 92.0, speed=1.0)[0].phase == "applying"
    assert between(0.0, 92.0, speed=-1.0)[0].phase == "separating"
    assert between(0.0, 92.0, speed=0.0)[0].phase == "stationary"


def test_an_angle_and_its_own_chart_make_no_pair() -> None:
    points = [Point("ascendant", 0.0, 1.0), Point("midheaven", 270.0, 1.0), Point("mean_node", 0.0, 0.0), Point("true_node", 1.0, 0.0)]
    pairs = {(each.first, each.second) for each in aspects_among(points, SYNASTRY_ORBS)}
    assert pairs == {
        ("ascendant", "mean_node"),
        ("ascendant", "true_node"),
        ("midheaven", "mean_node"),
        ("midheaven", "true_node"),
    }


def test_the_nodes_of_two_people_are_two_points() -> None:
    assert aspects_between([Point("mean_node", 10.0, 0.0)], [Point("true_node", 10.0, 0.0)], SYNASTRY_ORBS)


@given(PEOPLE, PEOPLE)
@settings(max_examples=25, deadline=None)
def test_synastry_is_the_same_from_both_sides(ask: Ask, one: dict[str, Any], other: dict[str, Any]) -> None:
    forth, back = ask("synastry", first=one, second=other).value, ask("synastry", first=other, second=one).value
    turned = {(each.second, each.first, *each[2:]) for each in back.aspects}
    assert {tuple(each) for each in forth.aspects} == turned
    assert (forth.first_in_second, forth.second_in_first) == (back.second_in_first, back.first_in_second)


@given(PEOPLE)
@settings(max_examples=10, deadline=None)
def test_everyone_is_in_their_own_houses_and_conjunct_themselves(ask: Ask, one: dict[str, Any]) -> None:
    found = ask("synastry", first=one, second=one).value
    houses = {each.body: each.house for each in found.charts.first.value.bodies}
    assert {each.point: each.house for each in found.first_in_second if each.point in houses} == houses
    own = {each.first for each in found.aspects if each.first == each.second and each.kind is AspectKind.CONJUNCTION}
    assert own == {*houses, "ascendant", "midheaven"}


def test_orbs_are_those_asked_for(ask: Ask) -> None:
    wide = ask("synastry", first=ANNA, second=LEAP).value
    narrow = ask("synastry", first=ANNA, second=LEAP, orbs={"trine": 1}).value
    assert {each for each in wide.aspects if each.kind is not AspectKind.TRINE or abs(each.orb_degrees) <= 1} == set(narrow.aspects)
    assert narrow.orbs[AspectKind.TRINE] == 1.0 and narrow.orbs[AspectKind.SQUARE] == SYNASTRY_ORBS[AspectKind.SQUARE]


def test_an_orb_of_0_leaves_its_aspect_out(ask: Ask) -> None:
    found = ask("synastry", first=ANNA, second=ANNA, orbs={"conjunction": 0}).value
    assert AspectKind.CONJUNCTION not in {each.kind for each in found.aspects}


def test_without_a_time_there_are_no_houses_to_fall_into(ask: Ask) -> None:
    timeless = {name: value for name, value in LEAP.items() if name != "time"} | {"time_known": False}
    answer = ask("synastry", first=ANNA, second=timeless)
    made = document("synastry", answer)
    assert made["overlays"]["first_in_second"] is None
    assert "ascendant" not in {each["point"] for each in made["overlays"]["second_in_first"]}
    assert "ascendant" not in {each["second"] for each in made["aspects"]}


def test_the_document_holds_both_charts(ask: Ask) -> None:
    made = document("synastry", ask("synastry", first={**ANNA, "name": "Anna"}, second=LEAP))
    assert (made["first"]["kind"], made["first"]["name"], made["second"]["moment"]["local"]) == ("natal", "Anna", "1988-02-29T06:05:00")
    assert "phase" not in made["aspects"][0]
