"""POST /v1/deploys: which version runs since when, told by whoever deploys; the same told twice is one deploy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from backend.actor import Permission
from backend.api import strict_json
from backend.api.admission import leave_line
from backend.api.authentication import caller
from backend.api.body import read_body
from backend.api.parts import ApiParts
from backend.api.queries import read_query
from backend.api.threads import Threads
from backend.errors import FieldProblem, InvalidRequest
from backend.operations.deploys.record import OWN_SERVICE, NewDeploy

FIELDS = ("id", "version", "service", "at", "note", "link")
REQUIRED = FIELDS[:2]
PATH = "/v1/deploys"


class DeployRoutes:
    """For keys of the scope 'operations'."""

    def __init__(self, parts: ApiParts, threads: Threads, lookups: Threads) -> None:
        self._parts = parts
        self._threads = threads
        self._lookups = lookups

    async def record(self, request: Request) -> Response:
        """201 for a new deploy, 200 for one that is known just so, 409 where the id is another deploy's."""
        actor = await caller(request, self._parts.keys, self._lookups, Permission.RECORD_DEPLOYS)
        read_query(request, frozenset())
        told = read(strict_json.parse(await read_body(request.scope, request.receive, self._parts.body_seconds)))
        leave_line(request.scope)
        deploy, is_new = await self._threads.run(lambda: self._parts.deploys.record(actor, told))
        content = {
            "id": deploy.id,
            "version": deploy.version,
            "service": deploy.service,
            "at": deploy.at.isoformat(),
            "note": deploy.note,
            "link": deploy.link,
            "recorded_at": deploy.recorded_at.isoformat(),
        }
        return Response(orjson.dumps(content), 201 if is_new else 200, media_type="application/json")


def read(body: Mapping[str, Any]) -> NewDeploy:
    """The fields by their types; what they may hold is the service's to say."""
    problems = [FieldProblem(name, "unknown_field", "there is no such field") for name in body if name not in FIELDS]
    problems += [FieldProblem(name, "missing", "this field is needed") for name in REQUIRED if name not in body]
    problems += [FieldProblem(name, "wrong_type", "it has to be text") for name in FIELDS if not isinstance(body.get(name, ""), str)]
    at = _instant(body.get("at"))
    if isinstance(body.get("at", ""), str) and "at" in body and at is None:
        problems.append(FieldProblem("at", "not_a_time", "it has to be a time as in 2026-11-24T14:02:00Z"))
    if problems:
        raise InvalidRequest(*problems)
    return NewDeploy(body["id"], body["version"], body.get("service", OWN_SERVICE), at, body.get("note", ""), body.get("link", ""))


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
