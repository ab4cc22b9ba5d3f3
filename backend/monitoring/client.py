"""Questions to a metrics server, ours or a Prometheus, answered within their time and honest about what is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence, Sized
from datetime import UTC, datetime
from typing import Any, TypeVar

from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.clock import Clock
from backend.errors import CallRefused, DeadlineExceeded, DependencyFailed, QueryProblem
from backend.monitoring import replies
from backend.monitoring.access import Access
from backend.monitoring.connection import Document, PrometheusConnection
from backend.monitoring.last_answers import LastAnswers
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.source import Exemplar, ServerInfo
from backend.resilience import deadline

T = TypeVar("T")
L = TypeVar("L", bound=Sized)

SOURCE = "metrics"
MOST_POINTS = 11_000
LONGEST_QUERY = 16_000  # characters; they stand in an address
FEWEST_MILLISECONDS = 100
Ask = Callable[[str, Mapping[str, str | int]], Any]  # for what the library cannot ask: the data of the document at that path
_PLAIN_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class MetricsClient:
    """A MetricsSource over Prometheus's HTTP API. Thread-safe.

    ``seconds`` is the whole time of one question; a shorter ``deadline.within`` of the caller's counts. While the server does not
    answer, the last good answer to the same question stands in as Stale.
    """

    def __init__(self, access: Access, connection: PrometheusConnection, ask: Ask, clock: Clock, seconds: float = 10.0) -> None:
        self._access = access
        self._connection = connection
        self._ask = ask
        self._clock = clock
        self._seconds = seconds
        self._last = LastAnswers()

    def instant(self, query: str, at: datetime | None = None) -> Reading[QueryResult]:
        _check_length(query)
        moment = None if at is None else at.timestamp()

        def read() -> QueryResult:
            return _result(self._connection.query(query, moment, self._left()))

        return self._answered(("instant", query), read, _full_until, _size)

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float) -> Reading[QueryResult]:
        _check_length(query)
        begins, ends, step = aligned(start, end, step_seconds)

        def read() -> QueryResult:
            return _result(self._connection.query_range(query, begins, ends, step, self._left()))

        return self._answered(("range", query, step, ends - begins), read, _full_until, _size)

    def label_names(self, matching: Sequence[str] = ()) -> Reading[list[str]]:
        return self._listed(("names", *matching), lambda: replies.texts(self._connection.label_names(matching).data))

    def label_values(self, label: str, matching: Sequence[str] = ()) -> Reading[list[str]]:
        if not _PLAIN_LABEL.fullmatch(label):
            raise QueryProblem("bad_data", "a label's name is letters, digits and '_', and begins with no digit")
        return self._listed(("values", label, *matching), lambda: replies.texts(self._connection.label_values(label, matching).data))

    def series(self, matching: Sequence[str], start: datetime, end: datetime) -> Reading[list[dict[str, str]]]:
        return self._listed(("series", *matching), lambda: replies.label_sets(self._connection.series(matching, start, end).data))

    def metadata(self) -> Reading[dict[str, tuple[str, str]]]:
        return self._listed(("metadata",), lambda: replies.metadata_of(self._connection.metadata().data))

    def exemplars(self, query: str, start: datetime, end: datetime) -> Reading[list[Exemplar]]:
        _check_length(query)
        params = {"query": query, "start": f"{start.timestamp():.3f}", "end": f"{end.timestamp():.3f}"}
        return self._listed(("exemplars", query), lambda: replies.exemplars_of(self._ask("/api/v1/query_exemplars", params)))

    def server(self) -> Reading[ServerInfo]:
        def read() -> ServerInfo:
            return ServerInfo(self._access.kind, replies.version_of(self._ask("/api/v1/status/buildinfo", {})), self._access.url)

        return self._answered(("server",), read, lambda _info, now: now, lambda _info: 1)

    def rules(self) -> Reading[list[dict[str, Any]]]:
        """The groups of rules that the server evaluates, as its API tells them."""
        return self._listed(("rules",), lambda: replies.objects(self._ask("/api/v1/rules", {}), "groups"))

    def targets(self) -> Reading[list[dict[str, Any]]]:
        """What the server scrapes, as its API tells it."""
        return self._listed(("targets",), lambda: replies.objects(self._ask("/api/v1/targets", {}), "activeTargets"))

    def _listed(self, question: Hashable, read: Callable[[], L]) -> Reading[L]:
        return self._answered(question, read, lambda value, now: now if len(value) else None, len)

    def _answered(
        self,
        question: Hashable,
        read: Callable[[], T],
        full_until: Callable[[T, datetime], datetime | None],
        size: Callable[[T], int],
    ) -> Reading[T]:
        begun, now = self._clock.monotonic(), self._clock.now()
        try:
            with deadline.within(self._seconds, self._clock):
                value = read()
        except (CallRefused, DeadlineExceeded, DependencyFailed) as error:
            return self._instead(question, error.detail)
        except (ValueError, LookupError, TypeError):
            return self._instead(question, "metrics answered with something that is not a metrics server's answer")
        full_at = full_until(value, now)
        self._last.keep(question, value, now, full_at, size(value))
        if full_at is None and not (isinstance(value, QueryResult) and value.warnings):
            kept = self._last.of(question)
            return Empty(now, kept.full_at if kept else None)
        return Fresh(value, now, self._clock.monotonic() - begun)

    def _instead(self, question: Hashable, why: str) -> Reading[Any]:
        kept = self._last.of(question)
        if kept is not None and kept.value is not None:
            return Stale(kept.value, kept.at, why)
        return Failed(SOURCE, why, self._clock.now(), self._last.last_good)

    def _left(self) -> float:
        left = deadline.remaining(self._clock)
        return self._seconds if left is None else max(left, 0.0)


def aligned(start: datetime, end: datetime, step_seconds: float) -> tuple[float, float, float]:
    """Start, end and step in seconds: whole milliseconds, whole steps since 1970, and at most 11,000 points."""
    begins, ends = round(start.timestamp() * 1000), round(end.timestamp() * 1000)
    if ends < begins:
        raise QueryProblem("bad_data", "the end of the time range is before its start")
    step = max(FEWEST_MILLISECONDS, round(step_seconds * 1000), _coarse(ends - begins))
    return begins // step * step / 1000, ends // step * step / 1000, step / 1000


def _coarse(span: int) -> int:
    """The least step in ms, of whole seconds from one second on, with which a span has few enough points."""
    least = math.ceil(span / (MOST_POINTS - 2))
    return least if least < 1000 else math.ceil(least / 1000) * 1000


def _check_length(query: str) -> None:
    if len(query) > LONGEST_QUERY:
        raise QueryProblem("bad_data", f"the query is longer than {LONGEST_QUERY} characters")


def _result(document: Document) -> QueryResult:
    return replies.result_of(document.data, document.warnings, document.infos)


def _full_until(result: QueryResult, now: datetime) -> datetime | None:
    """When its newest sample is; None where there is none."""
    if result.kind == "string":
        return now
    newest = max((int(curve.times[-1]) for curve in result.curves if len(curve.times)), default=None)
    return None if newest is None else datetime.fromtimestamp(newest / 1000, UTC)


def _size(result: QueryResult) -> int:
    return sum(len(curve.times) for curve in result.curves)
