"""Traffic: what each state of a panel says, what the address holds, what happened around, and what is taken along."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from backend.actor import Role
from backend.answer import Empty, Failed, Fresh
from backend.monitoring.dashboards.asking import Asked
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.dashboards.service import BoardService, PanelAnswer, Window
from components.times import watch
from components.views import marks, panel_export, panel_numbers, panel_tables, panels
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.fakes.sources import HOSTILE, FakeClock
from tests.support.board_metrics import BoardMetrics

BOARDS = shipped()


def with_metrics(**changes: Any) -> Any:
    handle = fakes.services()
    source = BoardMetrics(handle.clock, **changes)
    handle.boards = BoardService(BOARDS, source, handle.clock, 5.0)
    handle.source = source
    return handle


def card_of(page: AppTest, title: str) -> str:
    """The title line of a panel, with what stands beside it."""
    return next(str(one.value) for one in page.markdown if str(one.value).startswith(f"#### {title}"))


def test_every_panel_is_drawn_with_its_newest_value(open_page: Open) -> None:
    page = open_page("traffic")
    for panel in BOARDS["service"].panels:
        assert card_of(page, panel.title)
    assert "**39" in card_of(page, "Requests per second")
    assert "over 5" in card_of(page, "Degraded charts").replace("\u00a0", " ")
    assert len(page.get("plotly_chart")) == 8


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"failing": 'degraded="true"'}, "Not answered"),
        ({"wrong": 'degraded="true"'}, "Query refused"),
        ({"silent": 'degraded="true"'}, "No data"),
    ],
)
def test_one_panel_in_trouble_says_so_and_the_others_live(open_page: Open, changes: dict[str, str], says: str) -> None:
    page = open_page("traffic", handle=with_metrics(**changes))
    assert says in card_of(page, "Degraded charts")
    assert "**39" in card_of(page, "Requests per second")
    assert len(page.get("plotly_chart")) == 7


def test_data_that_ended_says_since_when_and_is_not_shown_as_the_present(open_page: Open) -> None:
    clock = FakeClock()
    page = open_page("traffic", handle=with_metrics(until=clock.now() - timedelta(minutes=19)))
    assert "No data since 14:02 UTC" in card_of(page, "Requests per second")
    assert "**39" not in card_of(page, "Requests per second")
    assert len(page.get("plotly_chart")) == 8


def test_stale_values_are_drawn_and_said_to_be_old(open_page: Open) -> None:
    page = open_page("traffic", state="stale")
    assert "Stale" in card_of(page, "Requests per second")
    assert "not updated" in words(page)
    assert len(page.get("plotly_chart")) == 8


def test_the_address_chooses_board_span_values_and_comparison(open_page: Open) -> None:
    handle = with_metrics()
    page = open_page("traffic", handle=handle)
    page.query_params["board"] = "routes"
    page.query_params["route"] = "/v1/charts"
    page.query_params["range"] = "6h"
    page.query_params["compare"] = "off"
    page.run()
    assert card_of(page, "Answers by status")
    assert any('route=~"/v1/charts"' in query for query in handle.source.asked)
    assert not any("/v1/places" in query for query in handle.source.asked)


@pytest.mark.parametrize("params", [{"board": "none"}, {"range": "long"}, {"from": "a", "to": "b"}, {"compare": "x"}, {"route": HOSTILE}])
def test_what_an_address_cannot_mean_is_left_at_its_default(open_page: Open, params: dict[str, str]) -> None:
    page = open_page("traffic")
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    assert card_of(page, "Requests per second")


def test_a_panel_by_itself_shows_its_queries_what_they_cost_and_ways_on(open_page: Open) -> None:
    page = open_page("traffic")
    page.query_params["panel"] = "latency"
    page.run()
    assert not page.exception
    assert [code.value[:24] for code in page.code] == ["histogram_quantile(0.95,", "histogram_quantile(0.5, "]
    said = words(page)
    for word in ("Answered in", "Samples read", "Step", "own store, PromQL 3", "Values over the span"):
        assert word in said
    page.query_params["panel"] = "nothing"
    page.run()
    assert "There is no panel of this name" in words(page)


def test_what_happened_around_is_listed_with_ways_on_and_harmless(open_page: Open) -> None:
    said = words(open_page("traffic"))
    table = next(one for one in open_page("traffic").table if "What" in one.value.columns)
    texts = " ".join(str(cell) for cell in table.value.to_numpy().ravel())
    assert "4\\.2\\.1" in texts
    assert "[Release](<https://ci.example/8812>)" in texts
    assert "/breakers?circuit=geocoder" in texts
    assert "[a](http" not in texts
    assert "Around these charts" in said


def test_a_viewer_sees_the_charts_and_no_way_to_what_they_may_not_open(open_page: Open) -> None:
    page = open_page("traffic", Role.VIEWER.value)
    page.query_params["panel"] = "errors"
    page.run()
    assert not page.exception
    assert not any("Logs" in str(getattr(one, "label", "")) for one in page.get("page_link"))


# --- what a panel says, by itself


def answer(panel_id: str = "requests", board: str = "service", **changes: Any) -> PanelAnswer:
    clock = FakeClock()
    boards = BoardService(BOARDS, BoardMetrics(clock, **changes), clock, 5.0)
    now = clock.now()
    try:
        return boards.run(fakes.services().accounts.actor("viewer"), board, Window(now - timedelta(hours=1), now, 15.0, {}, 3600.0)).panel(
            panel_id
        )
    finally:
        boards.close()


SEEN = watch("UTC", FakeClock().now())


@pytest.mark.parametrize(
    ("changes", "kind", "is_all"),
    [
        ({}, None, None),
        ({"state": "failed"}, "bad", True),
        ({"state": "empty"}, "neutral", True),
        ({"state": "stale"}, "neutral", False),
        ({"wrong": "sum"}, "bad", True),
    ],
)
def test_a_panels_trouble(changes: dict[str, str], kind: str | None, is_all: bool | None) -> None:
    found = panels.trouble(answer(**changes), SEEN)
    assert (found.kind if found else None, found.is_all if found else None) == (kind, is_all)


def test_of_two_queries_one_may_fail_alone() -> None:
    found = panels.trouble(answer("latency", failing="histogram_quantile(0.5,"), SEEN)
    assert found is not None
    assert (found.kind, found.is_all) == ("bad", False)


def test_the_time_before_is_drawn_dotted_at_the_same_place() -> None:
    lines, left = panels.lines(answer())
    assert left == 0
    assert (lines[0].dash, lines[0].tone) == ("dot", "neutral")
    assert lines[0].times.tolist() == lines[1].times.tolist()


def test_a_table_has_the_largest_first_and_tells_what_is_over_its_limit() -> None:
    names, rows = panel_tables.table(answer("routes", "routes"))
    assert names == ["Requests", "Errors", "p95"]
    assert rows[0][0] == "/v1/charts"
    assert [cells[2].tone for _, cells in rows][:2] == ["watch", "watch"]


def test_numbers_of_a_panel_are_a_row_for_each_curve() -> None:
    rows = panel_numbers.rows(answer("latency"), SEEN)
    assert [row["name"] for row in rows] == ["p95", "p50"]
    assert set(rows[0]) == {"name", "now", "least", "mean", "most", "last_seen"}


@pytest.mark.parametrize(
    ("values", "params"), [({"route": ("/v1/charts",)}, {"route": "/v1/charts"}), ({"route": ("a", "b")}, {}), ({}, {})]
)
def test_a_link_takes_along_the_one_value_that_is_chosen(values: dict[str, tuple[str, ...]], params: dict[str, str]) -> None:
    panel = BOARDS["service"].panel("requests")
    assert panel is not None
    ways = {page: told for _, page, told in panel_numbers.ways(panel, values)}
    assert ways["requests"] == params
    assert set(ways) == {"requests", "logs", "audit"}


def test_an_export_has_every_sample_and_the_query() -> None:
    found = answer("dependencies")
    text = panel_export.as_csv(found)
    comments = [row for row in text.splitlines() if row.startswith("#")]
    rows = list(csv.DictReader(io.StringIO("\n".join(row for row in text.splitlines() if not row.startswith("#")))))
    assert "astrolabe_dependency_calls_total" in comments[0]
    result = found.asked[0].result
    assert result is not None
    assert len(rows) == sum(len(curve.values) for curve in result.curves)
    assert {row["curve"] for row in rows} == {"geocoder", "metrics"}
    document = json.loads(panel_export.as_json(found))
    assert document["queries"][0]["query"] == found.asked[0].text
    assert len(document["queries"][0]["curves"]) == 2


def test_an_export_of_nothing_says_why_and_no_cell_is_a_formula() -> None:
    assert "not answered" in panel_export.as_csv(answer(state="failed"))
    assert json.loads(panel_export.as_json(answer(wrong="sum")))["queries"][0]["state"].startswith("refused")
    assert panel_export._plain("=1+1") == "'=1+1"


def test_an_open_circuit_is_a_shaded_span_until_it_moves_on() -> None:
    handle = fakes.services()
    now = handle.clock.now()
    found = handle.annotations.between(handle.accounts.actor("admin"), now - timedelta(hours=1), now)
    shades = marks.shades(found, now - timedelta(hours=1), now)
    assert [(one.words, one.tone) for one in shades if "open" in one.words] == [("geocoder open", "bad")]
    assert [one.words for one in marks.marks(found, now - timedelta(hours=1), now) if one.words] == ["deploy 4.2.1"]


def test_a_reading_is_never_zero_for_want_of_data() -> None:
    asked = answer(state="empty").asked[0]
    for reading in (Empty(FakeClock().now()), Failed("metrics", "away", FakeClock().now())):
        empty = PanelAnswer(BOARDS["service"].panels[0], (Asked(asked.text, asked.start, asked.end, 15.0, reading),))
        assert panels.headline(empty, lambda _line: "") == ""
        assert panels.newest(empty) == []
        assert not isinstance(reading, Fresh)


def test_the_audit_log_shows_the_span_that_a_chart_leads_to(open_page: Open) -> None:
    page = open_page("audit")
    page.query_params["from"], page.query_params["to"] = "2026-11-24T14:00:00Z", "2026-11-24T14:10:00Z"
    page.run()
    assert not page.exception
    assert "Only 14:00" in words(page)
    next(button for button in page.button if button.key == "audit_all_times").click().run()
    assert "Only 14:00" not in words(page)
