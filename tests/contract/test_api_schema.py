"""The API's description is valid OpenAPI, true to the answers, and complete; the handbook page lists the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from backend.api.app import create_app
from backend.api.context import SECURITY_HEADERS
from backend.api.parts import ApiParts
from backend.api.problems import KINDS
from backend.charts.desk import draws
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.request import _FIELDS
from backend.charts.techniques import RESOURCES
from backend.clock import SystemClock
from backend.errors import InvalidRequest
from tests.conformance.wire import Answer, Message, send
from tests.unit.api.builders import KEY, OPERATIONS_KEY, Api, FakeResolver, real_desk
from tests.unit.api.server import running

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def api() -> Api:
    return Api()


@pytest.fixture(scope="module")
def parts(api: Api) -> Iterator[ApiParts]:
    ephemeris = Ephemeris(DATA / "ephemeris")
    yield replace(api.parts, charts=real_desk(ephemeris, FakeResolver(), SystemClock()), clock=SystemClock())
    ephemeris.close()


@pytest.fixture(scope="module")
def document(parts: ApiParts) -> Document:
    return dict(json.loads(json.dumps(create_app(parts).openapi())))


@pytest.fixture(scope="module")
def address(parts: ApiParts) -> Iterator[str]:
    with running(create_app(parts)) as address:
        yield address


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
    assert len({operation["operationId"] for operation in operations}) == len(operations) == 7 + len(RESOURCES)
    for operation in operations:
        assert operation["summary"]
        for status, answer in operation["responses"].items():
            assert answer["description"]
            if int(status) >= 400 and operation["operationId"] != "getReadiness":
                assert list(answer["content"]) == ["application/problem+json"]


def test_protected_operations_say_which_keys_they_take(document: Document) -> None:
    open_ones = {path for path, methods in document["paths"].items() for operation in methods.values() if "security" not in operation}
    assert open_ones == {"/", "/livez", "/readyz"}


def test_the_natal_schema_has_exactly_the_fields_that_are_read() -> None:
    assert set(RESOURCES["charts"].request_schema["properties"]) == _FIELDS


@pytest.mark.parametrize("name", RESOURCES)
def test_each_field_of_a_schema_is_read(name: str) -> None:
    properties = RESOURCES[name].request_schema["properties"]
    with pytest.raises(InvalidRequest) as refused:
        RESOURCES[name].parse({**dict.fromkeys(properties, None), "no_such_field": 1})
    unknown = {problem.field for problem in refused.value.problems if problem.code == "unknown_field"}
    assert unknown == {"no_such_field"}


EXAMPLES = [(name, title) for name, technique in RESOURCES.items() for title in technique.examples]


def schema_name(document: Document, name: str, *path: str) -> str:
    node: Any = document["paths"][f"/v1/{name}"]["post"]
    for step in (*path, "content", "application/json", "schema", "$ref"):
        node = node[step]
    return str(node).removeprefix("#/components/schemas/")


def ask(address: str, name: str, body: Any, *headers: tuple[str, str]) -> Answer:
    given = (("X-Api-Key", KEY), ("Content-Type", "application/json"), *headers)
    return send(address, Message("POST", f"/v1/{name}", given, json.dumps(body).encode()))


@pytest.mark.parametrize(("name", "title"), EXAMPLES)
def test_each_example_is_valid_and_computed_to_what_the_schema_says(document: Document, address: str, name: str, title: str) -> None:
    example = document["paths"][f"/v1/{name}"]["post"]["requestBody"]["content"]["application/json"]["examples"][title]["value"]
    resolved(document, schema_name(document, name, "requestBody")).validate(example)
    answer = ask(address, name, example)
    assert answer.status == 200, answer.text
    found = json.loads(answer.body)
    resolved(document, schema_name(document, name, "responses", "200")).validate(found)
    assert next(iter(found)) == "kind" and list(found)[-1] == "provenance" and "degraded" in found
    assert ("etag" in answer.headers) == (not found["degraded"]) == ("astrolabe-degraded" not in answer.headers)
    again = ask(address, name, example)
    assert again.body == answer.body and again.headers["astrolabe-cache"] == ("miss" if found["degraded"] else "hit")


def test_every_technique_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(RESOURCES)


@pytest.mark.parametrize("name", [name for name, technique in RESOURCES.items() if draws(technique)])
def test_a_drawing_is_offered_and_given_as_such(document: Document, address: str, name: str) -> None:
    assert "image/svg+xml" in document["paths"][f"/v1/{name}"]["post"]["responses"]["200"]["content"]
    example = next(iter(RESOURCES[name].examples.values()))
    drawing, whole = ask(address, name, example, ("Accept", "image/svg+xml")), ask(address, name, example)
    assert drawing.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert drawing.headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert drawing.headers["content-security-policy"].endswith("sandbox") and drawing.headers["x-content-type-options"] == "nosniff"
    assert drawing.body.decode() == json.loads(whole.body)["svg"]
    assert drawing.headers["etag"] != whole.headers["etag"]


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
