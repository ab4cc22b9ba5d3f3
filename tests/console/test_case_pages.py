"""Compare and Cases: what each role is shown, and what a click does through a service that checks again."""

from __future__ import annotations

from typing import Any

import pytest

from backend.actor import Role
from components import actions, case_acts, regression_acts, session
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.test_acts import seen_as

REASON = "Checked against the almanac, OPS-77"
TEAM = (Role.DEVELOPER, Role.ADMIN)
KEEPERS = (Role.SUPPORT, *TEAM)


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Press an act's button as somebody: the callback with the dialog's fields, without the page."""

    def pressed(handle: Any, who: str, act: actions.Act, **fields: Any) -> dict[str, Any]:
        state: dict[str, Any] = {f"{act.key}_asked": "once", **{f"{act.key}_{key}": value for key, value in fields.items()}}
        monkeypatch.setattr(session, "current", lambda *, active: seen_as(handle, who))
        monkeypatch.setattr(actions.st, "session_state", state)
        actions.do(act)
        return state

    return pressed


@pytest.fixture
def click(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Click a button of one's own: its callback with what the fields hold, without the page."""

    def clicked(handle: Any, who: str | None, act: Any, *arguments: Any, **fields: Any) -> dict[str, Any]:
        state: dict[str, Any] = dict(fields)
        monkeypatch.setattr(session, "current", lambda *, active: seen_as(handle, who) if who else None)
        monkeypatch.setattr(case_acts.st, "session_state", state)
        act(*arguments)
        return state

    return clicked


def test_run_b_with_other_settings_is_asked_with_them(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("compare", "support", handle=handle)
    page.segmented_control(key="compare_way").set_value("changed").run()
    page.selectbox(key="compare_house_system").set_value("koch").run()
    assert not page.exception
    assert any(body.get("house_system") == "koch" for body in handle.chart_api.asked)
    assert "Nothing differs" in words(page)  # of a stand-in that answers the same to everything


def test_the_two_newest_cases_are_compared_and_each_is_asked_once(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("compare", "support", handle=handle)
    assert len(handle.chart_api.asked) == 1  # both hold the same request
    page.run()
    assert len(handle.chart_api.asked) == 1
    page.button(key="compare_again").click().run()
    assert len(handle.chart_api.asked) == 2


def test_without_a_case_compare_says_where_runs_come_from(open_page: Open) -> None:
    assert "There is no run to compare" in words(open_page("compare", "support", "empty"))


def test_without_an_answer_compare_says_which_run_has_none(open_page: Open) -> None:
    handle = fakes.services()
    handle.chart_api.state = "failed"
    said = words(open_page("compare", "support", handle=handle))
    assert "Run A has no answer" in said
    assert "could not be reached" in said


def test_a_case_that_one_may_not_open_is_not_compared(open_page: Open) -> None:
    said = words(open_page("compare", "support", left="team-1"))
    assert "Run A cannot be opened" in said
    assert "Run A cannot be opened" not in words(open_page("compare", "developer", left="team-1"))


@pytest.mark.parametrize("role", KEEPERS)
def test_the_team_and_its_sets_are_shown_to_those_who_may_see_them(open_page: Open, role: Role) -> None:
    said = words(open_page("cases", role.value))
    assert "My cases" in said
    assert ("The team's cases" in said) is ("Regression sets" in said) is (role in TEAM)


@pytest.mark.parametrize("role", KEEPERS)
def test_a_set_is_open_to_those_who_may_see_it(open_page: Open, role: Role) -> None:
    page = open_page("cases", role.value, set="set-1")
    said = words(page)
    assert ("Drifted: 1 of 3" in said) is (role in TEAM)
    if role in TEAM:
        assert said.index("Drifted") < said.index("Degraded") < said.index("Same")
        assert "2026a" in "".join(str(table.value) for table in page.table)
        assert page.button(key="regressions_run").label == "Run the set"


def test_a_set_that_is_not_there_and_one_that_was_never_run_say_so(open_page: Open) -> None:
    assert "There is no such regression set" in words(open_page("cases", "developer", set="none"))
    assert "This set was never run" in words(open_page("cases", "developer", set="set-2"))


def test_an_open_run_shows_how_far_it_is_and_can_be_cancelled(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("cases", "developer", handle=handle, set="set-1")
    page.button(key="regressions_run").click().run()
    said = words(page)
    assert "1 of 3 asked" in said
    assert page.button(key="regressions_run").disabled
    page.button(key="regressions_cancel_run-3").click().run()
    assert handle.regressions.runs[0].state == "cancelled"
    assert "The newest run was cancelled" in words(page)


def test_an_older_run_is_looked_at_by_its_address(open_page: Open) -> None:
    said = words(open_page("cases", "developer", set="set-1", run="run-1"))
    assert "You are looking at the run of" in said
    assert "Every answer is as expected" in said


def test_an_answer_is_accepted_through_the_dialog(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("cases", "developer", handle=handle, set="set-1")
    page.session_state["accept_run-2_reason"] = REASON
    page.button(key="open_accept_run-2").click().run()
    assert "What will happen" in words(page)
    page.button(key="accept_run-2_do").click().run()
    assert handle.regressions.accepted == [("entry-1",)]
    page.run()
    assert not [button for button in page.button if "Accept what was answered" in button.label]


def regression_dialogs(handle: Any) -> list[tuple[actions.Act, dict[str, Any], str]]:
    found, entry = handle.regressions.known["set-1"], handle.regressions.questions[0]
    run, watch = handle.regressions.runs[0], seen_as(handle).watch
    results = handle.regressions.results(seen_as(handle).actor, "run-2")[:1]
    tolerance = {"title": "Mexico", "note": "", "arcseconds": 1.0, "seconds": 1.0}
    return [
        (regression_acts.accept(run, results, watch), {}, "regressions.accept"),
        (regression_acts.take_back(entry), {}, "regressions.take_back"),
        (regression_acts.remove_entry(entry), {}, "regressions.remove_entry"),
        (regression_acts.change(found), tolerance, "regressions.change"),
        (regression_acts.remove(found), {}, "regressions.remove"),
    ]


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("role", list(Role))
def test_each_dialog_is_done_for_those_who_may_and_refused_to_all_others(handle: Any, press: Any, role: Role, number: int) -> None:
    act, fields, name = regression_dialogs(handle)[number]
    state = press(handle, role.value, act, reason=REASON, **fields)
    assert (f"{act.key}_done" in state) is (role in TEAM)
    assert (handle.audit.records[0].act, handle.audit.records[0].outcome) == (name, "done" if role in TEAM else "refused")
    assert (handle.audit.records[0].reason == REASON) is (role in TEAM)


@pytest.mark.parametrize("number", range(5))
def test_without_a_reason_no_dialog_does_anything(handle: Any, press: Any, number: int) -> None:
    act, fields, name = regression_dialogs(handle)[number]
    before = len(handle.audit.records)
    state = press(handle, "admin", act, reason="short", **fields)
    assert f"{act.key}_done" not in state
    assert len(handle.audit.records) == before, name


def test_ones_own_case_is_named_shared_taken_back_and_deleted(handle: Any, click: Any) -> None:
    actor = seen_as(handle, "support").actor
    click(handle, "support", case_acts.rename, "kept-1", **{"cases_title_kept-1": "Wrong ascendant"})
    assert [case.title for case in handle.cases.own(actor)] == ["", "Wrong ascendant"]
    said = click(handle, "support", case_acts.share, "kept-1", **{"cases_team_title_kept-1": "OPS-77"})
    assert "shared with the team" in said["actions_outcome"]
    assert handle.cases.own(actor)[1].is_shared
    click(handle, "support", case_acts.unshare, "kept-1")
    assert not handle.cases.own(actor)[1].is_shared
    click(handle, "support", case_acts.delete, "kept-1")
    assert [case.id for case in handle.cases.own(actor)] == ["kept-2"]


def test_what_goes_wrong_at_a_click_is_said_and_nothing_is_done(handle: Any, click: Any) -> None:
    said = click(handle, "support", case_acts.rename, "kept-1", **{"cases_title_kept-1": " "})
    assert "1 to 80 characters" in said["cases_problem"]
    assert "no such case" in click(handle, "admin", case_acts.delete, "team-1")["cases_problem"].lower()
    assert click(handle, None, case_acts.delete, "kept-1") == {}


@pytest.mark.parametrize("role", list(Role))
def test_a_case_becomes_an_entry_for_those_who_may(handle: Any, click: Any, role: Role) -> None:
    fields = {"cases_set_kept-1": "set-1", "cases_entry_kept-1": "Mexico 1996"}
    if role in KEEPERS:
        handle.cases.own(seen_as(handle, role.value).actor)
    state = click(handle, role.value, case_acts.add_to_set, "kept-1", {"set-1": "Clocks of Mexico"}, **fields)
    assert (len(handle.regressions.questions) == 4) is ("actions_outcome" in state) is (role in TEAM)


def test_a_set_is_created_run_and_cancelled_at_a_click(handle: Any, click: Any) -> None:
    fields = {"regressions_title": "Polar nights", "regressions_set_note": "", "regressions_arcseconds": 0.5, "regressions_seconds": 2.0}
    click(handle, "developer", case_acts.create_set, **fields)
    assert handle.regressions.known["set-3"].tolerance.arcseconds == 0.5
    click(handle, "developer", case_acts.run_set, "set-1")
    assert handle.regressions.runs[0].is_open
    click(handle, "developer", case_acts.cancel_run, "run-3")
    assert not handle.regressions.runs[0].is_open
    for act, argument in ((case_acts.run_set, "set-1"), (case_acts.cancel_run, "run-3"), (case_acts.open_entry, "entry-1")):
        assert "may not do this" in click(handle, "support", act, argument)["cases_problem"]


def test_an_entry_opens_as_a_case_of_ones_own(handle: Any, click: Any) -> None:
    state = click(handle, "developer", case_acts.open_entry, "entry-1")
    actor = seen_as(handle, "developer").actor
    assert handle.cases.open(actor, state["cases_opened"]) == {"date": "1996-04-10"}
    assert handle.audit.records[0].act == "regressions.open_entry"


def test_no_page_puts_birth_data_into_its_address(open_page: Open) -> None:
    for name, params in (("compare", {}), ("cases", {"case": "kept-1"}), ("cases", {"set": "set-1"})):
        page = open_page(name, "admin", **params)
        address = str(dict(page.query_params))
        assert not any(part in address for part in ("1996", "Mexico_City", "19.43", "08:15"))
