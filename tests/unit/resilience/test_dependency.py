"""All protections together: their order, the story of one bad day, and figures that change while it works."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from backend.errors import BulkheadFull, CallRefused, CircuitOpen, DeadlineExceeded, DependencyFailed
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.bulkhead import BulkheadPolicy
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency import ORDER, Dependency
from backend.resilience.dependency_policy import DependencyPolicy, to_document
from backend.resilience.fallback import FallbackPolicy, Named
from backend.resilience.faults import Fault
from backend.resilience.hedge import HedgePolicy
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Classifier, Outcome
from backend.resilience.policy import Policy
from backend.resilience.retry import RetryPolicy
from tests.support.clock import ManualClock
from tests.support.servers_in_time import offered
from tests.support.virtual_time import VirtualClock, in_virtual_time

POLICY = DependencyPolicy(
    circuit=Policy(minimum_calls=4, ramp_seconds=0),
    retry=RetryPolicy(3, base_seconds=0.1),
    fallback=FallbackPolicy(fresh_seconds=1, stale_seconds=600),
    attempt_seconds=1.0,
    total_seconds=2.5,
)


def dependency(clock: ManualClock | VirtualClock, policy: DependencyPolicy = POLICY) -> Dependency:
    return Dependency("geocoder", policy, Breaker("geocoder", policy.circuit, clock, lambda: 0.5), clock, lambda: 0.5)


def passing() -> DependencyFailed:
    return DependencyFailed("geocoder", "busy", transient=True)


class Flaky:
    """Fails with the given errors, one a call, then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self, seconds: float) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "ok"

    async def awaited(self, seconds: float) -> str:
        await asyncio.sleep(0)
        return self(seconds)


def test_the_declared_order_is_the_one_that_is_called(clock: ManualClock) -> None:
    """Each stage is known by what the call's own stack shows."""
    stages = {
        "fallback.py": "fallback",
        "retry.py": "retry",
        "hedge.py": "hedge",
        "calls.py": "breaker",
        "bulkhead.py": "bulkhead",
    }
    import inspect

    seen: list[str] = []

    def attempt(seconds: float) -> str:
        files = [frame.filename.rpartition("/")[2] for frame in reversed(inspect.stack())]
        seen.extend(dict.fromkeys(stages[name] for name in files if name in stages))
        return "ok"

    guarded = dependency(clock)
    guarded.sourced("key", lambda: guarded.call(attempt, idempotent=True))
    assert seen == [stage for stage in ORDER if stage in stages.values()]


def test_each_attempt_gets_its_own_limit_or_what_is_left(clock: ManualClock) -> None:
    given: list[float] = []

    def attempt(seconds: float) -> str:
        given.append(seconds)
        clock.advance(0.9)
        raise passing()

    with pytest.raises(DependencyFailed):
        dependency(clock).call(attempt, idempotent=True)
    assert given == pytest.approx([1.0, 1.0, 0.55])


def test_a_timeout_under_a_callers_short_deadline_is_not_counted_against_the_dependency(clock: ManualClock) -> None:
    guarded = dependency(clock)
    for _ in range(6):
        with deadline.within(0.1, clock), pytest.raises(DeadlineExceeded):
            guarded.call(Flaky(TimedOut("geocoder", "late", transient=True)), idempotent=True)
    with deadline.within(0.0, clock), pytest.raises(DeadlineExceeded):
        guarded.call(Flaky(), idempotent=True)
    totals = guarded.breaker.totals()
    assert (totals.bad, totals.ignored) == (0, 7)


def test_an_open_circuit_is_not_retried(clock: ManualClock) -> None:
    guarded, flaky = dependency(clock), Flaky(*[passing()] * 99)
    with pytest.raises(DependencyFailed):
        guarded.call(flaky, idempotent=True)
    with pytest.raises(CircuitOpen):
        guarded.call(flaky, idempotent=True)
    assert flaky.calls == 4


def test_what_must_not_be_done_twice_is_done_once(clock: ManualClock) -> None:
    guarded, flaky = dependency(clock, replace(POLICY, hedge=HedgePolicy(enabled=True, delay_seconds=0.001))), Flaky(passing())
    with pytest.raises(DependencyFailed):
        guarded.call(flaky, idempotent=False)
    assert flaky.calls == 1


def test_a_classifier_of_ones_own_judges(clock: ManualClock) -> None:
    guarded = dependency(clock)
    with pytest.raises(DependencyFailed):
        guarded.call(Flaky(passing()), idempotent=False, classify=Classifier(lambda _: Outcome.OK))
    assert (guarded.breaker.totals().ok, guarded.breaker.totals().bad) == (1, 0)


def test_an_answer_says_where_it_came_from_and_what_it_took(clock: ManualClock) -> None:
    guarded, flaky = dependency(clock), Flaky(passing())

    def ask() -> tuple[str, bool, int, str]:
        found = guarded.sourced("munich", lambda: guarded.call(flaky, idempotent=True), [Named("offline index", lambda: "lesser")])
        return found.source, found.degraded, found.attempts, found.breaker

    assert ask() == ("primary", False, 2, "closed")
    assert ask() == ("fresh cache", False, 0, "closed")
    clock.advance(2)
    flaky.errors = [passing()] * 99
    assert ask() == ("stale cache", True, 2, "open")
    clock.advance(1)
    assert ask() == ("stale cache", True, 0, "open")
    clock.advance(600)
    guarded.breaker.use(replace(POLICY.circuit, wait_seconds=600, longest_wait_seconds=600))
    assert ask() == ("offline index", True, 1, "open")
    assert guarded.view().sources == {"primary": 1, "fresh cache": 1, "stale cache": 2, "offline index": 1}
    assert guarded.view().happened == {
        (Happened.RETRIED, "dependency_failed"): 4,
        (Happened.FELL_BACK, "stale cache"): 2,
        (Happened.FELL_BACK, "offline index"): 1,
    }


def test_a_refusal_by_the_rate_limit_or_the_bulkhead_is_no_fault_of_the_dependency(clock: ManualClock) -> None:
    class Exhausted:
        def take(self) -> None:
            raise CallRefused("geocoder", "enough for now")

    breaker = Breaker("geocoder", POLICY.circuit, clock, lambda: 0.5)
    limited = Dependency("geocoder", POLICY, breaker, clock, lambda: 0.5, rate_limit=Exhausted())
    for _ in range(6):
        with pytest.raises(CallRefused, match="enough for now"):
            limited.call(Flaky(), idempotent=True)
    full = dependency(clock, replace(POLICY, bulkhead=BulkheadPolicy(1, False, 1)))
    with pytest.raises(BulkheadFull):
        full.call(lambda _: full.call(Flaky(), idempotent=True), idempotent=True)
    assert (breaker.view().state, breaker.totals().bad) == ("closed", 0)
    assert (full.breaker.view().state, full.breaker.totals().bad) == ("closed", 0)


def test_injected_trouble_is_met_as_real_trouble_is_and_ends_by_itself(clock: ManualClock) -> None:
    guarded, flaky = dependency(clock), Flaky()
    guarded.inject(Fault(latency_seconds=5), clock.monotonic() + 60)
    with pytest.raises(TimedOut, match="injected fault"):
        guarded.call(flaky, idempotent=True)
    assert (clock.slept, flaky.calls) == ([1.0], 0)
    guarded.inject(Fault(error_ratio=1), clock.monotonic() + 60)
    with pytest.raises(DependencyFailed, match="injected fault"):
        guarded.call(flaky, idempotent=False)
    assert guarded.breaker.totals().bad == 2
    clock.advance(60)
    assert guarded.call(flaky, idempotent=True) == "ok"
    assert guarded.view().fault is None


def test_an_operators_policy_holds_at_once_and_goes_with_its_order(clock: ManualClock) -> None:
    guarded = dependency(clock)
    changed = replace(POLICY, attempt_seconds=0.2, circuit=replace(POLICY.circuit, minimum_calls=9))
    guarded.on_order(Slot.POLICY, Order(json.dumps(to_document(changed)), epoch=4))
    assert (guarded.policy, guarded.view().policy_epoch, guarded.breaker.policy.minimum_calls) == (changed, 4, 9)
    guarded.on_order(Slot.POLICY, Order("", epoch=5))
    assert (guarded.policy, guarded.view().policy_epoch) == (POLICY, 0)


@pytest.mark.parametrize("body", ["{", "[]", '{"circuit": {"failure_ratio": 7}}', '"'])
def test_an_order_that_cannot_be_read_changes_nothing_and_is_told_of(clock: ManualClock, body: str) -> None:
    guarded = dependency(clock)
    guarded.on_order(Slot.POLICY, Order(body, epoch=4))
    assert guarded.policy == POLICY
    assert guarded.view().policy_problem
    guarded.on_order(Slot.FAULT, Order(body, epoch=4, left_seconds=60))
    assert guarded.view().fault is None
    assert guarded.call(Flaky(), idempotent=True) == "ok"


def test_an_ordered_fault_lasts_as_long_as_its_order(clock: ManualClock) -> None:
    guarded = dependency(clock)
    order = Order('{"error_ratio": 1}', epoch=1, left_seconds=30)
    guarded.on_order(Slot.FAULT, order)
    fault = guarded.view().fault
    assert fault is not None and (fault.fault, fault.left_seconds) == (Fault(error_ratio=1), 30)
    guarded.on_order(Slot.FAULT, replace(order, epoch=2, left_seconds=None))
    fault = guarded.view().fault
    assert fault is not None and fault.left_seconds == 3600  # none lasts for ever
    guarded.on_order(Slot.FAULT, Order("", epoch=3))
    assert guarded.view().fault is None
    guarded.on_order(Slot.OVERRIDE, Order("isolated", epoch=3))  # the breaker's own


def test_a_coroutine_is_protected_in_the_same_way() -> None:
    async def main(clock: VirtualClock) -> None:
        guarded, flaky = dependency(clock), Flaky(passing())
        found = await guarded.asourced("munich", lambda: guarded.acall(flaky.awaited, idempotent=True))
        assert (found.source, found.attempts) == ("primary", 2)

        async def stuck(seconds: float) -> str:
            await asyncio.sleep(99)
            return "never"

        began = clock.monotonic()
        with pytest.raises(TimedOut):
            await guarded.acall(stuck, idempotent=True)
        assert clock.monotonic() - began == pytest.approx(1.0)
        with deadline.within(0.3, clock), pytest.raises(DeadlineExceeded):
            await guarded.acall(stuck, idempotent=True)
        guarded.inject(Fault(latency_seconds=0.5), clock.monotonic() + 60)
        began = clock.monotonic()
        assert await guarded.acall(flaky.awaited, idempotent=True) == "ok"
        assert clock.monotonic() - began == pytest.approx(0.5)
        assert (guarded.breaker.totals().ok, guarded.breaker.totals().bad, guarded.breaker.totals().ignored) == (2, 2, 1)

    in_virtual_time(main)


def test_hedges_retries_and_breaker_together_keep_a_storm_small() -> None:
    """Every call fails and the circuit may not open: the load stays within the budget, hedges included."""
    never = Policy(minimum_calls=10_000, window_seconds=1, slots=1)
    policy = DependencyPolicy(circuit=never, retry=RetryPolicy(3), hedge=HedgePolicy(enabled=True, delay_seconds=0.01))

    async def main(clock: VirtualClock) -> tuple[int, int, float]:
        asked, calls, began = 0, 0, clock.monotonic()
        guarded = dependency(clock, policy)

        async def fail(seconds: float) -> None:
            nonlocal calls
            calls += 1
            await asyncio.sleep(0.02)
            raise passing()

        async def ask() -> None:
            nonlocal asked
            asked += 1
            await guarded.acall(fail, idempotent=True)

        await offered(100, 20, ask, clock)
        return asked, calls, clock.monotonic() - began

    asked, calls, took = in_virtual_time(main)
    print(f"\nstorm with hedges: {asked} requests, {calls} calls ({calls / asked:.2f} x), allowed {1.2 * asked + 10 * took:.0f}")
    assert asked < calls <= 1.2 * asked + 10 * took
