"""Acts: preview, reason, expiry and who; done once, by a service that checks again."""

from __future__ import annotations

from typing import Any

import pytest

from backend.actor import Role
from backend.resilience.orders import OverrideKind
from components import actions, acts, circuit_acts, session
from tests.console import fakes
from tests.console.conftest import Open, words

REASON = "Provider confirmed an outage, OPS-318"


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Press an act's button as somebody: the callback with the dialog's fields, without the page."""

    def pressed(handle: Any, who: str, act: actions.Act, **fields: Any) -> dict[str, Any]:
        seen = seen_as(handle, who)
        state: dict[str, Any] = {f"{act.key}_asked": "once", **{f"{act.key}_{key}": value for key, value in fields.items()}}
        monkeypatch.setattr(session, "current", lambda *, active: seen)
        monkeypatch.setattr(actions.st, "session_state", state)
        actions.do(act)
        return state

    return pressed


def seen_as(handle: Any, who: str = "admin") -> session.Seen:
    return session.Seen(handle.accounts._session(who), handle.accounts.actor(who))


def isolation(handle: Any) -> actions.Act:
    return circuit_acts.hold(handle.circuits.view(), OverrideKind.ISOLATED, seen_as(handle))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT, Role.AUDITOR])
def test_a_forged_event_for_a_forbidden_act_is_refused_by_the_service_and_recorded(handle: Any, press: Any, role: Role) -> None:
    state = press(handle, role.value, isolation(handle), reason=REASON, minutes=30)
    assert handle.circuits.override is None
    assert "may not do this" in state["isolate_geocoder_problem"]
    assert (handle.audit.records[0].act, handle.audit.records[0].outcome) == ("circuits.isolate", "refused")


def all_acts(handle: Any) -> list[tuple[actions.Act, dict[str, Any]]]:
    person, key = handle.accounts.people["viewer"], handle.keys.known[0]
    return [
        (isolation(handle), {"minutes": 15}),
        (circuit_acts.release(handle.circuits.view()), {}),
        (acts.invite(), {"name": "bo", "role": "viewer"}),
        (acts.change_role(person), {"role": "support"}),
        (acts.disable(person), {}),
        (acts.enable(person), {}),
        (acts.end_sessions(person, 1), {}),
        (acts.create_key(), {"name": "import", "scopes": ["charts"]}),
        (acts.revoke_key(key), {}),
    ]


@pytest.mark.parametrize("number", range(9))
@pytest.mark.parametrize("role", list(Role))
def test_each_act_is_done_for_those_who_may_and_refused_to_all_others(handle: Any, press: Any, role: Role, number: int) -> None:
    act, fields = all_acts(handle)[number]
    may = role is Role.ADMIN or (role is Role.DEVELOPER and number < 2)
    before = len(handle.audit.records)
    state = press(handle, role.value, act, reason=REASON, **fields)
    assert (f"{act.key}_done" in state) is may
    assert (f"{act.key}_problem" in state) is not may
    newest = handle.audit.records[0]
    if not may:
        assert newest.outcome == "refused"
        assert len(handle.audit.records) == before + 1


def test_an_act_that_was_done_is_not_done_again(handle: Any, press: Any) -> None:
    act = isolation(handle)
    state = press(handle, "admin", act, reason=REASON, minutes=15)
    assert state["actions_outcome"].startswith("Geocoder is isolated until")
    count = len(handle.audit.records)
    actions.do(act)
    assert len(handle.audit.records) == count


@pytest.mark.parametrize("reason", ["", "short", " " * 40])
def test_without_a_reason_nothing_is_done(handle: Any, press: Any, reason: str) -> None:
    state = press(handle, "admin", isolation(handle), reason=reason, minutes=30)
    assert handle.circuits.override is None
    assert "at least 10 characters" in state["isolate_geocoder_problem"].replace("\\", "")


def test_nobody_does_nothing(handle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "current", lambda *, active: None)
    monkeypatch.setattr(actions.st, "session_state", {"isolate_geocoder_asked": "once", "isolate_geocoder_reason": REASON})
    actions.do(isolation(handle))
    assert handle.circuits.override is None


@pytest.mark.parametrize(
    ("role", "offered"), [(Role.ADMIN, True), (Role.DEVELOPER, True), (Role.VIEWER, False), (Role.SUPPORT, False), (Role.AUDITOR, False)]
)
def test_isolation_is_offered_to_those_who_may(open_page: Open, role: Role, offered: bool) -> None:
    page = open_page("breakers", role.value, circuit="geocoder")
    assert any("Isolate Geocoder" in button.label for button in page.button) is offered


def test_the_dialog_shows_what_will_happen_before_it_asks_why(open_page: Open) -> None:
    page = open_page("breakers", "admin", circuit="geocoder")
    next(button for button in page.button if "Isolate Geocoder" in button.label).click().run()
    said = words(page)
    assert said.index("What will happen") < said.index("You are admin")
    button = page.button(key="isolate_geocoder_do")
    assert button.disabled


def test_isolating_and_releasing_through_the_page(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("breakers", "admin", handle=handle, circuit="geocoder")
    page.session_state["isolate_geocoder_reason"] = REASON
    page.button(key="open_isolate_geocoder").click().run()
    page.button(key="isolate_geocoder_do").click().run()
    assert handle.circuits.override.kind == "isolated"
    page.run()
    assert any(button.label == "Release Geocoder" for button in page.button)


def test_a_code_and_a_key_are_shown_once(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("operators", "admin", handle=handle)
    page.session_state["operators_key"] = ("import", "ak_91bc_" + "x" * 43)
    page.run()
    assert [code.value for code in page.code] == ["ak_91bc_" + "x" * 43]
    page.run()
    assert not page.code
