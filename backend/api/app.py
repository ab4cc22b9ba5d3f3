"""The two ASGI applications of an API process: the public one, and the one of its loopback operations port."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backend.api import description, description_techniques, problems
from backend.api.context import RequestContext, notes_of
from backend.api.host import LoopbackHostOnly
from backend.api.parts import ApiParts
from backend.api.pools import Pools, for_service
from backend.api.recalling import Recalling
from backend.api.recorded import Recorded
from backend.api.routes.deploys import PATH, DeployRoutes
from backend.api.routes.places import PlaceRoutes
from backend.api.routes.service import ServiceRoutes
from backend.api.routes.techniques import TechniqueRoutes
from backend.errors import ServiceError
from backend.monitoring.records import RequestRecord

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(parts: ApiParts, record: Callable[[RequestRecord], None] | None = None) -> FastAPI:
    """The public API. ``record`` takes each finished request and must not block."""
    app, pools = _bare(parts), Pools.of(parts)
    app.add_middleware(Recorded, parts=parts)
    _add_techniques(app, parts, TechniqueRoutes(parts, pools))
    _add(app, "GET", "/v1/places", PlaceRoutes(parts, pools.waiting, pools.lookups).search, description.PLACES)
    _add(app, "POST", PATH, DeployRoutes(parts, pools.service, pools.lookups).record, description.DEPLOYS)
    _add_service(app, ServiceRoutes(parts, pools.service, app.openapi, guarded=True))
    _surround(app, parts, record or _nowhere)
    _emit(app, parts, pools)
    return app


def create_operations_app(parts: ApiParts, public: FastAPI) -> FastAPI:
    """Metrics, readiness in detail and the API's description, without a key: only ever bound to loopback."""
    app = _bare(parts)
    _add_service(app, ServiceRoutes(parts, for_service(parts), public.openapi, guarded=False))
    app.add_middleware(LoopbackHostOnly)
    _surround(app, replace(parts, trace=None), _nowhere)
    return app


def _emit(app: FastAPI, parts: ApiParts, pools: Pools) -> None:
    """Begin at 0 what may be counted, and say what is read when somebody asks."""
    work = [route for route in app.routes if isinstance(route, APIRoute) and route.path.startswith(description_techniques.PREFIX)]
    parts.series.expect_routes({route.path: next(iter(route.methods or ())) for route in work})
    parts.series.expect_charts(technique.name for technique in parts.charts.techniques.values())
    parts.series.read(pools.readings)
    parts.series.read(parts.profiling.readings)


def _add_techniques(app: FastAPI, parts: ApiParts, routes: TechniqueRoutes) -> None:
    """One address each; and before all addresses, what is remembered."""
    addresses = {f"{description_techniques.PREFIX}{name}": name for name in parts.charts.techniques}
    for address, name in addresses.items():
        _add(app, "POST", address, routes.of(name), description_techniques.operation(name, parts.charts.techniques[name]))
    app.add_middleware(Recalling, parts=parts, names=addresses)


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
    app.add_middleware(RequestContext, parts=parts, record=record)


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
