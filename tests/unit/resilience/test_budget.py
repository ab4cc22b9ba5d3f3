"""The purse that retries and hedges share."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import DependencyFailed
from backend.resilience.budget import Budget, BudgetPolicy
from backend.resilience.retry import Retry, RetryPolicy
from tests.support.clock import ManualClock
from tests.support.servers_in_time import offered
from tests.support.virtual_time import VirtualClock, in_virtual_time


def test_requests_pay_in_when_they_begin_and_what_they_paid_expires(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(floor_per_second=0), clock)
    for _ in range(10):
        budget.started()
    assert budget.left() == pytest.approx(2.0)
    assert budget.take() and budget.take() and not budget.take()
    budget.started()
    clock.advance(11)
    assert budget.left() == 0


def test_a_quiet_service_may_repeat_too(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(), clock)
    assert [budget.take() for _ in range(11)] == [True] * 10 + [False]
    clock.advance(1.5)
    assert budget.left() == pytest.approx(5.0)  # the first second's income was there at once
    clock.advance(60)
    assert budget.left() == pytest.approx(10.0)


def test_what_costs_more_than_is_left_is_not_drawn_in_part(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(floor_per_second=3), clock)
    assert not budget.take(3.5)
    assert budget.left() == pytest.approx(3.0)


def test_what_was_paid_in_expires_by_parts_of_the_window(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(floor_per_second=0), clock)
    budget.started()
    clock.advance(0.9)
    budget.started()  # the same part
    clock.advance(4.1)
    budget.started()
    assert budget.left() == pytest.approx(0.6)
    clock.advance(5.0)
    assert budget.left() == pytest.approx(0.2)


def test_a_part_of_the_window_is_one_figure_however_many_requests_paid_into_it(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(floor_per_second=0), clock)
    for _ in range(40):
        budget.started()
        clock.advance(0.1)
    assert len(budget._credits) in (4, 5)
    assert budget.left() == pytest.approx(8.0)


def test_a_draw_is_paid_from_the_income_and_then_from_what_expires_first(clock: ManualClock) -> None:
    budget = Budget(BudgetPolicy(floor_per_second=1), clock)
    for _ in range(10):
        budget.started()
    clock.advance(0.5)
    assert budget.take(2.0)
    assert budget.left() == pytest.approx(1.0)
    quiet = Budget(BudgetPolicy(floor_per_second=0), clock)
    for pause in (0.0, 4.0):
        clock.advance(pause)
        for _ in range(5):
            quiet.started()
    assert quiet.take(1.5)
    assert quiet.left() == pytest.approx(0.5)
    clock.advance(7.0)
    assert quiet.left() == pytest.approx(0.5)  # what is left is of the later part


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("started"), st.integers(1, 30)),
        st.tuples(st.just("take"), st.floats(0.1, 20)),
        st.tuples(st.just("advance"), st.floats(0, 30)),
        st.tuples(st.just("use"), st.floats(0, 50)),
    ),
    max_size=60,
)


@settings(deadline=None)
@given(STEPS)
def test_it_is_never_in_debt_and_never_gives_more_than_came_in(steps: list[tuple[str, float]]) -> None:
    clock = ManualClock()
    budget = Budget(BudgetPolicy(), clock)
    began, paid_in, drawn, floor = clock.monotonic(), 0.0, 0.0, 10.0
    for step, figure in steps:
        match step:
            case "started":
                paid_in += sum(0.2 for _ in range(int(figure)) if budget.started() is None)
            case "take":
                before = budget.left()
                taken = budget.take(figure)
                assert taken == (figure <= before + 1e-9)
                drawn += figure if taken else 0.0
            case "advance":
                clock.advance(figure)
            case "use":
                floor = max(floor, figure)
                budget.use(BudgetPolicy(floor_per_second=figure))
        assert budget.left() >= 0
        assert drawn <= paid_in + floor * max(1.0, clock.monotonic() - began) + 1e-6


def test_a_storm_of_failures_is_not_answered_by_a_storm_of_retries() -> None:
    """A dependency that fails every call, and callers who would each try three times."""
    per_second, seconds = 200.0, 30.0

    async def main(clock: VirtualClock) -> tuple[int, int, float]:
        asked, calls, began = 0, 0, clock.monotonic()
        budget = Budget(BudgetPolicy(), clock)
        retry = Retry(RetryPolicy(attempts=3), clock, lambda: 0.5, budget=budget)

        async def fail() -> None:
            nonlocal calls
            calls += 1
            await asyncio.sleep(0.005)
            raise DependencyFailed("geocoder", "500", transient=True)

        async def ask() -> None:
            nonlocal asked
            asked += 1
            budget.started()
            await retry.acall(fail)

        await offered(per_second, seconds, ask, clock)
        return asked, calls, clock.monotonic() - began

    asked, calls, took = in_virtual_time(main)
    most = 1.2 * asked + 10 * took
    print(f"\nretry storm: {asked} requests, {calls} calls ({calls / asked:.2f} x), allowed {most:.0f}; without a budget 3.00 x")
    assert asked < calls <= most
