"""A second question where the first takes long: who wins, what it costs, and when it is not asked."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from random import Random

import pytest

from backend.clock import SystemClock
from backend.errors import DependencyFailed
from backend.resilience import deadline
from backend.resilience.budget import Budget, BudgetPolicy
from backend.resilience.hedge import Hedge, HedgePolicy
from backend.resilience.listener import Happened
from tests.support.servers_in_time import Server, offered, share_of
from tests.support.virtual_time import VirtualClock, in_virtual_time
from tests.unit.resilience.noted import Noted

CLOCK = SystemClock()
SOON = HedgePolicy(enabled=True, delay_seconds=0.02, most_ratio=1.0)


def hedge(
    policy: HedgePolicy, clock: SystemClock | VirtualClock = CLOCK, noted: Noted | None = None, budget: Budget | None = None
) -> Hedge:
    return Hedge(policy, clock, budget or Budget(BudgetPolicy(), clock), noted or Noted())


class Stuck:
    """The first call waits to be released; later ones answer at once, or fail."""

    def __init__(self, later: Exception | None = None) -> None:
        self.release = threading.Event()
        self.later = later
        self.lock = threading.Lock()
        self.calls = 0

    def __call__(self) -> str:
        with self.lock:
            self.calls += 1
            number = self.calls
        if number > 1:
            if self.later:
                self.release.set()
                raise self.later
            return "second"
        self.release.wait(10)
        return "first"


def test_the_second_answer_counts_when_the_first_is_late() -> None:
    noted, stuck = Noted(), Stuck()
    hedged = hedge(SOON, noted=noted)
    assert hedged.call(stuck, idempotent=True) == "second"
    assert noted.told == [("hedged", ""), ("hedge_won", "")]
    stuck.release.set()
    hedged.close()


def test_a_failed_second_question_leaves_the_first_to_answer() -> None:
    stuck = Stuck(DependencyFailed("geocoder", "500", transient=True))
    hedged = hedge(SOON)
    assert hedged.call(stuck, idempotent=True) == "first"
    hedged.close()


def test_where_all_fail_the_first_failure_is_the_callers() -> None:
    hedged = hedge(SOON)

    def fail() -> None:
        raise DependencyFailed("geocoder", "500", transient=True)

    with pytest.raises(DependencyFailed):
        hedged.call(fail, idempotent=True)
    hedged.close()


def test_what_must_not_be_done_twice_is_not() -> None:
    stuck = Stuck()
    stuck.release.set()
    assert hedge(SOON).call(stuck, idempotent=False) == "first"
    assert stuck.calls == 1


def test_the_deadline_is_known_in_the_other_thread() -> None:
    hedged = hedge(SOON)
    with deadline.within(5.0, CLOCK):
        left = hedged.call(lambda: deadline.remaining(CLOCK), idempotent=True)
    assert left is not None and 4 < left <= 5
    hedged.close()


def test_an_empty_budget_hedges_nothing() -> None:
    noted, stuck = Noted(), Stuck()
    hedged = hedge(SOON, noted=noted, budget=Budget(BudgetPolicy(0, 0), CLOCK))
    threading.Timer(0.1, stuck.release.set).start()
    assert hedged.call(stuck, idempotent=True) == "first"
    assert noted.told == [("budget_refused", "hedge")]
    hedged.close()


def test_a_forked_process_hedges_with_threads_of_its_own() -> None:
    hedged = hedge(SOON)
    assert hedged.call(lambda: "parent", idempotent=True) == "parent"
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if hedged.call(lambda: "child", idempotent=True) == "child" else 1
        finally:
            os._exit(status)
    ended: list[int] = []
    waiting = threading.Thread(target=lambda: ended.append(os.waitpid(child, 0)[1]))
    waiting.start()
    waiting.join(20)
    if waiting.is_alive():
        os.kill(child, signal.SIGKILL)
        waiting.join(20)
    assert ended == [0]
    hedged.close()


def test_the_coroutine_that_lost_is_cancelled() -> None:
    cancelled: list[int] = []

    async def main(clock: VirtualClock) -> str:
        calls = 0

        async def ask() -> str:
            nonlocal calls
            calls += 1
            number = calls
            try:
                await asyncio.sleep(10 if number == 1 else 0.01)
            except asyncio.CancelledError:
                cancelled.append(number)
                raise
            return f"answer {number}"

        answer = await hedge(SOON, clock).acall(ask, idempotent=True)
        await asyncio.sleep(0)
        assert clock.monotonic() == pytest.approx(1000.03)
        return answer

    assert in_virtual_time(main) == "answer 2"
    assert cancelled == [1]


def test_a_hedge_cuts_the_slowest_hundredth_by_half_for_a_twentieth_more_load() -> None:
    """Nearly all answers take 8 to 12 ms; two in a hundred take 200 ms."""

    def durations(seed: int) -> Server:
        random = Random(seed)
        return Server(1000, lambda: 0.2 if random.random() < 0.02 else 0.008 + 0.004 * random.random())

    async def main(clock: VirtualClock) -> tuple[list[float], list[float], Server, int]:
        bare, asked, noted = durations(1), durations(1), Noted()
        hedged = hedge(HedgePolicy(enabled=True), clock, noted)
        without = await offered(100, 60, bare.answer, clock)
        return (
            without,
            await offered(100, 60, lambda: hedged.acall(asked.answer, idempotent=True), clock),
            asked,
            noted.count(Happened.HEDGED),
        )

    without, with_hedge, asked, hedges = in_virtual_time(main)
    cut = 1 - share_of(with_hedge, 0.99) / share_of(without, 0.99)
    more = asked.calls / len(with_hedge) - 1
    before, after = share_of(without, 0.99) * 1000, share_of(with_hedge, 0.99) * 1000
    print(f"\nhedge: p99 {before:.0f} -> {after:.0f} ms ({cut:.0%} less), {more:.1%} more load")
    assert cut >= 0.5
    assert 0 < more <= 0.05
    assert hedges == asked.calls - len(with_hedge)
