"""A source of metrics that knows the shipped dashboards' queries: an hour of traffic that bends after 40 minutes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np

from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.errors import QueryProblem
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.result import Curve, QueryResult
from backend.monitoring.source import Exemplar, ServerInfo

ROUTES = ("/v1/charts", "/v1/transits", "/v1/places", "/v1/synastry")
BOUNDS = ("0.005", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "+Inf")
WHY = "the metrics server did not answer within 4 s"


class _Now(Protocol):
    def now(self) -> datetime: ...


@dataclass
class BoardMetrics:
    """``state`` is that of the source; ``failing``, ``wrong`` and ``silent`` are parts of queries that fare so by themselves.

    ``until`` ends every series there; ``before`` is called with each query first, to be slow or to count.
    """

    clock: _Now
    state: str = "fresh"
    failing: str = ""
    wrong: str = ""
    silent: str = ""
    until: datetime | None = None
    before: Callable[[str], object] = lambda _query: None
    asked: list[str] = field(default_factory=list)

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float) -> Reading[QueryResult]:
        self.asked.append(query)
        self.before(query)
        if self.wrong and self.wrong in query:
            raise QueryProblem("bad_data", "unexpected end of the query", 3)
        now = self.clock.now()
        if self.state == "failed" or (self.failing and self.failing in query):
            return Failed("metrics", WHY, now, now - timedelta(minutes=3))
        if self.state == "empty" or (self.silent and self.silent in query):
            return Empty(now, now - timedelta(hours=2))
        times = _times(start, min(end, self.until) if self.until else end, step_seconds)
        result = QueryResult("matrix", tuple(_curves(query, times, now)), samples=len(times) * 20)
        if self.state == "stale":
            return Stale(result, now - timedelta(minutes=2), WHY)
        return Fresh(result, now, 0.012)

    def instant(self, query: str, at: datetime | None = None) -> Reading[QueryResult]:
        when = at or self.clock.now()
        return self.range(query, when, when, 1.0)

    def label_names(self, matching: Sequence[str] = ()) -> Reading[list[str]]:
        return Fresh(["route"], self.clock.now(), 0.001)

    def label_values(self, label: str, matching: Sequence[str] = ()) -> Reading[list[str]]:
        if self.state == "failed":
            return Failed("metrics", WHY, self.clock.now())
        return Fresh(list({"route": ROUTES, "dependency": ("geocoder", "metrics")}.get(label, ("a", "b"))), self.clock.now(), 0.001)

    def series(self, matching: Sequence[str], start: datetime, end: datetime) -> Reading[list[dict[str, str]]]:
        return Fresh([], self.clock.now(), 0.001)

    def metadata(self) -> Reading[dict[str, tuple[str, str]]]:
        return Fresh({}, self.clock.now(), 0.001)

    def exemplars(self, query: str, start: datetime, end: datetime) -> Reading[list[Exemplar]]:
        return Fresh([], self.clock.now(), 0.001)

    def server(self) -> Reading[ServerInfo]:
        return Fresh(ServerInfo("embedded", "3.4.0", "http://127.0.0.1:9464"), self.clock.now(), 0.001)


def _times(start: datetime, end: datetime, step_seconds: float) -> Any:
    first, last = (round(at.timestamp() * 1000) for at in (start, end))
    return np.arange(first, last + 1, max(1, round(step_seconds * 1000)), dtype=np.int64)


def _curves(query: str, times: Any, now: datetime) -> list[Curve]:
    """By what the query is of; the bend begins 20 minutes before now."""
    if not len(times):
        return []
    bend = np.clip((times - now.timestamp() * 1000 + 1_200_000) / 300_000, 0, 1)
    sway = 1 + 0.05 * np.sin(times / 400_000) + 0.03 * np.sin(times / 37_000)
    if "histogram_quantile(0.95" in query:
        return _several(query, times, (0.7 + 1.2 * bend) * sway)
    if "histogram_quantile" in query:
        return [Curve((), times, 0.2 * sway)]
    if "by (le)" in query:
        return [_bucket(bound, times, bend, sway) for bound in BOUNDS]
    if "circuit_state" in query:
        return _states(times, now)
    return _several(query, times, _level(query, bend) * sway)


def _level(query: str, bend: Any) -> Any:
    if "degraded=" in query:
        return 0.31 * bend
    if "chart_cache" in query and "/ (" in query:
        return 0.72 + 0 * bend
    if "/ (" in query:
        return 0.0025 + 0.0035 * bend
    if "bytes" in query:
        return 180e6 + 2e7 * bend
    return 42.0 + 0 * bend


def _several(query: str, times: Any, values: Any) -> list[Curve]:
    """One curve, or one for each value of the label that the query keeps."""
    found = re.search(r"by \((?!le\))(\w+)", query)
    name = found[1] if found else ""
    if not name:
        return [Curve((), times, values)]
    kept = ROUTES if name == "route" else ("geocoder", "metrics") if name == "dependency" else ("one", "two", "three")
    return [Curve(labels_of({name: value}), times, values * (1 - 0.2 * place)) for place, value in enumerate(kept)]


def _bucket(bound: str, times: Any, bend: Any, sway: Any) -> Curve:
    """Cumulative: most within 0.1 s, and from the bend on a second heap about 1 to 2.5 s."""
    edge = float(bound)
    below = 1 - math.exp(-((edge / 0.08) ** 1.5)) if math.isfinite(edge) else 1.0
    late = 1 - math.exp(-((edge / 1.6) ** 4)) if math.isfinite(edge) else 1.0
    return Curve(labels_of({"le": bound}), times, 42 * sway * ((1 - 0.5 * bend) * below + 0.5 * bend * late))


def _states(times: Any, now: datetime) -> list[Curve]:
    """The geocoder opened 15 minutes ago, let a probe through 4 minutes ago and is open again; metrics is closed."""
    ago = now.timestamp() * 1000 - times
    spans = {
        ("geocoder", "closed"): ago > 900_000,
        ("geocoder", "open"): ((ago <= 900_000) & (ago > 240_000)) | (ago <= 150_000),
        ("geocoder", "half_open"): (ago <= 240_000) & (ago > 150_000),
        ("metrics", "closed"): ago >= 0,
    }
    return [
        Curve(labels_of({"circuit": circuit, "state": state}), times[held], np.ones(int(held.sum())))
        for (circuit, state), held in spans.items()
        if held.any()
    ]
