"""Results that may be lesser, and say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Degradation:
    """What is lesser, why, and since when; ``what`` and ``why`` are stable codes, ``detail`` a sentence."""

    what: str
    why: str
    detail: str
    since: datetime | None = None


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A value with where it came from, how old it is and whether it is less than was asked for."""

    value: T
    source: str
    age_seconds: float = 0.0
    degraded: tuple[Degradation, ...] = ()

    @property
    def is_degraded(self) -> bool:
        return bool(self.degraded)


@dataclass(frozen=True)
class Fresh(Generic[T]):
    """Read just now."""

    value: T
    at: datetime
    took_seconds: float


@dataclass(frozen=True)
class Stale(Generic[T]):
    """An older value, because the source did not answer; ``at`` is when it was true, ``why`` a sentence."""

    value: T
    at: datetime
    why: str


@dataclass(frozen=True)
class Empty:
    """The source answered and has nothing; ``since`` is the last time it had (None: never)."""

    at: datetime
    since: datetime | None = None


@dataclass(frozen=True)
class Failed:
    """The source did not answer, and nothing older is known; ``last_good`` is the last time it did."""

    source: str
    why: str
    at: datetime
    last_good: datetime | None = None


Reading = Fresh[T] | Stale[T] | Empty | Failed
