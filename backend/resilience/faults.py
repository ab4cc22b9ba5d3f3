"""Trouble on purpose, for game days: late, failed or broken-off calls in a share of cases, until an instant that is set beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from backend.clock import Clock
from backend.errors import DependencyFailed, FieldProblem, InvalidRequest
from backend.resilience.deadline import TimedOut
from backend.resilience.listener import Happened
from backend.resilience.notes import Notes

LONGEST_LATENCY_SECONDS = 60.0


@dataclass(frozen=True)
class Fault:
    """What is done to calls: each waits so long, and of all of them these shares fail."""

    latency_seconds: float = 0.0
    error_ratio: float = 0.0
    disconnect_ratio: float = 0.0

    @classmethod
    def from_document(cls, document: object) -> Fault:
        """The fault a document describes; InvalidRequest names each wrong field."""
        if not isinstance(document, Mapping):
            raise InvalidRequest.of("fault", "not_an_object", "a fault is an object of latency_seconds, error_ratio and disconnect_ratio")
        problems = [problem for name, value in document.items() if (problem := _problem(str(name), value))]
        if not problems and document.get("error_ratio", 0) + document.get("disconnect_ratio", 0) > 1:
            problems.append(FieldProblem("disconnect_ratio", "too_high", "together with error_ratio it must not exceed 1"))
        if not problems and not any(document.values()):
            problems.append(FieldProblem("latency_seconds", "no_fault", "one of the three figures must be above 0"))
        if problems:
            raise InvalidRequest(*problems)
        return cls(**{str(name): float(value) for name, value in document.items()})

    def to_document(self) -> dict[str, float]:
        return asdict(self)


_HIGHEST = {"latency_seconds": LONGEST_LATENCY_SECONDS, "error_ratio": 1.0, "disconnect_ratio": 1.0}


def _problem(name: str, value: Any) -> FieldProblem | None:
    highest = _HIGHEST.get(name)
    if highest is None:
        return FieldProblem(name, "unknown_field", "a fault has no field of this name")
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return FieldProblem(name, "not_a_number", "must be a number")
    if not 0 <= value <= highest:
        return FieldProblem(name, "out_of_range", f"must be from 0 to {highest:g}")
    return None


class FaultView(NamedTuple):
    """The fault in force, and for how long yet."""

    fault: Fault
    left_seconds: float


class Faults:
    """Stands right before the call. Needs nobody to end it: past its instant a fault is none."""

    def __init__(self, dependency: str, clock: Clock, random: Callable[[], float], notes: Notes) -> None:
        self._dependency = dependency
        self._clock = clock
        self._random = random
        self._notes = notes
        self._active: tuple[Fault, float] | None = None

    def inject(self, fault: Fault | None, ends: float = 0.0) -> None:
        """Until ``ends``, a second of the monotonic clock; None: no more."""
        self._active = (fault, ends) if fault is not None else None

    def view(self) -> FaultView | None:
        active = self._active
        left = active[1] - self._clock.monotonic() if active else 0.0
        return FaultView(active[0], left) if active and left > 0 else None

    def strike(self, seconds: float) -> float:
        """What is to be done to a call that may take ``seconds``: its failure is raised, the seconds it must wait are returned."""
        if self._active is None:
            return 0.0
        view = self.view()
        if view is None:
            self._active = None
            return 0.0
        self._fail(view.fault)
        return self._late(view.fault, seconds)

    def timed_out(self) -> TimedOut:
        return TimedOut(self._dependency, f"{self._dependency} did not answer in time (injected fault)", transient=True)

    def _fail(self, fault: Fault) -> None:
        chance = self._random()
        if chance < fault.error_ratio:
            self._notes.note(Happened.FAULT_INJECTED, "error")
            raise DependencyFailed(self._dependency, f"{self._dependency} answered badly (injected fault)", transient=True)
        if chance < fault.error_ratio + fault.disconnect_ratio:
            self._notes.note(Happened.FAULT_INJECTED, "disconnect")
            raise DependencyFailed(self._dependency, f"{self._dependency} broke off the exchange (injected fault)", transient=True)

    def _late(self, fault: Fault, seconds: float) -> float:
        if fault.latency_seconds:
            self._notes.note(Happened.FAULT_INJECTED, "latency")
        return min(fault.latency_seconds, seconds)
