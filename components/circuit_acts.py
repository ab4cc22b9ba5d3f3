"""Acts on circuits: what each would touch, counted when its dialog opens, and the one service call behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend.actor import Actor
from backend.errors import InvalidRequest
from backend.resilience.faults import Fault
from backend.resilience.orders import OverrideKind, Slot
from components import actions, markup
from components.actions import Act, Given
from components.services import services
from components.session import Seen
from components.views import circuits as view
from components.views import faults
from components.wording import say

Rows = list[tuple[str, str]]
HOLD_VERBS = {
    OverrideKind.ISOLATED: "isolate",
    OverrideKind.FORCED_OPEN: "force_open",
    OverrideKind.DISABLED: "disable",
    OverrideKind.METRICS_ONLY: "metrics_only",
}
_HOLD_SAID = {
    OverrideKind.ISOLATED: "isolated",
    OverrideKind.FORCED_OPEN: "forced_open",
    OverrideKind.DISABLED: "disabled",
    OverrideKind.METRICS_ONLY: "measuring",
}
_HOLD_MINUTES, _FAULT_MINUTES = (15, 30, 60, 240), (5, 15, 30, 60)
_FAULT_FIELDS = ("latency_seconds", "error_ratio", "disconnect_ratio")
_NOTHING_YET = ""  # no field of the form is wrong, and none is filled in


def standing(circuit: Any, slot: Slot) -> Any | None:
    """The newest order of a slot, as far as there is one."""
    return next((one for one in circuit.standings if one.slot == slot), None)


def epoch(circuit: Any, slot: Slot) -> int:
    """Of the order that the operator has before their eyes: an act that meets another is refused."""
    found = standing(circuit, slot)
    return found.record.epoch if found else 0


def words(key: str, circuit: Any, **values: object) -> str:
    return say(f"circuit_acts.{key}", title=markup.text(circuit.title), **values)


def hold(circuit: Any, kind: OverrideKind, seen: Seen) -> Act:
    """Stop all calls, or let all through, for a while."""
    preview = services().circuits.preview(seen.actor, circuit.name)
    verb, stops = HOLD_VERBS[kind], kind in (OverrideKind.ISOLATED, OverrideKind.FORCED_OPEN)
    effect = (
        (words("meanwhile", circuit), markup.sentence(preview.note))
        if stops
        else (words("protection", circuit), words("protection_off" if kind is OverrideKind.DISABLED else "protection_told", circuit))
    )
    rows = [_calls(circuit, preview, "calls_none" if stops else "calls_all"), effect, _processes(circuit, preview)]

    def run(by: Actor, given: Given) -> str:
        ordered = getattr(services().circuits, verb)(by, circuit.name, given.reason, given.minutes, epoch(circuit, Slot.OVERRIDE))
        return words(_HOLD_SAID[kind], circuit, until=view.end_of(ordered, seen.watch))

    rows.append((words("undo", circuit), words("undo_override", circuit)))
    return _act(verb, circuit, rows, run, counted=_counted(preview, seen), expires=_HOLD_MINUTES, danger=view.HOLDS[kind][0])


def release(circuit: Any) -> Act:
    """Give a dependency back to its rules."""
    rows = [(words("calls_to", circuit), words("calls_again", circuit)), (words("undo", circuit), words("undo_release", circuit))]

    def run(by: Actor, given: Given) -> str:
        services().circuits.release(by, circuit.name, given.reason, epoch(circuit, Slot.OVERRIDE))
        return words("released", circuit)

    return _act("release", circuit, rows, run)


def reset(circuit: Any, seen: Seen) -> Act:
    """Close it, and forget what it saw."""
    preview = services().circuits.preview(seen.actor, circuit.name)
    state = words("state_reset", circuit, word=view.WORDS.get(circuit.state, view.WORDS["unknown"])[1])
    rows = [(words("state", circuit), state), _processes(circuit, preview), (words("undo", circuit), words("undo_reset", circuit))]

    def run(by: Actor, given: Given) -> str:
        services().circuits.reset(by, circuit.name, given.reason, epoch(circuit, Slot.RESET))
        return words("was_reset", circuit)

    return _act("reset", circuit, rows, run, counted=_counted(preview, seen))


def inject(circuit: Any, seen: Seen) -> Act:
    """Trouble on purpose, for at most an hour."""
    preview = services().circuits.preview(seen.actor, circuit.name)
    rows = [
        _calls(circuit, preview, "calls_struck"),
        (words("meanwhile", circuit), markup.sentence(preview.note)),
        _processes(circuit, preview),
        (words("ends", circuit), words("ends_itself", circuit)),
        (words("undo", circuit), words("undo_fault", circuit)),
    ]

    def run(by: Actor, given: Given) -> str:
        ordered = services().circuits.inject_fault(
            by, circuit.name, fault_of(given.more), given.reason, given.minutes, epoch(circuit, Slot.FAULT)
        )
        return words("fault_injected", circuit, until=view.end_of(ordered, seen.watch))

    return _act(
        "inject_fault", circuit, rows, run, counted=_counted(preview, seen), expires=_FAULT_MINUTES, danger="pending",
        fields=_fault_fields, field_names=_FAULT_FIELDS, check=fault_problems,
    )  # fmt: skip


def end_fault(circuit: Any, seen: Seen) -> Act:
    preview = services().circuits.preview(seen.actor, circuit.name)
    rows = [(words("calls_to", circuit), words("calls_usual", circuit)), _processes(circuit, preview)]

    def run(by: Actor, given: Given) -> str:
        services().circuits.end_fault(by, circuit.name, given.reason, epoch(circuit, Slot.FAULT))
        return words("fault_ended", circuit)

    rows.append((words("undo", circuit), words("undo_end_fault", circuit)))
    return _act("end_fault", circuit, rows, run, counted=_counted(preview, seen))


def fault_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fault of a form that asks for seconds and percents."""
    found = {name: given.get(name) for name in _FAULT_FIELDS}
    return {name: figure / 100 if name != "latency_seconds" and figure is not None else figure for name, figure in found.items()}


def fault_problems(given: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with which field; a form not yet filled in is not wrong, but not ready."""
    document = fault_of(given)
    if not any(document.values()):
        return {_NOTHING_YET: say("faults.nothing_yet")}
    try:
        Fault.from_document(document)
    except InvalidRequest as error:
        return {problem.field: problem.detail for problem in error.problems}
    return {}


def _fault_fields(key: str, wrong: Mapping[str, str]) -> None:
    for column, name in zip(st.columns(3), _FAULT_FIELDS, strict=True):
        with column:
            label, text = say(f"faults.fields.{name}"), say(f"faults.helps.{name}")
            st.number_input(label, value=0.0, step=0.5 if name == "latency_seconds" else 5.0, format="%g", key=f"{key}_{name}", help=text)
            actions.beside(wrong, name)
    given = {name: st.session_state.get(f"{key}_{name}") for name in _FAULT_FIELDS}
    st.markdown(markup.soft(wrong.get(_NOTHING_YET) or say("faults.so", what=faults.words(fault_of(given)))))


def _act(verb: str, circuit: Any, rows: Rows, run: Any, **more: Any) -> Act:
    return Act(f"{verb}_{circuit.name}", words(verb, circuit), words(f"{verb}_intro", circuit), rows, run, **more)


def _calls(circuit: Any, preview: Any, key: str) -> tuple[str, str]:
    rate = preview.calls_per_hour
    told = words(key, circuit, rate=f"{rate:,.0f}") if rate is not None else say("circuit_acts.calls_unknown")
    return words("calls_to", circuit), told


def _processes(circuit: Any, preview: Any) -> tuple[str, str]:
    return words("processes", circuit), words("all_processes", circuit, count=preview.instances)


def _counted(preview: Any, seen: Seen) -> str:
    return say("circuit_acts.counted", at=seen.watch.exact(preview.counted_at))
