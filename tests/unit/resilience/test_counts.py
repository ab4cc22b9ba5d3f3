"""What is told of calls against what happened: each call once, under its slot and epoch."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.resilience.counts import Counts, Totals
from backend.resilience.latency import BUCKETS
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Tally

POLICY = Policy(window_seconds=4.0, slots=4)
STEP = st.tuples(st.floats(0, 2, allow_nan=False), st.sampled_from(["ok", "bad", "late", "take", "enter", "clear"]), st.booleans())


def told(tallies: tuple[Tally, ...]) -> Counter[tuple[float, int, str]]:
    """By age, epoch and kind of count."""
    found: Counter[tuple[float, int, str]] = Counter()
    for tally in tallies:
        for kind, count in (("ok", tally.ok), ("bad", tally.bad), ("slow", tally.slow)):
            found[tally.age_seconds, tally.epoch, kind] += count
    return +found


def aged(owed: Counter[tuple[int, int, str]], now: float) -> Counter[tuple[float, int, str]]:
    found: Counter[tuple[float, int, str]] = Counter()
    for (slot, epoch, kind), count in owed.items():
        if slot > int(now) - POLICY.slots:
            found[max(0.0, now - (slot + 1)), epoch, kind] += count
    return found


@given(st.lists(STEP, max_size=80))
def test_each_call_is_told_once_unless_it_left_the_window_untold(steps: list[tuple[float, str, bool]]) -> None:
    counts, now, epoch, owed = Counts(POLICY), 1000.0, 0, Counter[tuple[int, int, str]]()
    for pause, act, slow in steps:
        now += pause
        slot = int(now)
        match act:
            case "take":
                assert told(counts.taken(now)) == aged(owed, now)
                owed.clear()
            case "enter":
                epoch += 1
                counts.enter(now, epoch)
            case "clear":
                counts.clear()
            case "late":
                counts.record_late(now, epoch - 1, ok=True, slow=slow, seconds=0.1)
                owed.update([(slot, epoch - 1, "ok")] + [(slot, epoch - 1, "slow")] * slow)
            case _:
                counts.record(now, ok=act == "ok", slow=slow, seconds=0.1)
                owed.update([(slot, epoch, act)] + [(slot, epoch, "slow")] * slow)


@given(st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=50))
def test_totals_are_what_happened_whatever_was_told_or_begun_anew(calls: list[tuple[float, bool]]) -> None:
    counts, expected = Counts(POLICY), Counter[bool]()
    for number, (seconds, ok) in enumerate(calls):
        record = counts.record if number % 3 else None
        if record:
            record(1000.0 + number, ok=ok, slow=seconds >= 1, seconds=seconds)
        else:
            counts.record_late(1000.0 + number, 7, ok=ok, slow=seconds >= 1, seconds=seconds)
        expected[ok] += 1
        if number % 7 == 0:
            counts.taken(1000.0 + number)
        if number % 11 == 0:
            counts.use(Policy(window="count", window_calls=3), 0)
    totals = counts.totals({}, 0)
    assert (totals.ok, totals.bad, totals.slow) == (expected[True], expected[False], sum(seconds >= 1 for seconds, _ in calls))
    assert sum(totals.buckets) == len(calls)
    assert abs(totals.seconds - sum(seconds for seconds, _ in calls)) < 1e-6


def test_durations_go_with_the_last_tally() -> None:
    counts = Counts(POLICY)
    counts.record(1000.5, ok=True, slow=False, seconds=0.005)
    counts.record(1001.5, ok=True, slow=False, seconds=9.0)
    first, last = counts.taken(1001.6)
    assert (sum(first.durations), last.durations[0], last.durations[-1], sum(last.durations)) == (0, 1, 1, 2)
    assert counts.taken(1001.7) == ()


def test_late_results_that_nobody_fetches_stay_bounded() -> None:
    counts = Counts(POLICY)
    for number in range(1_000):
        counts.record_late(1000.0, number, ok=True, slow=False, seconds=0.1)
    assert len(counts.taken(1000.0)) == 64
    assert counts.totals({}, 0).ok == 1_000


def test_totals_begin_at_nothing_and_name_what_was_refused() -> None:
    assert Counts(POLICY).totals({"circuit_open": 2}, 3) == Totals(0, 0, 0, 0, (0,) * BUCKETS, 0.0, {"circuit_open": 2}, 3)


def test_a_window_by_number_sees_slow_calls() -> None:
    counts = Counts(Policy(window="count", window_calls=5))
    counts.record(1000.0, ok=True, slow=True, seconds=2.0)
    assert counts.health(1000.0).slow == 1


def test_a_window_of_another_shape_tells_under_the_epoch_it_was_given() -> None:
    counts = Counts(POLICY)
    counts.use(Policy(window_seconds=2.0, slots=4), 7)
    counts.record(1000.1, ok=True, slow=False, seconds=0.1)
    [tally] = counts.taken(1001.3)
    assert tally.epoch == 7
    assert tally.age_seconds == pytest.approx(0.8)  # its slot of half a second ended at 1000.5


def test_what_left_the_window_before_it_was_told_is_not_told() -> None:
    counts = Counts(POLICY)
    counts.record(1000.0, ok=False, slow=False, seconds=0.1)
    assert counts.taken(1100.0) == ()


def test_stretches_are_told_oldest_first_and_durations_once() -> None:
    counts = Counts(POLICY)
    counts.record(1000.5, ok=True, slow=False, seconds=0.1)
    counts.record(1001.5, ok=True, slow=False, seconds=0.1)
    assert [tally.age_seconds for tally in counts.taken(1001.6)] == [pytest.approx(0.6), 0.0]
    counts.record(1001.7, ok=True, slow=False, seconds=0.1)
    assert [sum(tally.durations) for tally in counts.taken(1001.8)] == [1]
