"""What OpenAPI says of the techniques: one operation each, with the schemas and examples that stand beside their code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.api import description
from backend.api.description import Json
from backend.charts.desk import SVG, draws
from backend.charts.technique import Technique

PREFIX = "/v1/"
Techniques = Mapping[str, Technique[Any, Any]]
_PROBLEMS = (400, 401, 403, 408, 413, 415, 422, 500, 502, 503, 504)
_IF_NONE_MATCH: Json = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The `ETag` of an answer that you have; if it is still the answer, you get 304.",
}
_HEADERS: Json = {
    "ETag": {"description": "Strong: equal for equal bytes alone. Not on a lesser answer.", "schema": {"type": "string"}},
    "Astrolabe-Cache": {
        "description": "`hit`: kept; `stale`: kept, and made anew meanwhile; `miss`: made now.",
        "schema": {"type": "string", "enum": ["hit", "stale", "miss"]},
    },
    "Age": {"description": "Seconds since the answer was made.", "schema": {"type": "integer"}},
    "Cache-Control": {"description": "`private, no-cache`; `no-store` on a lesser answer.", "schema": {"type": "string"}},
}


def operation(name: str, technique: Technique[Any, Any]) -> Json:
    """How the route of a technique is described."""
    return {
        "summary": technique.title,
        "description": technique.summary,
        "operation_id": f"create{_class_name(name)}",
        "tags": ["searches" if technique.searches else "charts"],
        "responses": _kept(technique, description.answers(f"{technique.title}.", description.ref(_class_name(name)), _PROBLEMS)),
        "openapi_extra": {"security": description.KEYS, "parameters": [_IF_NONE_MATCH], "requestBody": _request_body(name, technique)},
    }


def schemas(techniques: Techniques) -> Json:
    """The components that these operations refer to."""
    found: Json = {}
    for name, technique in techniques.items():
        found |= {f"{_class_name(name)}Request": technique.request_schema, _class_name(name): technique.answer_schema}
    return found


def _request_body(name: str, technique: Technique[Any, Any]) -> Json:
    examples = {key: {"summary": key.replace("_", " ").capitalize(), "value": value} for key, value in technique.examples.items()}
    content = {"schema": description.ref(f"{_class_name(name)}Request"), "examples": examples}
    return {"required": True, "content": {"application/json": content}}


def _kept(technique: Technique[Any, Any], responses: dict[int | str, Json]) -> dict[int | str, Json]:
    """The same answers, with what is said of being kept."""
    good = dict(responses[200])
    good["headers"] = {**good["headers"], **_HEADERS}
    if draws(technique):
        good["content"] = {**good["content"], SVG: {"schema": {"type": "string", "description": "The drawing itself."}}}
    unchanged: Json = {"description": "You have it already: the tag you sent is that of the answer.", "headers": _HEADERS}
    return {**responses, 200: good, 304: unchanged}


def _class_name(name: str) -> str:
    """``Chart`` for natal charts, whose address is older than the others."""
    return "Chart" if name == "charts" else "".join(part.capitalize() for part in name.split("-"))
