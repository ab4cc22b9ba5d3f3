"""Another try where it may help: for trouble that passes, after a jittered wait, while there is time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.resilience import deadline
from backend.resilience.deadline import TimedOut

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """``longest_wait_seconds`` also caps what a server may ask for; one that asks for more is not asked again."""

    attempts: int = 2
    base_seconds: float = 0.1
    longest_wait_seconds: float = 2.0
    after_timeouts: bool = False  # dear: the caller has waited the whole time once already


class Retry:
    """Runs a function until it succeeds, fails for good, or the deadline leaves no room for the wait. Refusals are final."""

    def __init__(self, policy: RetryPolicy, clock: Clock, random: Callable[[], float]) -> None:
        self._policy = policy
        self._clock = clock
        self._random = random

    def call(self, function: Callable[[], T]) -> T:
        wait = [0.0]  # decided in _worth_it, so that the same figure is checked and slept
        engine = Retrying(
            sleep=self._clock.sleep,
            wait=lambda _state: wait[0],
            stop=lambda state: state.attempt_number >= self._policy.attempts,
            retry=lambda state: self._worth_it(state, wait),
            reraise=True,
        )
        return engine(function)

    def _worth_it(self, state: RetryCallState, wait: list[float]) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if not isinstance(error, DependencyFailed) or not error.transient:
            return False
        if isinstance(error, TimedOut) and not self._policy.after_timeouts:
            return False
        asked = error.retry_after_seconds
        if asked is not None and asked > self._policy.longest_wait_seconds:
            return False
        wait[0] = max(asked or 0.0, self.backoff(state.attempt_number))
        left = deadline.remaining(self._clock)
        return left is None or wait[0] < left

    def backoff(self, attempt: int) -> float:
        """Full jitter: anything from nothing to the doubled base."""
        return self._random() * min(self._policy.longest_wait_seconds, self._policy.base_seconds * 2.0 ** (attempt - 1))
