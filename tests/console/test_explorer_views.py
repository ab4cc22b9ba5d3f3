"""The explorer's rules without a page: where one writes, what may follow, where a fault lies, which series are shown."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.answer import Fresh
from backend.errors import QueryProblem
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.result import Curve, QueryResult
from components.views import explorer_answers as view
from components.views import explorer_export
from components.views.explorer_answers import Answered, Series
from components.views.explorer_completion import Vocabulary, about, quoted, starting_point, suggestions
from components.views.explorer_place import What, metrics, place
from components.views.explorer_problem import WIDTH, marked, place_words

START = datetime(2026, 11, 24, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)
METRICS = {
    "up": ("gauge", "1 while it answers."),
    "http_requests_total": ("counter", "Requests."),
    "http_seconds_bucket": ("histogram", ""),
}
KNOWN = Vocabulary(
    METRICS,
    ("rate", "irate", "histogram_quantile"),
    lambda selector: ["job", "route", "code"],
    lambda label, selector: ["/v1/places", 'a"b'],
)


@pytest.mark.parametrize(
    ("text", "what", "prefix", "selector", "label"),
    [
        ("", What.EXPRESSION, "", "", ""),
        ("rat", What.EXPRESSION, "rat", "", ""),
        ("sum(rate(http_re", What.EXPRESSION, "http_re", "", ""),
        ("up{", What.LABEL, "", "up", ""),
        ("rate(up{jo", What.LABEL, "jo", "up", ""),
        ('up{job="api", ', What.LABEL, "", 'up{job="api"}', ""),
        ('{job="api", ro', What.LABEL, "ro", '{job="api"}', ""),
        ("up{job ", What.MATCH, "", "up", ""),
        ("up{job=", What.VALUE, "", "up", "job"),
        ('up{job="a', What.VALUE, "a", "up", "job"),
        ('up{job!~"a|', What.VALUE, "a|", "up", "job"),
        ('up{a="x}", job="', What.VALUE, "", 'up{a="x}"}', "job"),
        ('up{job="api"', What.NEXT, "", "up", ""),
        ('up{job="a\\"', What.VALUE, 'a\\"', "up", "job"),
        ("sum by (", What.GROUPING, "", "", ""),
        ("sum(rate(up[5m])) by (le, ro", What.GROUPING, "ro", "up", ""),
        ("up / on (", What.GROUPING, "", "up", ""),
        ("rate(up[", What.DURATION, "", "", ""),
        ("rate(up[5", What.DURATION, "5", "", ""),
        ("up ", What.OPERATOR, "", "", ""),
        ("rate(up[5m])", What.OPERATOR, "", "", ""),
        ("up + ", What.EXPRESSION, "", "", ""),
        ("up # and no", What.NOTHING, "", "", ""),
        ('label_replace(up, "jo', What.NOTHING, "", "", ""),
        ("12", What.NOTHING, "", "", ""),
    ],
)
def test_the_end_of_an_expression_says_what_is_written_there(text: str, what: What, prefix: str, selector: str, label: str) -> None:
    found = place(text)
    assert (found.what, found.prefix, found.selector, found.label) == (what, prefix, selector, label)


def test_metrics_of_an_expression_are_neither_functions_nor_labels_nor_words_of_the_language() -> None:
    text = 'histogram_quantile(0.9, sum by (le) (rate(a_bucket{job="x", y="up"}[5m] offset 1h))) / on (job) group_left (z) b or vector(1)'
    assert metrics(text) == ("a_bucket", "b")


@pytest.mark.parametrize(
    ("text", "shown", "leads_to"),
    [
        ("sum(ra", "rate(", "sum(rate("),
        ("http_r", "http_requests_total", "http_requests_total"),
        ("requests", "http_requests_total", "http_requests_total"),
        ("up", "up[5m]", "up[5m]"),
        ("up{ro", "route", "up{route="),
        ("up{route=", "/v1/places", 'up{route="/v1/places"'),
        ('up{route="', "/v1/places", 'up{route="/v1/places"'),
        ("up{route=`", 'a"b', 'up{route=`a"b`'),
        ("up{route='", 'a"b', "up{route='a\"b'"),
        ('up{route="a', 'a"b', 'up{route="a\\"b"'),
        ('up{route=~"', "/v1/places", 'up{route=~"/v1/places"'),
        ('up{job="a"', "}", 'up{job="a"}'),
        ("rate(up[", "5m", "rate(up[5m]"),
        ("sum by (job", ")", None),
        ("sum(up)", "by (", "sum(up) by ("),
        ("sum(up) ", "by (", "sum(up) by ("),
    ],
)
def test_a_suggestion_leads_to_the_whole_expression(text: str, shown: str, leads_to: str | None) -> None:
    offered = {one.shown: one.text for one in suggestions(text, KNOWN).best}
    if leads_to is None:
        assert offered["job)"] == "sum by (job)"
    else:
        assert offered[shown] == leads_to


def test_what_begins_alike_comes_first_and_what_is_left_out_is_counted() -> None:
    many = Vocabulary(
        {f"m_{number:03}": ("", "") for number in range(40)} | {"a_m": ("", "")}, ("max_over_time",), lambda _: [], lambda *_: []
    )
    found = suggestions("m", many)
    assert [one.shown for one in found.best[:2]] == ["m_000", "m_001"]
    of_the_language = ("sum", "min", "max", "limitk", "bottomk", "limit_ratio", "max_over_time")
    assert (len(found.best), found.more) == (12, len(many.metrics) + len(of_the_language) - 12)


@given(some.text(alphabet="ab_:{}()[],=\"\\`'#~! \n5m", max_size=40))
def test_any_text_has_a_place_that_replaces_its_end(text: str) -> None:
    found = place(text)
    assert 0 <= found.start <= len(text)
    assert all(one.text.startswith(text[: found.start]) for one in suggestions(text, KNOWN).best)


def test_a_value_in_an_expression_match_means_itself() -> None:
    assert quoted("a.b|c", "=~") == '"a\\\\.b\\\\|c"'
    assert quoted('say "x"\\\n') == '"say \\"x\\"\\\\\\n"'


def test_a_metric_is_told_of_by_its_own_or_its_common_name() -> None:
    facts = {**METRICS, "http_seconds": ("histogram", "Time.")}
    assert about("rate(http_seconds_count[5m]) / up", facts) == [("http_seconds_count", "histogram", "Time."), ("up", *METRICS["up"])]


@pytest.mark.parametrize(
    ("metric", "kind", "expected"),
    [
        ("up", "gauge", 'up{job="a"}'),
        ("x_total", "counter", 'sum(rate(x_total{job="a"}[5m]))'),
        ("x_bucket", "histogram", 'histogram_quantile(0.95, sum by (le) (rate(x_bucket{job="a"}[5m])))'),
    ],
)
def test_each_kind_of_metric_has_its_usual_question(metric: str, kind: str, expected: str) -> None:
    assert starting_point(metric, kind, {"job": "a"}) == expected


def test_the_mark_stands_under_the_offending_place() -> None:
    query = "sum(rate(up[5m]) by (job)"
    line, mark = marked(query, 17).split("\n")
    assert (line, line[mark.index("^") :]) == (query, "by (job)")
    assert place_words(query, 17) is None


def test_in_several_lines_the_offending_one_is_shown_and_named() -> None:
    query = "sum(\n  rate(up[5m])\n) bye (job)"
    position = query.index("bye")
    assert marked(query, position) == ") bye (job)\n  ^"
    assert place_words(query, position) == (3, 3)


@given(some.text(alphabet="ab\n\t", max_size=400), some.integers(-5, 500))
def test_a_long_line_is_shown_around_the_place(query: str, position: int) -> None:
    line, mark = marked(query, position).split("\n")
    at = max(0, min(position, len(query)))
    assert len(line) <= WIDTH + 2
    if at < len(query) and query[at] == "a":
        assert line[len(mark) - 1] == "a"


def test_without_a_position_nothing_is_marked() -> None:
    assert marked("up", None) == ""


@pytest.mark.parametrize(
    ("wanted", "span", "seconds"),
    [
        ("auto", HOUR, 15),
        ("auto", timedelta(days=1), 600),
        ("fine", HOUR, 5),
        ("45s", HOUR, 45),
        ("1s", timedelta(days=30), 236),
        ("x", HOUR, 14.4),
    ],
)
def test_a_step_gives_few_points_or_is_what_was_asked_within_the_limit(wanted: str, span: timedelta, seconds: float) -> None:
    assert view.chosen_step(wanted, START, START + span) == seconds
    assert span.total_seconds() / seconds < view.MOST_POINTS


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("1m30s", 90), ("250ms", 0.25), ("2H", 7200), ("", None), ("0s", None), ("-5m", None), ("five", None)]
)
def test_durations_are_read(text: str, seconds: float | None) -> None:
    assert view.duration_seconds(text) == seconds


@given(some.integers(1, 10**9))
def test_a_duration_is_written_so_that_it_reads_back(milliseconds: int) -> None:
    assert view.duration_seconds(view.duration_text(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)


def curve(number: int, *values: float, **labels: str) -> Curve:
    times = np.arange(len(values), dtype=np.int64) * 60_000 + 1_764_000_000_000
    return Curve(labels_of({"__name__": "m", "n": str(number), **labels}), times, np.array(values, dtype=np.float64))


def answered(curves: list[Curve], letter: str = "a", kind: str = "range", problem: QueryProblem | None = None, **more: object) -> Answered:
    result = QueryResult("matrix" if kind == "range" else "vector", tuple(curves), **more)  # type: ignore[arg-type]
    return Answered(letter, "m", kind, START, START + HOUR, 60.0, Fresh(result, START, 0.01), problem, 0.01)


def test_the_largest_means_are_drawn_and_the_others_are_counted() -> None:
    kept = view.kept([answered([curve(number, number, number, math.nan) for number in range(134)])])
    assert (kept.total, len(kept.series), len(kept.drawn)) == (134, 134, 20)
    assert [dict(one.curve.labels)["n"] for one in kept.drawn[:2]] == ["133", "132"]


def test_no_query_hides_another_among_the_drawn() -> None:
    first = answered([curve(number, 1000.0) for number in range(100)])
    second = answered([curve(number, 1.0) for number in range(3)], "b")
    drawn = view.kept([first, second]).drawn
    assert [one.letter for one in drawn].count("b") == 3
    assert len(drawn) == 20


def test_the_list_ends_at_a_bound_of_series_and_of_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (view.MOST_LISTED, view.MOST_SAMPLES) == (1000, 2_000_000)
    monkeypatch.setattr(view, "MOST_SAMPLES", 10)
    kept = view.kept([answered([curve(number, 1.0, 2.0, 3.0) for number in range(9)])])
    assert (len(kept.series), kept.total) == (3, 9)


def test_a_name_reads_as_promql_writes_it() -> None:
    assert view.series_name(labels_of({"__name__": "up", "job": 'a"b\\'})) == 'up{job="a\\"b\\\\"}'
    assert view.series_name(()) == "{}"
    assert view.series_name(labels_of({"__name__": "up", "job": "a"}), frozenset({"job"})) == "up"
    series = [Series("a", curve(number, 1.0, job="api")) for number in range(2)]
    assert view.common(series) == (("__name__", "m"), ("job", "api"))
    assert view.common(series[:1]) == ()
    assert view.series_name(series[0].curve.labels, frozenset({"__name__", "job"})) == '{n="0"}'


def test_a_curve_in_five_numbers_leaves_out_what_is_no_number() -> None:
    found = view.summary(curve(1, 1.0, math.inf, math.nan, 3.0))
    assert (found.last, found.least, found.mean, found.most, found.points) == (3.0, 1.0, 2.0, 3.0, 4)
    nothing = view.summary(curve(1, math.nan))
    assert math.isnan(nothing.last) and (nothing.least, nothing.mean, nothing.most) == (None, None, None)


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "0"), (1234567.0, "1,234,567"), (-0.125, "−0.125"), (math.nan, "NaN"), (-math.inf, "−Inf"), (1e-9, "1e−09")]
)
def test_numbers_read_in_six_digits(value: float, words: str) -> None:
    assert view.number(value) == words


def test_the_csv_has_a_line_for_each_sample_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(explorer_export.as_csv([answered([curve(1, 0.1, math.inf, job="=cmd()")])]))))
    assert rows[0] == ["query", "series", "time", "value"]
    assert rows[1] == ["a", 'm{job="=cmd()", n="1"}', "2025-11-24T16:00:00.000Z", "0.1"]
    assert rows[2][3] == "+Inf"


@pytest.mark.parametrize("kind", ["range", "instant"])
def test_the_json_is_that_of_the_http_api_and_says_what_is_left_out(kind: str) -> None:
    (asked,) = json.loads(explorer_export.as_json([answered([curve(1, 0.5)], kind=kind, warnings=("half",))]))["queries"]
    name, value = ("values", [[1764000000.0, "0.5"]]) if kind == "range" else ("value", [1764000000.0, "0.5"])
    assert asked["data"]["result"] == [{"metric": {"__name__": "m", "n": "1"}, name: value}]
    assert (asked["series_total"], asked["warnings"], "step" in asked) == (1, ["half"], kind == "range")
