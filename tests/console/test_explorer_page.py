"""The explorer: several queries in one view, each with its answer, its fault or its silence; what is kept; the address."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.actor import Role
from components import explorer_kept, session
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.test_acts import seen_as

EXPLORERS = (Role.DEVELOPER, Role.ADMIN)


@pytest.fixture
def click(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Click a button: its callback with what the fields hold, without the page."""

    def clicked(handle: Any, who: str | None, act: Any, *arguments: Any, **fields: Any) -> dict[str, Any]:
        state: dict[str, Any] = {"explorer_kind": "range", "explorer_step": "auto", **fields}
        monkeypatch.setattr(session, "current", lambda *, active: seen_as(handle, who) if who else None)
        monkeypatch.setattr(explorer_kept.st, "session_state", state)
        explorer_kept.services  # noqa: B018 - the same services as the page's
        monkeypatch.setattr(explorer_kept, "services", lambda: handle)
        act(*arguments)
        return state

    return clicked


def grids(page: AppTest) -> str:
    return "\n".join(str(frame.value.to_string()) for frame in page.dataframe)


@pytest.mark.parametrize("role", EXPLORERS)
@pytest.mark.parametrize("kind", ["range", "instant"])
@pytest.mark.parametrize("state", fakes.STATES)
def test_every_state_of_the_source_is_told_in_the_place_of_the_answer(open_page: Open, role: Role, kind: str, state: str) -> None:
    page = open_page("explorer", role.value, state, a="up", b="time()", kind=kind)
    said = words(page)
    assert not page.exception
    expected = {
        "fresh": "6 series",
        "empty": "**a** is answered with no series; the last sample is of 12:21:05 UTC",
        "stale": "is from 14:19:05 UTC",
        "failed": "a has no answer",
    }
    assert expected[state] in said or expected[state] in grids(page)
    assert ("#### Cost" in said) is True
    assert "Nothing is asked yet" not in said


def test_one_query_that_fails_leaves_the_others_alone(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="up", b="away", c="rate(wrong[5m])", d="nothing", kind="instant")
    said = words(page)
    assert not page.exception
    assert grids(page).count("http_requests_total") == 3
    assert "b has no answer" in said and "did not answer in 10 s" in said
    assert "This is no query" in said and "**d** is answered with no series" in said
    assert [code.value for code in page.code] == ["rate(wrong[5m])\n     ^"]


def test_what_is_asked_stands_in_the_address_and_comes_from_it(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="up", b="time()", kind="instant", step="45s")
    assert [field.value for field in page.text_input if field.label.startswith("Query")] == ["up", "time()"]
    page.text_input(key="explorer_query_b").set_value("vector(1)").run()
    assert dict(page.query_params)["b"] == "time()"
    page.button(key="explorer_run").click().run()
    assert dict(page.query_params) == {"a": "up", "b": "vector(1)", "kind": "instant", "step": "45s"}


def test_typing_and_clicks_elsewhere_ask_nobody_and_run_asks_anew(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("explorer", "developer", handle=handle, a="up")
    assert handle.metrics.asked == [("range", "up")]
    assert "changed since it was run" not in words(page)
    page.text_input(key="explorer_query_a").set_value("up{").run()
    page.run()
    assert handle.metrics.asked == [("range", "up")]
    assert "changed since it was run" in words(page)
    page.text_input(key="explorer_query_a").set_value("up").run()
    page.button(key="explorer_run").click().run()
    assert handle.metrics.asked == [("range", "up"), ("range", "up")]
    page.segmented_control(key="explorer_kind").set_value("instant").run()
    assert handle.metrics.asked[2:] == [("instant", "up")]


def test_a_suggestion_that_is_picked_goes_into_the_field(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="up")
    page.text_input(key="explorer_query_a").set_value("sum(process_").run()
    page.pills(key="explorer_pick_a").set_value("process_resident_memory_bytes").run()
    assert page.text_input(key="explorer_query_a").value == "sum(process_resident_memory_bytes"
    assert "Resident memory of a process" in words(page)


def test_queries_are_added_and_taken_away(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="up")
    for _ in range(5):
        page.button(key="explorer_add").click().run()
    assert len([field for field in page.text_input if field.label.startswith("Query")]) == 6
    assert not [button for button in page.button if button.key == "explorer_add"]
    page.button(key="explorer_remove_a").click().run()
    assert "a" not in page.query_params
    assert next(field.label for field in page.text_input if field.label.startswith("Query")) == "Query b"


def test_more_series_than_can_be_told_apart_are_counted_not_hidden(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="many")
    assert "20 of 134 series drawn, those of the largest mean; 114 not drawn" in words(page)
    assert grids(page).count("http_requests_total") == 134


def test_an_old_address_with_nonsense_is_read_as_far_as_it_goes(open_page: Open) -> None:
    page = open_page("explorer", "developer", a=" up ", z="no", kind="matrix", step="-5m", range="x")
    assert not page.exception
    assert page.segmented_control(key="explorer_kind").value == "range"
    assert page.selectbox(key="explorer_step").value == "auto"


def test_a_long_query_gets_a_tall_field(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="sum(\n  rate(up[5m])\n)", b="up")
    assert [field.key for field in page.text_area] == ["explorer_query_a"]


def test_a_warning_is_shown_beside_its_query(open_page: Open) -> None:
    said = words(open_page("explorer", "developer", a="warned"))
    assert "One of two stores did not answer" in said


def test_what_was_asked_is_remembered_for_oneself(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("explorer", "developer", handle=handle, a="up", b="wrong")
    page.run()
    assert [one.query for one in handle.queries.history(handle.accounts.actor("developer"))] == ["up"]
    assert handle.queries.history(handle.accounts.actor("admin")) == []
    handle.queries.state = "failed"
    page.button(key="explorer_run").click().run()
    assert "could not be put into your history" in words(page)


def test_the_metric_browser_narrows_by_labels_and_inserts(open_page: Open) -> None:
    page = open_page("explorer", "developer", a="up")
    page.session_state["explorer_browser"] = True
    page.run()
    page.selectbox(key="explorer_metric").set_value("http_requests_total").run()
    assert "Requests by route and status" in words(page)
    page.selectbox(key="explorer_label_http_requests_total_route").set_value("/v1/places").run()
    page.button(key="explorer_insert_usual").click().run()
    assert page.text_input(key="explorer_query_b").value == 'sum(rate(http_requests_total{route="/v1/places"}[5m]))'


def test_a_saved_query_of_the_team_is_opened(open_page: Open) -> None:
    page = open_page("explorer", "developer")
    page.session_state["explorer_kept"] = True
    page.run()
    page.selectbox(key="explorer_saved").set_value("team-1").run()
    assert not [button for button in page.button if button.key == "explorer_share"]
    page.button(key="explorer_open_saved").click().run()
    assert dict(page.query_params) == {"a": "sum(many)", "b": "up"}


def test_ones_own_query_is_saved_shared_taken_back_and_deleted(click: Any) -> None:
    handle = fakes.services()
    actor, other = handle.accounts.actor("developer"), handle.accounts.actor("admin")
    said = click(handle, "developer", explorer_kept.save, explorer_query_a="up", explorer_open=["a"], explorer_title="Who is up")
    assert said["explorer_told"] == "Saved as Who is up."
    (saved,) = [one for one in handle.queries.own(actor) if one.title == "Who is up"]
    click(handle, "developer", explorer_kept.share, saved.id)
    assert saved.id in [one.id for one in handle.queries.shared(other)]
    assert "no such saved query" in click(handle, "admin", explorer_kept.delete, saved.id)["explorer_kept_problem"]
    click(handle, "developer", explorer_kept.unshare, saved.id)
    assert saved.id not in [one.id for one in handle.queries.shared(other)]
    click(handle, "developer", explorer_kept.delete, saved.id)
    assert saved.id not in [one.id for one in handle.queries.own(actor)]


def test_without_a_title_or_a_query_nothing_is_saved(click: Any) -> None:
    handle = fakes.services()
    before = len(handle.queries.kept)
    assert (
        "1 to 80 characters"
        in click(handle, "admin", explorer_kept.save, explorer_query_a="up", explorer_open=["a"])["explorer_kept_problem"]
    )
    assert (
        "1 to 6 expressions" in click(handle, "admin", explorer_kept.save, explorer_open=["a"], explorer_title="t")["explorer_kept_problem"]
    )
    assert (
        "may not do this"
        in click(handle, "support", explorer_kept.save, explorer_query_a="up", explorer_title="t")["explorer_kept_problem"]
    )
    assert click(handle, None, explorer_kept.forget).keys() == {"explorer_kind", "explorer_step"}
    assert len(handle.queries.kept) == before


def test_a_title_of_somebody_else_forms_no_link(open_page: Open) -> None:
    page = open_page("explorer", "developer")
    page.session_state["explorer_kept"] = True
    page.run()
    assert "](http://evil.example)" not in words(page)
