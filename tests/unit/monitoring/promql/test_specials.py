"""Functions that look at the query rather than at values: absent, info, sorting, anchored and smoothed ranges."""

from __future__ import annotations

import pytest

from tests.unit.monitoring.promql.asking import engine, instant, loaded, over, problem

MINUTE = 60_000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("absent(nothing)", {"{}": 1}),
        ('absent(nothing{a="1", b=~"2"})', {"{a=1}": 1}),
        ('absent(nothing{a="1", a="2", c="3"})', {"{c=3}": 1}),
        ('absent(nothing{a="1", b!="2"})', {"{a=1}": 1}),
        ('absent({__name__="nothing", a="1"})', {"{a=1}": 1}),
        ("absent(there)", {}),
        ("absent(sum(nothing))", {"{}": 1}),
        ("absent_over_time(nothing[5m])", {"{}": 1}),
        ('absent_over_time(there{a="2"}[5m])', {"{a=2}": 1}),
        ("absent_over_time(there[5m])", {}),
        ("absent_over_time(rate(nothing[5m])[5m:])", {"{}": 1}),
        ("scalar(there)", {"{}": 4}),
        ("vector(3)", {"{}": 3}),
        ("hour()", {"{}": 0}),
        ("year(vector(1136239445))", {"{}": 2006}),
    ],
)
def test_what_is_not_there_is_told(query: str, expected: dict[str, float]) -> None:
    assert instant(loaded(MINUTE, 'there{a="1"} 4'), query) == expected


def test_absence_is_told_step_by_step() -> None:
    samples = loaded(MINUTE, "x 1 _ _ _ _ _ _ 1")
    assert sorted(over(samples, "absent(x)", 0, 8 * MINUTE, MINUTE)["{}"]) == [5 * MINUTE, 6 * MINUTE]


INFO = (
    'metric{instance="a",job="1",label="value"} 0 1 2',
    'lonely{instance="a",job="2"} 0 1 2',
    'overlapping{instance="a",job="1",data="base"} 0 1 2',
    'target_info{instance="a",job="1",data="info",more="else"} 1 1 1',
    'build_info{instance="a",job="1",build="b"} 1 1 1',
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("info(metric)", {"metric{data=info,instance=a,job=1,label=value,more=else}": 0}),
        ('info(metric, {data=~".+"})', {"metric{data=info,instance=a,job=1,label=value}": 0}),
        ('info(metric, {missing=~".+"})', {}),
        ('info(metric, {data=~".+", missing=~".*"})', {"metric{data=info,instance=a,job=1,label=value}": 0}),
        ("info(lonely)", {"lonely{instance=a,job=2}": 0}),
        ("info(overlapping)", {"overlapping{data=base,instance=a,job=1,more=else}": 0}),
        ('info(metric, {__name__="nothing"})', {"metric{instance=a,job=1,label=value}": 0}),
        ('info(metric, {__name__="nothing", data=~".+"})', {}),
        ('info(metric, {__name__=~".+_info"})', {"metric{build=b,data=info,instance=a,job=1,label=value,more=else}": 0}),
        ('info(metric, {__name__=~".+_info", build=~".+"})', {"metric{build=b,instance=a,job=1,label=value}": 0}),
        ('info(build_info, {__name__=~".+_info"})', {"build_info{build=b,instance=a,job=1}": 1}),
    ],
)
def test_info_series_lend_their_labels(query: str, expected: dict[str, float]) -> None:
    assert instant(loaded(5 * MINUTE, *INFO), query) == expected


def test_of_several_info_series_the_newest_describes() -> None:
    samples = loaded(
        MINUTE,
        'metric{instance="a",job="1"} 0 1 2',
        'target_info{instance="a",job="1",data="old"} 1 _ _',
        'target_info{instance="a",job="1",data="new"} _ 1 1',
    )
    assert over(samples, "info(metric)", 0, 2 * MINUTE, MINUTE) == {
        "metric{data=old,instance=a,job=1}": {0: 0},
        "metric{data=new,instance=a,job=1}": {MINUTE: 1, 2 * MINUTE: 2},
    }


def test_two_info_series_of_one_age_are_refused() -> None:
    series = [f'target_info{{instance="a",job="1",data="{data}"}} 1' for data in ("x", "y")]
    assert "found duplicate series for info metric" in str(problem(loaded(MINUTE, 'm{instance="a",job="1"} 0', *series), "info(m)"))


def test_sorting_is_by_value_or_by_label_in_an_instant_query() -> None:
    samples = loaded(MINUTE, 'x{a="host10"} 1', 'x{a="host9"} 3', 'x{a="host1"} 2')
    assert list(instant(samples, "sort(x)").values()) == [1, 2, 3]
    assert list(instant(samples, "sort_desc(x)").values()) == [3, 2, 1]
    assert list(instant(samples, 'sort_by_label(x, "a")')) == ["x{a=host1}", "x{a=host9}", "x{a=host10}"]
    assert list(instant(samples, 'sort_by_label_desc(x, "a")')) == ["x{a=host10}", "x{a=host9}", "x{a=host1}"]


@pytest.mark.parametrize(("query", "place"), [("sort(x)", "(1:1)"), ("sum(sort_desc(x))", "(1:5)"), ('sort_by_label(x, "a")', "(1:1)")])
def test_sorting_has_no_effect_in_a_range_query_and_that_is_said(query: str, place: str) -> None:
    result = engine(loaded(MINUTE, "x 1 1")).query_range(query, 0, MINUTE, MINUTE)
    text = "PromQL warning: sort is ineffective for range queries since results are always ordered by labels"
    assert result.warnings == (f"{text} {place}",)


def test_a_rate_of_what_is_no_counter_is_remarked_upon() -> None:
    samples = loaded(MINUTE, "gauge 0+1x5", "requests_total 0+1x5")
    info = 'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "gauge" (1:10)'
    assert engine(samples).query("1 + rate(gauge[5m])", 5 * MINUTE).infos == (info,)
    assert engine(samples).query("rate(requests_total[5m])", 5 * MINUTE).infos == ()


COUNTER = "x_total 0 10 20 5 15"  # one a minute, from minute 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("increase(x_total[90s] anchored)", 15.0),  # from the sample at 2 min: 20, 5, 15
        ("increase(x_total[2m] anchored)", 15.0),
        ("delta(x_total[2m] anchored)", -5.0),
        ("rate(x_total[2m] anchored)", 15 / 120),
        ("changes(x_total[2m] anchored)", 2.0),
        ("resets(x_total[3m] anchored)", 1.0),
        ("increase(x_total[90s] smoothed)", 12.5),  # from (0 + 5) / 2 of the reset between, on to 15
        ("increase(x_total[2m] smoothed)", 15.0),
        ("increase(x_total[2m] anchored offset 1m)", 15.0),
        ("increase(x_total[2m] smoothed offset 90s)", 17.5),
        ("x_total smoothed @ 90", 15.0),
        ("x_total smoothed", 15.0),
        ("increase(x_total[2m] @ 240 anchored)", 15.0),
        ("increase(x_total[2m] offset 1m anchored)", 15.0),
        ("x_total offset 90s smoothed", 12.5),
    ],
)
def test_ranges_know_what_is_at_their_edges(query: str, expected: float) -> None:
    assert list(instant(loaded(MINUTE, COUNTER), query, 4 * MINUTE).values()) == [pytest.approx(expected)]


@pytest.mark.parametrize(
    "query", ["sum_over_time(x[5m] anchored)", "changes(x[5m] smoothed)", "x anchored", "sum_over_time(x[5m:1m] smoothed)"]
)
def test_functions_that_do_not_go_with_edges_are_refused(query: str) -> None:
    assert problem(loaded(MINUTE, "x 1"), query).kind == "bad_data"


def test_a_raw_anchored_range_has_a_sample_at_each_edge() -> None:
    found = engine(loaded(MINUTE, COUNTER)).query("x_total[90s] anchored", 4 * MINUTE).curves[0]
    assert found.times.tolist() == [150_000, 180_000, 240_000]
    assert found.values.tolist() == [20, 5, 15]
