"""A glance's memory is short, shared, and keeps no failure."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from components.recent import Recent
from tests.support.clock import ManualClock


def test_within_the_moment_the_source_is_asked_once_and_after_it_again() -> None:
    clock, asked = ManualClock(), iter(range(10))
    recent = Recent(2)
    assert [recent.value("a", clock, lambda: next(asked)) for _ in range(3)] == [0, 0, 0]
    clock.advance(2.1)
    assert recent.value("a", clock, lambda: next(asked)) == 1


def test_keys_do_not_see_each_other() -> None:
    clock, recent = ManualClock(), Recent(2)
    assert [recent.value(key, clock, lambda key=key: key) for key in ("a", "b")] == ["a", "b"]


def test_while_one_reads_anew_others_have_what_was_read_last_unless_it_is_too_old() -> None:
    clock, recent, reading, going_on = ManualClock(), Recent(2), threading.Event(), threading.Event()
    recent.value("a", clock, lambda: "old")

    def slowly() -> str:
        reading.set()
        going_on.wait(10)
        return "new"

    clock.advance(3)
    with ThreadPoolExecutor(2) as pool:
        new = pool.submit(recent.value, "a", clock, slowly)
        assert reading.wait(10)
        assert recent.value("a", clock, lambda: "never") == "old"
        clock.advance(20)
        late = pool.submit(recent.value, "a", clock, lambda: "never")
        going_on.set()
        assert (new.result(10), late.result(10)) == ("new", "new")


def test_a_failure_is_not_remembered() -> None:
    clock, recent = ManualClock(), Recent(2)
    with pytest.raises(ZeroDivisionError):
        recent.value("a", clock, lambda: 1 // 0)
    assert recent.value("a", clock, lambda: 1) == 1


def test_the_number_of_keys_is_bounded() -> None:
    clock, recent = ManualClock(), Recent(2, most=3)
    assert [recent.value(number, clock, lambda number=number: number) for number in range(10)] == list(range(10))
    assert len(recent._known) <= 3


def test_what_was_begun_ahead_is_waited_for_and_read_once() -> None:
    clock, recent, going_on, asked = ManualClock(), Recent(2), threading.Event(), list[str]()

    def slowly() -> str:
        asked.append("ahead")
        going_on.wait(10)
        return "new"

    recent.begin("a", clock, slowly)
    recent.begin("a", clock, slowly)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recent.value, "a", clock, lambda: "never")
        going_on.set()
        assert waiting.result(10) == "new"
    recent.begin("a", clock, slowly)
    assert recent.value("a", clock, lambda: "never") == "new"
    assert asked == ["ahead"]


def test_several_that_were_begun_are_under_way_together() -> None:
    clock, recent, both = ManualClock(), Recent(2), threading.Barrier(2, timeout=10)
    for key in ("a", "b"):
        recent.begin(key, clock, both.wait)
    assert {recent.value(key, clock, lambda: -1) for key in ("a", "b")} == {0, 1}


def test_whoever_waits_for_what_was_begun_hears_of_its_failure_and_the_next_asks_again() -> None:
    clock, recent, going_on = ManualClock(), Recent(2), threading.Event()

    def fails() -> int:
        going_on.wait(10)
        return 1 // 0

    recent.begin("a", clock, fails)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(recent.value, "a", clock, fails)
        going_on.set()
        with pytest.raises(ZeroDivisionError):
            waiting.result(10)
    assert recent.value("a", clock, lambda: 1) == 1


def test_while_what_was_begun_is_under_way_what_was_read_last_is_shown_unless_it_is_too_old() -> None:
    clock, recent, going_on = ManualClock(), Recent(2), threading.Event()

    def slowly() -> str:
        going_on.wait(10)
        return "new"

    recent.value("a", clock, lambda: "old")
    clock.advance(3)
    recent.begin("a", clock, slowly)
    assert recent.value("a", clock, lambda: "never") == "old"
    clock.advance(20)
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(recent.value, "a", clock, lambda: "never")
        going_on.set()
        assert late.result(10) == "new"
