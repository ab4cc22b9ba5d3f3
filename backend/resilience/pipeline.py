"""The order of all protections around one outbound call, outermost first: deadline, retry, breaker, attempt timeout."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from backend.clock import Clock
from backend.errors import DeadlineExceeded
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.deadline import TimedOut
from backend.resilience.outcome import Classifier, Outcome, outcome_of
from backend.resilience.retry import Retry

T = TypeVar("T")


class Pipeline:
    """Protects calls to one dependency: none takes longer than ``total_seconds``, no attempt longer than ``attempt_seconds``."""

    def __init__(self, breaker: Breaker, retry: Retry, clock: Clock, *, attempt_seconds: float, total_seconds: float) -> None:
        self._breaker = breaker
        self._retry = retry
        self._clock = clock
        self._attempt_seconds = attempt_seconds
        self._total_seconds = total_seconds

    def call(self, attempt: Callable[[float], T], classify: Callable[[BaseException], Outcome] = outcome_of) -> T:
        """Run ``attempt(seconds it may take)``, as often as is worth it."""
        with deadline.within(self._total_seconds, self._clock):
            return self._retry.call(lambda: self._attempt(attempt, classify))

    def _attempt(self, attempt: Callable[[float], T], classify: Callable[[BaseException], Outcome]) -> T:
        seconds = deadline.attempt_seconds(self._attempt_seconds, self._clock)
        return self._breaker.with_classifier(Classifier(classify)).call(self._timed, attempt, seconds)

    def _timed(self, attempt: Callable[[float], T], seconds: float) -> T:
        """A timeout that a caller's short deadline caused is the caller's, not the dependency's."""
        try:
            return attempt(seconds)
        except TimedOut as error:
            if seconds < self._attempt_seconds:
                raise DeadlineExceeded(f"{error.dependency} had too little time left to answer") from error
            raise
