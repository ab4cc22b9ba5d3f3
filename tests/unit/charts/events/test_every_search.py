"""What holds for each technique of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from backend.charts.events.techniques import TECHNIQUES
from backend.charts.service import ChartService
from backend.charts.technique import Technique
from backend.errors import InvalidRequest
from tests.unit.charts.events.conftest import asked

EXAMPLES = [(technique, name) for technique in TECHNIQUES for name in technique.examples]
REFERENCED = {"components": {"schemas": {name: {"type": "object"} for name in ("ChartRequest", "Chart", "Degradation")}}}

Any_ = Technique[Any, Any]


def valid(document: Any, schema: Mapping[str, Any]) -> None:
    Draft202012Validator({**schema, **REFERENCED}).validate(document)


@pytest.mark.parametrize(("technique", "example"), EXAMPLES)
def test_an_example_works_as_its_schemas_say_and_twice_the_same(technique: Any_, example: str, service: ChartService) -> None:
    body = technique.examples[example]
    first, second = (orjson.dumps(asked(service, technique.name, body)) for _ in range(2))
    document = orjson.loads(first)
    assert first == second
    assert list(document)[:2] == ["kind", "degraded"] and list(document)[-1] == "provenance"
    assert document["kind"] == technique.name
    assert document["degraded"] == []
    valid(body, technique.request_schema)
    valid(document, technique.answer_schema)


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.name)
def test_events_stand_in_the_order_of_time_and_within_the_range(technique: Any_, service: ChartService) -> None:
    for body in technique.examples.values():
        document = asked(service, technique.name, body)
        times = [event["julian_day_tt"] for event in document.get("events", document.get("rows"))]
        assert times == sorted(times)
        texts = [event["utc"] for event in document.get("events", document.get("rows"))]
        assert all(f"{body['start']}T00:00:00Z" <= text <= f"{body['end']}T00:00:00Z" for text in texts)


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.name)
def test_a_field_that_does_not_exist_and_ends_that_are_missing_are_named(technique: Any_) -> None:
    with pytest.raises(InvalidRequest) as refused:
        technique.parse({"weather": 1})
    assert {("weather", "unknown_field"), ("start", "required"), ("end", "required")} <= {
        (problem.field, problem.code) for problem in refused.value.problems
    }


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.name)
def test_every_field_of_the_schema_is_one_that_is_read(technique: Any_) -> None:
    with pytest.raises(InvalidRequest) as refused:
        technique.parse({**dict.fromkeys(technique.request_schema["properties"]), "start": None})
    assert "unknown_field" not in {problem.code for problem in refused.value.problems}


def test_names_and_kinds_are_those_of_the_api() -> None:
    assert {technique.name for technique in TECHNIQUES} == {
        "transits",
        "ingresses",
        "stations",
        "lunations",
        "eclipses",
        "void-of-course",
        "rise-set",
        "returns",
        "ephemeris",
    }
    assert all(technique.searches for technique in TECHNIQUES)
