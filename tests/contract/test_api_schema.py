"""The API's description is valid OpenAPI, true to the answers, and complete; the handbook page lists the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from backend.api.app import create_app
from backend.api.context import SECURITY_HEADERS
from backend.api.description import EXAMPLES, SCHEMAS
from backend.api.problems import KINDS
from backend.charts.document import to_json
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.request import _FIELDS, parse_request
from backend.charts.service import ChartService
from tests.conformance.wire import Message, send
from tests.support.clock import ManualClock
from tests.unit.api.builders import KEY, OPERATIONS_KEY, Api, FakeResolver
from tests.unit.api.server import running

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def api() -> Api:
    return Api()


@pytest.fixture(scope="module")
def document(api: Api) -> Document:
    return dict(json.loads(json.dumps(create_app(api.parts).openapi())))


@pytest.fixture(scope="module")
def address(api: Api) -> Iterator[str]:
    ephemeris = Ephemeris(DATA / "ephemeris")
    api.charts = ChartService(ephemeris, ZoneFolder(DATA / "zoneinfo"), FakeResolver(), ManualClock())  # type: ignore[assignment,arg-type]
    api.changes["render_chart"] = to_json
    with running(create_app(api.parts)) as address:
        yield address
    ephemeris.close()


def resolved(document: Document, name: str) -> jsonschema.Draft202012Validator:
    """A validator of one component, with its references."""
    text = json.dumps({"$ref": f"#/$defs/{name}", "$defs": document["components"]["schemas"]})
    return jsonschema.Draft202012Validator(json.loads(text.replace("#/components/schemas/", "#/$defs/")))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_is_openapi_with_every_reference_resolved(document: Document) -> None:
    assert re.fullmatch(r"3\.1\.\d", document["openapi"])
    assert document["info"]["title"] == "Astrolabe" and document["info"]["license"]["identifier"].startswith("AGPL")
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_has_a_summary_an_id_of_its_own_and_its_refusals(document: Document) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations) == 7
    for operation in operations:
        assert operation["summary"]
        for status, answer in operation["responses"].items():
            assert answer["description"]
            if int(status) >= 400 and operation["operationId"] != "getReadiness":
                assert list(answer["content"]) == ["application/problem+json"]


def test_protected_operations_say_which_keys_they_take(document: Document) -> None:
    open_ones = {path for path, methods in document["paths"].items() for operation in methods.values() if "security" not in operation}
    assert open_ones == {"/", "/livez", "/readyz"}


def test_the_request_s_schema_has_exactly_the_fields_that_are_read() -> None:
    assert set(SCHEMAS["ChartRequest"]["properties"]) == _FIELDS


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_valid_and_computed_to_what_the_schema_says(document: Document, address: str, name: str) -> None:
    example = EXAMPLES[name]["value"]
    resolved(document, "ChartRequest").validate(example)
    parse_request(example)
    headers = (("X-Api-Key", KEY), ("Content-Type", "application/json"))
    answer = send(address, Message("POST", "/v1/charts", headers, json.dumps(example).encode()))
    assert answer.status == 200, answer.text
    resolved(document, "Chart").validate(json.loads(answer.body))


@pytest.mark.parametrize(
    ("message", "status", "component"),
    [
        (Message("GET", "/v1/places?q=London", (("X-Api-Key", KEY),)), 200, "Places"),
        (Message("GET", "/readyz"), 200, "Readiness"),
        (Message("GET", "/readyz", (("X-Api-Key", OPERATIONS_KEY),)), 200, "Readiness"),
        (Message("GET", "/v1/places?q=London"), 401, "Problem"),
        (Message("GET", "/v1/places?sort=x", (("X-Api-Key", KEY),)), 422, "Problem"),
        (Message("DELETE", "/v1/places"), 405, "Problem"),
        (Message("GET", "/nothing"), 404, "Problem"),
    ],
)
def test_answers_are_what_the_schema_says(document: Document, address: str, message: Message, status: int, component: str) -> None:
    answer = send(address, message)
    assert answer.status == status
    resolved(document, component).validate(json.loads(answer.body))


def test_the_page_lists_every_kind_of_problem_route_and_header(document: Document) -> None:
    text = PAGE.read_text("utf-8")
    for code, kind in KINDS.items():
        assert f"| `{code}` | {kind.status} | {kind.title} | {kind.advice} |" in text
    for path in document["paths"]:
        assert f"`{path}`" in text or f" {path}`" in text
    for header in SECURITY_HEADERS:
        assert header in text
    for field in _FIELDS:
        assert f"`{field}`" in text
