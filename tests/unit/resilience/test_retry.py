"""Another try: for which trouble, after which wait, and when no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import BulkheadFull, CircuitIsolated, CircuitOpen, DeadlineExceeded, DependencyFailed
from backend.resilience import deadline
from backend.resilience.budget import Budget, BudgetPolicy
from backend.resilience.deadline import TimedOut
from backend.resilience.retry import Jitter, Retry, RetryPolicy
from tests.support.clock import ManualClock
from tests.support.virtual_time import VirtualClock, in_virtual_time
from tests.unit.resilience.noted import Noted


class Flaky:
    """Fails with the given errors, one a call, then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "ok"

    async def awaited(self) -> str:
        await asyncio.sleep(0)
        return self()


def passing(retry_after: float | None = None) -> DependencyFailed:
    return DependencyFailed("geocoder", "busy", transient=True, retry_after_seconds=retry_after)


LATE = TimedOut("geocoder", "late", transient=True)


def retry(clock: ManualClock, random: Callable[[], float] = lambda: 1.0, noted: Noted | None = None, **figures: float) -> Retry:
    return Retry(RetryPolicy(**{"attempts": 3, **figures}), clock, random, notes=noted)


def test_trouble_that_passes_is_tried_again_after_a_doubling_wait(clock: ManualClock) -> None:
    flaky, noted = Flaky(passing(), passing()), Noted()
    assert retry(clock, noted=noted).call(flaky) == "ok"
    assert clock.slept == pytest.approx([0.1, 0.2])
    assert noted.told == [("retried", "dependency_failed")] * 2


def test_the_last_error_is_the_callers(clock: ManualClock) -> None:
    flaky, last = Flaky(passing(), passing(), passing(), passing()), passing()
    flaky.errors[2] = last
    with pytest.raises(DependencyFailed) as failure:
        retry(clock).call(flaky)
    assert flaky.calls == 3
    assert failure.value is last


@pytest.mark.parametrize(
    "error",
    [
        DependencyFailed("geocoder", "not JSON", transient=False),
        CircuitOpen("geocoder"),
        CircuitIsolated("geocoder"),
        BulkheadFull("geocoder"),
        DeadlineExceeded("over"),
        LATE,
        ValueError("ours"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(clock: ManualClock, error: Exception) -> None:
    flaky = Flaky(error)
    with pytest.raises(type(error)):
        retry(clock).call(flaky)
    assert flaky.calls == 1


def test_a_refusal_between_two_tries_is_final(clock: ManualClock) -> None:
    flaky = Flaky(passing(), CircuitOpen("geocoder"))
    with pytest.raises(CircuitOpen):
        retry(clock).call(flaky)
    assert flaky.calls == 2


def test_what_must_not_be_done_twice_is_not(clock: ManualClock) -> None:
    flaky = Flaky(passing())
    with pytest.raises(DependencyFailed):
        retry(clock).call(flaky, idempotent=False)
    assert flaky.calls == 1


def test_a_server_that_says_when_is_obeyed(clock: ManualClock) -> None:
    assert retry(clock).call(Flaky(passing(1.5))) == "ok"
    assert clock.slept == [1.5]


def test_a_server_that_asks_for_too_long_is_not_asked_again(clock: ManualClock) -> None:
    with pytest.raises(DependencyFailed):
        retry(clock).call(Flaky(passing(30.0)))
    assert clock.slept == []


@pytest.mark.parametrize("error", [passing(1.5), passing()])
def test_a_wait_beyond_the_deadline_is_not_begun(clock: ManualClock, error: DependencyFailed) -> None:
    with deadline.within(1.0, clock), pytest.raises(DependencyFailed):
        retry(clock, base_seconds=2.0).call(Flaky(error))
    assert clock.slept == []


def test_a_timeout_is_dearer_to_repeat(clock: ManualClock) -> None:
    noted = Noted()
    budget = Budget(BudgetPolicy(floor_per_second=3, timeout_cost=2), clock)
    again = Retry(RetryPolicy(attempts=3, base_seconds=0.0, after_timeouts=True), clock, lambda: 0.0, budget=budget, notes=noted)
    with pytest.raises(TimedOut):
        again.call(Flaky(LATE, LATE, LATE))
    assert noted.told == [("retried", "timed_out"), ("budget_refused", "retry")]
    assert budget.left() == pytest.approx(1.0)


def test_the_last_try_draws_no_budget(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(floor_per_second=5), clock)
    with pytest.raises(DependencyFailed):
        Retry(RetryPolicy(attempts=2, base_seconds=0.0), clock, lambda: 0.0, budget=budget).call(Flaky(passing(), passing()))
    assert budget.left() == pytest.approx(4.0)


@settings(deadline=None)
@given(
    st.sampled_from(["full", "decorrelated"]),
    st.floats(0.001, 5),
    st.floats(0.001, 60),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=9, max_size=9),
)
def test_every_wait_lies_within_its_bounds(jitter: Jitter, base: float, longest: float, chances: list[float]) -> None:
    clock, drawn = ManualClock(), iter(chances)
    policy = RetryPolicy(10, base, longest, jitter=jitter)
    assert Retry(policy, clock, lambda: next(drawn)).call(Flaky(*[passing()] * 9)) == "ok"
    before = base
    for number, wait in enumerate(clock.slept):
        if jitter == "full":
            assert 0 <= wait <= min(longest, base * 2**number)
        else:
            assert min(longest, base) - 1e-9 <= wait <= min(longest, max(base, before) * 3) + 1e-9
        before = wait


def test_nested_calls_through_one_retry_do_not_meet(clock: ManualClock) -> None:
    again, inner = retry(clock), Flaky(passing(), passing())
    outer = Flaky(passing())
    assert again.call(lambda: (again.call(inner), outer())[1]) == "ok"
    assert (inner.calls, outer.calls) == (4, 2)


def test_coroutines_that_retry_side_by_side_do_not_meet() -> None:
    async def main(clock: VirtualClock) -> None:
        again = Retry(RetryPolicy(attempts=3, base_seconds=1.0), clock, lambda: 0.5)
        flaky = [Flaky(*[passing()] * number) for number in (0, 1, 2, 2)]
        assert await asyncio.gather(*(again.acall(each.awaited) for each in flaky)) == ["ok"] * 4
        assert [each.calls for each in flaky] == [1, 2, 3, 3]
        assert clock.monotonic() == pytest.approx(1001.5)
        with pytest.raises(DependencyFailed):
            await again.acall(Flaky(passing()).awaited, idempotent=False)

    in_virtual_time(main)
