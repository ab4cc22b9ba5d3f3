"""The metrics of one process: what was counted and what is read where it is kept; two forms of exposition.

Names, help and labels are in the catalogue. Labels take few values by construction: routes are templates, never paths; beyond a bound
of series a metric counts under ``__other__``.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping
from time import monotonic
from typing import Any

import prometheus_client
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.process_collector import ProcessCollector

from backend.telemetry import (
    api_metrics,
    dependency_series,
    kept_series,
    logging,
    metrics_server_series,
    metrics_store_series,
    process_metrics,
)
from backend.telemetry.definitions import Metric, Reading, Row, one
from backend.telemetry.guarded import Guarded
from backend.telemetry.readings import Read, ReadingsCollector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CIRCUIT_STATES = ("closed", "half_open", "open", "isolated", "forced_open", "disabled", "metrics_only")
MOST_REMEMBERED = 1024
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OPENMETRICS = "application/openmetrics-text"
EXEMPLAR_SECONDS, SLOW_SECONDS = 1.0, 0.25

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call] # a series more for each counter, which nobody asks for


class Series:
    """The metrics of one process, in a registry of their own. ``started``: its start in seconds since 1970."""

    def __init__(self, version: str, role: str = "api", started: float = 0.0) -> None:
        self._registry = CollectorRegistry()
        self._remembered: dict[tuple[str | int | bool, ...], tuple[Any, ...]] = {}
        self._under_way = 0
        self._exemplar_due: dict[str, float] = {}
        dropped = Guarded(process_metrics.CARDINALITY_DROPPED, self._registry, lambda _name: None)
        self._overflow = lambda name: dropped.at(name).inc()
        self._readings = ReadingsCollector(self._overflow)
        self._http()
        self._domain()
        self._jobs()
        ProcessCollector(registry=self._registry)
        self._registry.register(self._readings)
        about = Row((version, platform.python_version(), role), 1)
        self.read(lambda: [Reading(process_metrics.BUILD, (about,)), one(process_metrics.STARTED, started)])
        self.read(logging.readings)

    def _counted(self, metric: Metric) -> Guarded:
        return Guarded(metric, self._registry, self._overflow)

    def _http(self) -> None:
        self._requests = self._counted(api_metrics.REQUESTS)
        self._seconds = self._counted(api_metrics.SECONDS)
        self._errors = self._counted(api_metrics.ERRORS)
        self._dropped = self._counted(api_metrics.RECORDS_DROPPED)
        self._shed = self._counted(api_metrics.SHED)
        self.read(lambda: [one(api_metrics.IN_FLIGHT, self._under_way)])

    def _domain(self) -> None:
        self._charts = self._counted(api_metrics.CHARTS)
        self._kept = self._counted(api_metrics.CHART_CACHE)
        self._circuits = self._counted(api_metrics.CIRCUIT_STATE)
        self._transitions = self._counted(api_metrics.CIRCUIT_TRANSITIONS)
        self._acts = self._counted(api_metrics.OPERATOR_ACTS)

    def _jobs(self) -> None:
        self._job_runs = self._counted(process_metrics.JOB_RUNS)
        self._job_seconds = self._counted(process_metrics.JOB_TIME)
        self._job_success = self._counted(process_metrics.JOB_SUCCESS)
        self._job_every = self._counted(process_metrics.JOB_EVERY)
        self._page_runs = self._counted(process_metrics.PAGE_RUNS)
        self._page_seconds = self._counted(process_metrics.PAGE_TIME)

    # -- requests ---------------------------------------------------------------------------------------------------

    def expect_routes(self, methods: Mapping[str, str]) -> None:
        """Begin at 0 what these routes may be answered with, so that the first of each counts as a rise; ``methods`` by route."""
        for route, method in methods.items():
            for status in ("200", "500", "503"):
                self._requests.at(route, method, status)
            self._seconds.at(route)

    def request_started(self) -> None:
        self._under_way += 1  # in the loop's thread alone

    def request_finished(
        self,
        route: str,
        method: str,
        status: int,
        seconds: float,
        error: str | None = None,
        trace: Callable[[], dict[str, str]] | None = None,
    ) -> None:
        """``error``: its code. ``trace``: gives the ids by which this very request can be found; kept of one each second and route,
        and of each slow one."""
        self._under_way -= 1
        answered, took = self._remembered.get((route, method, status)) or self._request(route, method, status)
        answered.inc()
        took.observe(seconds, trace() if trace is not None and self._is_shown(route, seconds) else None)
        if error:
            self._errors.at(route, error).inc()

    def request_shed(self, route: str, method: str) -> None:
        """One that was answered 503 before anything was done for it; it counts among the requests too."""
        self._shed.at(route).inc()
        self._errors.at(route, "bulkhead_full").inc()
        self._requests.at(route, method if method in METHODS else "other", "503").inc()

    def records_dropped(self, why: str, count: int) -> None:
        """``count`` may be 0, which begins the series."""
        self._dropped.at(why).inc(count)

    # -- charts and circuits ----------------------------------------------------------------------------------------

    def expect_charts(self, kinds: Iterable[str]) -> None:
        """Begin at 0 whether answers of these kinds were kept."""
        for kind in kinds:
            for result in ("hit", "stale", "miss"):
                self._kept.at(kind, result)

    def chart_answered(self, kind: str, source: str, degraded: bool, cache: str) -> None:
        """``cache``: whether the answer was kept (hit, stale) or made now (miss)."""
        charts, kept = self._remembered.get((kind, source, degraded, cache)) or self._chart(kind, source, degraded, cache)
        charts.inc()
        kept.inc()

    def circuit_state(self, circuit: str, state: str) -> None:
        """The state it is in, without a change."""
        for known in CIRCUIT_STATES:
            self._circuits.at(circuit, known).set(known == state)
            self._transitions.at(circuit, known)

    def circuit_changed(self, circuit: str, state: str) -> None:
        self.circuit_state(circuit, state)
        self._transitions.at(circuit, state).inc()

    def operator_act(self, act: str, *, applied: bool) -> None:
        """An order by an operator, or its end by the worker; 'recorded' while the fleet could not be told of it."""
        self._acts.at(act, "applied" if applied else "recorded").inc()

    # -- jobs and pages ---------------------------------------------------------------------------------------------

    def expect_job(self, job: str, every_seconds: float) -> None:
        """Begin at 0 what may become of its runs."""
        self._job_every.at(job).set(every_seconds)
        self._job_success.at(job).set(0)
        for outcome in ("ok", "failed", "store_away"):
            self._job_runs.at(job, outcome)

    def job_done(self, job: str, outcome: str, seconds: float, at: float) -> None:
        """``outcome``: ok, failed, store_away; ``at``: its end in seconds since 1970."""
        self._job_runs.at(job, outcome).inc()
        self._job_seconds.at(job).observe(seconds)
        if outcome == "ok":
            self._job_success.at(job).set(at)

    def page_drawn(self, page: str, outcome: str, seconds: float) -> None:
        """``outcome``: ok, failed, or left."""
        self._page_runs.at(page, outcome).inc()
        self._page_seconds.at(page).observe(seconds)

    # -- what is read -----------------------------------------------------------------------------------------------

    def read(self, read: Read) -> None:
        """Ask ``read`` at each exposition; several may give rows of the same metric."""
        self._readings.add(read)

    def kept_answers(self, read: kept_series.ReadKept) -> None:
        """Ask ``read`` for what this process keeps."""
        self.read(lambda: kept_series.readings(read()))

    def metrics_server(self, read: metrics_server_series.ReadServer) -> None:
        """Ask ``read`` how the metrics server does."""
        self.read(lambda: metrics_server_series.readings(read()))

    def metrics_store(self, read: metrics_store_series.ReadStore) -> None:
        """Ask ``read`` what the metrics store holds and could not keep."""
        self.read(lambda: metrics_store_series.readings(read()))

    def dependencies(self, read: dependency_series.ReadFigures) -> None:
        """Ask ``read`` for the figures of dependencies that this process calls; each adds to those before."""
        self.read(lambda: [reading for figures in read() for reading in dependency_series.readings(figures)])

    def exposition(self) -> bytes:
        """All of it in Prometheus's text form."""
        return generate_latest(self._registry)

    def exposed(self, accept: str = "") -> tuple[str, bytes]:
        """Media type and content in the form that ``accept`` names: OpenMetrics, which has exemplars, or else the text form."""
        if OPENMETRICS in accept:
            return openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest(self._registry)  # type: ignore[no-untyped-call]
        return CONTENT_TYPE, self.exposition()

    # -- what was found once: looking a series up costs more than adding to it ----------------------------------------

    def _request(self, route: str, method: str, status: int) -> tuple[Any, ...]:
        found = self._requests.at(route, method if method in METHODS else "other", str(status)), self._seconds.at(route)
        return self._remember(found, self._requests.has_room(), route, method, status)

    def _chart(self, kind: str, source: str, degraded: bool, cache: str) -> tuple[Any, ...]:
        found = self._charts.at(kind, source, str(degraded).lower()), self._kept.at(kind, cache)
        return self._remember(found, self._charts.has_room(), kind, source, degraded, cache)

    def _remember(self, found: tuple[Any, ...], has_room: bool, *labels: str | int | bool) -> tuple[Any, ...]:
        if has_room and len(self._remembered) < MOST_REMEMBERED:
            self._remembered[labels] = found
        return found

    def _is_shown(self, route: str, seconds: float) -> bool:
        """Whether this request stands as an example of its kind."""
        now = monotonic()
        if seconds < SLOW_SECONDS and now < self._exemplar_due.get(route, 0.0):
            return False
        self._exemplar_due[route] = now + EXEMPLAR_SECONDS
        return True
