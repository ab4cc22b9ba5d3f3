"""Every way to call through a breaker, and every way such a call may end."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import inspect
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from backend.errors import CircuitOpen, DeadlineExceeded, InvalidRequest
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Classifier, Outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Reply, SharedCircuit
from tests.support.clock import ManualClock

POLICY = Policy(minimum_calls=4, wait_seconds=5, jitter=0.0, probes=2, lease_seconds=2, slow_seconds=1, ramp_seconds=0)


class Broken(Exception):
    """What the dependency raises."""


def broken(*_: object) -> str:
    raise Broken


async def broken_later(*_: object) -> str:
    raise Broken


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return Breaker("geocoder", POLICY, clock, lambda: 0.5)


def called(breaker: Breaker, function: Callable[..., Any], *arguments: Any) -> Any:
    return breaker.call(function, *arguments)


def decorated(breaker: Breaker, function: Callable[..., Any], *arguments: Any) -> Any:
    return breaker(function)(*arguments)


def guarded(breaker: Breaker, function: Callable[..., Any], *arguments: Any) -> Any:
    with breaker.guard():
        return function(*arguments)


def called_later(breaker: Breaker, function: Callable[..., Any], *arguments: Any) -> Any:
    async def later(*arguments: Any) -> Any:
        return function(*arguments)

    return asyncio.run(breaker.acall(later, *arguments))


def decorated_later(breaker: Breaker, function: Callable[..., Any], *arguments: Any) -> Any:
    @breaker
    async def later(*arguments: Any) -> Any:
        return function(*arguments)

    return asyncio.run(later(*arguments))


def guarded_later(breaker: Breaker, function: Callable[..., Any], *arguments: Any) -> Any:
    async def later() -> Any:
        async with breaker.guard():
            return function(*arguments)

    return asyncio.run(later())


ways = pytest.mark.parametrize("way", [called, decorated, guarded, called_later, decorated_later, guarded_later])
Way = Callable[..., Any]


@ways
def test_a_result_is_given_back_and_counted(breaker: Breaker, way: Way) -> None:
    assert way(breaker, "{}-{}".format, "a", "b") == "a-b"
    assert (breaker.totals().ok, sum(breaker.totals().buckets)) == (1, 1)


@ways
def test_an_error_is_raised_on_and_counted_and_enough_of_them_open(breaker: Breaker, way: Way) -> None:
    for _ in range(4):
        with pytest.raises(Broken):
            way(breaker, broken)
    with pytest.raises(CircuitOpen):
        way(breaker, print)
    assert (breaker.totals().bad, breaker.totals().refused["circuit_open"]) == (4, 1)


@ways
@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(), asyncio.CancelledError(), DeadlineExceeded("short")])
def test_what_is_broken_off_says_nothing_of_the_dependency(breaker: Breaker, way: Way, error: BaseException) -> None:
    def break_off() -> None:
        raise error

    for _ in range(5):
        with pytest.raises(type(error)):
            way(breaker, break_off)
    totals = breaker.totals()
    assert (totals.ok, totals.bad, totals.ignored, breaker.view().state) == (0, 0, 5, "closed")


@ways
def test_a_complaint_about_our_input_is_a_good_answer(breaker: Breaker, way: Way) -> None:
    def complain() -> None:
        raise InvalidRequest.of("place", "missing", "a place needs a name")

    with pytest.raises(InvalidRequest):
        way(breaker, complain)
    assert breaker.totals().ok == 1


@ways
def test_a_probe_that_is_broken_off_leaves_its_place_to_another(breaker: Breaker, clock: ManualClock, way: Way) -> None:
    for _ in range(4):
        with pytest.raises(Broken):
            breaker.call(broken)
    clock.advance(5)
    with pytest.raises(DeadlineExceeded):
        way(breaker, deadline_exceeded)
    assert [way(breaker, lambda: "ok") for _ in range(2)] == ["ok", "ok"]
    assert breaker.view().state == "closed"


def deadline_exceeded() -> None:
    raise DeadlineExceeded("short")


def test_a_task_cancelled_while_it_waits_counts_for_nothing(breaker: Breaker) -> None:
    async def run() -> None:
        task = asyncio.ensure_future(breaker.acall(asyncio.sleep, 60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert breaker.totals().ignored == 1


def fleet_probes(breaker: Breaker, clock: ManualClock) -> None:
    breaker.adopt(Reply(SharedCircuit(State.HALF_OPEN, 2), {}, ("t1",)), clock.monotonic())


def test_a_coroutine_that_is_dropped_gives_its_permit_back(breaker: Breaker, clock: ManualClock) -> None:
    fleet_probes(breaker, clock)
    waiting = breaker.acall(never)
    waiting.send(None)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    waiting.close()
    assert breaker.call(lambda: "ok") == "ok"
    assert breaker.totals().ignored == 1


class Never:
    """An awaitable that is never done."""

    def __await__(self) -> Iterator[None]:
        while True:
            yield


async def never() -> None:
    await Never()  # type: ignore[misc]


@pytest.mark.parametrize("word", ["fleet", "itself"])
def test_a_guard_that_is_dropped_in_its_block_gives_its_place_back(breaker: Breaker, clock: ManualClock, word: str) -> None:
    if word == "fleet":
        fleet_probes(breaker, clock)
    else:
        for _ in range(4):
            with pytest.raises(Broken):
                breaker.call(broken)
        clock.advance(5)
    guard = breaker.guard()
    guard.__enter__()
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    del guard
    gc.collect()
    assert breaker.call(lambda: "ok") == "ok"
    assert breaker.totals().ignored == 1


def test_a_guard_that_was_never_entered_is_nothing(breaker: Breaker) -> None:
    breaker.guard().__exit__(None, None, None)
    assert (breaker.totals().ok, breaker.totals().ignored) == (0, 0)


def test_dropping_a_guard_while_the_lock_is_held_blocks_nobody(breaker: Breaker) -> None:
    guard = breaker.guard()
    guard.__enter__()
    with breaker._gatekeeper.lock:  # as the garbage collector may find it
        del guard
    breaker.take_batch()
    assert breaker.totals().ignored == 1


def test_a_block_may_report_how_it_went(breaker: Breaker) -> None:
    for _ in range(4):
        with breaker.guard() as guard:
            guard.report(Outcome.OK)
            guard.report(Outcome.BAD)
    assert breaker.view().state == "open"


def test_an_error_says_more_than_a_report(breaker: Breaker) -> None:
    with pytest.raises(Broken), breaker.guard() as guard:
        guard.report(Outcome.OK)
        raise Broken
    assert breaker.totals().bad == 1


def test_results_are_judged_too(clock: ManualClock) -> None:
    strict = Classifier(of_result=lambda status: Outcome.BAD if status >= 500 else Outcome.OK)
    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, classify=strict)

    async def answer_later(status: int) -> int:
        return status

    assert breaker.call(int, 503) == 503
    assert breaker(int)(503) == 503
    assert asyncio.run(breaker.acall(answer_later, 503)) == 503
    assert asyncio.run(breaker(answer_later)(200)) == 200
    assert (breaker.totals().ok, breaker.totals().bad) == (1, 3)


def test_one_breaker_serves_several_classifiers(breaker: Breaker) -> None:
    mild = breaker.with_classifier(Classifier(lambda error: Outcome.OK))
    with pytest.raises(Broken):
        mild.call(broken)
    with pytest.raises(Broken):
        breaker.call(broken)
    assert (breaker.totals().ok, breaker.totals().bad) == (1, 1)


def test_a_classifier_that_fails_hides_no_result_and_no_error(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: object) -> Outcome:
        raise RuntimeError("a fault of ours")

    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, classify=Classifier(fail, fail))
    with caplog.at_level(logging.ERROR):
        assert breaker.call(lambda: 7) == 7
        with pytest.raises(Broken):
            breaker.call(broken)
    assert (breaker.totals().ok, breaker.totals().bad) == (1, 1)
    assert caplog.text.count("the classifier of circuit geocoder failed") == 2


def test_methods_of_every_kind_are_guarded(breaker: Breaker) -> None:
    class Places:
        name = "Oslo"

        @breaker
        def find(self, end: str) -> str:
            return self.name + end

        @breaker
        async def find_later(self, end: str) -> str:
            return self.name + end

        @classmethod
        @breaker
        def made(cls, end: str) -> str:
            return cls.name + end

        @staticmethod
        @breaker
        def folded(text: str) -> str:
            return text.lower()

    places = Places()
    found = (places.find("!"), asyncio.run(places.find_later("?")), Places.made("."), places.folded("OSLO"))
    assert found == ("Oslo!", "Oslo?", "Oslo.", "oslo")
    assert breaker.totals().ok == 4


def test_a_decorated_function_keeps_its_name_and_kind(breaker: Breaker) -> None:
    @breaker
    async def find(text: str, limit: int = 8) -> list[str]:
        """Places by text."""
        return [text] * limit

    assert (find.__name__, find.__doc__, inspect.iscoroutinefunction(find)) == ("find", "Places by text.", True)
    assert list(inspect.signature(find).parameters) == ["text", "limit"]
    assert inspect.iscoroutinefunction(breaker(functools.partial(find, "Oslo")))


def test_generators_are_refused_as_they_work_after_the_call(breaker: Breaker) -> None:
    def rows() -> Iterator[int]:
        yield 1

    async def rows_later() -> AsyncIterator[int]:
        yield 1

    for function in (rows, rows_later):
        with pytest.raises(TypeError, match="guard"):
            breaker(function)


def test_no_lock_is_held_during_a_call(breaker: Breaker) -> None:
    inside = threading.Barrier(8, timeout=5)
    threads = [threading.Thread(target=breaker.call, args=(inside.wait,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert not inside.broken
    assert breaker.totals().ok == 8


def test_a_call_may_call_through_the_same_breaker(breaker: Breaker) -> None:
    assert breaker.call(breaker.call, lambda: "ok") == "ok"
    assert breaker.totals().ok == 2


def test_a_finalizer_may_call_while_its_own_thread_holds_the_lock(breaker: Breaker) -> None:
    with breaker._gatekeeper.lock:  # where the garbage collector may run it
        assert breaker.call(lambda: "ok") == "ok"


def test_refusals_of_many_threads_add_up(breaker: Breaker, clock: ManualClock) -> None:
    breaker.adopt(Reply(SharedCircuit(State.OPEN, 1, 60.0)), clock.monotonic())

    def work() -> None:
        for number in range(2_000):
            with contextlib.suppress(CircuitOpen):
                breaker.call(int)
            if number % 100 == 0:
                breaker.totals()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert breaker.totals().refused == {"circuit_open": 8_000, "circuit_isolated": 0}


def test_counts_of_many_threads_add_up(breaker: Breaker) -> None:
    def work() -> None:
        for number in range(2_000):
            breaker.call(int)
            if number % 100 == 0:
                breaker.take_batch()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (breaker.totals().ok, sum(breaker.totals().buckets)) == (8_000, 8_000)


def test_a_forks_child_calls_on_and_tells_nothing_of_its_parents_calls(breaker: Breaker, clock: ManualClock) -> None:
    breaker.adopt(Reply(SharedCircuit(epoch=0), {Slot.OVERRIDE: Order("metrics_only", 1, "act")}), clock.monotonic())
    breaker.call(int)
    with breaker._gatekeeper.lock:  # another thread of the parent may hold it at that moment
        child = os.fork()
        if child == 0:
            breaker.call(int)
            told = breaker.take_batch().tallies
            sound = [tally.ok for tally in told] == [1] and breaker.view().override == "metrics_only"
            os._exit(0 if sound else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [tally.ok for tally in breaker.take_batch().tallies] == [1]
