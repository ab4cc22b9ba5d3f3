"""What many ask for at the same time is made once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from backend.charts.caching.flights import Flights
from backend.errors import DeadlineExceeded, InvalidRequest
from tests.support.processes import until
from tests.support.threads import at_once


class Work:
    """Counts how often it is begun, and goes on when told to."""

    def __init__(self, outcome: Callable[[int], int]) -> None:
        self.begun = 0
        self.go_on = threading.Event()
        self._outcome = outcome

    def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        self.go_on.wait(10)
        return self._outcome(number)


def ask(flights: Flights[int], work: Work, patience: float = 10.0) -> Callable[[], int]:
    return lambda: flights.join(b"key", work, lambda: patience)


def let_go(work: Work) -> None:
    assert until(lambda: work.begun > 0)
    work.go_on.wait(0.05)  # a moment for the others to come
    work.go_on.set()


def test_all_who_ask_meanwhile_get_what_one_made() -> None:
    work, flights = Work(lambda number: number), Flights[int]()
    found = at_once(*[ask(flights, work)] * 8, lambda: let_go(work))
    assert work.begun == found[0] and set(found[:8]) <= set(range(1, work.begun + 1)) and work.begun < 8


def test_other_keys_do_not_wait() -> None:
    work, flights = Work(lambda number: number), Flights[int]()
    waiting = threading.Thread(target=ask(flights, work))
    waiting.start()
    assert until(lambda: work.begun == 1)
    assert flights.join(b"other", lambda: 7, lambda: 1.0) == 7
    work.go_on.set()
    waiting.join(10)


def test_an_error_is_everybodys_and_not_kept() -> None:
    def fails(_number: int) -> int:
        raise InvalidRequest.of("place", "unknown_place", "no such place")

    work, flights = Work(fails), Flights[int]()
    found = at_once(ask(flights, work), ask(flights, work), lambda: let_go(work))
    assert all(isinstance(each, InvalidRequest) for each in found[:2])
    assert flights.join(b"key", lambda: 1, lambda: 1.0) == 1


def test_who_gave_up_does_not_give_up_for_the_others() -> None:
    def first_gives_up(number: int) -> int:
        if number == 1:
            raise DeadlineExceeded("the search was cancelled")
        return number

    work, flights = Work(first_gives_up), Flights[int]()
    found = at_once(ask(flights, work), ask(flights, work), ask(flights, work), lambda: let_go(work))[:3]
    assert sum(isinstance(each, DeadlineExceeded) for each in found) == 1
    assert all(each >= 2 for each in found if isinstance(each, int)) and 2 in found


def test_nobody_waits_longer_than_they_can() -> None:
    work, flights = Work(lambda number: number), Flights[int]()
    leader = threading.Thread(target=ask(flights, work))
    leader.start()
    assert until(lambda: work.begun == 1)
    with pytest.raises(DeadlineExceeded):
        ask(flights, work, patience=0.01)()
    work.go_on.set()
    leader.join(10)
