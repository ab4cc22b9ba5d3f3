"""What the playground can ask the API for, read from the API's own description: techniques, their fields, their examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.charts.vocabulary import AYANAMSA_TITLES, BODY_TITLES, HOUSE_SYSTEM_TITLES, LOT_TITLES
from components.views import playground_chart as chart
from components.views.playground_fields import Body, Field, found, placed

NATAL = "natal"
_CHART, _PATH = "ChartRequest", "/v1/"
_NOT_TECHNIQUES = ("charts", "places")
_TITLES: dict[str, str] = {
    str(one.value): title for titles in (BODY_TITLES, HOUSE_SYSTEM_TITLES, LOT_TITLES, AYANAMSA_TITLES) for one, title in titles.items()
}


@dataclass(frozen=True)
class Recipe:
    """One technique: ``parts`` are the natal charts in its request (one without a name is the request itself), ``fields`` the rest."""

    name: str
    title: str
    about: str
    path: str
    parts: tuple[str, ...]
    fields: tuple[Field, ...]
    example: Body
    only_json: tuple[str, ...] = ()
    optional_parts: tuple[str, ...] = ()

    @property
    def first(self) -> tuple[Field, ...]:
        """What has to be said: a range, a moment."""
        return tuple(field for field in self.fields if field.required)

    @property
    def then(self) -> tuple[Field, ...]:
        """What is chosen most: which bodies, which aspects, which kinds of event."""
        return tuple(field for field in self.fields if not field.required and field.kind == "choices")

    @property
    def rest(self) -> tuple[Field, ...]:
        return tuple(field for field in self.fields if not field.required and field.kind != "choices")


NATAL_RECIPE = Recipe(NATAL, "Natal chart", "The chart of one moment and place", "/v1/charts", ("",), (), dict(chart.EXAMPLE))


def recipes(description: Mapping[str, Any]) -> tuple[Recipe, ...]:
    """The natal chart, then every technique of an OpenAPI document in its order."""
    schemas = found(description, "components.schemas") or {}
    paths = description.get("paths", {})
    return (NATAL_RECIPE, *(_recipe(path, methods["post"], schemas) for path, methods in paths.items() if _is_technique(path, methods)))


def _is_technique(path: str, methods: Mapping[str, Any]) -> bool:
    name = path.removeprefix(_PATH)
    return path.startswith(_PATH) and "/" not in name and "{" not in name and name not in _NOT_TECHNIQUES and "post" in methods


def _recipe(path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Recipe:
    content = found(operation, "requestBody.content") or {}
    asked = content.get("application/json", {})
    schema = _resolved(asked.get("schema", {}), schemas)
    parts, optional, fields, only_json = [], [], [], []
    for name, inner, required in _properties(schema):
        if _is_chart(inner):
            parts.append(name)
            optional += [] if required else [name]
        elif _is_chart(inner.get("items", {})):
            parts += [f"{name}.{number}" for number in range(_most(inner))]
            optional += parts[int(inner.get("minItems", 0)) - _most(inner) :]
        elif made := list(_fields(name, inner, schemas, required)):
            fields += made
        else:
            only_json.append(name)
    examples = asked.get("examples") or {}
    example = next((dict(one["value"]) for one in examples.values() if isinstance(one.get("value"), Mapping)), {})
    title, about = str(operation.get("summary") or path), str(operation.get("description") or "")
    return Recipe(path.removeprefix(_PATH), title, about, path, tuple(parts), tuple(fields), example, tuple(only_json), tuple(optional))


def _resolved(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    known = schemas.get(name)
    return {**known, **{key: value for key, value in schema.items() if key != "$ref"}} if isinstance(known, Mapping) else schema


def _is_chart(schema: Mapping[str, Any]) -> bool:
    return str(schema.get("$ref", "")).endswith(f"/{_CHART}")


def _most(schema: Mapping[str, Any]) -> int:
    """How many charts of a list the form has room for."""
    return int(schema.get("maxItems", 3))


def _properties(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    required = schema.get("required", ())
    for name, inner in schema.get("properties", {}).items():
        yield name, inner, name in required


def _fields(path: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], required: bool) -> Iterator[Field]:
    """The fields that edit a property; none where only raw JSON can."""
    schema = _resolved(schema, schemas)
    about, default = str(schema.get("description", "")), schema.get("default")
    title = _title(path.replace(".", ": "))
    match schema.get("type"):
        case _ if "enum" in schema:
            choices = _choices(schema["enum"])
            if not required and default is None:
                choices = ((None, "not given"), *choices)
            chosen = default if default is not None or not required else schema["enum"][0]
            yield Field(path, title, "choice", choices, chosen, about, required=required)
        case "string":
            yield Field(path, title, "text", (), default, about, _hint(schema), required)
        case "number":
            yield Field(path, title, "number", (), default, about, _bounds(schema), required)
        case "integer":
            yield Field(path, title, "whole", (), default, about, _bounds(schema), required)
        case "boolean":
            yield Field(path, title, "flag", (), bool(default), about)
        case "array":
            yield from _list(path, schema, _resolved(schema.get("items", {}), schemas), title, required)
        case "object":
            yield from _object(path, schema, schemas, title, required)


def _list(path: str, schema: Mapping[str, Any], items: Mapping[str, Any], title: str, required: bool) -> Iterator[Field]:
    about = str(schema.get("description", ""))
    if "enum" in items:
        yield Field(path, title, "choices", _choices(items["enum"]), tuple(schema.get("default") or ()), about, required=required)
    elif items.get("type") == "string":
        yield Field(path, title, "texts", (), None, about)


def _object(path: str, schema: Mapping[str, Any], schemas: Mapping[str, Any], title: str, required: bool) -> Iterator[Field]:
    inner = {name: _resolved(one, schemas) for name, one in schema.get("properties", {}).items()}
    if inner and all(one.get("type") == "number" for one in inner.values()) and len(inner) > 4:
        yield Field(path, title, "numbers", _choices(list(inner)), None, str(schema.get("description", "")))
        return
    for name, one in inner.items():
        yield from _fields(f"{path}.{name}", one, schemas, required and name in schema.get("required", ()))


def _choices(values: Sequence[Any]) -> tuple[tuple[Any, str], ...]:
    return tuple((value, _TITLES.get(str(value)) or _title(str(value))) for value in values)


def _title(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize().replace(" tt", " (TT)")


def _hint(schema: Mapping[str, Any]) -> str:
    shown = schema.get("examples") or ()
    return str(shown[0]) if shown else "2026-01-01" if "YYYY-MM-DD" in str(schema.get("description", "")) else ""


def _bounds(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    return f"{low:.10g} to {high:.10g}" if low is not None and high is not None else ""


def carried(body: Mapping[str, Any], before: Recipe, after: Recipe) -> Body:
    """A body for another technique: its own example, with the charts that stand in the form already."""
    moved = dict(after.example)
    for old, new in zip(before.parts, after.parts, strict=False):
        chart_there = found(body, old)
        if isinstance(chart_there, Mapping) and chart_there:
            moved = placed(moved, new, dict(chart_there)) if new else dict(chart_there)
    return moved
