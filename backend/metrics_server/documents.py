"""Documents of Prometheus's HTTP API: success, error, and which HTTP status belongs to which kind of error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import orjson

from backend.errors import QueryProblem, ServiceError, StorageUnavailable
from backend.metrics_server.questions import Said

STATUS = {"bad_data": 400, "execution": 422, "timeout": 503, "canceled": 503, "unavailable": 503, "internal": 500, "not_found": 404}


def success(data: Any, warnings: Sequence[str] = (), infos: Sequence[str] = ()) -> Said:
    document: dict[str, Any] = {"status": "success", "data": data}
    if warnings:
        document["warnings"] = list(warnings)
    if infos:
        document["infos"] = list(infos)
    return Said(200, _encoded(document))


def failure(error: ServiceError, query: str = "") -> Said:
    """The place of a problem stands before its text as ``line:column``, counted in bytes from 1, as Prometheus's own."""
    kind = error.kind if isinstance(error, QueryProblem) else "unavailable" if isinstance(error, StorageUnavailable) else "internal"
    text = error.detail
    if isinstance(error, QueryProblem) and error.position is not None and query:
        text = f'invalid parameter "query": {place(query, error.position)}: parse error: {text}'
    return Said(STATUS.get(kind, 500), _encoded({"status": "error", "errorType": kind, "error": text}))


def _encoded(document: dict[str, Any]) -> bytes:
    """Bytes that are no UTF-8, which a query can write, become question marks."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document, ensure_ascii=False).encode(errors="replace")


def place(query: str, offset: int) -> str:
    """``line:column`` of an offset into a query."""
    before = query[:offset].encode(errors="replace").split(b"\n")
    return f"{len(before)}:{len(before[-1]) + 1}"
