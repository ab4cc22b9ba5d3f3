"""What selectors find: lookback, stale markers, offsets of every sign, ``@``, and ranges that are open on the left."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.monitoring.promql.samples import Block
from tests.support.samples import MemorySamples
from tests.unit.monitoring.promql.asking import engine, instant, load, loaded, over, problem

MINUTE = 60_000


def test_a_sample_is_seen_until_the_lookback_is_over_and_not_at_its_end() -> None:
    samples = loaded(10_000, "metric 7")
    assert instant(samples, "metric", 0) == {"metric{}": 7}
    assert instant(samples, "metric", 299_999) == {"metric{}": 7}
    assert instant(samples, "metric", 300_000) == {}


def test_a_series_ends_at_its_stale_marker_and_begins_again_after_it() -> None:
    samples = loaded(10_000, "metric 0 1 stale 2")
    assert instant(samples, "metric", 19_999) == {"metric{}": 1}
    assert instant(samples, "metric", 20_000) == {}
    assert instant(samples, "metric", 30_000) == {"metric{}": 2}


def test_a_range_leaves_stale_markers_out_and_keeps_an_ordinary_nan() -> None:
    samples = loaded(10_000, "metric 0 stale nan 3")
    assert instant(samples, "count_over_time(metric[1m])", 30_000) == {"{}": 3}


def test_a_range_is_open_on_the_left_and_closed_on_the_right() -> None:
    samples = loaded(15_000, "metric 1 2 4 8 16")
    assert instant(samples, "sum_over_time(metric[30s])", 60_000) == {"{}": 24}
    assert instant(samples, "sum_over_time(metric[30001ms])", 60_000) == {"{}": 28}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("metric offset 2m", 3.0),
        ("metric offset -2m", 7.0),
        ("metric @ 60", 1.0),
        ("metric @ 60 offset -1m", 2.0),
        ("metric offset -1m @ 60", 2.0),
        ("metric @ 90.5", 1.0),
        ("metric @ start()", 5.0),
        ("metric @ end() offset 1m", 4.0),
        ("sum_over_time(metric[2m] @ 120)", 3.0),
        ("sum_over_time(metric[2m:1m] @ 120 offset -1m)", 5.0),
        ("metric offset (1m * 2)", 3.0),
        ("metric offset -(1m + 60)", 7.0),
        ("sum_over_time(metric[1m + 1m])", 9.0),
        ("sum_over_time(metric[min_of(2m, 1h)])", 9.0),
        ("sum_over_time(metric[2^3 * 15s])", 9.0),
    ],
)
def test_offset_and_at_move_what_is_read(query: str, expected: float) -> None:
    samples = loaded(MINUTE, "metric 0+1x10")
    assert list(instant(samples, query, 5 * MINUTE).values()) == [expected]


def test_at_may_lie_before_1970_and_far_ahead() -> None:
    samples = MemorySamples().add({"__name__": "metric"}, [(-100_000, 3.0), (0, 5.0)])
    assert instant(samples, "metric @ -50", 0) == {"metric{}": 3}
    assert instant(samples, "metric @ -1e3", 0) == {}
    assert instant(samples, "metric @ 1e12", 0) == {}
    assert problem(samples, "metric @ nan").kind == "bad_data"
    assert problem(samples, "metric @ 1e30").kind == "bad_data"


def test_start_and_end_are_the_whole_querys_also_inside_a_subquery() -> None:
    samples = loaded(MINUTE, "metric 0+1x20")
    found = over(samples, "max_over_time((metric @ end())[5m:1m]) + metric @ start()", 5 * MINUTE, 10 * MINUTE, MINUTE)
    assert found == {"{}": {at * MINUTE: 15.0 for at in range(5, 11)}}


def test_step_and_range_are_known_to_durations() -> None:
    samples = loaded(MINUTE, "metric 0+1x20")
    assert over(samples, "count_over_time(metric[step()])", 10 * MINUTE, 14 * MINUTE, 2 * MINUTE) == {
        "{}": dict.fromkeys((10 * MINUTE, 12 * MINUTE, 14 * MINUTE), 2.0)
    }
    assert over(samples, "metric offset range()", 10 * MINUTE, 14 * MINUTE, 2 * MINUTE)["metric{}"][10 * MINUTE] == 6


def test_a_subquery_is_evaluated_at_whole_multiples_of_its_step() -> None:
    samples = loaded(10_000, "metric 0+1x100")
    found = engine(samples).query("metric[1m:25s]", 130_000).curves[0]
    assert found.times.tolist() == [75_000, 100_000, 125_000]
    assert found.values.tolist() == [7, 10, 12]


def test_a_subquery_without_a_step_takes_a_minute() -> None:
    found = engine(loaded(10_000, "metric 0+1x100")).query("metric[3m:]", 600_000).curves[0]
    assert found.times.tolist() == [480_000, 540_000, 600_000]


def test_series_with_gaps_of_their_own_share_a_block() -> None:
    samples = loaded(10_000, 'metric{a="1"} 1 _ 3 _', 'metric{a="2"} _ 2 _ 4')
    assert over(samples, "metric", 0, 30_000, 10_000) == {
        "metric{a=1}": {0: 1, 10_000: 1, 20_000: 3, 30_000: 3},
        "metric{a=2}": {10_000: 2, 20_000: 2, 30_000: 4},
    }


def test_timestamp_is_when_the_sample_was_taken() -> None:
    samples = loaded(10_000, "metric 0+1x10")
    assert instant(samples, "timestamp(metric)", 105_500) == {"{}": 100}
    assert instant(samples, "timestamp(metric * 1)", 105_500) == {"{}": 105.5}


def test_a_missing_label_matches_the_empty_value() -> None:
    samples = loaded(10_000, 'metric{a="1"} 1', "metric 2")
    assert instant(samples, 'metric{a=""}') == {"metric{}": 2}
    assert instant(samples, 'metric{a!=""}') == {"metric{a=1}": 1}
    assert instant(samples, 'metric{a=~"|1"}') == {"metric{a=1}": 1, "metric{}": 2}
    assert instant(samples, '{"metric", a!~".+"}') == {"metric{}": 2}


def test_expressions_are_anchored_and_a_dot_is_any_character() -> None:
    samples = MemorySamples().add({"__name__": "metric", "a": "one\ntwo"}, [(0, 1.0)])
    assert len(instant(samples, 'metric{a=~"one.two"}')) == 1
    assert instant(samples, 'metric{a=~"one"}') == {}


def test_a_range_selector_answers_its_raw_samples() -> None:
    result = engine(loaded(10_000, "metric 0 stale nan 3")).query("metric[40s]", 30_000)
    assert result.kind == "matrix"
    assert result.curves[0].times.tolist() == [0, 20_000, 30_000]
    assert math.isnan(result.curves[0].values[1])


def test_samples_read_are_counted() -> None:
    assert engine(loaded(10_000, "metric 0+1x9")).query("sum_over_time(metric[1m])", 90_000).samples == 6


def test_an_instant_before_the_first_of_a_block_finds_nothing() -> None:
    class One:
        def select(self, matchers: object, start: int, end: int) -> list[Block]:
            return [Block([()], np.array([], dtype=np.int64), np.empty((1, 0)))]

    assert engine(One()).query("metric", 0).curves == ()  # type: ignore[arg-type]


def test_quoted_names_and_labels_may_hold_any_character() -> None:
    samples = load(MemorySamples(), 1000, '{"a.b", "c d"="e"} 4')
    assert instant(samples, '{"a.b"}') == {"a.b{c d=e}": 4}
    assert instant(samples, 'sum by ("c d") ({"a.b"})') == {"{c d=e}": 4}
