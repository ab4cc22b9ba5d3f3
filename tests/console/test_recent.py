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
