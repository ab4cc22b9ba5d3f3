"""Keys of lines keep the order of time, tell time and level, and are never given twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.monitoring.logs import keys
from backend.monitoring.logs.record import LEVELS, LogLine

TIMES = st.integers(0, 70 * 366 * 86_400 * 10**6).map(lambda number: keys.EPOCH + number * keys.MICROSECOND)


@given(TIMES, TIMES, st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_a_key_tells_time_and_level_and_keeps_the_order(one: datetime, other: datetime, level: str, other_level: str) -> None:
    number = keys.key(one, level)
    assert (keys.time_of(number), LEVELS[keys.level_of(number)]) == (one, level)
    assert 0 <= number < 1 << 63
    if one < other:
        assert number < keys.key(other, other_level)


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(LEVELS)), max_size=40))
def test_no_key_is_given_twice(told: list[tuple[int, str]]) -> None:
    lines = [LogLine("", keys.EPOCH + timedelta(microseconds=at), level, "x") for at, level in told]
    taken = {keys.key(keys.EPOCH)}
    numbers = keys.given(lines, taken)
    assert len(set(numbers)) == len(lines) and keys.key(keys.EPOCH) not in numbers
    assert [LEVELS[keys.level_of(number)] for number in numbers] == [level for _, level in told]


def test_a_full_microsecond_goes_on_in_the_next_at_its_level() -> None:
    numbers = keys.given([LogLine("", keys.EPOCH, "error", "x")] * 1025, set())
    assert len(set(numbers)) == 1025
    assert {keys.level_of(number) for number in numbers} == {LEVELS.index("error")}
    assert [keys.time_of(number) - keys.EPOCH for number in (numbers[511], numbers[512], numbers[1024])] == [
        timedelta(0),
        keys.MICROSECOND,
        2 * keys.MICROSECOND,
    ]


def test_times_out_of_bounds_are_brought_within() -> None:
    assert keys.key(keys.EPOCH - timedelta(days=9)) == 0
    assert keys.time_of(keys.key(keys.LAST + timedelta(days=9))) == keys.LAST


@given(TIMES, st.sampled_from((1, 7, 60, 900, 86_400)))
def test_buckets_begin_at_multiples_since_1970(at: datetime, width: int) -> None:
    counts = keys.count_lines([LogLine("", at, "info", "x")], timedelta(seconds=width))
    (bucket,) = counts.buckets
    assert bucket.at.timestamp() % width == 0
    assert bucket.at <= at < bucket.at + timedelta(seconds=width)
