"""The windows' totals against a recount of what happened."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.resilience.window import CountWindow, Health, Mark, TimeWindow

CALLS = st.lists(st.tuples(st.floats(-3, 5, allow_nan=False), st.booleans(), st.booleans()), max_size=80)


def recounted(calls: list[tuple[bool, bool]]) -> Health:
    return Health(sum(ok for ok, _ in calls), sum(not ok for ok, _ in calls), sum(slow for _, slow in calls))


@given(
    st.lists(st.tuples(st.floats(-3, 5, allow_nan=False), st.sampled_from([True, False]), st.booleans(), st.integers(0, 9)), max_size=80),
    st.integers(1, 12),
    st.sampled_from([0.1, 0.25, 1.0, 3.0]),
    st.floats(0, 1e9),
)
@example([(0.0, True, False, 1), (0.05, True, False, 1)], 1, 0.1, 1.0)  # 1.0 is in the tenth slot of 0.1, not the eleventh
def test_totals_by_time_equal_a_recount_however_the_clock_walks(
    calls: list[tuple[float, bool, bool, int]], slots: int, slot_seconds: float, began: float
) -> None:
    window, now, newest, events = TimeWindow(slot_seconds, slots), began, 0, []
    for pause, ok, slow, chance in calls:
        now = max(0.0, now + pause)
        newest = max(newest, int(now // slot_seconds))
        window.record(now, ok=ok, slow=slow)
        events.append((newest, ok, slow))
        if chance == 0:
            window.clear()
            events.clear()
        expected = recounted([(ok, slow) for slot, ok, slow in events if slot > newest - slots])
        assert window.health(now) == expected
        assert window.troubled == bool(expected.bad or expected.slow)


@given(CALLS, st.integers(1, 12))
def test_totals_by_number_equal_a_recount(calls: list[tuple[float, bool, bool]], size: int) -> None:
    window, last = CountWindow(size), deque[tuple[bool, bool]](maxlen=size)
    for now, ok, slow in calls:
        window.record(now, ok=ok, slow=slow)
        last.append((ok, slow))
        assert window.health(now) == recounted(list(last))
        assert window.troubled == bool(recounted(list(last)).bad or recounted(list(last)).slow)


@pytest.mark.parametrize("window", [TimeWindow(1.0, 3), CountWindow(3)])
def test_a_cleared_window_has_seen_nothing(window: TimeWindow | CountWindow) -> None:
    for ok, slow in ((True, False), (True, False), (True, False), (False, False), (False, True)):
        window.record(10.0, ok=ok, slow=slow)
    window.clear()
    assert (window.health(10.0), window.troubled) == (Health(), False)
    window.record(10.5, ok=True, slow=False)
    assert window.health(11.5) == Health(1)


def test_what_left_the_window_is_forgotten() -> None:
    window = TimeWindow(1.0, 3)
    window.record(10.0, ok=False, slow=True)
    assert window.health(12.9) == Health(0, 1, 1)
    assert window.health(13.0) == Health()


def test_a_clock_that_went_back_counts_into_the_newest_slot() -> None:
    window = TimeWindow(1.0, 3)
    window.record(10.0, ok=True, slow=False)
    window.record(4.0, ok=True, slow=False)
    assert window.health(10.0).ok == 2


def test_a_window_of_one_slot_or_one_call_works() -> None:
    window = TimeWindow(1.0, 1)
    window.record(0.5, ok=True, slow=False)
    assert window.health(0.9).ok == 1
    assert window.health(1.0).ok == 0
    single = CountWindow(1)
    single.record(0.0, ok=False, slow=True)
    single.record(0.0, ok=True, slow=False)
    assert single.health(0.0) == Health(1)


def test_a_slot_ends_where_the_next_one_begins() -> None:
    window = TimeWindow(0.5, 3)
    window.record(10.2, ok=True, slow=False)
    assert window.ends == 10.5


def test_stretches_are_told_newest_first_from_where_telling_stopped() -> None:
    window = TimeWindow(1.0, 3)
    window.record(10.0, ok=True, slow=False)
    window.record(10.1, ok=False, slow=False)
    window.enter(10.2, 7)
    window.record(10.3, ok=True, slow=True)
    window.record(11.0, ok=True, slow=False)
    assert list(window.since((1, 0, 0))) == [Mark(11, 7, 1, 0, 0), Mark(10, 7, 1, 0, 1), Mark(10, 0, 0, 1, 0)]
    assert list(window.since((2, 1, 1))) == [Mark(11, 7, 1, 0, 0)]
    assert list(window.since((3, 1, 1))) == []


def test_a_slot_is_held_until_the_window_has_passed_it() -> None:
    window = TimeWindow(1.0, 3)
    window.record(12.0, ok=True, slow=False)
    assert [window.holds(slot) for slot in (9, 10, 12)] == [False, True, True]


def test_what_was_cleared_stays_cleared_in_the_next_slot() -> None:
    window = TimeWindow(1.0, 4)
    for _ in range(3):
        window.record(0.5, ok=True, slow=False)
    window.clear()
    assert window.health(1.5).calls == 0


def test_kinds_of_counts_are_not_mixed_up_where_telling_stopped() -> None:
    window = TimeWindow(1.0, 8)
    for _ in range(3):
        window.record(0.5, ok=True, slow=True)
    window.record(1.5, ok=False, slow=False)
    window.record(2.5, ok=True, slow=False)
    assert list(window.since((3, 0, 3))) == [Mark(2, 0, 1, 0, 0), Mark(1, 0, 0, 1, 0)]
