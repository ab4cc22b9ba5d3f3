"""Deadline, retry, fallback, the pipeline of them, and the estimate of durations."""

from __future__ import annotations

import pytest

from backend.errors import CircuitOpen, DeadlineExceeded, DependencyFailed, InvalidRequest
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.deadline import TimedOut
from backend.resilience.fallback import with_fallback
from backend.resilience.latency import BUCKETS, bucket_of, quantile
from backend.resilience.pipeline import Pipeline
from backend.resilience.policy import Policy
from backend.resilience.retry import Retry, RetryPolicy
from tests.support.clock import ManualClock


class Flaky:
    """Fails with the given errors, one a call, then works."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self, seconds: float = 0.0) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "ok"


def passing(retry_after: float | None = None) -> DependencyFailed:
    return DependencyFailed("geocoder", "busy", transient=True, retry_after_seconds=retry_after)


def retry(clock: ManualClock, attempts: int = 3, **more: float) -> Retry:
    return Retry(RetryPolicy(attempts, **more), clock, lambda: 1.0)


def test_trouble_that_passes_is_tried_again_after_a_doubling_wait(clock: ManualClock) -> None:
    flaky = Flaky(passing(), passing())
    assert retry(clock).call(flaky) == "ok"
    assert clock.slept == pytest.approx([0.1, 0.2])


def test_the_last_error_is_the_callers(clock: ManualClock) -> None:
    flaky = Flaky(*[passing()] * 9)
    with pytest.raises(DependencyFailed, match="busy"):
        retry(clock).call(flaky)
    assert flaky.calls == 3


@pytest.mark.parametrize(
    "error",
    [
        DependencyFailed("geocoder", "not JSON", transient=False),
        CircuitOpen("geocoder"),
        DeadlineExceeded("over"),
        TimedOut("geocoder", "late", transient=True),
        ValueError("ours"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(clock: ManualClock, error: Exception) -> None:
    flaky = Flaky(error)
    with pytest.raises(type(error)):
        retry(clock).call(flaky)
    assert flaky.calls == 1


def test_a_server_that_says_when_is_obeyed(clock: ManualClock) -> None:
    assert retry(clock).call(Flaky(passing(1.5))) == "ok"
    assert clock.slept == [1.5]


def test_a_server_that_asks_for_too_long_is_not_asked_again(clock: ManualClock) -> None:
    with pytest.raises(DependencyFailed):
        retry(clock).call(Flaky(passing(30.0)))
    assert clock.slept == []


def test_a_wait_beyond_the_deadline_is_not_begun(clock: ManualClock) -> None:
    with deadline.within(1.0, clock), pytest.raises(DependencyFailed):
        retry(clock).call(Flaky(passing(1.5)))
    assert clock.slept == []


def test_an_inner_deadline_never_lengthens_an_outer_one(clock: ManualClock) -> None:
    assert deadline.remaining(clock) is None
    with deadline.within(2.0, clock), deadline.within(10.0, clock):
        assert deadline.remaining(clock) == 2.0
        clock.advance(3)
        assert deadline.remaining(clock) == -1.0
        with pytest.raises(DeadlineExceeded):
            deadline.attempt_seconds(1.0, clock)
    assert deadline.attempt_seconds(1.0, clock) == 1.0


def test_the_fallback_answers_for_refusals_and_failures_but_not_for_the_callers_mistakes() -> None:
    def refuse() -> str:
        raise CircuitOpen("geocoder")

    def complain() -> str:
        raise InvalidRequest.of("place", "missing", "a place needs a name")

    value, trouble = with_fallback(refuse, lambda: "lesser")
    assert (value, type(trouble)) == ("lesser", CircuitOpen)
    assert with_fallback(lambda: "full", lambda: "lesser") == ("full", None)
    with pytest.raises(InvalidRequest):
        with_fallback(complain, lambda: "lesser")


def pipeline(clock: ManualClock, breaker: Breaker) -> Pipeline:
    return Pipeline(breaker, retry(clock), clock, attempt_seconds=1.0, total_seconds=2.5)


def test_each_attempt_gets_its_own_limit_or_what_is_left(clock: ManualClock) -> None:
    given: list[float] = []

    def attempt(seconds: float) -> str:
        given.append(seconds)
        clock.advance(0.9)
        raise passing()

    with pytest.raises(DependencyFailed):
        pipeline(clock, Breaker("geocoder", Policy(), clock, lambda: 0.5)).call(attempt)
    assert given == pytest.approx([1.0, 1.0, 0.4])


def test_a_timeout_under_a_callers_short_deadline_is_not_counted_against_the_dependency(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", Policy(minimum_calls=2), clock, lambda: 0.5)
    for _ in range(5):
        with deadline.within(0.1, clock), pytest.raises(DeadlineExceeded):
            pipeline(clock, breaker).call(Flaky(TimedOut("geocoder", "late", transient=True)))
    assert breaker.view().state == "closed"
    assert breaker.take_batch().tallies == ()


def test_an_open_circuit_is_not_retried(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", Policy(minimum_calls=2), clock, lambda: 0.5)
    flaky = Flaky(*[passing()] * 9)
    with pytest.raises(CircuitOpen):
        pipeline(clock, breaker).call(flaky)
    assert flaky.calls == 2


def test_the_estimate_lies_in_the_right_bucket() -> None:
    counts = [0] * BUCKETS
    for milliseconds in range(1, 101):
        counts[bucket_of(milliseconds / 1000)] += 1
    estimate = quantile(counts, 0.95)
    assert estimate is not None
    assert 0.05 < estimate <= 0.1
    assert quantile([0] * BUCKETS, 0.95) is None
    assert quantile([0] * (BUCKETS - 1) + [5], 0.95) == 3.2
