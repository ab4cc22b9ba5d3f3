"""The cap on calls at a time: who enters, who waits, who is refused, and how the limit follows the dependency."""

from __future__ import annotations

import asyncio
import threading

import pytest

from backend.clock import SystemClock
from backend.errors import BulkheadFull, DependencyFailed
from backend.resilience.adaptive_limit import Pace, Round, Rounds
from backend.resilience.bulkhead import Bulkhead, BulkheadPolicy
from backend.resilience.listener import Happened
from tests.support.clock import ManualClock
from tests.support.servers_in_time import Server, offered, share_of
from tests.support.virtual_time import VirtualClock, in_virtual_time
from tests.unit.resilience.noted import Noted

ONE = BulkheadPolicy(limit=1, adaptive=False)


def bulkhead(policy: BulkheadPolicy, clock: ManualClock | SystemClock | VirtualClock, noted: Noted | None = None) -> Bulkhead:
    return Bulkhead("geocoder", policy, clock, noted or Noted())


def test_one_call_too_many_is_refused_at_once_and_told(clock: ManualClock) -> None:
    noted = Noted()
    guarded = bulkhead(ONE, clock, noted)
    with pytest.raises(BulkheadFull):
        guarded.call(lambda: guarded.call(lambda: "inner"))
    assert noted.told == [("bulkhead_full", "")]
    assert guarded.call(lambda: "next") == "next"
    assert guarded.view().in_flight == 0


def test_a_failed_call_gives_its_place_back(clock: ManualClock) -> None:
    guarded = bulkhead(ONE, clock)

    def fail() -> None:
        raise DependencyFailed("geocoder", "500", transient=True)

    for _ in range(3):
        with pytest.raises(DependencyFailed):
            guarded.call(fail)


def test_who_waits_gets_the_place_that_comes_free() -> None:
    guarded = bulkhead(BulkheadPolicy(limit=1, adaptive=False, wait_seconds=5), SystemClock())
    inside, release = threading.Event(), threading.Event()

    def hold() -> str:
        inside.set()
        release.wait(10)
        return "first"

    answers: list[str] = []
    first = threading.Thread(target=lambda: answers.append(guarded.call(hold)))
    first.start()
    assert inside.wait(10)
    second = threading.Thread(target=lambda: answers.append(guarded.call(lambda: "second")))
    second.start()
    while not guarded.view().waiting:
        pass
    with pytest.raises(BulkheadFull):  # no longer a queue than there are places
        guarded.call(lambda: "third")
    release.set()
    first.join(10)
    second.join(10)
    assert answers == ["first", "second"]
    assert guarded.view()[1:3] == (0, 0)


def test_a_coroutine_waits_a_bounded_time() -> None:
    async def main(clock: VirtualClock) -> None:
        guarded = bulkhead(BulkheadPolicy(limit=1, adaptive=False, wait_seconds=0.2), clock)
        holder = asyncio.create_task(guarded.acall(lambda: asyncio.sleep(1)))
        await asyncio.sleep(0)
        began = clock.monotonic()
        with pytest.raises(BulkheadFull):
            await guarded.acall(lambda: asyncio.sleep(0))
        assert clock.monotonic() - began == pytest.approx(0.2)
        await asyncio.sleep(0.7)
        assert await guarded.acall(lambda: asyncio.sleep(0, "in time")) == "in time"
        await holder
        assert guarded.view()[1:3] == (0, 0)

    in_virtual_time(main)


def test_a_cancelled_waiter_leaves_the_line() -> None:
    async def main(clock: VirtualClock) -> None:
        guarded = bulkhead(BulkheadPolicy(limit=1, adaptive=False, wait_seconds=9), clock)
        holder = asyncio.create_task(guarded.acall(lambda: asyncio.sleep(1)))
        await asyncio.sleep(0)
        waiter = asyncio.create_task(guarded.acall(lambda: asyncio.sleep(0)))
        await asyncio.sleep(0.1)
        waiter.cancel()
        await asyncio.gather(holder, waiter, return_exceptions=True)
        assert guarded.view()[1:3] == (0, 0)
        assert await guarded.acall(lambda: asyncio.sleep(0, "free")) == "free"

    in_virtual_time(main)


@pytest.mark.parametrize(
    ("pace", "seen", "limit", "base"),
    [
        (Pace(8, 0.1), Round(0.1, 0.05, 8), 9, 0.1),  # keeps its pace and more is wanted
        (Pace(8, 0.1), Round(0.1, 0.05, 4), 8, 0.1),  # nobody wants more
        (Pace(8, 0.1), Round(0.2, 0.05, 8), 6.4, 0.1),  # a crowd slows it: less, and the base stays
        (Pace(8, 0.1), Round(0.2, 0.05, 3), 8, 0.11),  # slow of itself: the base follows
        (Pace(8, 0.1), Round(0.2, 0.05, 4), 8, 0.11),  # half of the limit is no crowd
        (Pace(8, 0.1), Round(0.05, 0.05, 8), 9, 0.075),
        (Pace(2, 0.1), Round(0.9, 0.05, 2), 2, 0.18),  # never below the lowest
        (Pace(64, 0.1), Round(0.1, 0.05, 64), 64, 0.1),  # nor above the highest
        (Pace(8), Round(0.3, 0.05, 1), 8, 0.05),
    ],
)
def test_the_limit_follows_what_a_round_shows(pace: Pace, seen: Round, limit: float, base: float) -> None:
    after = pace.after(seen, low=2, high=64, tolerance=1.5)
    assert (after.limit, after.base_seconds) == (pytest.approx(limit), pytest.approx(base))


def test_a_round_is_ten_calls_or_as_many_as_may_be_under_way() -> None:
    rounds = Rounds()
    seconds = [0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 0.5, 1.0]
    seen = [rounds.add(took, number % 4 + 1, 4) for number, took in enumerate(seconds)]
    assert seen == [None] * 9 + [Round(0.6, 0.1, 4)]
    assert [rounds.add(0.1, 2, 12) for _ in range(12)] == [None] * 11 + [Round(0.1, 0.1, 2)]


def test_what_is_quick_enough_is_never_too_slow() -> None:
    crowd = Round(0.02, 0.001, 8)
    assert Pace(8, 0.001).after(crowd, low=2, high=64, tolerance=1.5, quick_seconds=0.02).limit == 9
    assert Pace(8, 0.001).after(crowd, low=2, high=64, tolerance=1.5, quick_seconds=0.019).limit == 6.4


def test_latency_stays_within_twice_its_base_at_three_times_the_load() -> None:
    base, places, seconds = 0.02, 4, 10.0
    load = 3 * places / base

    async def main(clock: VirtualClock) -> tuple[list[float], list[float]]:
        bare, behind = Server(places, lambda: base), Server(places, lambda: base)
        guarded = bulkhead(BulkheadPolicy(), clock)
        unguarded = await offered(load, seconds, bare.answer, clock)
        return unguarded, await offered(load, seconds, lambda: guarded.acall(behind.answer), clock)

    unguarded, guarded = in_virtual_time(main)
    settled = guarded[len(guarded) // 10 :]
    served = len(guarded) / (seconds * places / base)
    print(f"\nbulkhead at 3 x load: p99 {share_of(settled, 0.99) / base:.2f} x base, {served:.2f} of capacity served;", end=" ")
    print(f"without: p99 {share_of(unguarded, 0.99) / base:.0f} x base")
    assert share_of(unguarded, 0.99) > 20 * base
    assert share_of(settled, 0.99) <= 2 * base
    assert served >= 0.9


def test_other_figures_hold_at_once(clock: ManualClock) -> None:
    noted = Noted()
    guarded = bulkhead(BulkheadPolicy(limit=4), clock, noted)
    guarded.use(ONE)
    assert guarded.view().limit == 1
    guarded.use(BulkheadPolicy(low=3))
    assert guarded.view().limit == 3
    assert noted.count(Happened.BULKHEAD_FULL) == 0
