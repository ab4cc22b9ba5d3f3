"""What is said between a process and the one that searches for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from backend.errors import ComputationFailed, DeadlineExceeded, FieldProblem, InvalidRequest, ServiceError

JOB, CANCEL = b"j", b"c"


class Task(NamedTuple):
    """One search: ``job`` is a function of a module, as that travels by its name."""

    job: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    seconds: float


class Failure(NamedTuple):
    """What a search raised: invalid, deadline, failed, or broken (a fault of ours; ``detail`` is for the log)."""

    kind: str
    detail: str
    problems: tuple[FieldProblem, ...] = ()


class Outcome(NamedTuple):
    """The value, or why there is none."""

    value: Any = None
    error: Failure | None = None


def from_error(error: Exception) -> Failure:
    """The error in words that can travel."""
    match error:
        case InvalidRequest():
            return Failure("invalid", error.detail, error.problems)
        case DeadlineExceeded():
            return Failure("deadline", error.detail)
        case ComputationFailed():
            return Failure("failed", error.detail)
        case _:
            return Failure("broken", f"{type(error).__name__} in {_place(error)}")


def to_error(failure: Failure) -> ServiceError:
    """The error that the words stand for."""
    match failure.kind:
        case "invalid":
            return InvalidRequest(*failure.problems, detail=failure.detail)
        case "deadline":
            return DeadlineExceeded(failure.detail)
        case "failed":
            return ComputationFailed(failure.detail)
        case _:
            return ComputationFailed("the search failed")


def _place(error: Exception) -> str:
    """The function in which it happened, without a path."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}" if trace else "an unknown place"
