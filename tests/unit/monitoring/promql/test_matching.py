"""Two vectors: which series meet, what their result is called, and what is refused."""

from __future__ import annotations

import pytest

from tests.unit.monitoring.promql.asking import instant, loaded, over, problem

CPU = (
    'cpu{host="a",mode="idle"} 3 _ 3',
    'cpu{host="a",mode="user"} 1 1 1',
    'cpu{host="b",mode="idle"} 8 8 8',
    'role{host="a",role="db"} 1 1 1',
    'limit{host="b"} 4 4 4',
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cpu * on(host) group_left(role) role", {"{host=a,mode=idle,role=db}": 3, "{host=a,mode=user,role=db}": 1}),
        ("role * on(host) group_right(role) cpu", {"{host=a,mode=idle,role=db}": 3, "{host=a,mode=user,role=db}": 1}),
        ("cpu > on(host) group_left limit", {"cpu{host=b,mode=idle}": 8}),
        ("limit < on(host) group_right cpu", {"cpu{host=b,mode=idle}": 4}),  # named by the many, valued by the left
        ("cpu > bool on(host) group_left limit", {"{host=b,mode=idle}": 1}),
        ('cpu{mode="user"} + ignoring(mode, role) role', {"{host=a}": 2}),
        ('cpu{mode="user"} + on(host) role', {"{host=a}": 2}),
        ("cpu and on(host) limit", {"cpu{host=b,mode=idle}": 8}),
        ("cpu unless on(host) limit", {"cpu{host=a,mode=idle}": 3, "cpu{host=a,mode=user}": 1}),
        ("limit or on(host) role", {"limit{host=b}": 4, "role{host=a,role=db}": 1}),
        ("cpu and on() vector(1)", {"cpu{host=a,mode=idle}": 3, "cpu{host=a,mode=user}": 1, "cpu{host=b,mode=idle}": 8}),
        ("limit / on(host) group_right() cpu", {"{host=b,mode=idle}": 0.5}),
    ],
)
def test_series_meet_by_their_labels(query: str, expected: dict[str, float]) -> None:
    assert instant(loaded(1000, *CPU), query) == expected


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("cpu + on(host) role", "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"),
        ("role + on(host) cpu", "many-to-many matching not allowed: matching labels must be unique on one side"),
        ("cpu * on(host) group_left(mode) role", "multiple matches for labels: grouping labels must ensure unique matches"),
        ("-{host=~'.+'}", "vector cannot contain metrics with the same labelset"),
    ],
)
def test_pairs_that_are_not_unique_are_refused(query: str, words: str) -> None:
    error = problem(loaded(1000, *CPU, 'other{host="b"} 1'), query)
    assert error.kind == "execution"
    assert words in str(error)


def test_a_filter_does_not_excuse_a_double_match() -> None:
    samples = loaded(1000, 'many{l="1",j="x"} 0', 'many{l="2",j="x"} 1', 'one{j="x"} 5')
    for operator in (">", ">=", "<"):
        assert problem(samples, f"many {operator} on(j) one").kind == "execution"


def test_the_refusal_names_both_series_in_order() -> None:
    samples = loaded(1000, 'dup{label="beta"} 2', 'dup{label="alpha"} 1', "single 3")
    assert '[{__name__="dup", label="alpha"}, {__name__="dup", label="beta"}]' in str(problem(samples, "single > on() dup"))


def test_doubles_are_no_matter_at_a_step_at_which_the_other_side_is_empty() -> None:
    samples = loaded(300_000, 'dup{label="a"} 1 1', 'dup{label="b"} 2 _', "single _ 3")
    assert over(samples, "single + on() dup", 0, 300_000, 300_000) == {"{}": {300_000: 4}}


def test_series_of_one_result_that_are_there_at_different_steps_become_one() -> None:
    samples = loaded(1_200_000, 'http_requests{job="api"} 2 _', 'http_errors{job="api"} _ 4')
    assert over(samples, '-{job="api"}', 0, 1_200_000, 1_200_000) == {"{job=api}": {0: -2, 1_200_000: -4}}


def test_or_takes_the_right_side_step_by_step() -> None:
    samples = loaded(30_000, 'foo{job="1"} 1+1x4', 'bar{job="2"} 1+1x4')
    assert over(samples, "foo > 2 or bar", 0, 120_000, 60_000) == {
        "foo{job=1}": {60_000: 3, 120_000: 5},
        "bar{job=2}": {0: 1, 60_000: 3, 120_000: 5},
    }
    assert over(samples, "foo > 2 or foo * 10 > 2", 0, 60_000, 60_000) == {"foo{job=1}": {60_000: 3}, "{job=1}": {0: 10}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("left + fill(0) right", {"{l=a}": 11, "{l=b}": 2, "{l=c}": 30}),
        ("left + fill_left(100) right", {"{l=a}": 11, "{l=c}": 130}),
        ("left + fill_right(100) right", {"{l=a}": 11, "{l=b}": 102}),
        ("left - fill_left(1) fill_right(-5) right", {"{l=a}": -9, "{l=b}": 7, "{l=c}": -29}),
        ("left < fill(20) right", {"left{l=a}": 1, "left{l=b}": 2, "{l=c}": 20}),
        ("left == bool fill(30) right", {"{l=a}": 0, "{l=b}": 0, "{l=c}": 1}),
        ("left + on(l) fill(0) right", {"{l=a}": 11, "{l=b}": 2, "{l=c}": 30}),
        ("left + on(l) group_left fill(0) right", {"{l=a}": 11, "{l=b}": 2, "{l=c}": 30}),
        ("left + on(l) group_right fill_left(7) right", {"{l=a}": 11, "{l=c}": 37}),
        ("left + fill(inf) right", {"{l=a}": 11, "{l=b}": float("inf"), "{l=c}": float("inf")}),
        ("left + fill(0) absent_metric", {"{l=a}": 1, "{l=b}": 2}),
    ],
)
def test_fill_stands_in_for_a_missing_side(query: str, expected: dict[str, float]) -> None:
    samples = loaded(1000, 'left{l="a"} 1', 'left{l="b"} 2', 'right{l="a"} 10', 'right{l="c"} 30')
    assert instant(samples, query) == expected


def test_type_and_unit_go_with_the_name() -> None:
    samples = loaded(1000, 'x_total{__type__="counter",__unit__="s",job="a"} 3', 'y{__type__="gauge",job="a"} 4')
    assert instant(samples, "x_total + y") == {"{job=a}": 7}
    assert instant(samples, "-x_total") == {"{job=a}": -3}
    assert instant(samples, "sum without() (x_total)") == {"{job=a}": 3}
    assert instant(samples, "x_total") == {"x_total{__type__=counter,__unit__=s,job=a}": 3}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("2 ^ 3 ^ 2", 512.0),
        ("-2 ^ 2", -4.0),
        ("7 % 4", 3.0),
        ("-7 % 4", -3.0),
        ("1 / 0", float("inf")),
        ("10 atan2 20", 0.4636476090008061),
        ("1 == bool 1", 1.0),
        ("2 > bool 3", 0.0),
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("0x1F + 017", 46.0),
        ("1h30m", 5400.0),
        ("pi()", 3.141592653589793),
        ("min_of(3, 2) + max_of(3, 2)", 5.0),
        ("scalar(vector(7))", 7.0),
        ("time()", 0.0),
    ],
)
def test_scalars_are_calculated(query: str, expected: float) -> None:
    assert list(instant(loaded(1000), query).values()) == [expected]
