"""A source of metrics that answers from a few made-up series, and can be empty, stale, failed or slow."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np

from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.errors import QueryProblem
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.result import Curve, QueryResult
from backend.monitoring.source import Exemplar, ServerInfo

ROUTES = ("/v1/charts/natal", "/v1/charts/transits", "/v1/places", "/livez")
METRICS = {
    "http_server_request_duration_seconds_bucket": ("histogram", "Time from the first byte of a request to the last of its answer."),
    "http_server_request_duration_seconds_count": ("histogram", "Time from the first byte of a request to the last of its answer."),
    "http_requests_total": ("counter", "Requests by route and status."),
    "process_resident_memory_bytes": ("gauge", "Resident memory of a process."),
    "up": ("gauge", "1 while the target answers, 0 when it does not."),
}
LABELS = {
    "route": ROUTES,
    "code": ("200", "404", "503"),
    "job": ("api", "console", "worker"),
    "instance": ("127.0.0.1:9101", "127.0.0.1:9102"),
}


class _Now(Protocol):
    def now(self) -> datetime: ...


@dataclass
class StandInMetrics:
    """``curves`` series answer every query; words in a query change that: 'many', 'nothing', 'warned' and 'wrong'."""

    clock: _Now
    state: str = "fresh"
    curves: int = 3
    asked: list[tuple[str, str]] = field(default_factory=list)

    def instant(self, query: str, at: datetime | None = None) -> Reading[QueryResult]:
        self._check(query)
        self.asked.append(("instant", query))
        when = at or self.clock.now()
        return self._reading(query, self._result(query, when, when, 60.0))

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float) -> Reading[QueryResult]:
        self._check(query)
        self.asked.append(("range", query))
        return self._reading(query, self._result(query, start, end, step_seconds))

    def label_names(self, matching: Sequence[str] = ()) -> Reading[list[str]]:
        return self._reading("", ["__name__", *LABELS])

    def label_values(self, label: str, matching: Sequence[str] = ()) -> Reading[list[str]]:
        return self._reading("", list(METRICS) if label == "__name__" else list(LABELS.get(label, ())))

    def series(self, matching: Sequence[str], start: datetime, end: datetime) -> Reading[list[dict[str, str]]]:
        return self._reading("", [self.labels_of(number) for number in range(self.curves)])

    def labels_of(self, number: int) -> dict[str, str]:
        return {"__name__": "http_requests_total", "job": "api", "route": ROUTES[number % 4], "shard": str(number // 4)}

    def metadata(self) -> Reading[dict[str, tuple[str, str]]]:
        return self._reading("", {re.sub("_(bucket|count)$", "", name): fact for name, fact in METRICS.items()})

    def exemplars(self, query: str, start: datetime, end: datetime) -> Reading[list[Exemplar]]:
        return self._reading("", [])

    def server(self) -> Reading[ServerInfo]:
        return self._reading("", ServerInfo("embedded", "3.4.0", "http://127.0.0.1:9464"))

    def _check(self, query: str) -> None:
        if "wrong" in query:
            raise QueryProblem("bad_data", 'unexpected identifier "wrong"', query.index("wrong"))

    def _reading(self, query: str, value: Any) -> Reading[Any]:
        now = self.clock.now()
        if self.state == "failed" or "away" in query:
            return Failed("metrics", "the metrics server did not answer in 10 s", now, now - timedelta(minutes=3))
        if self.state == "empty" or "nothing" in query:
            return Empty(now, now - timedelta(hours=2))
        if self.state == "stale":
            return Stale(value, now - timedelta(minutes=2), "the metrics server did not answer in 10 s")
        return Fresh(value, now, 0.012)

    def _result(self, query: str, start: datetime, end: datetime, step_seconds: float) -> QueryResult:
        first, last = (round(at.timestamp() * 1000) for at in (start, end))
        times = np.arange(first, last + 1, max(1, round(step_seconds * 1000)), dtype=np.int64)
        count = 134 if "many" in query else self.curves
        curves = tuple(Curve(labels_of(self.labels_of(number)), times, _wave(times, number)) for number in range(count))
        warnings = ("one of two stores did not answer",) if "warned" in query else ()
        return QueryResult("vector" if start == end else "matrix", curves, warnings=warnings, samples=count * len(times) * 20)


def _wave(times: Any, number: int) -> Any:
    return (number + 1) * (2 + np.sin(times / 1000 / (300 + 40 * number)) + 0.2 * math.sin(number))
