"""What the schema says of a natal chart is what the reader takes and what the document has."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from backend.api.description import SCHEMAS
from backend.charts.document import to_json
from backend.charts.engine.chart_settings import SETTINGS_FIELDS
from backend.charts.engine.request import parse_request
from backend.charts.natal_request_schema import EXAMPLES, REQUEST
from backend.charts.service import ChartService
from backend.charts.vocabulary import Section
from tests.unit.charts.conftest import Compute


def validator(name: str) -> jsonschema.Draft202012Validator:
    text = json.dumps({"$ref": f"#/$defs/{name}", "$defs": SCHEMAS}).replace("#/components/schemas/", "#/$defs/")
    return jsonschema.Draft202012Validator(json.loads(text))


def test_every_choice_is_described() -> None:
    assert set(REQUEST["properties"]) >= SETTINGS_FIELDS


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "place"])
def test_each_example_gives_the_document_that_is_described(service: ChartService, name: str) -> None:
    example = EXAMPLES[name]["value"]
    validator("ChartRequest").validate(example)
    validator("Chart").validate(json.loads(to_json(service.natal(parse_request(example)))))


@pytest.mark.parametrize("changes", [{}, {"time": None, "time_known": False}, {"date": "1700-01-01"}, {"house_system": "gauquelin"}])
def test_a_chart_with_all_parts_is_described(compute: Compute, changes: dict[str, Any]) -> None:
    document = json.loads(to_json(compute(**{"house_system": None, **changes}, include=[section.value for section in Section])))
    validator("Chart").validate(document)
    assert list(document)[-1] == "provenance"
