"""JSON Schema of what the requests and answers of this package have in common; the references are those of the API's description."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
NATAL: Json = {"$ref": "#/components/schemas/ChartRequest"}
CHART: Json = {"$ref": "#/components/schemas/Chart"}
DEGRADED: Json = {"type": "array", "items": {"$ref": "#/components/schemas/Degradation"}}
OBJECT: Json = {"type": "object"}
NULLABLE_OBJECT: Json = {"type": ["object", "null"]}
OBJECTS: Json = {"type": "array", "items": OBJECT}
FIRST: Json = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
SECOND: Json = {"date": "1988-02-29", "time": "06:05", "time_zone": "Europe/Lisbon", "latitude": 38.7167, "longitude": -9.1333}


def request_schema(required: tuple[str, ...], properties: Json) -> Json:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def answer_schema(kind: str, parts: Json) -> Json:
    """All parts are always there; ``null`` where there is nothing to say."""
    properties = {"kind": {"const": kind}, "degraded": DEGRADED, **parts, "provenance": OBJECT}
    return {"type": "object", "required": list(properties), "properties": properties}
