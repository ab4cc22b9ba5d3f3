"""The door to prometheus-api-client: its safe methods over a session of ours, with everything that it leaves out of an answer.

The library drops warnings and result types, hides what a server says of an error in a text, has no time limit, rounds to whole
seconds and mounts an adapter of its own (tests/unit/monitoring/test_connection.py shows each); the session below sees to all that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.monitoring.access import Access
from backend.monitoring.replies import problem_in
from backend.resilience.dependency import Dependency
from backend.resilience.requests_adapter import GuardedAdapter, GuardedSession

if TYPE_CHECKING:
    import requests

LARGEST_BODY = 64_000_000  # bytes of one answer
_ZERO = datetime.fromtimestamp(0, UTC)  # the library insists on datetimes, which it rounds; the exact times go beside them


@dataclass(frozen=True)
class Document:
    """A server's good answer: ``data`` is its own, as JSON gives it."""

    data: Any
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()


@dataclass
class _Question:
    """What is being asked in this thread, and what was heard."""

    query: str = ""
    heard: Document | None = None


_ASKED: ContextVar[_Question] = ContextVar("asked")


class PrometheusConnection:
    """Asks one server. DependencyFailed, CallRefused or DeadlineExceeded when it did not answer well, QueryProblem when the question
    is at fault."""

    def __init__(self, access: Access, dependency: Dependency, clock: Clock, *, connections: int = 16) -> None:
        self._name = dependency.name
        self._session = GuardedSession(
            GuardedAdapter(dependency, clock, largest_body=LARGEST_BODY, connections=connections, check=self._checked)
        )
        self._session.headers.update({"user-agent": "astrolabe", **access.headers()})
        self._session.hooks["response"].append(self._hear)
        if access.ca is not None:
            self._session.verify = str(access.ca)
        if access.certificate is not None:
            self._session.cert = (str(access.certificate), str(access.key))
        # A time limit of the library's would not count: the dependency's does.
        self._library = PrometheusConnect(access.url.rstrip("/"), session=self._session, timeout=dependency.policy.attempt_seconds)

    def query(self, query: str, at: float | None, seconds: float) -> Document:
        """At ``at`` (unix seconds; None: the server's now); the server may take ``seconds``."""
        params = {"timeout": _duration(seconds), "stats": "all"} | ({} if at is None else {"time": _instant(at)})
        return self._ask(lambda: self._library.custom_query(query, params=params), query)

    def query_range(self, query: str, start: float, end: float, step: float, seconds: float) -> Document:
        """From ``start`` to ``end`` (unix seconds, both included) each ``step`` seconds."""
        exact = {"start": _instant(start), "end": _instant(end), "timeout": _duration(seconds), "stats": "all"}
        return self._ask(lambda: self._library.custom_query_range(query, _ZERO, _ZERO, _instant(step), params=exact), query)

    def label_names(self, matching: Sequence[str]) -> Document:
        return self._ask(lambda: self._library.get_label_names(params=_matching(matching)))

    def label_values(self, label: str, matching: Sequence[str]) -> Document:
        """``label`` must be a plain label name, as it becomes part of the address."""
        return self._ask(lambda: self._library.get_label_values(label, params=_matching(matching)))

    def series(self, matching: Sequence[str], start: datetime, end: datetime) -> Document:
        return self._ask(lambda: self._library.get_series(start, end, params=_matching(matching)))

    def metadata(self) -> Document:
        return self._ask(lambda: self._library.get_metric_metadata(""))

    def close(self) -> None:
        self._session.close()

    def _ask(self, call: Callable[[], object], query: str = "") -> Document:
        """What the library returns is not looked at: the document has it all."""
        question = _Question(query)
        token = _ASKED.set(question)
        try:
            call()
        except (PrometheusApiClientException, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise self._nonsense() from error
        finally:
            _ASKED.reset(token)
        if question.heard is None:
            raise self._nonsense()
        return question.heard

    def _checked(self, response: requests.Response) -> None:
        """Within the attempt, so that nonsense counts as a failure of the server; parsed once, for the library and for us."""
        if response.status_code != 200:
            return
        try:
            document = orjson.loads(response.content)
        except ValueError as error:
            raise self._nonsense() from error
        if not isinstance(document, dict) or document.get("status") != "success" or "data" not in document:
            raise self._nonsense()
        response.json = lambda **_: document  # type: ignore[method-assign]

    def _hear(self, response: requests.Response, **_: Any) -> None:
        """The session's hook: it sees each answer before the library does."""
        question = _ASKED.get()
        if response.status_code != 200:
            raise problem_in(response.content, question.query) or self._failure(response.status_code)
        document = response.json()
        question.heard = Document(document["data"], _texts(document, "warnings"), _texts(document, "infos"))

    def _failure(self, status: int) -> DependencyFailed:
        words = {401: "did not let us in", 403: "did not let us in", 404: "is not a metrics server at this address"}
        return DependencyFailed(self._name, f"{self._name} {words.get(status, f'answered with status {status}')}", transient=status >= 500)

    def _nonsense(self) -> DependencyFailed:
        return DependencyFailed(self._name, f"{self._name} answered with something that is not a metrics server's answer", transient=False)


def _matching(selectors: Sequence[str]) -> dict[str, Any]:
    return {"match[]": list(selectors)} if selectors else {}


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = document.get(name)
    return tuple(str(text) for text in found) if isinstance(found, list) else ()


def _instant(seconds: float) -> str:
    """To the millisecond, as servers keep it."""
    return f"{seconds:.3f}"


def _duration(seconds: float) -> str:
    return f"{max(1, int(seconds * 1000))}ms"
