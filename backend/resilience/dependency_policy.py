"""All figures that protect the calls to one dependency, as one value, as a document, and as fields to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from backend.errors import FieldProblem, InvalidRequest
from backend.resilience.budget import BudgetPolicy
from backend.resilience.bulkhead import BulkheadPolicy
from backend.resilience.fallback import FallbackPolicy
from backend.resilience.hedge import HedgePolicy
from backend.resilience.policy import Policy
from backend.resilience.policy_fields import FIELDS, PolicyField
from backend.resilience.retry import RetryPolicy

__all__ = ["FIELDS", "DependencyPolicy", "PolicyField", "from_document", "to_document"]


@dataclass(frozen=True)
class DependencyPolicy:
    """``attempt_seconds`` limits each call made, ``total_seconds`` all of them together with the waits between."""

    circuit: Policy = field(default_factory=Policy)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: BudgetPolicy = field(default_factory=BudgetPolicy)
    bulkhead: BulkheadPolicy = field(default_factory=BulkheadPolicy)
    hedge: HedgePolicy = field(default_factory=HedgePolicy)
    fallback: FallbackPolicy = field(default_factory=FallbackPolicy)
    attempt_seconds: float = 1.5
    total_seconds: float = 3.0


_PARTS: dict[str, Any] = {
    "circuit": Policy,
    "retry": RetryPolicy,
    "budget": BudgetPolicy,
    "bulkhead": BulkheadPolicy,
    "hedge": HedgePolicy,
    "fallback": FallbackPolicy,
}
_BY_PATH = {known.path: known for known in FIELDS}


def to_document(policy: DependencyPolicy) -> dict[str, Any]:
    """Nested by part, every field with its value; fit for JSON."""
    return asdict(policy)


def from_document(document: object, base: DependencyPolicy | None = None) -> DependencyPolicy:
    """The policy a document describes; fields it leaves out are those of ``base``. InvalidRequest names each wrong field."""
    given = dict(_leaves(document))
    problems = [problem for path, value in given.items() if (problem := _problem(path, value))]
    if problems:
        raise InvalidRequest(*problems)
    values = {**dict(_leaves(to_document(base or DependencyPolicy()))), **{path: _typed(path, value) for path, value in given.items()}}
    problems = list(_contradictions(values))
    if problems:
        raise InvalidRequest(*problems)
    return _built(values)


def _leaves(document: object) -> Iterator[tuple[str, Any]]:
    """Each field by its dotted path; a part that is no object stands under its own name, as a wrong field."""
    if not isinstance(document, Mapping):
        raise InvalidRequest.of("policy", "not_an_object", "a policy is an object of its parts")
    for name, value in document.items():
        if name in _PARTS and isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", leaf) for inner, leaf in value.items())
        else:
            yield str(name), value


def _problem(path: str, value: Any) -> FieldProblem | None:
    known = _BY_PATH.get(path)
    if known is None:
        return FieldProblem(
            path, "unknown_field", "must be an object of fields" if path in _PARTS else "a policy has no field of this name"
        )
    match known.kind:
        case "choice":
            return None if value in known.choices else FieldProblem(path, "not_a_choice", f"must be one of {', '.join(known.choices)}")
        case "flag":
            return None if isinstance(value, bool) else FieldProblem(path, "not_a_flag", "must be true or false")
        case _:
            return _number_problem(known, value)


def _number_problem(known: PolicyField, value: Any) -> FieldProblem | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return FieldProblem(known.path, "not_a_number", "must be a number")
    if not known.low <= value <= known.high:
        return FieldProblem(known.path, "out_of_range", f"must be from {known.low:g} to {known.high:g}{known.in_unit}")
    if known.kind == "whole" and value != int(value):
        return FieldProblem(known.path, "not_whole", "must be a whole number")
    return None


def _typed(path: str, value: Any) -> Any:
    match _BY_PATH[path].kind:
        case "number":
            return float(value)
        case "whole":
            return int(value)
        case _:
            return value


_ORDERED: tuple[tuple[str, str, Literal["<", "<="]], ...] = (
    ("attempt_seconds", "total_seconds", "<="),
    ("circuit.wait_seconds", "circuit.longest_wait_seconds", "<="),
    ("retry.base_seconds", "retry.longest_wait_seconds", "<="),
    ("bulkhead.low", "bulkhead.limit", "<="),
    ("bulkhead.limit", "bulkhead.high", "<="),
    ("fallback.fresh_seconds", "fallback.stale_seconds", "<="),
    ("hedge.delay_seconds", "attempt_seconds", "<"),
)


def _contradictions(values: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for less, more, sign in _ORDERED:
        if values[less] > values[more] or (sign == "<" and values[less] == values[more]):
            yield FieldProblem(less, "contradiction", f"must {'not exceed' if sign == '<=' else 'be below'} {more} ({values[more]:g})")
    calls, judged = values["circuit.minimum_calls"], values["circuit.window_calls"]
    if values["circuit.window"] == "count" and calls > judged:
        yield FieldProblem(
            "circuit.minimum_calls", "contradiction", f"must not exceed circuit.window_calls ({judged}): it could never open"
        )


def _built(values: Mapping[str, Any]) -> DependencyPolicy:
    parts = {
        name: part(**{path.partition(".")[2]: value for path, value in values.items() if path.startswith(f"{name}.")})
        for name, part in _PARTS.items()
    }
    return DependencyPolicy(**parts, **{path: value for path, value in values.items() if "." not in path})
