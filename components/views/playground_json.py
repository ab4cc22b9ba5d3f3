"""The request as raw JSON: written out, read by the API's own strict reader, and where in the text a field stands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from backend.api import strict_json
from backend.api.problems import RequestRefused
from backend.charts.engine.request import parse_request
from backend.errors import FieldProblem, InvalidRequest
from components.views.playground_fields import Body, found
from components.views.playground_recipes import Recipe


def text_of(body: Mapping[str, Any]) -> str:
    """The body as people write it: two spaces, short lists in one line."""
    return json.dumps(body, indent=2, ensure_ascii=False)


def read_text(text: str) -> tuple[Body | None, str]:
    """The body, or None and what is wrong with the text."""
    try:
        return strict_json.parse(text.encode(errors="surrogatepass")), ""
    except RequestRefused as refusal:
        return None, refusal.detail


def problems(recipe: Recipe, body: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    """What the API will say of the natal charts in a body, by its own reading; a technique's other fields it reads itself."""
    wrong: list[FieldProblem] = []
    for part in recipe.parts:
        chart = found(body, part)
        if chart is None:
            wrong += [] if part in recipe.optional_parts else [FieldProblem(part, "required", "is required")]
            continue
        try:
            parse_request(chart)
        except InvalidRequest as error:
            wrong += [FieldProblem(_inner(part, one.field), one.code, one.detail) for one in error.problems]
    return tuple(wrong)


def _inner(part: str, field: str) -> str:
    if not part:
        return field
    return part if field == "body" else f"{part}.{field}"


def line_of(text: str, path: str) -> int | None:
    """The line on which a field stands, counted from one; None where it is not there."""
    at = 0
    for name in path.split("."):
        place = text.find(f'"{name}"', at)
        if place < 0:
            break
        at = place
    else:
        return text.count("\n", 0, at) + 1
    return None
