"""Runs of pages, one after the other in the order of their coming; one that waits, or hangs, holds up nobody for long."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from components.turns import Turns

WITHIN = 10.0  # seconds, for what comes at once
LONG = 60.0


def beside(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_runs_come_one_after_the_other_in_order() -> None:
    turns, order, inside = Turns(LONG), list[int](), list[int]()

    def run(number: int) -> None:
        with turns.taken():
            inside.append(number)
            order.append(number)
            assert inside == [number]
            inside.remove(number)

    with turns.taken():
        threads = []
        for number in range(20):
            threads.append(beside(lambda number=number: run(number)))  # type: ignore[misc] # the default keeps its number
            _until(lambda number=number: len(turns._line) == number + 2)  # type: ignore[misc]
        assert order == []
    for thread in threads:
        thread.join(WITHIN)
    assert order == list(range(20))


def test_a_run_within_a_run_needs_no_turn_of_its_own() -> None:
    turns = Turns(LONG)
    with turns.taken(), turns.taken():
        pass
    with turns.taken():
        pass


def test_whoever_waits_lets_others_go_ahead_and_comes_again() -> None:
    turns, went = Turns(LONG), threading.Event()

    def run() -> None:
        with turns.taken():
            went.set()

    with turns.taken():
        other = beside(run)
        assert not went.is_set()
        with turns.away():
            assert went.wait(WITHIN)
        other.join(WITHIN)
        assert len(turns._line) == 1
    assert not turns._line


def test_whoever_comes_again_goes_before_those_who_had_no_turn_yet() -> None:
    turns, order, away, back = Turns(LONG), list[str](), threading.Event(), threading.Event()

    def waits() -> None:
        with turns.taken():
            with turns.away():
                away.set()
                back.wait(WITHIN)
            order.append("again")

    def comes() -> None:
        with turns.taken():
            order.append("new")

    first = beside(waits)
    assert away.wait(WITHIN)
    with turns.taken():
        new = beside(comes)
        _until(lambda: len(turns._line) == 2)
        back.set()
        _until(lambda: len(turns._line) == 3)
    for thread in (first, new):
        thread.join(WITHIN)
    assert order == ["again", "new"]


def test_away_without_a_turn_is_nothing() -> None:
    turns = Turns(LONG)
    with turns.away(), turns.taken():
        assert len(turns._line) == 1


def test_one_that_hangs_is_passed_over() -> None:
    turns, hanging, over = Turns(0.01), threading.Event(), threading.Event()

    def hang() -> None:
        with turns.taken():
            hanging.set()
            over.wait(WITHIN)

    stuck = beside(hang)
    assert hanging.wait(WITHIN)
    with turns.taken():
        assert not over.is_set()
        over.set()
        stuck.join(WITHIN)
        assert len(turns._line) == 1  # its end did not end this one
    assert not turns._line


def test_one_that_has_not_had_its_time_is_not_passed_over() -> None:
    clock = [0.0]
    turns, went = Turns(0.01, lambda: clock[0]), threading.Event()

    def run() -> None:
        with turns.taken():
            went.set()

    with turns.taken():
        beside(run)
        assert not went.wait(0.1)
        clock[0] = 0.02
        assert went.wait(WITHIN)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_run_that_fails_gives_its_turn_back(depth: int) -> None:
    turns = Turns(LONG)

    def fail(left: int) -> None:
        with turns.taken():
            if left > 1:
                fail(left - 1)
            raise ValueError

    with pytest.raises(ValueError):
        fail(depth)
    assert not turns._line


def _until(is_so: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(1000):
        if is_so():
            return
        waited.wait(0.005)
    raise AssertionError("it never came")
