"""Changing a dependency's policy: a form of every figure, what differs before it is done, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend.actor import Actor
from backend.errors import ServiceError
from backend.resilience.dependency_policy import PolicyField
from backend.resilience.orders import Slot
from components import actions, markup, tables
from components.actions import Act, Given
from components.circuit_acts import epoch, words
from components.services import services
from components.session import Seen
from components.views import policies as view
from components.wording import say


def change(circuit: Any, seen: Seen) -> Act:
    """Other figures, in force at once in every process."""
    rows = [
        (words("whose", circuit), view.source(circuit.policy, seen.watch)),
        (words("processes", circuit), words("all_processes", circuit, count=circuit.applied[1])),
        (words("undo", circuit), words("undo_policy", circuit)),
    ]

    def run(by: Actor, given: Given) -> str:
        services().circuits.change_policy(by, circuit.name, view.build(given.more), given.reason, epoch(circuit, Slot.POLICY))
        return words("policy_changed", circuit)

    def fields(key: str, wrong: Mapping[str, str]) -> None:
        _form(circuit.policy, key, wrong)

    return Act(
        f"change_policy_{circuit.name}", words("change_policy", circuit), words("change_policy_intro", circuit), rows, run,
        fields=fields, field_names=tuple(view.flat(circuit.policy.document)), width="large",
        check=lambda given: _problems(circuit.policy, given),
    )  # fmt: skip


def revert(circuit: Any, seen: Seen) -> Act:
    """Take the last change back."""

    def run(by: Actor, given: Given) -> str:
        services().circuits.revert_policy(by, circuit.name, given.reason, epoch(circuit, Slot.POLICY))
        return words("policy_reverted", circuit)

    rows = [*_reverted(circuit, seen), (words("undo", circuit), words("undo_revert", circuit))]
    return Act(f"revert_policy_{circuit.name}", words("revert_policy", circuit), words("revert_policy_intro", circuit), rows, run)


def _reverted(circuit: Any, seen: Seen) -> list[tuple[str, str]]:
    """Each figure that a revert changes, as now → then."""
    try:
        before = view.reverts_to(services().circuits.history(seen.actor, circuit.name), circuit.policy)
    except ServiceError:
        return [(words("whose", circuit), words("revert_unknown", circuit))]
    rows = [(row["Figure"], f"{row['Now']} → {row['Then']}") for row in view.differences(circuit.policy.document, before)]
    return rows or [(words("whose", circuit), words("revert_same", circuit))]


def _problems(policy: Any, given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the form; one in which nothing is changed yet is not ready."""
    if not given:
        return {"": ""}
    wrong = view.problems(given)
    return wrong or ({} if any(view.changed_by_group(policy, given).values()) else {"": ""})


def _form(policy: Any, key: str, wrong: Mapping[str, str]) -> None:
    values = {path: st.session_state[f"{key}_{path}"] for path in view.flat(policy.document) if f"{key}_{path}" in st.session_state}
    changed = view.changed_by_group(policy, values)
    for group, fields in view.grouped(policy.document).items():
        mending = sum(field.path in wrong for field in fields)
        with st.expander(view.group_label(group, changed[group], mending), key=f"{key}_part_{group}"):
            _part(policy, fields, key, wrong)
    st.markdown(f"##### {say('circuit_acts.changes')}", anchors=False)
    rows = view.differences(policy.document, view.build({**view.flat(policy.document), **values}))
    if rows:
        tables.rows(rows)
    else:
        st.markdown(markup.soft(say("circuit_acts.no_change")))


def _part(policy: Any, fields: list[PolicyField], key: str, wrong: Mapping[str, str]) -> None:
    """The figures of one part, two abreast."""
    for start in range(0, len(fields), 2):
        for column, field in zip(st.columns(2), fields[start : start + 2], strict=False):
            with column:
                _input(policy, field, key)
                actions.beside(wrong, field.path)


def _input(policy: Any, field: PolicyField, key: str) -> None:
    """One figure, filled with what is in force; its bounds are checked by the rules, so that what is wrong is said beside it."""
    present = view.value(policy.document, field.path)
    label, name, text = view.label(field, policy), f"{key}_{field.path}", view.help_of(field)
    match field.kind:
        case "choice":
            st.selectbox(label, field.choices, index=field.choices.index(present) if present in field.choices else 0, key=name, help=text)
        case "flag":
            st.toggle(label, value=bool(present), key=name, help=text)
        case "whole":
            st.number_input(label, value=int(present), step=1, key=name, help=text)
        case _:
            st.number_input(label, value=float(present), format="%g", key=name, help=text)
