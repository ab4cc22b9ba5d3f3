"""Another try where it may help: for trouble that passes, after a jittered wait, while there is time and budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast

from tenacity import AsyncRetrying, RetryCallState, Retrying

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.resilience import deadline
from backend.resilience.budget import Budget
from backend.resilience.deadline import TimedOut
from backend.resilience.listener import Happened
from backend.resilience.notes import Notes, Unnoted

T = TypeVar("T")

Jitter = Literal["full", "decorrelated"]


@dataclass(frozen=True)
class RetryPolicy:
    """``longest_wait_seconds`` also caps what a server may ask for; one that asks for more is not asked again."""

    attempts: int = 2
    base_seconds: float = 0.1
    longest_wait_seconds: float = 2.0
    after_timeouts: bool = False  # dear: the caller has waited the whole time once already
    jitter: Jitter = "full"


class Retry:
    """Runs a function until it succeeds, fails for good, or neither deadline nor budget leave room. Refusals are final.

    The engine is tenacity's, built once: its state lives in each call. It is entered with the first failure as its first attempt,
    so a call that succeeds at once pays nothing for it.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        clock: Clock,
        random: Callable[[], float],
        *,
        budget: Budget | None = None,
        notes: Notes | None = None,
        async_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.policy = policy
        self._clock = clock
        self._random = random
        self._budget = budget
        self._notes: Notes = notes or Unnoted()
        self._engine = Retrying(sleep=clock.sleep, wait=_decided, retry=self._worth_it, reraise=True)
        self._async_engine = AsyncRetrying(sleep=async_sleep, wait=_decided, retry=self._worth_it, reraise=True)

    def call(self, function: Callable[[], T], *, idempotent: bool = True) -> T:
        """What does not bear being done twice is done once."""
        try:
            return function()
        except DependencyFailed as error:
            if not idempotent:
                raise
            first = error
        return self._engine(_Again(function, first))

    async def acall(self, function: Callable[[], Awaitable[T]], *, idempotent: bool = True) -> T:
        """The same for what is awaited."""
        try:
            return await function()
        except DependencyFailed as error:
            if not idempotent:
                raise
            first = error
        return cast(T, await self._async_engine(_AgainAwaited(function, first)))

    def _worth_it(self, state: RetryCallState) -> bool:
        """The wait is decided here, so that the same figure is checked and slept."""
        error = state.outcome.exception() if state.outcome else None
        again = cast("_Again[Any]", state.fn)
        if not isinstance(error, DependencyFailed) or not self._may_help(error, state.attempt_number):
            return False
        asked = error.retry_after_seconds or 0.0
        again.backed_off = self._backoff(state.attempt_number, again.backed_off)
        again.wait = max(asked, again.backed_off)
        left = deadline.remaining(self._clock)
        if asked > self.policy.longest_wait_seconds or (left is not None and again.wait >= left):
            return False
        return self._affordable(error)

    def _may_help(self, error: DependencyFailed, attempt: int) -> bool:
        if attempt >= self.policy.attempts or not error.transient:
            return False
        return self.policy.after_timeouts or not isinstance(error, TimedOut)

    def _affordable(self, error: DependencyFailed) -> bool:
        cost = self._budget.policy.timeout_cost if self._budget and isinstance(error, TimedOut) else 1.0
        if self._budget is not None and not self._budget.take(cost):
            self._notes.note(Happened.BUDGET_REFUSED, "retry")
            return False
        self._notes.note(Happened.RETRIED, "timed_out" if isinstance(error, TimedOut) else error.code)
        return True

    def _backoff(self, attempt: int, before: float) -> float:
        """Full: anything from nothing to the doubled base. Decorrelated: from the base to three times the wait before."""
        base, longest = self.policy.base_seconds, self.policy.longest_wait_seconds
        if self.policy.jitter == "decorrelated":
            return min(longest, base + self._random() * (max(base, before) * 3 - base))
        return self._random() * min(longest, base * 2.0 ** min(attempt - 1, 30))


class _Again(Generic[T]):
    """A call that has failed once, on its way through the engine: the first attempt is that failure."""

    def __init__(self, function: Callable[[], T], first: DependencyFailed) -> None:
        self._function = function
        self._first: DependencyFailed | None = first
        self.wait = 0.0
        self.backed_off = 0.0

    def __call__(self) -> T:
        self._fail_first()
        return self._function()

    def _fail_first(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            raise first


class _AgainAwaited(_Again[Awaitable[T]]):
    async def __call__(self) -> T:  # the engine asks whether it is a coroutine function
        self._fail_first()
        return await self._function()


def _decided(state: RetryCallState) -> float:
    return cast("_Again[Any]", state.fn).wait
