"""Every metric, once: names, labels and buckets; the only door to prometheus_client.

Labels take few values by construction: routes are templates, never paths; names that come from outside end in 'other' after a bound.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.process_collector import ProcessCollector

from backend.telemetry.dependency_series import DependencyCollector, ReadFigures
from backend.telemetry.kept_series import KeptCollector, ReadKept
from backend.telemetry.metrics_server_series import MetricsServerCollector, ReadServer
from backend.telemetry.metrics_store_series import MetricsStoreCollector, ReadStore

REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CIRCUIT_STATES = ("closed", "half_open", "open", "isolated", "forced_open", "disabled", "metrics_only")
MOST_VALUES = 48
MOST_CHILDREN = 1024
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


@dataclass(frozen=True)
class Sample:
    """One line of an exposition."""

    name: str
    labels: dict[str, str]
    value: float


class Series:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, version: str, role: str = "api") -> None:
        self._registry = CollectorRegistry()
        self._seen: dict[str, set[str]] = {}
        self._dependencies: list[ReadFigures] = []
        self._children: dict[tuple[str | int | bool, ...], tuple[Any, ...]] = {}
        self._http()
        self._domain()
        ProcessCollector(registry=self._registry)
        build = Gauge("astrolabe_build_info", "1, with the version.", ["version", "python", "role"], registry=self._registry)
        build.labels(version, platform.python_version(), role).set(1)

    def _http(self) -> None:
        registry = self._registry
        self._requests = Counter(
            "astrolabe_http_requests", "Requests answered, by route template.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram(
            "astrolabe_http_request_seconds", "Time to a whole answer.", ["route"], buckets=REQUEST_SECONDS, registry=registry
        )
        self._in_flight = Gauge("astrolabe_http_requests_in_flight", "Requests being answered now.", registry=registry)
        self._dropped = Counter(
            "astrolabe_request_records_dropped", "Requests that the table of recent requests does not hold.", ["why"], registry=registry
        )
        self._shed = Counter("astrolabe_http_requests_shed", "Requests refused at the door of a full process", ["route"], registry=registry)

    def _domain(self) -> None:
        registry = self._registry
        self._charts = Counter("astrolabe_charts", "Charts answered.", ["kind", "source", "degraded"], registry=registry)
        self._kept = Counter("astrolabe_chart_cache", "Charts answered, by whether they were kept.", ["kind", "result"], registry=registry)
        self._circuits = Gauge("astrolabe_circuit_state", "1 for the state a circuit is in here.", ["circuit", "state"], registry=registry)
        self._acts = Counter("astrolabe_operator_acts", "Orders on circuits given by this process.", ["act", "effect"], registry=registry)

    def operator_act(self, act: str, *, applied: bool) -> None:
        """An order by an operator, or its end by the worker; 'recorded' while the fleet could not be told of it."""
        self._acts.labels(self._bounded("act", act), "applied" if applied else "recorded").inc()

    def request_started(self) -> None:
        self._in_flight.inc()

    def request_finished(self, route: str, method: str, status: int, seconds: float) -> None:
        self._in_flight.dec()
        answered, took = self._found(route, method, status) or self._request(route, method, status)
        answered.inc()
        took.observe(seconds)

    def request_shed(self, route: str, method: str) -> None:
        """One that was answered 503 before anything was done for it; it counts among the requests too."""
        where = self._bounded("route", route)
        self._shed.labels(where).inc()
        self._requests.labels(where, method if method in METHODS else "other", "503").inc()

    def records_dropped(self, why: str, count: int) -> None:
        if count:
            self._dropped.labels(why).inc(count)

    def chart_answered(self, kind: str, source: str, degraded: bool, cache: str) -> None:
        """``cache``: whether the answer was kept (hit, stale) or made now (miss)."""
        charts, kept = self._found(kind, source, degraded, cache) or self._chart(kind, source, degraded, cache)
        charts.inc()
        kept.inc()

    def kept_answers(self, read: ReadKept) -> None:
        """Ask ``read`` at each exposition for what this process keeps."""
        self._registry.register(KeptCollector(read))

    def metrics_server(self, read: ReadServer) -> None:
        """Ask ``read`` at each exposition how the metrics server does."""
        self._registry.register(MetricsServerCollector(read))

    def metrics_store(self, read: ReadStore) -> None:
        """Ask ``read`` at each exposition what the metrics store holds and could not keep."""
        self._registry.register(MetricsStoreCollector(read))

    def dependencies(self, read: ReadFigures) -> None:
        """Ask ``read`` at each exposition for the figures of dependencies that this process calls; each adds to those before."""
        self._dependencies.append(read)
        if len(self._dependencies) == 1:  # one collector for all, as a metric may stand in an exposition only once
            self._registry.register(DependencyCollector(lambda: chain.from_iterable(each() for each in self._dependencies)))

    def circuit_state(self, circuit: str, state: str) -> None:
        name = self._bounded("circuit", circuit)
        for known in CIRCUIT_STATES:
            self._circuits.labels(name, known).set(known == state)

    def _found(self, *labels: str | int | bool) -> tuple[Any, ...] | None:
        """The series for these labels, once found: looking one up costs more than adding to it."""
        return self._children.get(labels)

    def _request(self, route: str, method: str, status: int) -> tuple[Any, ...]:
        where = self._bounded("route", route)
        found = self._requests.labels(where, method if method in METHODS else "other", str(status)), self._seconds.labels(where)
        return self._remembered(found, route, method, status)

    def _chart(self, kind: str, source: str, degraded: bool, cache: str) -> tuple[Any, ...]:
        name = self._bounded("kind", kind)
        found = self._charts.labels(name, self._bounded("source", source), str(degraded).lower()), self._kept.labels(name, cache)
        return self._remembered(found, kind, source, degraded, cache)

    def _remembered(self, found: tuple[Any, ...], *labels: str | int | bool) -> tuple[Any, ...]:
        if len(self._children) < MOST_CHILDREN:
            self._children[labels] = found
        return found

    def exposition(self) -> bytes:
        """All of it in Prometheus's text form."""
        return generate_latest(self._registry)

    def _bounded(self, label: str, value: str) -> str:
        """``value`` while the label has few values, then 'other': nothing from outside may grow the registry."""
        seen = self._seen.setdefault(label, set())
        if value not in seen and len(seen) >= MOST_VALUES:
            return "other"
        seen.add(value)
        return value


def read_exposition(body: bytes) -> Iterator[Sample]:
    """The samples of an exposition."""
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            yield Sample(sample.name, dict(sample.labels), float(sample.value))
