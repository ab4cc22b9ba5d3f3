"""What the schema says of a natal chart is what the reader takes and what the document has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import copysign, isfinite
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.api.description import SCHEMAS
from backend.charts.document import to_json
from backend.charts.engine.chart_settings import SETTINGS_FIELDS
from backend.charts.engine.request import parse_request
from backend.charts.natal_request_schema import EXAMPLES, REQUEST
from backend.charts.natal_schema import CHART
from backend.charts.service import ChartService
from backend.charts.vocabulary import NOT_SEEN_FROM, AspectKind, Ayanamsa, Body, Center, HouseSystem, Lot, Section
from tests.unit.charts.conftest import Compute


def validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    text = json.dumps({**schema, "$defs": {"Degradation": SCHEMAS["Degradation"]}}).replace("#/components/schemas/", "#/$defs/")
    return jsonschema.Draft202012Validator(json.loads(text))


CHART_REQUEST, CHART_DOCUMENT = validator(REQUEST), validator(CHART)


def test_every_choice_is_described() -> None:
    assert set(REQUEST["properties"]) >= SETTINGS_FIELDS


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "place"])
def test_each_example_gives_the_document_that_is_described(service: ChartService, name: str) -> None:
    example = EXAMPLES[name]["value"]
    CHART_REQUEST.validate(example)
    CHART_DOCUMENT.validate(json.loads(to_json(service.natal(parse_request(example)))))


@pytest.mark.parametrize("changes", [{}, {"time": None, "time_known": False}, {"date": "1700-01-01"}, {"house_system": "gauquelin"}])
def test_a_chart_with_all_parts_is_described(compute: Compute, changes: dict[str, Any]) -> None:
    document = json.loads(to_json(compute(**{"house_system": None, **changes}, include=[section.value for section in Section])))
    CHART_DOCUMENT.validate(document)
    assert list(document)[-1] == "provenance"


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Any request that is well-formed, from before the files begin to after they end, everywhere on the Earth."""
    known = draw(st.booleans())
    center = draw(st.sampled_from(Center))
    houses = known and center is not Center.HELIOCENTRIC
    month, day, hour = draw(st.integers(1, 12)), draw(st.integers(1, 28)), draw(st.integers(0, 23))
    found: dict[str, Any] = {
        "date": f"{draw(st.integers(1583, 2600)):04d}-{month:02d}-{day:02d}",
        "time_known": known,
        "time_zone": draw(st.sampled_from(["UTC", "local_mean_time"])),
        "latitude": draw(st.floats(-90, 90)),
        "longitude": draw(st.floats(-180, 180)),
        "center": center.value,
        "bodies": draw(some_of([body for body in Body if body not in NOT_SEEN_FROM[center]])),
        "orbs": draw(st.dictionaries(st.sampled_from([kind.value for kind in AspectKind]), st.floats(0, 15), max_size=3)),
        "body_orbs": draw(st.dictionaries(st.sampled_from([body.value for body in Body]), st.floats(0, 15), max_size=3)),
        "include": draw(some_of([section for section in Section if section is not Section.ASPECT_TIMES])),
    }
    if known:
        found["time"] = f"{hour:02d}:{draw(st.integers(0, 59)):02d}"
    if houses:
        found |= {
            "house_system": draw(st.sampled_from(HouseSystem)).value,
            "beyond_polar_circle": "equal",
            "lots": draw(some_of(list(Lot))),
        }
    if draw(st.booleans()):
        found |= {"zodiac": "sidereal", "ayanamsa": draw(st.sampled_from(Ayanamsa)).value}
    return found


def some_of(names: Sequence[StrEnum]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([name.value for name in names]), min_size=1, max_size=6, unique=True)


def numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from numbers(inner)
    elif isinstance(node, float):
        yield node


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=requests())
def test_whatever_is_asked_for_the_document_is_as_described(service: ChartService, body: dict[str, Any]) -> None:
    CHART_REQUEST.validate(body)
    first, second = (to_json(service.natal(parse_request(body))) for _ in range(2))
    assert first == second
    document = json.loads(first)
    CHART_DOCUMENT.validate(document)
    assert all(isfinite(number) and (number or copysign(1, number) == 1) for number in numbers(document))


def test_a_first_chart_beyond_the_files_is_as_the_second(service: ChartService) -> None:
    asked = {"date": "2520-02-06", "time": "18:27", "time_zone": "UTC", "latitude": 0.0, "longitude": 0.0}
    body = {**asked, "center": "topocentric", "zodiac": "sidereal", "ayanamsa": "true_revati", "bodies": ["mercury"]}
    service.natal(parse_request(asked))
    first, second = (to_json(service.natal(parse_request(body))) for _ in range(2))
    assert first == second
