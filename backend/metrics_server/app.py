"""The HTTP API: each route reads its parameters, has the question answered, and says how that went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend.clock import Clock
from backend.errors import QueryProblem, ServiceError
from backend.metrics_server import documents
from backend.metrics_server.host import LoopbackOnly
from backend.metrics_server.parameters import Given
from backend.metrics_server.pool import Pool
from backend.metrics_server.questions import Question, Readiness, Said, Written
from backend.metrics_server.requests import Reading, TooLarge, body_of, given
from backend.monitoring.promql.engine import Limits
from backend.monitoring.rules.documents import RuleDesk
from backend.telemetry.metrics_server_series import QuestionCounts

JSON = "application/json"
LARGEST_WRITE = 16_000_000  # bytes, packed
READY_SECONDS = 2.0
WRITE_SECONDS = 30.0
API = "/api/v1"


@dataclass(frozen=True)
class Parts:
    """What the server works with; ``exposed`` gives our own metrics in the form that a scraper accepts."""

    pool: Pool
    writing: Pool
    limits: Limits
    clock: Clock
    version: str
    rules: RuleDesk
    exposed: Callable[[str], tuple[str, bytes]]
    counts: QuestionCounts


def create_app(parts: Parts) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    Routes(parts).join(app)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_middleware(LoopbackOnly)
    return app


class Routes:
    """Every address."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._read = Reading(parts.limits, parts.clock)

    def join(self, app: FastAPI) -> None:
        read, both = self._read, ("GET", "POST")
        self._ask(app, f"{API}/query", read.instant, both)
        self._ask(app, f"{API}/query_range", read.range, both)
        self._ask(app, f"{API}/query_exemplars", read.exemplars, both)
        self._ask(app, f"{API}/format_query", read.formatted, both)
        self._ask(app, f"{API}/series", read.series, both)
        self._ask(app, f"{API}/labels", read.label_names, both)
        self._ask(app, f"{API}/metadata", read.metadata)
        self._ask(app, f"{API}/targets", read.targets)
        self._add(app, f"{API}/label/{{name}}/values", self._label_values)
        self._add(app, f"{API}/rules", self._rules)
        self._add(app, f"{API}/alerts", self._alerts)
        self._add(app, f"{API}/status/buildinfo", self._buildinfo)
        self._add(app, f"{API}/write", self._write, ("POST",))
        self._add(app, "/-/ready", self._ready)
        for path in ("/-/healthy", "/livez"):  # Prometheus's word for it, and that of our other roles
            app.add_api_route(path, _healthy, methods=["GET", "HEAD"])
        app.add_api_route("/metrics", self._metrics, methods=["GET"])

    def _ask(self, app: FastAPI, path: str, read: Callable[[Given], Question], methods: tuple[str, ...] = ("GET",)) -> None:
        async def answer(request: Request) -> Said:
            return await self._answered(read(await given(request)))

        self._add(app, path, answer, methods)

    def _add(self, app: FastAPI, path: str, answer: Callable[[Request], Awaitable[Said]], methods: tuple[str, ...] = ("GET",)) -> None:
        """Counted, timed, and with every error as a document."""
        clock, counts = self._parts.clock, self._parts.counts

        async def endpoint(request: Request) -> Response:
            begun = clock.monotonic()
            try:
                said = await answer(request)
            except ServiceError as error:
                said = documents.failure(error)
            except TooLarge:
                said = documents.failure(QueryProblem("bad_data", "the body is too large"))
            counts.add(path, said.status, clock.monotonic() - begun)
            return _response(said)

        app.add_api_route(path, endpoint, methods=list(methods), response_model=None)

    async def _answered(self, question: Question) -> Said:
        return await self._parts.pool.ask(question, getattr(question, "seconds", self._parts.limits.seconds))

    async def _label_values(self, request: Request) -> Said:
        return await self._answered(self._read.label_values(await given(request), request.path_params["name"]))

    async def _rules(self, request: Request) -> Said:
        data, warnings = await asyncio.to_thread(self._parts.rules.rules, self._read.rules(await given(request)))
        return documents.success(data, warnings)

    async def _alerts(self, _request: Request) -> Said:
        return documents.success(self._parts.rules.alerts())

    async def _buildinfo(self, _request: Request) -> Said:
        empty = dict.fromkeys(("revision", "branch", "buildUser", "buildDate", "goVersion"), "")
        return documents.success({"version": self._parts.version, **empty})

    async def _write(self, request: Request) -> Said:
        """Of a form that no web page can send without asking first."""
        headers = request.headers
        kind = headers.get("content-type", "").partition(";")[0]
        if kind != "application/x-protobuf" or headers.get("content-encoding") != "snappy":
            return Said(415, b"A remote write is application/x-protobuf, packed with snappy.\n")
        return await self._parts.writing.ask(Written(await body_of(request, LARGEST_WRITE)), WRITE_SECONDS)

    async def _ready(self, _request: Request) -> Said:
        return await self._parts.pool.ask(Readiness(), READY_SECONDS)

    async def _metrics(self, request: Request) -> Response:
        kind, body = self._parts.exposed(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": kind})


async def _healthy() -> Response:
    return PlainTextResponse("Astrolabe's metrics server is healthy.\n")


def _response(said: Said) -> Response:
    headers = {"retry-after": "1"} if said.status == 503 else {}
    media = JSON if said.body.startswith(b"{") else "text/plain; charset=utf-8"
    return Response(said.body, said.status, headers, media_type=media)


async def _unknown(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return PlainTextResponse("method not allowed\n" if status == 405 else "404 page not found\n", status)
