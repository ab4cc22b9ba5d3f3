"""What holds for each technique of this package: examples, documents, refusals, degradations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backend.answer import Degradation
from backend.api.description import SCHEMAS
from backend.api.description_techniques import schemas
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.service import ChartService
from backend.charts.technique import Technique
from backend.charts.techniques import NATAL
from backend.errors import InvalidRequest
from tests.support.clock import ManualClock
from tests.unit.charts.places import FakePlaces
from tests.unit.charts.relations.conftest import ANNA, BY_NAME, LEAP, Ask, document

EXAMPLES = [(name, example) for name, technique in BY_NAME.items() for example in technique.examples]
OF_TWO = ("synastry", "composite", "davison")
MOVED = ("progressions", "solar-arc")


def nested(name: str, person: dict[str, Any], other: dict[str, Any] = LEAP) -> dict[str, Any]:
    return {"first": person, "second": other} if name in OF_TWO else {"natal": person, "moment": "2026-01-01"}


def problems(name: str, body: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        BY_NAME[name].parse(body)
    return {problem.field: problem.code for problem in caught.value.problems}


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value


def resolved(schema: dict[str, Any]) -> Draft202012Validator:
    """The schema where its references lead: in the API's description."""
    natal = schemas({"charts": NATAL})
    return Draft202012Validator({**schema, "components": {"schemas": {**SCHEMAS, **natal}}})


def test_the_package_has_its_five_techniques() -> None:
    assert tuple(BY_NAME) == ("synastry", "composite", "davison", "progressions", "solar-arc")


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_works_and_gives_the_same_bytes_again(bench: ChartService, name: str, example: str) -> None:
    technique, body = BY_NAME[name], BY_NAME[name].examples[example]
    first, second = (technique.document(technique.compute(technique.parse(body), bench)) for _ in range(2))
    assert orjson.dumps(first) == orjson.dumps(second)
    assert [*first][:2] == ["kind", "degraded"] and [*first][-1] == "provenance"
    assert first["kind"] == name and first["degraded"] == []
    floats = [each for each in leaves(first) if isinstance(each, float)]
    assert all(math.isfinite(each) and each != 360.0 and (each or math.copysign(1, each) > 0) for each in floats)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_requests_and_answers_are_what_their_schemas_say(bench: ChartService, name: str, example: str) -> None:
    technique, body = BY_NAME[name], BY_NAME[name].examples[example]
    resolved(technique.request_schema).validate(body)
    made = orjson.loads(orjson.dumps(technique.document(technique.compute(technique.parse(body), bench))))
    resolved(technique.answer_schema).validate(made)
    assert set(technique.answer_schema["required"]) <= set(made)


@pytest.mark.parametrize("name", BY_NAME)
def test_problems_of_a_nested_chart_carry_its_field(name: str) -> None:
    where = "first" if name in OF_TWO else "natal"
    wrong = {**ANNA, "latitude": 91, "shoe_size": 43}
    assert problems(name, nested(name, wrong)) == {f"{where}.latitude": "out_of_range", f"{where}.shoe_size": "unknown_field"}
    assert problems(name, {**nested(name, ANNA), "colour": "red"}) == {"colour": "unknown_field"}


@pytest.mark.parametrize("name", BY_NAME)
def test_what_shows_only_in_computing_carries_its_field_too(bench: ChartService, name: str) -> None:
    where = "first" if name in OF_TWO else "natal"
    gap = {**ANNA, "date": "2021-03-28", "time": "02:30", "time_zone": "Europe/Berlin"}
    technique = BY_NAME[name]
    with pytest.raises(InvalidRequest) as caught:
        technique.compute(technique.parse(nested(name, gap)), bench)
    assert [(each.field, each.code) for each in caught.value.problems] == [(f"{where}.time", "nonexistent_local_time")]


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"first": None}, {"natal": []}, {"first": {}, "second": {}}])
def test_hostile_bodies_are_refused_by_name(name: str, body: Any) -> None:
    assert problems(name, body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("first", "second", "natal", "moment", "year", "angles", "arc", "orbs", "houses_method", "latitude")


@given(st.sampled_from(sorted(BY_NAME)), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
@settings(max_examples=40, deadline=None)
def test_no_body_makes_parsing_fail_otherwise(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        BY_NAME[name].parse(body)


@pytest.mark.parametrize("name", OF_TWO)
@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"zodiac": "sidereal"}, "second.zodiac"),
        ({"center": "topocentric"}, "second.center"),
    ],
)
def test_two_charts_speak_of_one_sky(name: str, other: dict[str, Any], field: str) -> None:
    assert problems(name, nested(name, ANNA, {**LEAP, **other}))[field] == "conflict"


@pytest.mark.parametrize(
    ("name", "changes", "field", "code"),
    [
        ("synastry", {"orbs": {"square": -1}}, "orbs.square", "out_of_range"),
        ("synastry", {"orbs": {"squared": 1}}, "orbs.squared", "unknown_field"),
        ("composite", {"houses_method": "guess"}, "houses_method", "not_a_choice"),
        ("composite", {"latitude": 48}, "latitude", "not_applicable"),
        ("composite", {"houses_method": "midheaven", "latitude": 90.1}, "latitude", "out_of_range"),
        ("progressions", {"moment": "2026-02-29"}, "moment", "no_such_day"),
        ("progressions", {"moment": "2026-01-01T00:00"}, "moment", "bad_format"),
        ("progressions", {"angles": "guess"}, "angles", "not_a_choice"),
        ("progressions", {"year": 365}, "year", "not_a_choice"),
        ("solar-arc", {"arc": "long"}, "arc", "not_a_choice"),
        ("solar-arc", {"orbs": 3}, "orbs", "wrong_type"),
    ],
)
def test_each_wrong_field_is_named(name: str, changes: dict[str, Any], field: str, code: str) -> None:
    assert problems(name, {**nested(name, ANNA), **changes}) == {field: code}


@pytest.mark.parametrize("name", MOVED)
def test_a_moment_is_needed(name: str) -> None:
    assert problems(name, {"natal": ANNA}) == {"moment": "required"}


@pytest.mark.parametrize("name", BY_NAME)
def test_moshier_positions_are_marked_and_said_once(moshier: Ephemeris, zones: ZoneFolder, name: str) -> None:
    technique = BY_NAME[name]
    coarse = ChartService(moshier, zones, FakePlaces(), ManualClock())
    answer = technique.compute(technique.parse(nested(name, ANNA)), coarse)
    assert [each.why for each in answer.degraded] == ["moshier_requested"]
    made = technique.document(answer)
    assert made["degraded"][0]["why"] == "moshier_requested" and made["provenance"]["ephemeris_mode"] == "moshier"


@pytest.mark.parametrize("name", BY_NAME)
def test_a_chart_asked_for_with_moshier_degrades_the_whole(ask: Ask, name: str) -> None:
    coarse = {**ANNA, "ephemeris": "moshier"}
    answer = ask(name, **nested(name, coarse, {**LEAP, "ephemeris": "moshier"}))
    assert {each.why for each in answer.degraded} == {"moshier_requested"}
    assert document(name, answer)["provenance"]["ephemeris_mode"] == "moshier"


@pytest.mark.parametrize("name", OF_TWO)
def test_what_either_place_lacks_is_said_of_the_whole(bench: ChartService, zones: ZoneFolder, name: str, ephemeris: Ephemeris) -> None:
    places = FakePlaces()
    places.degraded = (Degradation("place", "circuit_open", "the geocoder is not being asked"),)
    service = ChartService(ephemeris, zones, places, ManualClock())
    lisbon = {"date": "1988-02-29", "time": "06:05", "place": "Lisbon"}
    technique: Technique[Any, Any] = BY_NAME[name]
    answer = technique.compute(technique.parse(nested(name, ANNA, lisbon)), service)
    assert answer.degraded == places.degraded
    assert technique.compute(technique.parse(nested(name, lisbon, lisbon)), service).degraded == places.degraded  # not twice


def test_a_birth_within_the_files_whose_progressions_leave_them_says_so(ask: Ask) -> None:
    last = {**ANNA, "date": "2399-12-20", "time_zone": "UTC"}
    answer = ask("progressions", natal=last, moment="2450-01-01")
    assert answer.value.natal.degraded == ()
    assert [(each.what, each.why) for each in answer.degraded] == [("ephemeris", "outside_file_range")]
    assert [each.why for each in ask("solar-arc", natal=last, moment="2450-01-01").degraded] == ["outside_file_range"]
