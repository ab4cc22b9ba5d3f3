"""From an error to an HTTP answer: the only table of statuses, and the shape of a problem document (RFC 9457).

No answer repeats a value that was sent; a field's name is repeated only if it looks like a name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from typing import Any

import orjson
from starlette.responses import Response

from backend.errors import (
    CallRefused,
    DependencyFailed,
    FieldProblem,
    InvalidRequest,
    LimitExceeded,
    ServiceError,
    StorageUnavailable,
)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, its title and what a caller can do about it."""

    status: int
    title: str
    advice: str


KINDS: dict[str, Kind] = {
    "malformed_json": Kind(
        400, "The body is not strict JSON", "Send one JSON object in UTF-8, without repeated keys, NaN or deep nesting."
    ),
    "bad_header": Kind(400, "A header is malformed", "Correct the header that the detail names."),
    "bad_http": Kind(400, "This is not HTTP that we read", "Send well-formed HTTP/1.1."),
    "unauthenticated": Kind(401, "A valid API key is needed", "Send `Authorization: Bearer ak_…` with a key from the console."),
    "forbidden": Kind(403, "This key may not do this", "Use a key with the scope that the detail names."),
    "not_found": Kind(404, "There is nothing here", "Compare the address with the list of routes."),
    "method_not_allowed": Kind(405, "This address has no such method", "Use a method of the `Allow` header."),
    "body_timeout": Kind(408, "The body did not arrive in time", "Send the body at once, and end it."),
    "conflict": Kind(409, "It has changed, or exists already", "Read it again, then decide."),
    "body_too_large": Kind(413, "The body is too large", "Send at most 512 kB."),
    "unsupported_media_type": Kind(415, "The body is not plain JSON", "Send `Content-Type: application/json`, uncompressed."),
    "invalid_request": Kind(422, "A field is wrong", "Correct the fields listed in `errors`."),
    "limit_exceeded": Kind(429, "Too many requests", "Come back after `Retry-After` seconds."),
    "headers_too_large": Kind(431, "The headers are too large", "Send at most 16 kB of headers."),
    "computation_failed": Kind(500, "The chart could not be computed", "Report the request id."),
    "internal_error": Kind(500, "Something went wrong here", "Try again; if it stays, report the request id."),
    "dependency_failed": Kind(502, "A service we depend on failed", "Try again later, or send coordinates instead of a place."),
    "bulkhead_full": Kind(503, "Too much is going on here", "Come back after `Retry-After` seconds."),
    "circuit_isolated": Kind(503, "An operator holds a dependency apart", "Send coordinates instead of a place, or come back later."),
    "circuit_open": Kind(503, "A dependency is not being called for now", "Send coordinates instead of a place, or come back later."),
    "call_refused": Kind(503, "A dependency is not being called", "Come back later."),
    "storage_unavailable": Kind(503, "One of our stores is away", "Come back after `Retry-After` seconds."),
    "deadline_exceeded": Kind(504, "It took too long", "Try again; the calculation has no side effect."),
}
_OTHER = KINDS["internal_error"]


class RequestRefused(ServiceError):
    """A request that the HTTP edge itself turns away; ``code`` is one of KINDS."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


def response_of(error: ServiceError, request_id: str) -> Response:
    """The problem document of ``error``."""
    problems = error.problems if isinstance(error, InvalidRequest) else ()
    return document(error.code, _detail(error), request_id, problems, _headers(error))


def document(
    code: str, detail: str, request_id: str, problems: tuple[FieldProblem, ...] = (), headers: Mapping[str, str] | None = None
) -> Response:
    kind = KINDS.get(code, _OTHER)
    return Response(body(code, detail, request_id, problems), kind.status, headers, MEDIA_TYPE)


def body(code: str, detail: str, request_id: str, problems: tuple[FieldProblem, ...] = ()) -> bytes:
    """The document's bytes; ``instance`` is the request's id, by which operators find it."""
    known = code if code in KINDS else "internal_error"
    kind = KINDS[known]
    content: dict[str, Any] = {
        "type": f"/problems/{known}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request_id,
        "code": known,
    }
    if problems:
        content["errors"] = [_member(problem) for problem in problems[:MOST_ERRORS]]
    return orjson.dumps(content)


def of_status(status: int) -> tuple[str, str]:
    """Code and detail for a status that the framework itself raised."""
    for code, kind in KINDS.items():
        if kind.status == status:
            return code, f"{kind.title}."
    return ("bad_http", f"{HTTPStatus(status).phrase}.") if status < 500 else ("internal_error", _OTHER.title + ".")


def _detail(error: ServiceError) -> str:
    """Sentences for the caller; of several field problems, a count, as ``errors`` holds each."""
    if isinstance(error, InvalidRequest) and error.problems:
        first = error.problems[0]
        more = len(error.problems) - 1
        return f"{_shown(first.field)}: {first.detail}" + (f" (and {more} more)" if more else "")
    return error.detail


def _member(problem: FieldProblem) -> dict[str, str]:
    name = _shown(problem.field)
    return {"name": name, "pointer": _pointer(problem.field), "code": problem.code, "detail": problem.detail}


def _shown(field: str) -> str:
    return field if _NAME.fullmatch(field) else "(a name we do not repeat)"


def _pointer(field: str) -> str:
    """The field as a JSON pointer; the whole document where its name is not fit to repeat."""
    return "/" + field.replace(".", "/") if _NAME.fullmatch(field) and field != "body" else ""


def _headers(error: ServiceError) -> dict[str, str]:
    match error:
        case LimitExceeded():
            return {"Retry-After": str(ceil(error.retry_after_seconds))}
        case CallRefused() | DependencyFailed():
            return {"Retry-After": str(ceil(error.retry_after_seconds or 1))}
        case StorageUnavailable():
            return {"Retry-After": "1"}
        case ServiceError(code="unauthenticated"):
            return {"WWW-Authenticate": 'Bearer realm="astrolabe"'}
        case _:
            return {}
