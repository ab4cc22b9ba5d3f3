"""The two ASGI applications of an API process: the public one, and the one of its loopback operations port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backend.api import description, description_techniques, problems
from backend.api.context import RequestContext, notes_of
from backend.api.host import LoopbackHostOnly
from backend.api.parts import ApiParts
from backend.api.recalling import Recalling
from backend.api.routes.deploys import PATH, DeployRoutes
from backend.api.routes.places import PlaceRoutes
from backend.api.routes.service import ServiceRoutes
from backend.api.routes.techniques import TechniqueRoutes
from backend.api.threads import COMPUTING_THREADS, SEARCHING_THREADS, Threads
from backend.errors import ServiceError
from backend.monitoring.records import RequestRecord

LOOKUP_SECONDS = 2.0
MOST_SEARCHES = 16  # under way and waiting; who comes after them is told to come back
Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(parts: ApiParts, record: Callable[[RequestRecord], None] | None = None) -> FastAPI:
    """The public API. ``record`` takes each finished request and must not block."""
    app = _bare(parts)
    waiting, lookups = Threads(parts.request_seconds, parts.clock, parts.most_waiting), _for_lookups(parts)
    _add_techniques(app, parts, waiting, lookups)
    _add(app, "GET", "/v1/places", PlaceRoutes(parts, waiting, lookups).search, description.PLACES)
    _add(app, "POST", PATH, DeployRoutes(parts, _own_threads(parts), lookups).record, description.DEPLOYS)
    _add_service(app, ServiceRoutes(parts, _own_threads(parts), app.openapi, guarded=True))
    _surround(app, parts, record or _nowhere)
    return app


def create_operations_app(parts: ApiParts, public: FastAPI) -> FastAPI:
    """Metrics, readiness in detail and the API's description, without a key: only ever bound to loopback."""
    app = _bare(parts)
    _add_service(app, ServiceRoutes(parts, _own_threads(parts), public.openapi, guarded=False))
    app.add_middleware(LoopbackHostOnly)
    _surround(app, parts, _nowhere)
    return app


def _add_techniques(app: FastAPI, parts: ApiParts, waiting: Threads, lookups: Threads) -> None:
    """One address each; and before all addresses, what is remembered."""
    computing = Threads(parts.request_seconds, parts.clock, parts.most_waiting, COMPUTING_THREADS)
    searching = Threads(parts.request_seconds, parts.clock, MOST_SEARCHES, SEARCHING_THREADS)
    routes = TechniqueRoutes(parts, computing, waiting, searching, lookups)
    addresses = {f"{description_techniques.PREFIX}{name}": name for name in parts.charts.techniques}
    for address, name in addresses.items():
        _add(app, "POST", address, routes.of(name), description_techniques.operation(name, parts.charts.techniques[name]))
    app.add_middleware(Recalling, parts=parts, names=addresses)


def _for_lookups(parts: ApiParts) -> Threads:
    """For keys that are not in memory: when the store hangs, they wait apart from those who are known."""
    return Threads(LOOKUP_SECONDS, parts.clock, most_waiting=256, threads=8)


def _own_threads(parts: ApiParts) -> Threads:
    """For questions about the service: they are answered while charts are waiting in line."""
    return Threads(parts.request_seconds, parts.clock, most_waiting=64, threads=2)


def _bare(parts: ApiParts) -> FastAPI:
    app = FastAPI(
        title="Astrolabe",
        version=parts.version,
        description=description.ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are our own, and nothing else may tell anybody
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
    )
    app.add_exception_handler(ServiceError, _service_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _http_exception)
    description.complete(app, description_techniques.schemas(parts.charts.techniques))
    return app


def _add(app: FastAPI, method: str, path: str, endpoint: Endpoint, about: dict[str, Any]) -> None:
    app.add_api_route(path, endpoint, methods=[method], response_model=None, **about)


def _add_service(app: FastAPI, routes: ServiceRoutes) -> None:
    _add(app, "GET", "/", routes.root, description.ROOT)
    _add(app, "GET", "/livez", routes.livez, description.LIVEZ)
    _add(app, "GET", "/readyz", routes.readyz, description.READYZ)
    _add(app, "GET", "/metrics", routes.metrics, description.METRICS)
    _add(app, "GET", "/openapi.json", routes.openapi, description.OPENAPI)


def _surround(app: FastAPI, parts: ApiParts, record: Callable[[RequestRecord], None]) -> None:
    app.add_middleware(RequestContext, series=parts.series, clock=parts.clock, instance_id=parts.instance.id, record=record, tls=parts.tls)


def _nowhere(_record: RequestRecord) -> None:
    """For an application whose requests nobody looks up."""


async def _service_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ServiceError)
    notes = notes_of(request)
    notes.error_code = error.code
    return problems.response_of(error, notes.request_id)


async def _http_exception(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown addresses and methods."""
    status = error.status_code if isinstance(error, HTTPException) else 422
    code, detail = problems.of_status(status)
    notes = notes_of(request)
    notes.error_code = code
    return problems.document(code, detail, notes.request_id, headers=getattr(error, "headers", None))
