"""Functions as they are asked for, with answers worked out by hand."""

from __future__ import annotations

import math

import pytest

from tests.support.samples import MemorySamples
from tests.unit.monitoring.promql.asking import engine, instant, loaded, problem

MINUTE = 60_000
Answers = dict[str, float]

COUNTERS = loaded(
    5 * MINUTE,
    'c{p="foo"} 0+10x10',
    'c{p="bar"} 0+18x4 0+18x5',
    'c{p="ten"} 10+10x10',
    'c{p="one"} 1+10x10',
)
FLAPPING = loaded(5 * MINUTE, 'f{p="foo"} 1 2 3 0 1 0 0 1 2 0', 'f{p="bar"} 1 2 3 4 5 1 2 3 4 5', 'f{p="nan"} nan nan nan 4 nan 4 4 4 4 4')
FEW = loaded(10_000, "a 1 2 3 4 5", 'e{x="y"} 1 inf -inf', "huge 1e100 1 -1e100", "most 1.7e308 1.7e308 1.7e308", "some nan 5 nan")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("increase(c[50m])", {"{p=foo}": 100.0, "{p=bar}": 160.0, "{p=ten}": 100.0, "{p=one}": 100.0}),
        ("increase(c[3000])", {"{p=foo}": 100.0, "{p=bar}": 160.0, "{p=ten}": 100.0, "{p=one}": 100.0}),
        ("increase(c[100m])", {"{p=foo}": 100.0, "{p=bar}": 162.0, "{p=ten}": 105.0, "{p=one}": 101.0}),
        ('rate(c{p="foo"}[10m] offset 5m)', {"{p=foo}": 1 / 30}),
        ('delta(c{p="bar"}[20m] @ 1800)', {"{p=bar}": -48.0}),
        ('irate(c{p="bar"}[5m] @ 1501)', {}),
        ('irate(c{p="bar"}[7m] @ 1501)', {"{p=bar}": 0.0}),
        ('idelta(c{p="bar"}[7m] @ 1501)', {"{p=bar}": -72.0}),
        ('deriv(c{p="foo"}[50m])', {"{p=foo}": 1 / 30}),
        ('predict_linear(c{p="foo"}[50m], 1h)', {"{p=foo}": 220.0}),
        ('rate(c{p="foo"}[5m])', {}),
    ],
)
def test_changes_of_counters(query: str, expected: Answers) -> None:
    assert instant(COUNTERS, query, 50 * MINUTE) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("resets(f[5m])", {}),
        ("resets(f[10m])", {"{p=foo}": 0, "{p=bar}": 0, "{p=nan}": 0}),
        ("resets(f[50m])", {"{p=foo}": 3, "{p=bar}": 1, "{p=nan}": 0}),
        ("changes(f[20m])", {"{p=foo}": 2, "{p=bar}": 2, "{p=nan}": 0}),
        ("changes(f[51m])", {"{p=foo}": 8, "{p=bar}": 9, "{p=nan}": 3}),
    ],
)
def test_how_often_values_changed(query: str, expected: Answers) -> None:
    assert instant(FLAPPING, query, 50 * MINUTE) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("avg_over_time(a[1m])", {"{}": 3.0}),
        ("sum_over_time(huge[1m])", {"{}": 1.0}),
        ("avg_over_time(huge[1m])", {"{}": 1 / 3}),
        ("avg_over_time(most[1m])", {"{}": 1.7e308}),
        ("sum_over_time(most[1m])", {"{}": math.inf}),
        ("sum_over_time(e[1m])", {"{x=y}": math.nan}),
        ("stddev_over_time(e[1m])", {"{x=y}": math.nan}),
        ("min_over_time(some[1m])", {"{}": 5.0}),
        ("max_over_time(some[1m])", {"{}": 5.0}),
        ("last_over_time(some[1m])", {"some{}": math.nan}),
        ("first_over_time(a[40s])", {"a{}": 3.0}),
        ("ts_of_min_over_time(some[1m])", {"{}": 10.0}),
        ("ts_of_max_over_time(a[1m])", {"{}": 40.0}),
        ("ts_of_last_over_time(a[1m])", {"{}": 40.0}),
        ("ts_of_first_over_time(a[40s])", {"{}": 20.0}),
        ("quantile_over_time(0.8, a[1m])", {"{}": 4.2}),
        ("quantile_over_time(2, a[1m])", {"{}": math.inf}),
        ("quantile_over_time(-1, a[1m])", {"{}": -math.inf}),
        ("quantile_over_time(NaN, a[1m])", {"{}": math.nan}),
        ("mad_over_time(a[1m])", {"{}": 1.0}),
        ("stdvar_over_time(a[1m])", {"{}": 2.0}),
        ("count_over_time(a[10s])", {}),
        ("present_over_time(a[1m])", {"{}": 1.0}),
        ("double_exponential_smoothing(a[1m], 0.5, 0.5)", {"{}": 5.0}),
        ("sum_over_time(a[1m:20s])", {"{}": 9.0}),
        ('absent_over_time(nothing{x="y", z=~"."}[1m])', {"{x=y}": 1.0}),
        ("absent_over_time(a[1m])", {}),
        ("histogram_count(a)", {}),
        ("histogram_avg(a)", {}),
    ],
)
def test_single_values_of_windows(query: str, expected: Answers) -> None:
    assert instant(FEW, query, 55_000 if "40s" not in query else 50_000) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("round(vector(2.5))", 3.0),
        ("round(vector(-2.5))", -2.0),
        ("round(vector(1.27), 0.1)", 1.3),
        ("round(vector(7), 0)", math.nan),
        ("clamp(vector(9), 1, 5)", 5.0),
        ("clamp(vector(9), NaN, 5)", math.nan),
        ("clamp_min(vector(-9), -3)", -3.0),
        ("clamp_max(vector(9), 3)", 3.0),
        ("sgn(vector(-0.5))", -1.0),
        ("sgn(vector(NaN))", math.nan),
        ("abs(vector(-2))", 2.0),
        ("ceil(vector(-1.5))", -1.0),
        ("floor(vector(-1.5))", -2.0),
        ("exp(vector(1))", math.e),
        ("ln(vector(0))", -math.inf),
        ("log2(vector(8))", 3.0),
        ("log10(vector(-1))", math.nan),
        ("sqrt(vector(2))", math.sqrt(2)),
        ("deg(vector(pi()))", 180.0),
        ("rad(vector(180))", math.pi),
        ("acosh(vector(10))", math.acosh(10)),
        ("asin(vector(1.1))", math.nan),
        ("tanh(vector(0.3))", math.tanh(0.3)),
        ("year(vector(1230767999))", 2008.0),
        ("month(vector(1456790399))", 2.0),
        ("day_of_month(vector(1456790399))", 29.0),
        ("days_in_month(vector(1485907200))", 28.0),
        ("day_of_week(vector(-1))", 3.0),
        ("day_of_year(vector(1483228799))", 366.0),
        ("hour(vector(-1))", 23.0),
        ("minute(vector(1136239445))", 4.0),
        ("day_of_year()", 1.0),
    ],
)
def test_functions_of_single_values(query: str, expected: float) -> None:
    assert instant(FEW, query) == {"{}": pytest.approx(expected, nan_ok=True)}


def test_bounds_that_are_crossed_leave_nothing() -> None:
    assert instant(FEW, "clamp(a, 5, 1)") == {}


SOURCES = loaded(MINUTE, 't{s="value-10", d="old"} 0', 't{s="value-20", d="old"} 1')


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('"d", "new-$1", "s", "value-(.*)"', "t{d=new-10,s=value-10}"),
        ('"d", "new-$1", "s", "alue-(.*)"', "t{d=old,s=value-10}"),
        ('"d", "$2.$1.$3$67", "s", "(.*)-(.*)"', "t{d=10.value.,s=value-10}"),
        ('"d", "${b}$a-$$1", "s", "(?P<a>.*)-(?P<b>.*)"', "t{d=10value-$1,s=value-10}"),
        ('"d", "x$1x", "s", "(value).*"', "t{d=x,s=value-10}"),
        ('"d", "x${1}x", "s", "(value).*"', "t{d=xvaluex,s=value-10}"),
        ('"d", "x", "none", ""', "t{d=x,s=value-10}"),
        ('"d", "", "d", ".*"', "t{s=value-10}"),
        ('"__name__", "u_$1", "s", "value-(.*)"', "u_10{d=old,s=value-10}"),
        ('"a.b", "c", "", ""', "t{a.b=c,d=old,s=value-10}"),
    ],
)
def test_a_label_is_replaced_where_all_of_another_matches(call: str, expected: str) -> None:
    assert expected in instant(SOURCES, f"label_replace(t, {call})")


@pytest.mark.parametrize("call", ['"d", "", "s", "(.*"', '"", "", "s", ".*"', '"\\xff", "", "s", ".*"', '"s", "", "", ""'])
def test_a_label_is_not_replaced_by_a_bad_expression_name_or_into_the_same_series(call: str) -> None:
    assert problem(SOURCES, f"label_replace(t, {call})").kind == "execution"


def test_labels_are_joined_the_missing_ones_as_empty() -> None:
    assert set(instant(SOURCES, 'label_join(t, "d", "/", "s", "none", "d")')) == {
        "t{d=value-10//old,s=value-10}",
        "t{d=value-20//old,s=value-20}",
    }
    assert set(instant(SOURCES, 'label_join(t, "d", "/", "none")')) == {"t{s=value-10}", "t{s=value-20}"}
    assert problem(SOURCES, 'label_join(t, "s", "/", "none")').kind == "execution"
    assert problem(SOURCES, 'label_join(t, "d", "/", "\\xff")').kind == "execution"


UNSORTED = loaded(MINUTE, 'v{n="1.11"} 3', 'v{n="1.2"} nan', 'v{n="1.1"} -inf', 'v{n="x"} 7', 'v{n="1.2", m="a"} 5')


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort(v)", ["v{n=1.1}", "v{n=1.11}", "v{m=a,n=1.2}", "v{n=x}", "v{n=1.2}"]),
        ("sort_desc(v)", ["v{n=x}", "v{m=a,n=1.2}", "v{n=1.11}", "v{n=1.1}", "v{n=1.2}"]),
        ('sort_by_label(v, "n")', ["v{n=1.1}", "v{m=a,n=1.2}", "v{n=1.2}", "v{n=1.11}", "v{n=x}"]),
        ('sort_by_label_desc(v, "n")', ["v{n=x}", "v{n=1.11}", "v{n=1.2}", "v{m=a,n=1.2}", "v{n=1.1}"]),
        ('sort_by_label(v, "m", "n")', ["v{n=1.1}", "v{n=1.2}", "v{n=1.11}", "v{n=x}", "v{m=a,n=1.2}"]),
    ],
)
def test_nan_is_sorted_last_and_numbers_in_labels_by_size(query: str, expected: list[str]) -> None:
    assert list(instant(UNSORTED, query)) == expected


def test_names_are_kept_only_by_functions_that_choose_a_sample() -> None:
    samples = MemorySamples().add({"__name__": "a"}, [(0, 1.0), (10_000, 2.0)])
    kept = {name for name in ("last", "first", "min", "max", "sum", "avg") if "a{}" in instant(samples, f"{name}_over_time(a[1m])", 20_000)}
    assert kept == {"last", "first"}


@pytest.mark.parametrize("call", ["a[1m], 0, 0.5", "a[1m], 0.5, 1", "a[1m], NaN, 0.5"])
def test_smoothing_takes_factors_between_0_and_1(call: str) -> None:
    assert problem(FEW, f"double_exponential_smoothing({call})", 55_000).kind == "execution"


@pytest.mark.parametrize(
    ("query", "warnings", "infos"),
    [
        ("quantile_over_time(2, a[1m])", ("quantile value should be between 0 and 1, got 2 (1:20)",), ()),
        ("histogram_quantile(-1, a)", ("quantile value should be between 0 and 1, got -1", "bucket label"), ()),
        ("histogram_fraction(0, 1, a)", ('bucket label "le" is missing or has a malformed value of "" for metric name "a" (1:26)',), ()),
        ("rate(a[1m])", (), ("metric might not be a counter",)),
    ],
)
def test_what_is_likely_not_meant_is_said_with_its_place(query: str, warnings: tuple[str, ...], infos: tuple[str, ...]) -> None:
    answer = engine(FEW).query(query, 55_000)
    for said, expected in ((answer.warnings, warnings), (answer.infos, infos)):
        assert len(said) == len(expected)
        assert all(part in text for part, text in zip(expected, said, strict=True))
