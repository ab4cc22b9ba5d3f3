"""What is said between a process and the one that searches for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

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
    """The value, or why there is none; ``more``: another part of the value follows."""

    value: Any = None
    error: Failure | None = None
    more: bool = False


@runtime_checkable
class Divisible(Protocol):
    """A large value that travels in parts: reading it in one go would hold the interpreter, and everybody, for as long."""

    def parts(self) -> Sequence[Self]: ...

    def joined(self, others: Sequence[Self]) -> Self:
        """The whole, of this first part and those after it."""
        ...


def outcomes(value: Any) -> Iterator[Outcome]:
    """What is sent for a value, part by part."""
    parts = value.parts() if isinstance(value, Divisible) else [value]
    for number, part in enumerate(parts, 1):
        yield Outcome(part, more=number < len(parts))


def whole(parts: Sequence[Any]) -> Any:
    """The value of its parts."""
    return parts[0].joined(parts[1:]) if len(parts) > 1 else parts[0]


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
