"""Logs and Requests: what is asked stands in the address, what is open stays, and each state has its sentence."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.monitoring.logs.record import LogLine
from backend.monitoring.records import RequestRecord
from backend.telemetry.spans import Span
from components.times import watch
from components.views import logs as log_view
from components.views import requests as view
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.fakes import HOSTILE, START

WATCH = watch("UTC", START)


def grid(test: AppTest) -> list[dict[str, Any]]:
    frames = test.dataframe
    return frames[0].value.to_dict("records") if frames else []


def params(test: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in dict(test.query_params).items()}


def test_the_address_asks_and_the_filters_show_it(open_page: Open) -> None:
    page = open_page("logs", "developer", level="warning,error", q="request", route="/v1/charts")
    assert {row["Level"] for row in grid(page)} == {"△ warning", "▲ error"}
    assert page.text_input(key="logs_q").value == "request"
    page.selectbox(key="logs_role").set_value("worker").run()
    assert params(page)["role"] == "worker" and not grid(page)
    assert page.text_input(key="logs_route").value == "/v1/charts"


def test_what_is_typed_stands_in_the_address(open_page: Open) -> None:
    page = open_page("logs", "support")
    assert not [field for field in page.text_input if field.key == "logs_request"]
    page.session_state["logs_more"] = True
    page.run().text_input(key="logs_request").set_value("req-03").run()
    assert params(page)["request"] == "req-03"
    assert [row["Request"] for row in grid(page)] == ["req-03"]
    page.button(key="logs_clear").click().run()
    assert "request" not in params(page) and len(grid(page)) == 40


def test_a_chosen_line_is_read_in_full_and_leads_on(open_page: Open) -> None:
    page = open_page("logs", "developer", line="998")
    said = words(page)
    assert "#### request" in said and "Warning" in said
    assert HOSTILE not in said
    page.button(key="logs_only_process").click().run()
    assert params(page) == {**params(page), "process": "api-a", "line": "998"}
    assert "#### request" in words(page)


def test_a_line_that_is_gone_says_so(open_page: Open) -> None:
    assert "not kept any more" in words(open_page("logs", "developer", line="5"))


def test_live_lines_join(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("logs", "developer", handle=handle, live="1")
    before = grid(page)
    handle.logs.more(2)
    page.run()
    assert [row["Event"] for row in grid(page)[:3]] == ["job_failed", "job_failed", "request"]
    assert len(grid(page)) == len(before) + 2


def test_live_lines_wait_while_one_is_open_and_come_when_it_is_closed(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("logs", "developer", handle=handle, live="1", line="998")
    before = grid(page)
    handle.logs.more(2)
    page.run()
    assert grid(page) == before
    assert "2 newer wait" in words(page)
    assert params(page)["line"] == "998" and "Warning" in words(page)
    del page.query_params["line"]
    page.run()
    assert len(grid(page)) == len(before) + 2
    assert "newer wait" not in words(page)


def test_live_in_an_empty_hour_waits(open_page: Open) -> None:
    handle = fakes.services()
    handle.logs.lines.clear()
    assert "No line has matched since" in words(open_page("logs", "developer", handle=handle, live="1"))


def test_a_wrong_question_is_a_sentence(open_page: Open) -> None:
    said = words(open_page("logs", "developer", request="x" * 190))
    assert "at most 128 characters" in said and "met a fault" not in said


@pytest.mark.parametrize("state", ["empty", "stale", "failed"])
@pytest.mark.parametrize("name", ["logs", "requests"])
def test_each_state_has_its_sentence(open_page: Open, name: str, state: str) -> None:
    said = words(open_page(name, "developer", state))
    expected = {"empty": "from 2026-11-24 13:21:05.000 UTC", "stale": "the shared store", "failed": "last good reading was at"}[state]
    assert expected.lower() in said.lower()


def test_requests_are_listed_as_the_address_asks(open_page: Open) -> None:
    page = open_page("requests", "support", status="5xx")
    assert {row["Status"] for row in grid(page)} == {"▲ 503"}
    assert any(row["Lesser or wrong"].endswith("circuit_open") for row in grid(page))


def test_a_request_in_full_shows_parts_decisions_lines_and_the_way_on(open_page: Open) -> None:
    page = open_page("requests", "developer", id="req-00")
    said = words(page)
    assert "POST /v1/charts answered 200" in said.replace("\\", "")
    tables = "\n".join(table.value.to_string() for table in page.table)
    for part in ("place.find", "circuit open", "attempt", "chart.compute"):
        assert part in tables.replace("\\", "").replace("‑", "-"), part
    assert "0.091 answer" in "\n".join(code.value for code in page.code)
    assert HOSTILE not in tables.replace(f"`{HOSTILE}`", "")  # as code it is no link


def test_a_pasted_id_opens_its_request(open_page: Open) -> None:
    page = open_page("requests", "developer")
    page.text_input(key="requests_find").set_value(" req-03 ").run()
    assert params(page)["id"] == "req-03"
    page.button(key="requests_back").click().run()
    assert "id" not in params(page) and grid(page)


def test_an_id_that_is_none_says_where_ids_are(open_page: Open) -> None:
    assert "X-Request-Id" in words(open_page("requests", "developer", id=HOSTILE)).replace("\\", "")


def test_a_request_of_which_only_lines_tell_shows_them(open_page: Open) -> None:
    handle = fakes.services()
    handle.logs.lines[0] = LogLine("1", START - timedelta(minutes=1), "info", "request", request_id="only-lines")
    assert "Only log lines tell" in words(open_page("requests", "developer", handle=handle, id="only-lines"))


def test_files_hold_what_is_shown_and_no_formula() -> None:
    lines = [LogLine("1", START, "info", "=1+1", role="api", fields={"a": "ü,\n"})]
    assert log_view.as_csv(lines).splitlines()[1].startswith("2026-11-24T14:21:05+00:00,info,api,'=1+1")
    assert json.loads(log_view.as_json(lines)) == [{"at": START.isoformat(), "level": "info", "event": "=1+1", "role": "api", "a": "ü,\n"}]
    record = RequestRecord("@id", START, "GET", "/v1/places", 200, 0.5, "0" * 32, "i", None, ("place=away",), None)
    assert view.as_csv([record]).splitlines()[1] == f"2026-11-24T14:21:05+00:00,'@id,GET,/v1/places,200,0.5,{'0' * 32},i,,place=away,"
    assert json.loads(view.as_json([record]))[0]["degraded"] == ["place=away"]


@pytest.mark.parametrize(
    ("typed", "seconds"), [("", 0.0), ("250 ms", 0.25), ("250", 0.25), ("1.5s", 1.5), ("1,5 s", 1.5), ("soon", None), ("-1", None)]
)
def test_a_duration_is_read_as_people_type_it(typed: str, seconds: float | None) -> None:
    assert view.seconds_of(typed) == seconds


def test_parts_lie_within_parts_and_the_rest_is_counted() -> None:
    spans = (
        Span("a", 0.0, 0.4),
        Span("b", 0.1, 0.2, "ok", {}, 0),
        Span("c", 0.3, 0.3),
        Span("d", 0.35, 0.1, "ok", {}, 2),
        Span("e", 0, 0, "ok", {}, 9),
    )
    record = RequestRecord("r", START, "POST", "/v1/charts", 200, 1.0, "", "i", spans=spans)
    assert [(bar.span.name, bar.depth) for bar in view.waterfall(record)] == [("a", 0), ("b", 1), ("c", 0), ("d", 1), ("e", 0)]
    assert view.outside_seconds(record) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("route", "technique"),
    [
        ("/v1/charts", "natal"),
        ("/v1/transits", "transits"),
        ("/v1/places", None),
        ("/livez", None),
        ("?", None),
        ("/v1/a/b", None),
    ],
)
def test_a_route_names_its_technique(route: str, technique: str | None) -> None:
    assert view.technique_of(route) == technique


def test_the_playground_begins_with_the_technique_of_the_address(open_page: Open) -> None:
    page = open_page("playground", "developer", technique="stations")
    assert page.selectbox(key="playground_technique").value == "stations"


def test_a_line_is_told_in_one_row() -> None:
    line = LogLine(
        "1", START, "info", "request", route="/v1/charts", fields={"outcome": "ok", "seconds": 0.0123, "status": 200, "method": "POST"}
    )
    assert log_view.said(line) == "POST  /v1/charts  200  12\u00a0ms  outcome=ok"
    assert log_view.columns([line], WATCH)["UTC"] == ["14:21:05.000"]


def test_a_fixed_span_is_typed_where_its_button_is_open(open_page: Open) -> None:
    page = open_page("logs", "developer")
    assert not [field for field in page.text_input if field.key == "range_from"]
    page.session_state["range_fixing"] = True
    page.run()
    assert page.text_input(key="range_from").value and page.text_input(key="range_to").value
    page.text_input(key="range_from").set_value("noon")
    page.button(key="range_show").click().run()
    assert "“noon” is not a time" in words(page)
    page.text_input(key="range_from").set_value("-2h")
    page.button(key="range_show").click().run()
    assert {"from", "to"} <= set(params(page))
    assert not page.session_state["range_fixing"]
    page.session_state["range_fixing"] = True
    assert page.run().text_input(key="range_from").value not in {"", "-2h"}


def test_filters_that_are_asked_for_are_drawn_and_said_to_be_set(open_page: Open) -> None:
    page = open_page("logs", "developer", process="api-a", trace="none")
    assert page.text_input(key="logs_process").value == "api-a"
    assert "2 set" in words(page)
