"""Lesser ways when the first does not work; where an answer came from, how old it is and why stays with it.

In this order: a fresh answer kept from before, the call itself, a stale answer kept from before, each named way in turn, a default.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar, cast

from backend.clock import Clock
from backend.errors import CallRefused, DeadlineExceeded, DependencyFailed, ServiceError, StorageUnavailable
from backend.resilience.kept import AnswerCache
from backend.resilience.listener import Happened
from backend.resilience.notes import Notes

T = TypeVar("T")

PRIMARY, FRESH, STALE, DEFAULT = "primary", "fresh cache", "stale cache", "default"
_WORTH_FALLING_BACK = (CallRefused, DeadlineExceeded, DependencyFailed)
NOTHING: Any = object()


@dataclass(frozen=True)
class FallbackPolicy:
    """How old an answer may be that stands in for a call, and how old one that stands in for a failure; 0: none does."""

    fresh_seconds: float = 0.0
    stale_seconds: float = 86_400.0
    entries: int = 2_000


@dataclass(frozen=True)
class Sourced(Generic[T]):
    """A value that says where it came from. ``why``: the trouble that made it a lesser one; ``attempts``: calls made for it."""

    value: T
    source: str
    degraded: bool = False
    age_seconds: float = 0.0
    why: ServiceError | None = None
    attempts: int = 0
    breaker: str = ""


class Named(NamedTuple, Generic[T]):
    """Another way to an answer."""

    name: str
    answer: Callable[[], T]


class Fallback:
    """The chain of one dependency. Only what the call itself answered is ever kept."""

    def __init__(self, policy: FallbackPolicy, clock: Clock, notes: Notes) -> None:
        self.policy = policy
        self._notes = notes
        self._kept: AnswerCache[Any] = AnswerCache(policy.entries, clock)
        self._sources: Counter[str] = Counter()

    def use(self, policy: FallbackPolicy) -> None:
        self.policy = policy
        self._kept.resize(policy.entries)

    def sources(self) -> dict[str, int]:
        """How many answers came from where, since the start."""
        return dict(self._sources)

    def call(self, key: Hashable, primary: Callable[[], T], others: Sequence[Named[T]] = (), default: T = NOTHING) -> Sourced[T]:
        """The best answer there is; the call's own error where there is none. A caller's mistake is not hidden."""
        fresh = self._fresh(key)
        if fresh is not None:
            return fresh
        try:
            value = primary()
        except _WORTH_FALLING_BACK as error:
            return self._instead(key, error, others, default)
        return self._answered(key, value)

    async def acall(
        self, key: Hashable, primary: Callable[[], Awaitable[T]], others: Sequence[Named[T]] = (), default: T = NOTHING
    ) -> Sourced[T]:
        fresh = self._fresh(key)
        if fresh is not None:
            return cast("Sourced[T]", fresh)
        try:
            value = await primary()
        except _WORTH_FALLING_BACK as error:
            return self._instead(key, error, others, default)
        return self._answered(key, value)

    def _fresh(self, key: Hashable) -> Sourced[Any] | None:
        kept = self._kept.get(key, self.policy.fresh_seconds) if self.policy.fresh_seconds > 0 else None
        return None if kept is None else self._counted(Sourced(kept.value, FRESH, age_seconds=kept.age_seconds))

    def _answered(self, key: Hashable, value: T) -> Sourced[T]:
        self._kept.put(key, value)
        return self._counted(Sourced(value, PRIMARY))

    def _instead(self, key: Hashable, why: ServiceError, others: Sequence[Named[T]], default: T) -> Sourced[T]:
        kept = self._kept.get(key, self.policy.stale_seconds)
        if kept is not None:
            return self._fell_back(Sourced(kept.value, STALE, True, kept.age_seconds, why))
        for other in others:
            try:
                return self._fell_back(Sourced(other.answer(), other.name, True, why=why))
            except (*_WORTH_FALLING_BACK, StorageUnavailable):
                continue  # the next may work; where none does, the caller is told why the first did not
        if default is NOTHING:
            raise why
        return self._fell_back(Sourced(default, DEFAULT, True, why=why))

    def _fell_back(self, answer: Sourced[T]) -> Sourced[T]:
        self._notes.note(Happened.FELL_BACK, answer.source)
        return self._counted(answer)

    def _counted(self, answer: Sourced[T]) -> Sourced[T]:
        self._sources[answer.source] += 1
        return answer
