"""A policy as a document: read strictly, each wrong field named, and every field described."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import InvalidRequest
from backend.resilience.dependency_policy import FIELDS, DependencyPolicy, PolicyField, from_document, to_document
from backend.resilience.retry import RetryPolicy


def leaves(document: dict[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in document.items():
        found |= leaves(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return found


def nested(path: str, value: Any) -> dict[str, Any]:
    part, _, name = path.rpartition(".")
    return {part: {name: value}} if part else {name: value}


def problems(document: Any) -> list[str]:
    with pytest.raises(InvalidRequest) as refusal:
        from_document(document)
    return [problem.field for problem in refusal.value.problems]


def test_a_document_and_a_policy_are_one() -> None:
    policy = replace(DependencyPolicy(), attempt_seconds=0.7, retry=RetryPolicy(4, jitter="decorrelated"))
    assert from_document(json.loads(json.dumps(to_document(policy)))) == policy


def test_every_field_of_a_policy_is_described_and_every_description_is_of_a_field() -> None:
    assert {known.path for known in FIELDS} == set(leaves(to_document(DependencyPolicy())))
    assert len({known.title for known in FIELDS}) == len(FIELDS)
    assert all(known.help.endswith(".") for known in FIELDS)


def test_the_policy_that_is_given_lies_within_its_own_bounds() -> None:
    assert from_document(to_document(DependencyPolicy())) == DependencyPolicy()


def test_what_a_document_leaves_out_stays_as_it_was() -> None:
    base = replace(DependencyPolicy(), attempt_seconds=0.7)
    changed = from_document({"retry": {"attempts": 5}}, base)
    assert (changed.attempt_seconds, changed.retry.attempts, changed.circuit) == (0.7, 5, base.circuit)


def wrong_values(known: PolicyField) -> list[Any]:
    match known.kind:
        case "number" | "whole":
            out = [known.low - 1, known.high + 1, "1", None, True, float("nan"), float("inf"), 10**400, []]
            return [*out, known.low + 0.5] if known.kind == "whole" else out
        case "choice":
            return ["other", None, 1, []]
        case _:
            return [1, "true", None]


@pytest.mark.parametrize("known", FIELDS, ids=lambda known: known.path)
def test_a_wrong_value_is_refused_by_its_field(known: PolicyField) -> None:
    for value in wrong_values(known):
        assert problems(nested(known.path, value)) == [known.path]


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ([], ["policy"]),
        (None, ["policy"]),
        ({"speed": 1}, ["speed"]),
        ({"circuit": {"speed": 1}}, ["circuit.speed"]),
        ({"circuit": 7}, ["circuit"]),
        ({"circuit": {"failure_ratio": 2}, "retry": {"attempts": 0}}, ["circuit.failure_ratio", "retry.attempts"]),
        ({"attempt_seconds": 5, "total_seconds": 4}, ["attempt_seconds"]),
        ({"circuit": {"wait_seconds": 90}}, ["circuit.wait_seconds"]),
        ({"bulkhead": {"low": 20, "limit": 80}}, ["bulkhead.limit"]),
        ({"circuit": {"window": "count", "window_calls": 5}}, ["circuit.minimum_calls"]),
        ({"hedge": {"delay_seconds": 1.5}}, ["hedge.delay_seconds"]),
        ({"fallback": {"fresh_seconds": 9, "stale_seconds": 8}}, ["fallback.fresh_seconds"]),
    ],
)
def test_a_bad_policy_is_refused_naming_each_field(document: Any, fields: list[str]) -> None:
    assert problems(document) == fields


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.dictionaries(
            st.sampled_from(["circuit", "retry", "attempts", "budget", "ratio", "x", "attempt_seconds"]), inner, max_size=4
        ),
        max_leaves=8,
    )
)
def test_whatever_is_sent_is_a_policy_or_is_refused(document: Any) -> None:
    try:
        assert isinstance(from_document(document), DependencyPolicy)
    except InvalidRequest as refusal:
        assert refusal.problems
