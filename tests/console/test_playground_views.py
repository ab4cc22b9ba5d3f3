"""The playground as pure functions: a form and a request, local times, techniques from the API's description, tables and files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.engine import files
from backend.charts.engine.civil_time import LOCAL_MEAN_TIME, ZoneFolder
from backend.charts.second_opinion import Difference, Opinion
from components.times import watch
from components.views import playground, playground_chart, playground_json, playground_records, playground_time, playground_trace, snippets
from components.views.playground_fields import Field, edited, found, number, placed, shown
from components.views.playground_recipes import NATAL_RECIPE, carried, recipes
from tests.console import fakes
from tests.console.fakes.charts import DESCRIPTION, SEARCHED

ZONES = ZoneFolder(files.DATA / "zoneinfo")
DOCUMENT: dict[str, Any] = json.loads(fakes.CHART.read_text("utf-8"))
BERLIN = {"latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"}
CHART_FIELDS = (
    playground_chart.DATE, playground_chart.TIME, playground_chart.PLACE, playground_chart.ZONE, playground_chart.LATITUDE,
    playground_chart.HOUSES, playground_chart.ZODIAC, playground_chart.CUSTOM_DAY, *playground_chart.MORE,
)  # fmt: skip
RECIPES = {recipe.name: recipe for recipe in recipes(DESCRIPTION.body)}


# A request and its form

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([field.path.partition(".")[0] for field in CHART_FIELDS]), _JSON, max_size=6))
def test_drawing_the_form_changes_no_request_whatever_stands_in_it(body: dict[str, Any]) -> None:
    for field in CHART_FIELDS:
        assert edited(field, body, shown(field, body)) == body


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (playground_chart.HOUSES, "koch", "koch"),
        (playground_chart.LATITUDE, "38,7", 38.7),
        (playground_chart.LONGITUDE, "−9.13", -9.13),
        (playground_chart.LATITUDE, "north", "north"),
        (playground_chart.BODIES, ["sun", "pholus"], ["sun", "pholus"]),
        (playground_chart.CUSTOM_DEGREES, "24", 24),
        (
            next(field for field in playground_chart.MORE if field.path == "orbs"),
            {"trine": "6.5", "square": "5"},
            {"trine": 6.5, "square": 5},
        ),
        (playground_chart.NAME, "  Ana ", "Ana"),
    ],
)
def test_a_widget_writes_what_it_means(field: Field, value: Any, expected: Any) -> None:
    body = edited(field, {"date": "1990-06-15"}, value)
    assert found(body, field.path) == expected
    assert body["date"] == "1990-06-15"


@pytest.mark.parametrize(
    ("field", "body", "value"),
    [
        (playground_chart.HOUSES, {"house_system": "koch"}, "placidus"),
        (playground_chart.NAME, {"name": "Ana"}, " "),
        (playground_chart.BODIES, {"bodies": ["sun"]}, list(playground_chart.BODIES.default)),
        (playground_chart.CUSTOM_DEGREES, {"custom_ayanamsa": {"degrees": 1}}, ""),
    ],
)
def test_a_widget_at_its_default_says_nothing(field: Field, body: dict[str, Any], value: Any) -> None:
    assert found(edited(field, body, value), field.path) is None


def test_what_the_form_does_not_know_stays_in_the_request() -> None:
    body = {"date": "1990-06-15", "house_system": "placidus", "novelty": [1], "orbs": {"trine": 3.0}}
    for field in CHART_FIELDS:
        body = edited(field, body, shown(field, body))
    assert body == {"date": "1990-06-15", "house_system": "placidus", "novelty": [1], "orbs": {"trine": 3.0}}


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1), ("1.5", 1.5), ("1,5", 1.5), ("inf", "inf"), ("nan", "nan"), ("1e400", "1e400"), ("", "")]
)
def test_only_what_json_can_say_is_a_number(text: str, value: Any) -> None:
    assert number(text) == value


def test_a_value_is_placed_in_an_object_that_was_not_there_and_leaves_no_empty_one() -> None:
    assert placed({}, "first.orbs.trine", 3) == {"first": {"orbs": {"trine": 3}}}
    assert placed({"first": 7}, "first.date", "1990-06-15") == {"first": {"date": "1990-06-15"}}


def test_an_unknown_time_takes_along_what_belongs_to_houses() -> None:
    body = {"date": "1990-06-15", "time": "14:30", "fold": 1, "house_system": "koch", "place": "Lisbon"}
    without = playground_chart.timed(body, "", known=False)
    assert without == {"date": "1990-06-15", "place": "Lisbon", "time_known": False}
    assert playground_json.problems(NATAL_RECIPE, without) == ()
    assert playground_chart.timed(without, "", known=True) == {"date": "1990-06-15", "place": "Lisbon", "time": "12:00"}


def test_a_zodiac_of_ones_own_is_a_request_that_the_api_reads() -> None:
    body = playground_chart.zodiac_chosen(dict(playground_chart.EXAMPLE), "", playground_chart.CUSTOM)
    assert playground_chart.ayanamsa_of(body, "") == playground_chart.CUSTOM
    assert playground_json.problems(NATAL_RECIPE, body) == ()
    assert playground_chart.zodiac_chosen(body, "", None) == playground_chart.EXAMPLE
    assert playground_chart.zodiac_chosen(body, "", "lahiri") == {**playground_chart.EXAMPLE, "zodiac": "sidereal"}


# Raw JSON


def test_the_text_of_a_request_is_the_request() -> None:
    body = {"place": "Łódź", "orbs": {"trine": 3.5}, "bodies": ["sun"]}
    assert playground_json.read_text(playground_json.text_of(body)) == (body, "")


@pytest.mark.parametrize(
    ("text", "words"), [("{", "not JSON"), ('{"a":1,"a":2}', "twice"), ("[]", "JSON object"), ('{"a":NaN}', "NaN"), ("", "not JSON")]
)
def test_text_that_the_api_would_refuse_says_why(text: str, words: str) -> None:
    read, wrong = playground_json.read_text(text)
    assert read is None
    assert words in wrong


def test_a_problem_is_found_on_its_line() -> None:
    text = '{\n "first": {\n  "date": "x"\n },\n "second": {\n  "date": "y"\n }\n}'
    assert playground_json.line_of(text, "first.date") == 3
    assert playground_json.line_of(text, "second.date") == 6
    assert playground_json.line_of(text, "second.time") is None


def test_problems_of_nested_charts_carry_their_path_and_missing_charts_are_named() -> None:
    wrong = playground_json.problems(RECIPES["synastry"], {"first": {"date": "1990-02-30", "time": "14:30", "place": "Lisbon"}})
    assert [one.field for one in wrong] == ["first.date", "second"]
    assert playground.field_title("first.time_zone") == "First chart: Time zone"
    assert playground.field_title("orbs.trine") == "Own orbs by aspect: Trine"


# Techniques


def test_techniques_and_their_fields_come_from_the_apis_description() -> None:
    assert list(RECIPES) == ["natal", "synastry", "stations"]
    assert RECIPES["synastry"].parts == ("first", "second")
    fields = {field.path: field for field in RECIPES["stations"].fields}
    assert {path: field.kind for path, field in fields.items()} == {"start": "text", "end": "text", "bodies": "choices", "exact": "flag"}
    assert fields["bodies"].title_of("sun") == "Sun"
    assert fields["exact"].default is True
    assert fields["start"].hint


def test_every_technique_of_the_api_can_be_asked_for_with_its_example() -> None:
    """The real description: a technique without a form would be one that cannot be tried."""
    from backend.charts.techniques import TECHNIQUES

    for technique in TECHNIQUES.values():
        operation = {"summary": technique.title, "requestBody": {"content": {"application/json": {"schema": technique.request_schema,
            "examples": {name: {"value": value} for name, value in technique.examples.items()}}}}}  # fmt: skip
        recipe = recipes({"paths": {f"/v1/{technique.name}": {"post": operation}}})[1]
        paths = (*recipe.parts, *recipe.only_json, *(field.path for field in recipe.fields))
        known = {path.partition(".")[0] for path in paths}
        assert known == set(technique.request_schema["properties"]), technique.name
        assert playground_json.problems(recipe, recipe.example) == (), technique.name
        technique.parse(recipe.example)


def test_the_chart_in_the_form_goes_along_to_another_technique_and_back() -> None:
    body = {"date": "1879-03-14", "time": "11:30", "place": "Ulm"}
    there = carried(body, RECIPES["natal"], RECIPES["synastry"])
    assert there["first"] == body
    assert there["second"] == RECIPES["synastry"].example["second"]
    assert carried(there, RECIPES["synastry"], RECIPES["natal"]) == body
    assert carried(body, RECIPES["natal"], RECIPES["stations"]) == RECIPES["stations"].example


def test_a_stored_run_is_called_by_its_first_chart() -> None:
    assert playground.run_title(playground_chart.EXAMPLE, ("",)) == "1990-06-15 14:30:00 · Lisbon, PT"
    assert playground.run_title({"start": "2026"}, ()) == ""
    assert len(playground.run_title({"date": "x" * 300}, ("",))) <= 80


# Local time


def _clock(date: str, time: str, zone: str | None = "Europe/Berlin", **more: Any) -> playground_time.Clock:
    chart = {"date": date, "time": time, "latitude": 52.5, "longitude": 13.4, "time_zone": zone, **more}
    return playground_time.clock({name: value for name, value in chart.items() if value is not None}, None, ZONES)


@pytest.mark.parametrize(
    ("date", "time", "zone", "kind"),
    [
        ("1990-06-15", "14:30", "Europe/Berlin", "ok"),
        ("2026-10-25", "02:30", "Europe/Berlin", "watch"),
        ("2026-03-29", "02:30", "Europe/Berlin", "bad"),
        ("1990-02-30", "14:30", "Europe/Berlin", "neutral"),
        ("1990-06-15", "14:30", "Mars/Olympus", "bad"),
        ("1870-06-15", "14:30", LOCAL_MEAN_TIME, "ok"),
    ],
)
def test_the_time_is_judged_as_it_is_typed(date: str, time: str, zone: str, kind: str) -> None:
    known = _clock(date, time, zone)
    assert playground_time.words(known)[0] == kind
    assert known.needs_fold is (date == "2026-10-25")


def test_a_gap_offers_both_neighbours_and_each_is_a_time_that_was() -> None:
    offers = playground_time.neighbours(_clock("2026-03-29", "02:30"))
    assert [when for _, when in offers] == [
        {"date": "2026-03-29", "time": "01:59:59"},
        {"date": "2026-03-29", "time": "03:00:00"},
    ]
    for _, when in offers:
        assert playground_time.words(_clock(when["date"], when["time"]))[0] == "ok"


def test_a_doubled_hour_asks_for_the_pass_with_its_offset() -> None:
    assert playground_time.passes(_clock("2026-10-25", "02:30")) == {0: "First (UTC+02:00)", 1: "Second (UTC+01:00)"}


def test_the_zone_of_a_place_counts_where_none_is_given() -> None:
    chart = {"date": "1990-06-15", "time": "14:30", "place": "Berlin"}
    assert playground_time.clock(chart, BERLIN, ZONES).zone == "Europe/Berlin"
    assert playground_time.clock(chart, None, ZONES).verdict is None


def test_the_places_own_mean_time_is_a_choice_for_old_dates_only() -> None:
    assert _clock("1870-06-15", "14:30").may_be_own_time
    assert not _clock("1990-06-15", "14:30").may_be_own_time
    assert "UTC+00:53:36" in playground_time.words(_clock("1870-06-15", "14:30", LOCAL_MEAN_TIME))[1]


def test_an_unknown_time_is_told_as_such() -> None:
    known = playground_time.clock({"date": "1990-06-15", "time_known": False, **BERLIN}, None, ZONES)
    assert playground_time.words(known)[0] == "info"


@pytest.mark.parametrize(("spot", "zone"), [((52.5, 13.4), "Europe/Berlin"), (("x", 13.4), None), ((True, 1), None), ((99.0, 13.4), None)])
def test_coordinates_propose_their_zone(spot: tuple[Any, Any], zone: str | None) -> None:
    assert playground_time.proposed_zone(*spot) == zone


# What a document says


def test_a_documents_tables_hold_all_bodies_houses_and_aspects() -> None:
    assert len(playground.body_rows(DOCUMENT)) == len(DOCUMENT["bodies"]) == 13
    assert len(playground.house_rows(DOCUMENT)) == 12
    assert len(playground.aspect_rows(DOCUMENT)) == len(DOCUMENT["aspects"])
    assert playground.body_rows(DOCUMENT)[0]["Longitude"] == "24° 11′ 21″"
    assert {row["Angle"] for row in playground.angle_rows(DOCUMENT)} >= {"Ascendant", "Midheaven"}
    assert "1990" in playground.moment_words(DOCUMENT)


@pytest.mark.parametrize("document", [{}, {"houses": None, "angles": None, "aspects": None, "bodies": None, "moment": None}])
def test_an_empty_document_draws_empty_tables(document: dict[str, Any]) -> None:
    assert playground.body_rows(document) == playground.house_rows(document) == playground.aspect_rows(document) == []
    assert playground.angle_rows(document) == []
    assert playground.moment_words(document) == ""
    assert playground.provenance({}, 0.004, 100)


def test_a_degradation_is_a_sentence_with_its_time() -> None:
    document = {"degraded": [{"detail": "the geocoder is isolated", "since": "2026-11-24T14:02:06Z"}, {"detail": "old", "since": None}]}
    assert playground.degradations(document, watch("UTC", fakes.START)) == ["The geocoder is isolated. Since 14:02:06 UTC.", "Old."]


def test_any_document_becomes_tables_with_units_and_missing_data_is_said() -> None:
    sheet = next(sheet for sheet in playground_records.sheets(SEARCHED) if sheet.title == "Events")
    assert sheet.rows[0]["Longitude °"] == "22° 33′ 36″ Pisces"
    assert sheet.rows[0]["UTC"].replace("\\", "").replace("\u2060", "") == "2026\u201102\u201126\u00a006:48:00"  # in one line
    assert sheet.rows[1]["Phase"] == "no data"
    titles = [
        one.title for one in playground_records.all_sheets({"first": DOCUMENT, "overlays": {"a_in_b": [{"house": 1}], "b_in_a": None}})
    ]
    assert "First: bodies" in titles
    assert "Overlays: a in b" in titles


@given(st.dictionaries(st.text(max_size=6), _JSON, max_size=5))
def test_a_document_of_any_shape_is_listed_without_a_fault(document: dict[str, Any]) -> None:
    for sheet in playground_records.all_sheets(document):
        assert all(isinstance(cell, str) for row in sheet.rows for cell in row.values())
        playground_records.csv_of(sheet)


@given(st.lists(st.text(alphabet=st.sampled_from("=+-@\t\r\n,;\"'ab1"), max_size=6), min_size=1, max_size=4))
def test_no_cell_of_a_file_is_a_formula(texts: list[str]) -> None:
    sheet = playground_records.Sheet("t", tuple({"name": text} for text in texts))
    rows = list(csv.reader(io.StringIO(playground_records.csv_of(sheet), newline="")))[1:]
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)


def test_negative_numbers_stay_numbers_in_a_file() -> None:
    sheet = playground_records.Sheet("t", ({"speed": -0.5, "phase": None, "body": "=mars"},))
    assert playground_records.csv_of(sheet).splitlines() == ["speed,phase,body", "-0.5,,'=mars"]


# The request itself


def test_copied_calls_carry_no_key_and_survive_quotes() -> None:
    body = {"place": "L'Aquila", "date": "1990-06-15", "orbs": {"trine": 3}, "exact": True}
    shell = snippets.curl("http://127.0.0.1:8000", "/v1/charts", body)
    assert "L'\\''Aquila" in shell
    assert "$ASTROLABE_KEY" in shell
    program = snippets.python("http://127.0.0.1:8000", "/v1/charts", body)
    compile(program, "snippet", "exec")
    assert "os.environ['ASTROLABE_KEY']" in program
    assert "'exact': True" in program


def test_the_trace_tells_cache_tag_and_the_servers_own_times() -> None:
    headers = {
        "traceparent": "00-ab-cd-01",
        "astrolabe-cache": "hit",
        "age": "12",
        "etag": '"abcdef"',
        "server-timing": 'engine;dur=0.42, all;desc="x";dur=3',
    }
    told = dict(playground_trace.told(headers))
    assert told["Cache"] == "hit, 12 s old"
    assert told["Server: engine"] == "0.4 ms"
    assert told["Server: all"] == "3.0 ms"
    assert "abcdef" in told["Tag"]
    assert dict(playground_trace.told({})) == {"Trace": "–"}


def test_the_second_opinion_is_told_in_a_sentence_and_body_by_body() -> None:
    near, far = (Difference("moon", 1.0, 1.0, size, -0.0001, 0.01) for size in (0.002, -3.0))
    assert "in all 1 bodies; the largest difference is 0.002″ (Moon)" in playground_trace.opinion_verdict(Opinion((near,)))
    assert "in 1 of 2 bodies" in playground_trace.opinion_verdict(Opinion((far, near)))
    assert "not installed" in playground_trace.opinion_verdict(Opinion(refusal="It is not installed."))
    rows = playground_trace.opinion_rows(Opinion((far, near)))
    assert [row["Body"].rpartition(" ")[2] for row in rows] == ["beyond", "within"]
    assert rows[0]["Longitude ″"] == "−3.000"
    assert rows[0]["Latitude ″"] == "+0.000"
