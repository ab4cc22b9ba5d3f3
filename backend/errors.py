"""Everything that can go wrong, as one tree.

ServiceError
├── InvalidRequest            the caller's input; names the field
├── Unauthenticated           nobody, or not any more
├── Forbidden                 somebody, but not allowed
├── NotFound
├── Conflict                  the thing changed, or exists already
├── LimitExceeded             too many; says when to come back
├── CallRefused               a dependency was not asked
│   ├── CircuitOpen
│   ├── CircuitIsolated       held by an operator
│   └── BulkheadFull
├── DeadlineExceeded
├── DependencyFailed          a dependency was asked and did not answer well
├── StorageUnavailable        one of our own stores is away
├── QueryProblem              a question about metrics that cannot be answered; says where
└── ComputationFailed

``code`` is stable: it stands in API bodies, log lines, metric labels and the documentation. No HTTP status lives here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldProblem:
    """One thing wrong with one field: ``field`` as a dotted path, ``code`` stable, ``detail`` a sentence without the value."""

    field: str
    code: str
    detail: str


class ServiceError(Exception):
    """Base of all errors that a caller or an operator may be told about; ``str()`` is safe to show."""

    code = "service_error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code.replace("_", " "))

    @property
    def detail(self) -> str:
        return str(self)


class InvalidRequest(ServiceError):
    """The input is wrong; ``problems`` names each field."""

    code = "invalid_request"

    def __init__(self, *problems: FieldProblem, detail: str = "") -> None:
        self.problems = problems
        super().__init__(detail or "; ".join(f"{problem.field}: {problem.detail}" for problem in problems))

    @classmethod
    def of(cls, field: str, code: str, detail: str) -> InvalidRequest:
        return cls(FieldProblem(field, code, detail))


class Unauthenticated(ServiceError):
    code = "unauthenticated"


class Forbidden(ServiceError):
    code = "forbidden"


class NotFound(ServiceError):
    code = "not_found"


class Conflict(ServiceError):
    code = "conflict"


class LimitExceeded(ServiceError):
    """Too many; worth another try after ``retry_after_seconds``."""

    code = "limit_exceeded"

    def __init__(self, detail: str, retry_after_seconds: float) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class CallRefused(ServiceError):
    """The call was never made, to spare a dependency or us."""

    __slots__ = ("dependency", "retry_after_seconds")  # raised by the thousand where a dependency is down: no dictionary each
    code = "call_refused"

    def __init__(self, dependency: str, detail: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(detail or f"{dependency} is not being called")
        self.dependency = dependency
        self.retry_after_seconds = retry_after_seconds


class CircuitOpen(CallRefused):
    code = "circuit_open"


class CircuitIsolated(CallRefused):
    code = "circuit_isolated"


class BulkheadFull(CallRefused):
    code = "bulkhead_full"


class DeadlineExceeded(ServiceError):
    code = "deadline_exceeded"


class DependencyFailed(ServiceError):
    """A dependency answered badly or not at all; ``transient`` says whether another try may help."""

    code = "dependency_failed"

    def __init__(self, dependency: str, detail: str, *, transient: bool, retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.dependency = dependency
        self.transient = transient
        self.retry_after_seconds = retry_after_seconds


class StorageUnavailable(ServiceError):
    """One of our own stores did not answer; ``store`` is its short name ('sql', 'valkey'), ``late``: it was waited for in vain."""

    code = "storage_unavailable"

    def __init__(self, store: str, detail: str = "", *, late: bool = False) -> None:
        super().__init__(detail or f"the {store} store did not answer")
        self.store = store
        self.late = late


class ComputationFailed(ServiceError):
    code = "computation_failed"


class QueryProblem(ServiceError):
    """A query that is wrong, too dear or too slow. ``kind`` is the error type of Prometheus's HTTP API ('bad_data', 'execution',
    'timeout', 'canceled', 'unavailable'); ``position`` the offending place as an offset into the query, when it is known."""

    code = "query_problem"

    def __init__(self, kind: str, detail: str, position: int | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.position = position
