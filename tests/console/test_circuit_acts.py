"""Acts on circuits: who is offered what, what a dialog asks, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.actor import PERMISSIONS, Permission, Role
from backend.resilience.orders import OverrideKind, Slot
from components import actions, circuit_acts, circuit_offers, policy_act
from components.views import policies
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.test_acts import REASON, press, seen_as

__all__ = ["press"]
FAULT = {"latency_seconds": 2.0, "error_ratio": 0.5}
STEERING = {"isolate", "reset"}
WIDER = {"force_open", "disable", "metrics_only", "change_policy", "inject_fault"}
OFFERED = {Role.VIEWER: set(), Role.SUPPORT: set(), Role.AUDITOR: set(), Role.DEVELOPER: STEERING, Role.ADMIN: STEERING | WIDER}


def verbs(handle: Any, who: str) -> set[str]:
    offered = circuit_offers.offered(handle.circuits.view(), seen_as(handle, who))
    return {offer.key.removesuffix("_geocoder") for offer in offered.all}


def admin(handle: Any) -> Any:
    return handle.accounts.actor("admin")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_is_offered_what_it_may_do(handle: Any, role: Role) -> None:
    assert verbs(handle, role.value) == OFFERED[role]


@pytest.mark.parametrize("kind", [kind for kind in OverrideKind if kind is not OverrideKind.NONE])
@pytest.mark.parametrize("role", list(Role))
def test_a_hold_is_let_go_by_those_who_may_order_one_of_its_kind(handle: Any, role: Role, kind: OverrideKind) -> None:
    getattr(handle.circuits, circuit_acts.HOLD_VERBS[kind])(admin(handle), "geocoder", REASON, 30)
    wide = kind is not OverrideKind.ISOLATED
    may = Permission.RELEASE_CIRCUITS in PERMISSIONS[role] and (not wide or Permission.OVERRIDE_CIRCUITS in PERMISSIONS[role])
    assert ("release" in verbs(handle, role.value)) is may
    assert circuit_acts.HOLD_VERBS[kind] not in verbs(handle, role.value)


def test_what_changes_nothing_is_not_offered(handle: Any) -> None:
    assert not verbs(handle, "admin") & {"release", "end_fault", "revert_policy"}
    handle.circuits.inject_fault(admin(handle), "geocoder", FAULT, REASON, 15)
    handle.circuits.change_policy(admin(handle), "geocoder", fakes.SETTINGS, REASON)
    offered = verbs(handle, "admin")
    assert {"end_fault", "revert_policy"} <= offered
    assert "inject_fault" not in offered


def made(handle: Any, verb: str) -> actions.Act:
    """The act as an admin's page makes it, in a state in which it is offered."""
    circuits, who = handle.circuits, admin(handle)
    if verb == "release":
        circuits.isolate(who, "geocoder", REASON, 30)
    if verb == "end_fault":
        circuits.inject_fault(who, "geocoder", FAULT, REASON, 15)
    if verb == "revert_policy":
        circuits.change_policy(who, "geocoder", fakes.SETTINGS, REASON)
    offered = circuit_offers.offered(circuits.view(), seen_as(handle)).all
    return next(offer for offer in offered if offer.key == f"{verb}_geocoder").make()


def filled(verb: str) -> dict[str, Any]:
    """The fields of an act as somebody fills them in."""
    if verb == "inject_fault":
        return {"latency_seconds": 2.0, "error_ratio": 50.0, "disconnect_ratio": 0.0}
    return {**policies.flat(fakes.SETTINGS), "circuit.probes": 5} if verb == "change_policy" else {}


VERBS = {
    "isolate": Permission.ISOLATE_CIRCUITS,
    "force_open": Permission.OVERRIDE_CIRCUITS,
    "disable": Permission.OVERRIDE_CIRCUITS,
    "metrics_only": Permission.OVERRIDE_CIRCUITS,
    "release": Permission.RELEASE_CIRCUITS,
    "reset": Permission.RESET_CIRCUITS,
    "change_policy": Permission.CHANGE_POLICIES,
    "revert_policy": Permission.CHANGE_POLICIES,
    "inject_fault": Permission.INJECT_FAULTS,
    "end_fault": Permission.INJECT_FAULTS,
}


@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize("role", list(Role))
def test_a_forged_press_is_done_for_those_who_may_and_refused_and_recorded_for_all_others(
    handle: Any, press: Any, role: Role, verb: str
) -> None:
    act, before = made(handle, verb), len(handle.circuits.orders)
    state = press(handle, role.value, act, reason=REASON, minutes=15, **filled(verb))
    may = VERBS[verb] in PERMISSIONS[role]
    assert (f"{act.key}_done" in state) is may
    assert len(handle.circuits.orders) == before + may
    assert handle.audit.records[0].outcome == ("done" if may else "refused")


@pytest.mark.parametrize("verb", list(VERBS))
def test_an_act_on_what_somebody_else_changed_meanwhile_is_not_done(handle: Any, press: Any, verb: str) -> None:
    act = made(handle, verb)
    slot = {"release": Slot.OVERRIDE, "reset": Slot.RESET}.get(verb, Slot.OVERRIDE)
    slot = Slot.POLICY if "policy" in verb else Slot.FAULT if "fault" in verb else slot
    handle.circuits._order(admin(handle), VERBS[verb], "circuits.other", "geocoder", slot, "isolated", REASON)
    state = press(handle, "admin", act, reason=REASON, minutes=15, **filled(verb))
    assert "changed since you looked" in state[f"{act.key}_problem"]


@pytest.mark.parametrize("verb", list(VERBS))
def test_each_dialog_says_what_it_touches_and_how_to_undo_it(handle: Any, verb: str) -> None:
    act = made(handle, verb)
    assert "Undo" in [label for label, _ in act.preview]
    assert len(act.preview) >= 2
    assert bool(act.danger) is (verb in {"isolate", "force_open", "disable", "metrics_only", "inject_fault"})
    assert max(act.expires, default=0) == {"inject_fault": 60}.get(verb, 240 if act.danger else 0)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({}, [""]),
        ({"latency_seconds": 0.0, "error_ratio": 0.0, "disconnect_ratio": 0.0}, [""]),
        ({"latency_seconds": 2.0, "error_ratio": 0.0, "disconnect_ratio": 0.0}, []),
        ({"latency_seconds": 90.0, "error_ratio": 20.0, "disconnect_ratio": 0.0}, ["latency_seconds"]),
        ({"latency_seconds": 0.0, "error_ratio": 120.0, "disconnect_ratio": -5.0}, ["error_ratio", "disconnect_ratio"]),
        ({"latency_seconds": 0.0, "error_ratio": 60.0, "disconnect_ratio": 60.0}, ["disconnect_ratio"]),
        ({"latency_seconds": None, "error_ratio": 60.0, "disconnect_ratio": 0.0}, ["latency_seconds"]),
    ],
)
def test_a_faults_form_is_judged_while_it_is_filled_in(given: dict[str, Any], wrong: list[str]) -> None:
    assert list(circuit_acts.fault_problems(given)) == wrong


def test_a_wrong_figure_that_reaches_the_service_is_told_beside_its_field(handle: Any, press: Any) -> None:
    act = made(handle, "change_policy")
    figures = {**policies.flat(fakes.SETTINGS), "attempt_seconds": 100.0}
    state = press(handle, "admin", act, reason=REASON, **figures)
    assert list(state[f"{act.key}_wrong"]) == ["attempt_seconds"]
    assert f"{act.key}_problem" not in state
    assert not handle.circuits.orders


def test_a_revert_shows_each_figure_that_it_brings_back(handle: Any) -> None:
    document = policies.build({**policies.flat(fakes.SETTINGS), "circuit.probes": 5})
    handle.circuits.change_policy(admin(handle), "geocoder", document, REASON)
    rows = policy_act.revert(handle.circuits.view(), seen_as(handle)).preview
    assert rows[0] == ("Circuit: Good probes that close", "5 → **3**")


def dialog(page: AppTest, verb: str) -> AppTest:
    return page.menu_button(key="breakers_more").set_value(f"{verb}_geocoder").run()


def test_the_policys_form_shows_what_is_wrong_beside_the_field_and_what_would_change(open_page: Open) -> None:
    key = "change_policy_geocoder"
    page = open_page("breakers", "admin", circuit="geocoder")
    for name, figure in {"circuit.failure_ratio": 7.0, "circuit.probes": 5, "reason": REASON}.items():
        page.session_state[f"{key}_{name}"] = figure
    dialog(page, "change_policy")
    assert "Must be from 0\\.01 to 1" in words(page)
    assert "Circuit: 1 to mend" in [part.label for part in page.expander]
    assert page.button(key=f"{key}_do").disabled


def test_a_policys_form_in_which_nothing_is_changed_is_not_ready(open_page: Open) -> None:
    page = open_page("breakers", "admin", circuit="geocoder")
    page.session_state["change_policy_geocoder_reason"] = REASON
    dialog(page, "change_policy")
    assert "Nothing differs from what is in force yet" in words(page)
    assert page.button(key="change_policy_geocoder_do").disabled


def test_a_policy_is_changed_and_reverted_through_the_page(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("breakers", "admin", handle=handle, circuit="geocoder")
    page.session_state["change_policy_geocoder_reason"] = REASON
    page.session_state["change_policy_geocoder_circuit.probes"] = 5
    page = dialog(page, "change_policy")
    page.button(key="change_policy_geocoder_do").click().run()
    assert handle.circuits.newest(Slot.POLICY).document["circuit"]["probes"] == 5
    page.run()
    assert "Differs from the settings in 1" in words(page)
    page.session_state["revert_policy_geocoder_reason"] = REASON
    page = dialog(page, "revert_policy")
    page.button(key="revert_policy_geocoder_do").click().run()
    assert handle.circuits.newest(Slot.POLICY).document == {}


def test_a_fault_is_injected_and_ended_through_the_page(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("breakers", "admin", handle=handle, circuit="geocoder")
    for name, figure in {**filled("inject_fault"), "reason": REASON, "minutes": 15}.items():
        page.session_state[f"inject_fault_geocoder_{name}"] = figure
    page = dialog(page, "inject_fault")
    page.button(key="inject_fault_geocoder_do").click().run()
    assert handle.circuits.newest(Slot.FAULT).document == {"latency_seconds": 2.0, "error_ratio": 0.5, "disconnect_ratio": 0.0}
    handle.clock.sleep(3)
    page.run()
    assert "Fault injected into Geocoder" in words(page)
    page.session_state["end_fault_geocoder_reason"] = REASON
    page.button(key="open_end_fault_geocoder").click().run()
    page.button(key="end_fault_geocoder_do").click().run()
    handle.clock.sleep(3)
    assert "Fault injected into" not in words(page.run())


def test_a_breaker_of_another_service_has_its_acts_and_what_is_known_of_its_policy(open_page: Open) -> None:
    handle = fakes.services()
    handle.circuits.others = [fakes.of_another_service(handle.clock)]
    page = open_page("breakers", "admin", handle=handle, circuit="ledger")
    assert "As the processes of its service last told it" in words(page)
    page = page.menu_button(key="breakers_more").set_value("change_policy_ledger").run()
    assert not page.exception
    assert any(box.key == "change_policy_ledger_circuit.probes" for box in page.number_input)
    assert not any("retry" in str(box.key) for box in page.number_input)
