"""The API's description: what OpenAPI says of each route. It documents; the rules themselves stand in the services."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from backend.api.problems import KINDS, MEDIA_TYPE

ABOUT = (
    "Astrological charts by the Swiss Ephemeris. Every answer carries `X-Request-Id` and `traceparent`; every error is a problem "
    "document (RFC 9457) that names the field. A lesser answer says so in `degraded` and in the header `Astrolabe-Degraded`."
)
Json = dict[str, Any]

KEYS: list[Json] = [{"bearer": []}, {"header": []}]
_SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key from the console: `ak_…`."},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "The same key, in a header of its own."},
}


def _text(about: str, **more: Any) -> Json:
    return {"type": "string", "description": about, **more}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


DEGRADATION: Json = {
    "type": "object",
    "required": ["what", "why", "detail"],
    "properties": {
        "what": _text("What is lesser: `place`, `ephemeris`."),
        "why": _text("Why, as a stable code."),
        "detail": _text("The same as a sentence."),
        "since": {"type": ["string", "null"], "format": "date-time"},
    },
}
_OBJECTS = {"type": "array", "items": {"type": "object"}}
PLACE_LIST: Json = {
    "type": "object",
    "required": ["places", "source", "degraded"],
    "properties": {
        "places": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "country", "latitude", "longitude", "time_zone"],
                "properties": {
                    "name": {"type": "string"},
                    "admin": {"type": ["string", "null"]},
                    "country": {"type": "string"},
                    "latitude": {"type": "number"},
                    "longitude": {"type": "number"},
                    "time_zone": {"type": "string"},
                    "population": {"type": ["integer", "null"]},
                },
            },
        },
        "source": _text("`geocoder`, `fresh cache`, `stale cache` or `offline index`."),
        "degraded": {"type": "array", "items": ref("Degradation")},
    },
}
PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": _text("Stable address of the kind of problem.", format="uri-reference"),
        "title": _text("The kind in words."),
        "status": {"type": "integer"},
        "detail": _text("This case in a sentence; it repeats nothing that was sent."),
        "instance": _text("The request's id."),
        "code": {"type": "string", "enum": sorted(KINDS)},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "pointer", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("name", "pointer", "code", "detail")},
            },
        },
    },
}
READINESS: Json = {
    "type": "object",
    "required": ["ready"],
    "properties": {"ready": {"type": "boolean"}, "dependencies": {**_OBJECTS, "description": "Only with a key of scope `operations`."}},
}
DEPLOY: Json = {
    "type": "object",
    "required": ["id", "version", "service", "at", "note", "link", "recorded_at"],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "version", "service", "note", "link")},
        **{name: {"type": "string", "format": "date-time"} for name in ("at", "recorded_at")},
    },
}
NEW_DEPLOY: Json = {
    "type": "object",
    "required": ["id", "version"],
    "additionalProperties": False,
    "properties": {
        "id": _text("Your own id, for example of the pipeline's run: told twice it is one deploy.", pattern="^[A-Za-z0-9._:-]{1,64}$"),
        "version": _text("What was deployed.", pattern="^[A-Za-z0-9][A-Za-z0-9._+/-]{0,63}$"),
        "service": _text("What it was deployed of.", pattern="^[A-Za-z0-9][A-Za-z0-9._+/-]{0,63}$", default="astrolabe"),
        "at": _text("When, with its zone; of the last 400 days. Left out: now.", format="date-time"),
        "note": _text("What is new, in one line.", maxLength=500),
        "link": _text("Where more is to be read: an https address without user or password.", maxLength=500),
    },
}
SCHEMAS = {
    "Deploy": DEPLOY,
    "NewDeploy": NEW_DEPLOY,
    "Degradation": DEGRADATION,
    "Places": PLACE_LIST,
    "Problem": PROBLEM,
    "Readiness": READINESS,
}


def answers(about: str, schema: Json | None, problems: tuple[int, ...], media_type: str = "application/json") -> dict[int | str, Json]:
    content: Json = {media_type: {"schema": schema}} if schema else {}
    good: Json = {"description": about, "headers": _HEADERS, "content": content}
    bad: dict[int | str, Json] = {
        status: {"description": _titles(status), "content": {MEDIA_TYPE: {"schema": ref("Problem")}}} for status in problems
    }
    return {200: good, **bad}


def _titles(status: int) -> str:
    return "; or: ".join(kind.title for kind in KINDS.values() if kind.status == status) + "."


_HEADERS: Json = {
    "X-Request-Id": {"description": "Yours if it was well-formed, else ours.", "schema": {"type": "string"}},
    "traceparent": {"description": "W3C trace context.", "schema": {"type": "string"}},
    "Astrolabe-Degraded": {"description": "Present on a lesser answer: `what=why`, comma-separated.", "schema": {"type": "string"}},
}
_COMMON = (401, 403, 422, 500, 503, 504)

PLACES: Json = {
    "summary": "Find places by name",
    "operation_id": "searchPlaces",
    "tags": ["places"],
    "responses": answers("Places, best first.", ref("Places"), (502, *_COMMON)),
    "openapi_extra": {
        "security": KEYS,
        "parameters": [
            {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "minLength": 1, "maxLength": 200}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 20, "default": 8}},
        ],
    },
}
_DEPLOYED = answers("Known already, just so.", ref("Deploy"), (400, 408, 409, 413, 415, *_COMMON))
DEPLOYS: Json = {
    "summary": "Tell of a deploy",
    "operation_id": "recordDeploy",
    "tags": ["operations"],
    "responses": {201: {**_DEPLOYED[200], "description": "Recorded."}, **_DEPLOYED},
    "openapi_extra": {
        "security": KEYS,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref("NewDeploy")}}},
    },
}
_SERVICE: Json = {"tags": ["service"]}
ROOT: Json = {
    **_SERVICE,
    "summary": "Name, version, licence and source",
    "operation_id": "getService",
    "responses": answers("About the service.", {"type": "object"}, (500,)),
}
LIVEZ: Json = {
    **_SERVICE,
    "summary": "Whether the process lives",
    "operation_id": "getLiveness",
    "responses": answers("It does.", {"type": "object"}, (500,)),
}
READYZ: Json = {
    **_SERVICE,
    "summary": "Whether it can answer requests",
    "operation_id": "getReadiness",
    "responses": {
        **answers("Yes.", ref("Readiness"), (500,)),
        503: {"description": "No.", "content": {"application/json": {"schema": ref("Readiness")}}},
    },
}
METRICS: Json = {
    **_SERVICE,
    "summary": "Metrics in Prometheus's text form",
    "operation_id": "getMetrics",
    "responses": answers("Metrics.", {"type": "string"}, (401, 403, 500, 503), "text/plain"),
    "openapi_extra": {"security": KEYS},
}
OPENAPI: Json = {
    **_SERVICE,
    "summary": "This description",
    "operation_id": "getDescription",
    "responses": answers("OpenAPI 3.1.", {"type": "object"}, (401, 403, 500, 503)),
    "openapi_extra": {"security": KEYS},
}


def complete(app: FastAPI, more: Json) -> None:
    """Let ``app.openapi()`` carry our schemas, ``more`` of them, and the ways to authenticate; computed once."""
    generate = app.openapi

    def described() -> Json:
        document = generate()
        components = document.setdefault("components", {})
        components["schemas"] = {**SCHEMAS, **more}
        components["securitySchemes"] = _SCHEMES
        return document

    app.openapi = described  # type: ignore[method-assign]
