"""How two documents differ: around the circle, by identity, apart from what they were asked and made with."""

from __future__ import annotations

import math
import random
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.regression.differences import Comparison, compare
from backend.regression.identity import label_of, matched
from backend.regression.instants import instant_seconds
from backend.regression.values import Difference, Tolerance, Unit, around_circle, largest_arcseconds, ranked
from tests.support.answers import chart, moved

ANGLES = st.floats(0, 360, exclude_max=True)


def differing(change: Any) -> Comparison:
    """The chart against itself after a change."""
    document = chart()
    change(document)
    return compare(chart(), document)


def body(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["bodies"] if one["body"] == name)
    return found


def only(comparison: Comparison) -> Difference:
    (found,) = comparison.all
    return found


def test_a_document_does_not_differ_from_itself_and_all_its_values_are_compared() -> None:
    comparison = compare(chart(), chart())
    assert comparison.all == comparison.made_with == ()
    assert comparison.compared > 300


@given(ANGLES, ANGLES)
def test_two_angles_differ_by_the_shorter_way_and_never_by_more_than_half_a_circle(one: float, other: float) -> None:
    difference = around_circle(other - one)
    assert -180 <= difference < 180
    assert math.isclose(math.cos(math.radians(one + difference)), math.cos(math.radians(other)), abs_tol=1e-9)


def test_over_zero_aries_a_longitude_differs_by_little() -> None:
    left, right = chart(), chart()
    for document, longitude, sign, inside in ((left, 359.9999, "pisces", 29.9999), (right, 0.0001, "aries", 0.0001)):
        body(document, "sun").update(longitude_degrees=longitude, sign=sign, degrees_in_sign=inside)
    found = only(compare(left, right))
    assert (found.path, found.unit) == ("bodies[sun].longitude_degrees", Unit.ARCSECONDS)
    assert found.amount == pytest.approx(0.72, abs=1e-6)


def test_a_sign_that_does_not_follow_from_the_longitude_is_told() -> None:
    assert {one.path for one in differing(lambda document: body(document, "sun").update(sign="leo")).all} == {"bodies[sun].sign"}


def test_the_order_of_a_list_is_no_difference() -> None:
    def shuffled(document: dict[str, Any]) -> None:
        for name in ("bodies", "aspects"):
            random.Random(7).shuffle(document[name])

    assert differing(shuffled).all == ()


def test_a_body_that_is_missing_and_one_that_is_new_are_told_by_name() -> None:
    def changed(document: dict[str, Any]) -> None:
        document["bodies"] = [one for one in document["bodies"] if one["body"] != "venus"] + [{"body": "eris", "longitude_degrees": 1.0}]

    found = {one.path: one for one in differing(changed).all}
    assert set(found) == {"bodies[venus]", "bodies[eris]"}
    assert found["bodies[venus]"].right is None and found["bodies[eris]"].left is None
    assert all(one.unit is Unit.PRESENCE for one in found.values())


@pytest.mark.parametrize(
    ("name", "value", "unit", "amount"),
    [
        ("speed_degrees_per_day", 1.9550965, Unit.SPEED, 3600.0),
        ("declination_degrees", 23.3148427, Unit.ARCSECONDS, 1.0),
        ("distance_au", 1.015771454 * 1.000001, Unit.SHARE, 1e-6),
        ("retrograde", True, Unit.WORDS, None),
        ("house", 8, Unit.WORDS, None),
        ("dignities", ["exile"], Unit.WORDS, None),
    ],
)
def test_each_kind_of_value_differs_in_its_own_unit(name: str, value: Any, unit: Unit, amount: float | None) -> None:
    found = only(differing(lambda document: body(document, "sun").update({name: value})))
    assert (found.path, found.unit) == (f"bodies[sun].{name}", unit)
    assert found.amount is None if amount is None else found.amount == pytest.approx(amount, rel=1e-3)


def test_an_instant_differs_by_its_julian_day_and_is_shown_as_its_text() -> None:
    def later(document: dict[str, Any]) -> None:
        document["moment"].update(utc="1990-06-15T13:30:01Z", julian_day_ut1=document["moment"]["julian_day_ut1"] + 1 / 86400)

    found = only(differing(later))
    assert (found.path, found.left, found.right) == ("moment.utc", "1990-06-15T13:30:00Z", "1990-06-15T13:30:01Z")
    assert found.amount == pytest.approx(1.0, abs=1e-4)


def test_what_was_asked_and_what_it_was_made_with_stand_apart_from_the_figures() -> None:
    def changed(document: dict[str, Any]) -> None:
        document["settings"]["house_system"] = "koch"
        document["provenance"]["time_zone_version"] = "2099z"
        document["houses"]["cusps"][1]["longitude_degrees"] += 1
        document["degraded"] = [{"what": "place"}]

    comparison = differing(changed)
    assert [one.path for one in comparison.asked] == ["settings.house_system"]
    assert [one.path for one in comparison.made_with] == ["provenance.time_zone_version"]
    assert {one.path for one in comparison.figures} >= {"houses.cusps[2].longitude_degrees"}


def test_two_kinds_of_document_differ_in_their_kind_first_of_all() -> None:
    assert Difference("kind", Unit.WORDS, "natal", "composite") in compare(chart(), {**chart(), "kind": "composite"}).figures


def event(day: float, aspect: str = "square") -> dict[str, Any]:
    return {
        "body": "mars",
        "point": "sun",
        "aspect": aspect,
        "utc": f"2026-01-{1 + int(day):02d}T00:00:00Z",
        "julian_day_tt": 2461041.5 + day,
    }


def test_one_lost_event_does_not_move_all_that_come_after_it() -> None:
    left, right = [event(day) for day in (1, 5, 9, 20)], [event(day) for day in (1, 9, 20)]
    found = compare({"events": left}, {"events": right}).figures
    assert [(one.path, one.unit) for one in found] == [("events[mars square sun 2]", Unit.PRESENCE)]


def test_events_of_the_same_number_are_compared_in_their_order() -> None:
    (found,) = compare({"events": [event(1), event(5)]}, {"events": [event(1), event(5.5)]}).figures
    assert (found.path, found.unit) == ("events[mars square sun 2].utc", Unit.SECONDS)
    assert found.amount == pytest.approx(43200, abs=0.01)


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12))
def test_matching_loses_nothing_and_invents_nothing(left: list[str], right: list[str]) -> None:
    pairs = list(matched([{"name": one} for one in left], [{"name": one} for one in right]))
    assert sorted(one["name"] for _, one, _ in pairs if one) == sorted(left)
    assert sorted(other["name"] for _, _, other in pairs if other) == sorted(right)
    assert len({label for label, _, _ in pairs}) == len(pairs)
    assert all(label_of(one) == label_of(other) for _, one, other in pairs if one and other)


@given(st.lists(st.tuples(st.sampled_from(list(Unit)), st.one_of(st.none(), st.floats(-1e6, 1e6))), max_size=20), st.floats(0, 100))
def test_whatever_is_beyond_the_tolerance_comes_first_and_within_a_kind_the_largest(found: list[Any], arcseconds: float) -> None:
    tolerance = Tolerance(arcseconds, 1.0)
    ordered = ranked([Difference(str(number), unit, 0, 0, amount) for number, (unit, amount) in enumerate(found)], tolerance)
    allowed = [tolerance.allows(one) for one in ordered]
    assert allowed == sorted(allowed)
    for one, other in pairwise(ordered):
        if one.unit is other.unit and tolerance.allows(one) is tolerance.allows(other):
            assert abs(one.amount or 0) >= abs(other.amount or 0)


def test_a_tolerance_holds_up_to_its_very_figure() -> None:
    tolerance = Tolerance(1.0, 2.0)
    for unit, within, beyond in ((Unit.ARCSECONDS, 1.0, 1.001), (Unit.SECONDS, -2.0, -2.01), (Unit.SHARE, 4.84e-6, 4.86e-6)):
        assert tolerance.allows(Difference("x", unit, 0, 0, within))
        assert not tolerance.allows(Difference("x", unit, 0, 0, beyond))
    assert not Tolerance(1e9, 1e9).allows(Difference("x", Unit.WORDS, "a", "b"))
    assert not Tolerance(1e9, 1e9).allows(Difference("x", Unit.PRESENCE, None, "b"))


def test_the_largest_is_one_of_angles_alone() -> None:
    assert largest_arcseconds([]) == 0.0
    assert largest_arcseconds([Difference("a", Unit.SECONDS, 0, 1, 900.0), Difference("b", Unit.ARCSECONDS, 0, 1, -2.5)]) == 2.5


@settings(max_examples=200)
@given(st.datetimes(), st.datetimes())
def test_instants_are_subtracted_as_the_calendar_does(one: datetime, other: datetime) -> None:
    texts = [instant_seconds(f"{moment:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0")) for moment in (one, other)]
    assert texts[1] - texts[0] == (other.replace(microsecond=0) - one.replace(microsecond=0)).total_seconds()  # type: ignore[operator]


def test_years_before_the_common_era_and_texts_that_are_no_instant() -> None:
    assert instant_seconds("0000-01-01T00:00:00Z") - instant_seconds("-0001-12-31T00:00:00Z") == 86400  # type: ignore[operator]
    for text in ("", "placidus", "Europe/Lisbon", "12:30", "1990-6-1"):
        assert instant_seconds(text) is None


def test_a_shifted_body_is_found_whatever_else_stays() -> None:
    found = only(differing(lambda document: moved(body(document, "mars"), 0.001)))
    assert found.path == "bodies[mars].longitude_degrees"
    assert found.amount == pytest.approx(3.6, abs=1e-3)


def test_a_missing_body_comes_first_and_an_aspect_that_follows_from_angles_after_them() -> None:
    body, aspect = (Difference(f"{name}[x]", Unit.PRESENCE, None, "x") for name in ("bodies", "aspects"))
    angle = Difference("bodies[sun].longitude_degrees", Unit.ARCSECONDS, 0.0, 1.0, 3600.0)
    assert ranked([aspect, angle, body], Tolerance()) == [body, angle, aspect]
