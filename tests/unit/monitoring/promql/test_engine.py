"""The engine's limits and the form of its answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from backend.errors import QueryProblem
from backend.monitoring.promql.answers import data_of, number_text, result_of, texts_of
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.promql.samples import Block
from tests.support.clock import ManualClock
from tests.support.samples import MemorySamples
from tests.unit.monitoring.promql.asking import engine, instant, loaded

MINUTE = 60_000


class Slow:
    """A source whose every block takes a second."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.given = 0

    def select(self, matchers: object, start: int, end: int) -> Iterator[Block]:
        for number in range(1000):
            self._clock.advance(1)
            self.given += 1
            yield Block([(("a", str(number)),)], np.array([end], dtype=np.int64), np.ones((1, 1)))


def refused(samples: MemorySamples, query: str, limits: Limits = Limits()) -> QueryProblem:  # noqa: B008 - frozen
    with pytest.raises(QueryProblem) as caught:
        engine(samples, limits).query(query, 0)
    return caught.value


def test_a_query_that_takes_too_long_is_stopped_between_blocks() -> None:
    clock = ManualClock()
    source = Slow(clock)
    with pytest.raises(QueryProblem) as caught:
        Engine(source, Limits(seconds=3), clock).query("sum(x)", 0)
    assert (caught.value.kind, source.given) == ("timeout", 4)


def test_one_dear_series_is_stopped_between_its_steps() -> None:
    times = np.arange(0, 86_400_000, 1000, dtype=np.int64)

    class Dear(ManualClock):
        """Every look at it costs a second."""

        def monotonic(self) -> float:
            self.advance(1)
            return super().monotonic()

    class One:
        def select(self, matchers: object, start: int, end: int) -> Iterator[Block]:
            yield Block([()], times, np.ones((1, len(times))))

    whole = Engine(One(), Limits(), ManualClock()).query_range("sum_over_time(x[1h])", 80_000_000, 86_000_000, 4000)
    assert set(whole.curves[0].values.tolist()) == {3600.0}
    with pytest.raises(QueryProblem) as caught:
        Engine(One(), Limits(seconds=5), Dear()).query_range("sum_over_time(x[1d])", 86_000_000, 86_400_000, 500)
    assert caught.value.kind == "timeout"


def test_what_is_kept_is_bounded_and_what_is_let_go_is_not() -> None:
    samples = loaded(1000, *(f'x{{a="{number}"}} 1x99' for number in range(50)))
    limits = Limits(samples=3000)
    with pytest.raises(QueryProblem, match="keeps more than 3000 samples"):
        engine(samples, limits).query_range("x", 0, 99_000, 1000)
    assert len(engine(samples, limits).query_range("sum(x)", 0, 99_000, 1000).curves) == 1


@pytest.mark.parametrize(
    "query",
    [
        "max_over_time(x[10y:1s])",
        "max_over_time(vector(1)[100y:1ms])",
        "sum_over_time(sum_over_time(x[20y:1m])[20y:1m])",
        "x[200y:1ms]",
    ],
)
def test_subqueries_count(query: str) -> None:
    assert refused(loaded(1000, "x 1"), query).kind == "execution"


@pytest.mark.parametrize(
    ("start", "end", "step", "words"),
    [(0, 11_001_000, 1000, "11000 points"), (0, 10**15, 1, "11000 points"), (0, 1, 0, "zero or negative"), (5, 1, 1, "before its start")],
)
def test_ranges_are_bounded(start: int, end: int, step: int, words: str) -> None:
    with pytest.raises(QueryProblem, match=words) as caught:
        engine(loaded(1000)).query_range("1", start, end, step)
    assert caught.value.kind == "bad_data"


@pytest.mark.parametrize("query", ['"text"', "x[5m]"])
def test_a_range_query_needs_a_vector_or_scalar(query: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        engine(loaded(1000)).query_range(query, 0, 1000, 1000)
    assert caught.value.kind == "bad_data"


@pytest.mark.parametrize("query", ["x" + "+x" * 199, "sum(" * 99 + "x" + ")" * 99, "sum_over_time(" * 39 + "x" + "[1m:30s])" * 39])
def test_the_deepest_query_is_evaluated(query: str) -> None:
    assert len(engine(loaded(1000, "x 1x10")).query_range(query, 0, 5000, 1000).curves) == 1


def test_a_query_too_deep_for_the_stack_that_is_left_is_refused() -> None:
    asked = engine(loaded(1000, "x 1"))

    def at_depth(left: int) -> None:
        if left:
            return at_depth(left - 1)
        with pytest.raises(QueryProblem, match="nested too deeply"):
            asked.query("x" + "+x" * 190, 0)
        return None

    at_depth(600)


def test_a_long_text_is_refused() -> None:
    assert refused(loaded(1000), "x" * 100, Limits(text_bytes=99)).kind == "bad_data"


def test_a_regex_bomb_takes_no_time() -> None:
    samples = MemorySamples().add({"__name__": "x", "a": "a" * 5000 + "!"}, [(0, 1.0)])
    assert instant(samples, 'x{a=~"(a+)+$"}') == {}


@pytest.mark.parametrize("query", ["x[0s]", "x[-5m]", "x[5m - 5m]", "x[5m / 0]", "x[5m % 0]", "x[5m:0s]", "x[5m:-1m]", "x[9^9^9]"])
def test_durations_that_are_none_are_refused(query: str) -> None:
    assert refused(loaded(1000, "x 1"), f"count_over_time({query})").kind == "bad_data"


def test_answers_are_written_as_the_http_api_does() -> None:
    samples = loaded(1000, 'x{a="1"} 1.5 nan inf')
    asked = engine(samples)
    assert data_of(asked.query("x", 0)) == {
        "resultType": "vector",
        "result": [{"metric": {"__name__": "x", "a": "1"}, "value": (0.0, "1.5")}],
    }
    assert data_of(asked.query_range("-x", 0, 2000, 1000))["result"] == [
        {"metric": {"a": "1"}, "values": [(0.0, "-1.5"), (1.0, "NaN"), (2.0, "-Inf")]}
    ]
    assert data_of(asked.query("1", 1500)) == {"resultType": "scalar", "result": (1.5, "1")}
    assert data_of(asked.query('"words"', 1500), 1500) == {"resultType": "string", "result": [1.5, "words"]}
    assert data_of(asked.query_range("1", 0, 1000, 1000)) == {
        "resultType": "matrix",
        "result": [{"metric": {}, "values": [(0.0, "1"), (1.0, "1")]}],
    }


def test_an_answer_can_be_read_again() -> None:
    asked = engine(loaded(1000, 'x{a="1"} 1.5 nan inf', 'x{a="2"} _ 2 _'))
    for result in (asked.query("x", 0), asked.query_range("x", 0, 2000, 1000), asked.query("3", 0), asked.query('"a"', 0)):
        again = result_of(data_of(result), result.warnings, result.infos)
        assert (again.kind, again.text) == (result.kind, result.text)
        for first, second in zip(result.curves, again.curves, strict=True):
            assert first.labels == second.labels
            np.testing.assert_array_equal(first.times, second.times)
            np.testing.assert_array_equal(first.values, second.values)


@pytest.mark.parametrize(
    "data", [{}, {"resultType": "vector"}, {"resultType": "what", "result": []}, {"resultType": "vector", "result": [{}]}]
)
def test_what_is_no_answer_is_told(data: dict[str, object]) -> None:
    if data == {"resultType": "vector", "result": [{}]}:
        assert result_of(data).curves == ()  # a native histogram has no value
        return
    with pytest.raises((ValueError, KeyError, TypeError, IndexError)):
        result_of(data)


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (0.1, "0.1"), (-0.0, "-0"), (1e21, "1e+21"), (1e-7, "1e-07"), (123456789.0, "123456789")]
)
def test_numbers_are_shortest(value: float, text: str) -> None:
    assert number_text(value) == text


def test_many_numbers_are_written_as_each_one_is() -> None:
    values = np.array([0.0, 1.0, 10.0, -0.0, 0.1, 100.05, -1e-7, 1e300, 5e-324, 1.0e16, 123456789.0, 2.5e22, 1 / 3])
    assert [float(text) for text in texts_of(values)] == values.tolist()
    assert texts_of(values)[:3] == ["0", "1", "10"]
    assert texts_of(np.array([1.0, np.nan, np.inf])) == ["1", "NaN", "+Inf"]
    assert texts_of(np.array([1.0, np.nan] * 10)) == ["1", "NaN"] * 10
    assert texts_of(np.array([1.0, np.nan, -np.inf] * 10)) == ["1", "NaN", "-Inf"] * 10
    assert texts_of(np.array([])) == []


def test_a_matrix_is_in_the_order_of_its_labels() -> None:
    samples = loaded(1000, 'x{a="2"} 1', 'x{a="10"} 1', 'a{z="1"} 1')
    found = engine(samples).query_range('{__name__=~".+"}', 0, 0, 1000)
    assert [dict(curve.labels)["__name__"] + dict(curve.labels).get("a", "") for curve in found.curves] == ["a", "x10", "x2"]


def test_an_expression_pinned_by_at_is_evaluated_once() -> None:
    samples = loaded(1000, "x 0+1x100")
    pinned = engine(samples).query_range("sum_over_time(x[10s] @ 50)", 0, 100_000, 1000)
    assert pinned.samples == 10
    assert set(pinned.curves[0].values.tolist()) == {sum(range(41, 51))}
    assert len(pinned.curves[0].times) == 101
