"""What holds for each technique of this package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.events.techniques import TECHNIQUES
from backend.charts.service import ChartService
from backend.charts.technique import Technique
from backend.errors import InvalidRequest
from tests.support.clock import ManualClock
from tests.unit.charts.events.conftest import NATAL, asked
from tests.unit.charts.places import FakePlaces

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


def test_the_digest_of_settings_tells_choices_apart_and_not_people_or_ranges(service: ChartService) -> None:
    span = {"start": "2026-01-01", "end": "2026-02-01"}

    def digest(**changes: Any) -> str:
        body = {**span, "natal": NATAL, "bodies": ["mars"], **changes}
        found: str = asked(service, "transits", body)["provenance"]["settings_sha256"]
        return found

    assert digest() == digest(natal={**NATAL, "name": "A", "date": "1950-01-01"}) == digest(end="2026-03-01")
    assert len({digest(), digest(bodies=["venus"]), digest(aspects=["trine"]), digest(natal={**NATAL, "house_system": "koch"})}) == 4


def test_without_files_a_search_is_told_to_be_lesser_and_names_no_path(tmp_path: Path, zones: ZoneFolder, clock: ManualClock) -> None:
    ephemeris = Ephemeris(tmp_path)
    try:
        service = ChartService(ephemeris, zones, FakePlaces(), clock)
        found = asked(service, "stations", {"start": "2026-01-01", "end": "2027-01-01", "bodies": ["mercury", "chiron"]})
    finally:
        ephemeris.close()
    assert [each["why"] for each in found["degraded"]] == ["files_missing"]
    assert found["unavailable"] == [{"body": "chiron", "why": "files_missing"}]
    assert len(found["events"]) == 6
    assert str(tmp_path) not in str(found)


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


@pytest.mark.parametrize(
    ("name", "body", "good"),
    [
        ("transits", {"natal": NATAL}, True),
        ("transits", {"points": [{"name": "a", "longitude_degrees": 1}]}, True),
        ("transits", {}, False),
        ("transits", {"natal": NATAL, "points": [{"name": "a", "longitude_degrees": 1}]}, False),
        ("transits", {"natal": NATAL, "aspects": []}, False),
        ("transits", {"points": [{"name": "a"}]}, False),
        ("eclipses", {"latitude": 1}, False),
        ("eclipses", {"latitude": 1, "longitude": 2, "altitude_metres": 3}, True),
        ("eclipses", {"altitude_metres": 3}, False),
        ("returns", {"natal": NATAL, "longitude": 1}, False),
        ("returns", {"natal": NATAL, "body": "earth"}, False),
        ("stations", {"bodies": ["sun"]}, False),
        ("ingresses", {"bodies": ["sun", "sun"]}, False),
        ("ingresses", {"custom_ayanamsa": {"degrees": 1}, "zodiac": "sidereal"}, False),
        ("ingresses", {"custom_ayanamsa": {"degrees": 1, "julian_day_tt": 2451545}, "zodiac": "sidereal"}, True),
        ("rise-set", {"latitude": 1}, False),
        ("ephemeris", {"step_minutes": 0}, False),
        ("ephemeris", {"step_minutes": 2.5}, False),
        ("ephemeris", {"start": "2026-1-1"}, False),
    ],
)
def test_schema_and_reader_judge_alike(name: str, body: dict[str, Any], good: bool) -> None:
    technique = next(technique for technique in TECHNIQUES if technique.name == name)
    asked_for = {"start": "2026-01-01", "end": "2026-02-01", **body}
    assert Draft202012Validator({**technique.request_schema, **REFERENCED}).is_valid(asked_for) is good
    if good:
        technique.parse(asked_for)
    else:
        with pytest.raises(InvalidRequest):
            technique.parse(asked_for)
