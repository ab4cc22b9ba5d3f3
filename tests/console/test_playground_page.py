"""The playground's page over stand-ins: form and JSON, gap and fold, places, techniques, history, files and the trace."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components import playground_result
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.fakes.charts import SEARCHED

BERLIN = {"date": "2026-03-29", "time": "02:30", "latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"}


def field(page: AppTest, path: str) -> Any:
    """The text field of a request's field."""
    return page.text_input(key=f"playground_f_{path}")


def body(page: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = page.session_state["playground_body"]
    return found


def in_json(page: AppTest, request: dict[str, Any]) -> AppTest:
    """The same page with this request, typed as JSON and brought back to the form."""
    page.segmented_control(key="playground_mode").set_value("json").run()
    page.text_area(key="playground_text").set_value(json.dumps(request)).run()
    return page.segmented_control(key="playground_mode").set_value("form").run()


def calculate(page: AppTest) -> AppTest:
    return page.button(key="playground_go").click().run()


def test_json_and_form_are_one_request(open_page: Open) -> None:
    page = open_page("playground", "developer")
    request = {**BERLIN, "time": "12:00", "house_system": "koch", "orbs": {"trine": 6.5}, "name": "Ana"}
    in_json(page, request)
    assert not page.exception
    assert field(page, "time").value == "12:00"
    assert page.selectbox(key="playground_f_house_system").value == "koch"
    assert body(page) == request
    field(page, "latitude").set_value("52,4").run()
    page.segmented_control(key="playground_mode").set_value("json").run()
    assert json.loads(page.text_area(key="playground_text").value) == {**request, "latitude": 52.4}


def test_text_that_is_no_json_stays_where_it_can_be_mended(open_page: Open) -> None:
    page = open_page("playground", "developer")
    page.segmented_control(key="playground_mode").set_value("json").run()
    page.text_area(key="playground_text").set_value('{"date": ').run()
    page.segmented_control(key="playground_mode").set_value("form").run()
    assert page.segmented_control(key="playground_mode").value == "json"
    assert page.text_area(key="playground_text").value == '{"date": '
    assert "not JSON" in words(page)
    page.text_area(key="playground_text").set_value('{"date": "1990-02-30", "time": "14:30", "place": "Lisbon"}').run()
    assert "no such day" in words(page)
    assert "Line 1" in words(page)


def test_a_problem_stands_beside_its_field_before_and_after_the_request(open_page: Open) -> None:
    page = open_page("playground", "developer")
    field(page, "date").set_value("1990-02-30").run()
    assert "There is no such day in the Gregorian calendar" in words(page)
    field(page, "date").set_value("refuse").run()
    calculate(page)
    assert "Refused" in words(page)
    assert "YYYY\\-MM\\-DD" in words(page)


def test_a_gap_is_refused_with_both_neighbours_and_either_can_be_taken(open_page: Open) -> None:
    page = in_json(open_page("playground", "developer"), BERLIN)
    assert "never came" in words(page)
    labels = [button.label for button in page.button]
    assert "Use 01:59:59, just before the gap" in labels
    next(button for button in page.button if button.label == "Use 03:00:00, just after the gap").click().run()
    assert body(page)["time"] == "03:00:00"
    assert "never came" not in words(page)


def test_a_doubled_hour_is_asked_for_and_forgotten_with_it(open_page: Open) -> None:
    page = in_json(open_page("playground", "developer"), {**BERLIN, "date": "2026-10-25"})
    assert "twice that night" in words(page)
    assert "fold" not in body(page)
    page.segmented_control(key="playground_f_fold").set_value(1).run()
    assert body(page)["fold"] == 1
    field(page, "date").set_value("2026-10-24").run()
    field(page, "date").set_value("2026-10-24").run()
    assert "fold" not in body(page)


def test_coordinates_propose_a_zone_that_can_be_edited(open_page: Open) -> None:
    page = in_json(open_page("playground", "developer"), {"date": "1990-06-15", "time": "14:30", "latitude": 52.5, "longitude": 13.4})
    assert body(page)["time_zone"] == "Europe/Berlin"
    field(page, "longitude").set_value("-9.13").run()
    field(page, "latitude").set_value("38.7").run()
    assert field(page, "time_zone").value == "Europe/Lisbon"
    field(page, "time_zone").set_value("Europe/Madrid").run()
    field(page, "latitude").set_value("38.8").run()
    assert body(page)["time_zone"] == "Europe/Madrid"
    next(button for button in page.button if button.label.startswith("Use Europe")).click().run()
    assert body(page)["time_zone"] == "Europe/Lisbon"


def test_the_places_own_mean_time_is_offered_for_old_dates(open_page: Open) -> None:
    page = in_json(open_page("playground", "developer"), {**BERLIN, "date": "1870-06-15"})
    page.toggle(key="playground_own_time_").set_value(True).run()
    assert body(page)["time_zone"] == "local_mean_time"
    assert "Local mean time of the place" in words(page)
    page.toggle(key="playground_own_time_").set_value(False).run()
    assert body(page)["time_zone"] == "Europe/Berlin"


def test_a_place_of_the_same_name_elsewhere_can_be_taken(open_page: Open) -> None:
    page = open_page("playground", "developer")
    page.button(key="playground_take__1").click().run()
    assert body(page) == {
        "date": "1990-06-15", "time": "14:30:00", "latitude": 44.0315, "longitude": -70.1045, "time_zone": "America/New_York",
    }  # fmt: skip
    assert page.segmented_control(key="playground_way_").value == "coordinates"


def test_an_unknown_time_and_a_zodiac_of_ones_own_are_chosen_in_the_form(open_page: Open) -> None:
    page = open_page("playground", "developer")
    page.toggle(key="playground_timed_").set_value(False).run()
    assert body(page)["time_known"] is False
    assert "no houses, angles and lots" in words(page)
    page.segmented_control(key="playground_zodiac_").set_value("sidereal").run()
    page.selectbox(key="playground_ayanamsa_").set_value("custom").run()
    field(page, "custom_ayanamsa_degrees").set_value("23.5").run()
    assert body(page)["custom_ayanamsa"] == {"julian_day_tt": 2451545.0, "degrees": 23.5}
    assert not page.exception


def test_a_search_is_asked_for_by_its_own_fields_and_its_events_are_a_table(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("playground", "developer", handle=handle)
    page.selectbox(key="playground_technique").set_value("stations").run()
    page.multiselect(key="playground_f_bodies").set_value(["mars"]).run()
    calculate(page)
    assert handle.chart_api.asked[-1] == {"start": "2026-01-01", "end": "2027-01-01", "bodies": ["mars"]}
    assert not page.exception
    assert page.selectbox(key="playground_sheets_of_stations").options[0] == f"Events ({len(SEARCHED['events'])})"
    field(page, "start").set_value("").run()
    calculate(page)
    assert "is required" in words(page)


def test_the_chart_goes_along_to_a_technique_of_two_charts(open_page: Open) -> None:
    page = open_page("playground", "developer")
    page.selectbox(key="playground_technique").set_value("synastry").run()
    assert body(page)["first"] == {"date": "1990-06-15", "time": "14:30:00", "place": "Lisbon, PT"}
    assert field(page, "first_date").value == "1990-06-15"
    page.selectbox(key="playground_technique").set_value("natal").run()
    assert body(page) == {"date": "1990-06-15", "time": "14:30:00", "place": "Lisbon, PT"}


def test_without_the_apis_description_the_natal_chart_is_left_and_it_is_said(open_page: Open) -> None:
    page = open_page("playground", "developer", "failed")
    assert "Only the natal chart can be asked for" in words(page)
    assert page.selectbox(key="playground_technique").options == ["Natal chart"]


def test_every_run_is_kept_for_its_operator_and_its_address_holds_no_birth_data(open_page: Open) -> None:
    handle = fakes.services()
    page = calculate(open_page("playground", "developer", handle=handle))
    kept = list(handle.cases.kept.values())
    assert [(one.case.technique, one.case.title) for one in kept] == [("natal", "1990-06-15 14:30:00 · Lisbon, PT")]
    assert dict(page.query_params) == {"case": kept[0].case.id}
    another = open_page("playground", "developer", handle=handle, case=kept[0].case.id)
    assert another.session_state["playground_run"].case == kept[0].case.id
    stranger = open_page("playground", "support", handle=handle, case=kept[0].case.id)
    assert "no such case" in words(stranger)
    assert not stranger.exception


def test_the_second_opinion_is_asked_for_and_its_absence_is_a_sentence(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend.charts.second_opinion import Opinion

    page = calculate(open_page("playground", "developer"))
    monkeypatch.setattr(playground_result, "second_opinion", lambda _: Opinion(refusal="The extra 'oracle' is not installed here."))
    page.session_state["playground_opinion_open"] = True
    page.run()
    page.button(key="playground_ask_opinion").click().run()
    assert "not installed" in words(page)
