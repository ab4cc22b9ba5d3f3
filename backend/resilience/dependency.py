"""Everything around the calls to one dependency, in one declared order, with figures that may change while it works."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from backend.clock import Clock
from backend.errors import DeadlineExceeded, InvalidRequest, ServiceError
from backend.resilience import attempts, deadline
from backend.resilience.breaker import Breaker
from backend.resilience.budget import Budget
from backend.resilience.bulkhead import Bulkhead, BulkheadView
from backend.resilience.calls import Calls
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency_policy import DependencyPolicy, from_document
from backend.resilience.fallback import NOTHING, Fallback, Named, Sourced
from backend.resilience.faults import Fault, Faults, FaultView
from backend.resilience.hedge import Hedge
from backend.resilience.listener import Happened
from backend.resilience.notes import Summed
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Classifier
from backend.resilience.rate_limit import RateLimit, Unlimited
from backend.resilience.retry import Retry
from backend.resilience.watch import UNWATCHED, Watch

T = TypeVar("T")

LOG = logging.getLogger(__name__)

ORDER = ("fallback", "deadline", "retry", "hedge", "breaker", "rate limit", "bulkhead", "attempt timeout", "injected fault", "call")
LONGEST_FAULT_SECONDS = 3600.0  # of a fault whose order names no end

Attempt = Callable[[float], T]


@dataclass(frozen=True)
class DependencyView:
    """How one dependency is called now, as this process sees it; counts are since its start. ``policy_epoch`` 0: from settings."""

    policy: DependencyPolicy
    policy_epoch: int
    policy_problem: str
    budget_left: float
    bulkhead: BulkheadView
    happened: Mapping[tuple[Happened, str], int]
    sources: Mapping[str, int]
    fault: FaultView | None


class Dependency:
    """Protects the calls to one dependency: every stage of ORDER, outermost first. Thread-safe; for threads and coroutines alike."""

    def __init__(
        self,
        name: str,
        policy: DependencyPolicy,
        breaker: Breaker,
        clock: Clock,
        random: Callable[[], float],
        *,
        rate_limit: RateLimit | None = None,
        watch: Watch = UNWATCHED,
        async_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.policy = policy
        self.breaker = breaker
        self._own, self._epoch, self._problem = policy, 0, ""
        self._clock = clock
        self._async_sleep = async_sleep
        self._watch = watch
        self._calls: dict[Classifier, Calls] = {}
        self._notes = Summed(breaker)
        self._fallback = Fallback(policy.fallback, clock, self._notes)
        self._budget = Budget(policy.budget, clock)
        self._retry = Retry(policy.retry, clock, random, budget=self._budget, notes=self._notes, async_sleep=async_sleep)
        self._hedge = Hedge(policy.hedge, clock, self._budget, self._notes)
        self._rate_limit = rate_limit or Unlimited()
        self._bulkhead = Bulkhead(name, policy.bulkhead, clock, self._notes)
        self._faults = Faults(name, clock, random, self._notes)

    # -- calling ----------------------------------------------------------------------------------------------------

    def call(self, attempt: Attempt[T], *, idempotent: bool, classify: Classifier | None = None) -> T:
        """Run ``attempt(seconds it may take)``, as often as is allowed and worth it."""
        self._budget.started()
        with self._watch.span("dependency.call", dependency=self.name), deadline.within(self.policy.total_seconds, self._clock):
            return self._retry.call(partial(self._hedged, attempt, idempotent, self._judging(classify)), idempotent=idempotent)

    def sourced(self, key: Hashable, primary: Callable[[], T], others: Sequence[Named[T]] = (), default: T = NOTHING) -> Sourced[T]:
        """``primary``, which calls through this dependency, with the chain of lesser ways around it; answers of one ``key`` are one."""
        with attempts.counting() as made, self._watch.span("dependency.answer", dependency=self.name):
            answer = self._described(self._fallback.call(key, primary, others, default), made)
            self._watch.note(source=answer.source, circuit=answer.breaker, attempts=str(answer.attempts), why=_code(answer.why))
            return answer

    def _hedged(self, attempt: Attempt[T], idempotent: bool, calls: Calls) -> T:
        return self._hedge.call(partial(calls.call, self._admitted, attempt), idempotent=idempotent)

    def _admitted(self, attempt: Attempt[T]) -> T:
        self._rate_limit.take()
        return self._bulkhead.call(partial(self._timed, attempt))

    def _timed(self, attempt: Attempt[T]) -> T:
        own = self.policy.attempt_seconds
        seconds = deadline.attempt_seconds(own, self._clock)
        try:
            with self._watch.span("dependency.attempt", dependency=self.name):
                late = self._faults.strike(seconds)
                if late:
                    self._clock.sleep(late)
                return self._begun(attempt, seconds, late)
        except TimedOut as error:
            raise self._whose(error, seconds < own) from error

    # -- the same for what is awaited -------------------------------------------------------------------------------

    async def acall(self, attempt: Attempt[Awaitable[T]], *, idempotent: bool, classify: Classifier | None = None) -> T:
        self._budget.started()
        with deadline.within(self.policy.total_seconds, self._clock):
            return await self._retry.acall(partial(self._ahedged, attempt, idempotent, self._judging(classify)), idempotent=idempotent)

    async def asourced(
        self, key: Hashable, primary: Callable[[], Awaitable[T]], others: Sequence[Named[T]] = (), default: T = NOTHING
    ) -> Sourced[T]:
        with attempts.counting() as made:
            return self._described(await self._fallback.acall(key, primary, others, default), made)

    async def _ahedged(self, attempt: Attempt[Awaitable[T]], idempotent: bool, calls: Calls) -> T:
        return await self._hedge.acall(partial(calls.acall, self._aadmitted, attempt), idempotent=idempotent)

    async def _aadmitted(self, attempt: Attempt[Awaitable[T]]) -> T:
        self._rate_limit.take()
        return await self._bulkhead.acall(partial(self._atimed, attempt))

    async def _atimed(self, attempt: Attempt[Awaitable[T]]) -> T:
        own = self.policy.attempt_seconds
        seconds = deadline.attempt_seconds(own, self._clock)
        try:
            async with asyncio.timeout(seconds):
                late = self._faults.strike(seconds)
                if late:
                    await self._async_sleep(late)
                return await self._begun(attempt, seconds, late)
        except TimeoutError as error:
            raise self._whose(TimedOut(self.name, f"{self.name} did not answer in time", transient=True), seconds < own) from error
        except TimedOut as error:
            raise self._whose(error, seconds < own) from error

    # -- shared by both ---------------------------------------------------------------------------------------------

    def _judging(self, classify: Classifier | None) -> Calls:
        if classify is None:
            return self.breaker
        calls = self._calls.get(classify)
        if calls is None:
            calls = self._calls[classify] = self.breaker.with_classifier(classify)
        return calls

    def _begun(self, attempt: Attempt[T], seconds: float, late: float) -> T:
        """Called for real, with what injected trouble has left of its time."""
        if late >= seconds:
            raise self._faults.timed_out()
        attempts.one_more()
        return attempt(seconds - late)

    def _whose(self, error: TimedOut, shortened: bool) -> DeadlineExceeded | TimedOut:
        """A timeout that a caller's short deadline caused is the caller's, not the dependency's."""
        return DeadlineExceeded(f"{self.name} had too little time left to answer") if shortened else error

    def _described(self, answer: Sourced[T], made: list[None]) -> Sourced[T]:
        return replace(answer, attempts=len(made), breaker=self.breaker.view().state)

    # -- steering ---------------------------------------------------------------------------------------------------

    def use(self, policy: DependencyPolicy) -> None:
        """Other figures from now on; what was counted and learnt stays."""
        self.policy = policy
        self.breaker.use(policy.circuit)
        self._fallback.use(policy.fallback)
        self._retry.policy = policy.retry
        self._budget.use(policy.budget)
        self._hedge.policy = policy.hedge
        self._bulkhead.use(policy.bulkhead)

    def inject(self, fault: Fault | None, ends: float = 0.0) -> None:
        """Trouble on purpose until ``ends``, a second of the monotonic clock; None: no more."""
        self._faults.inject(fault, ends)

    def on_order(self, slot: Slot, order: Order) -> None:
        """An operator's word. One that cannot be read changes nothing, and ``view`` tells of it."""
        match slot:
            case Slot.POLICY:
                self._ordered(order)
            case Slot.FAULT:
                self._disturbed(order)
            case _:
                pass  # the breaker's own

    def view(self) -> DependencyView:
        return DependencyView(
            self.policy,
            self._epoch,
            self._problem,
            self._budget.left(),
            self._bulkhead.view(),
            self._notes.sums(),
            self._fallback.sources(),
            self._faults.view(),
        )

    def close(self) -> None:
        """Let go of threads."""
        self._hedge.close()

    def _ordered(self, order: Order) -> None:
        try:
            policy = from_document(json.loads(order.body), self._own) if order.body else self._own
        except (ValueError, InvalidRequest) as error:
            self._complain(Slot.POLICY, error)
            return
        self._epoch, self._problem = order.epoch if order.body else 0, ""
        self.use(policy)

    def _disturbed(self, order: Order) -> None:
        left = LONGEST_FAULT_SECONDS if order.left_seconds is None else min(order.left_seconds, LONGEST_FAULT_SECONDS)
        try:
            fault = Fault.from_document(json.loads(order.body)) if order.body and left > 0 else None
        except (ValueError, InvalidRequest) as error:
            self._complain(Slot.FAULT, error)
            return
        self.inject(fault, self._clock.monotonic() + left)

    def _complain(self, slot: Slot, error: Exception) -> None:
        self._problem = f"the {slot} ordered cannot be read: {error}"
        LOG.warning("the %s ordered for %s cannot be read, so nothing changes: %s", slot, self.name, error)


def _code(error: ServiceError | None) -> str:
    return "" if error is None else error.code
