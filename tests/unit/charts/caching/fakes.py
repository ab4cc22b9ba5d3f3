"""A cache whose shared store is a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from backend.answer import Degradation
from backend.charts.caching.cache import AnswerCache
from backend.charts.caching.keys import Keys
from backend.charts.caching.made import Made, etag_of
from backend.charts.caching.memory import Memory
from backend.charts.caching.shared import SharedAnswers
from backend.clock import Clock
from backend.errors import StorageUnavailable
from tests.support.clock import ManualClock

SECRET = "s" * 32
TEXT = b'{"date":"1990-06-15"}'


class FakeShelf:
    """Counts the questions; ``away``: it answers none."""

    def __init__(self) -> None:
        self.parcels: dict[str, bytes] = {}
        self.counts: dict[str, dict[str, tuple[int, bytes]]] = {}
        self.away = False
        self.asked = 0

    def get(self, name: str) -> bytes | None:
        self._ask()
        return self.parcels.get(name)

    def put(self, parcels: Mapping[str, bytes], seconds: float) -> None:
        self._ask()
        self.parcels |= parcels

    def count(self, day: str, asked: Mapping[str, tuple[int, bytes]]) -> None:
        self._ask()
        self.counts.setdefault(day, {}).update(asked)

    def most_asked(self, days: Sequence[str], most: int) -> dict[str, bytes]:
        self._ask()
        found = {name: (times, request) for day in days for name, (times, request) in self.counts.get(day, {}).items()}
        return {name: request for name, (_, request) in sorted(found.items(), key=lambda one: -one[1][0])[:most]}

    def _ask(self) -> None:
        self.asked += 1
        if self.away:
            raise StorageUnavailable("valkey")


class Absence:
    """Known once noticed, until told otherwise."""

    def __init__(self) -> None:
        self.known = False

    def noticed(self) -> None:
        self.known = True


def cache(clock: Clock, shelf: FakeShelf | None = None, versions: Sequence[str] = ("1",), memory: Memory | None = None) -> AnswerCache:
    shared = SharedAnswers(shelf or FakeShelf(), SECRET, Absence())
    return AnswerCache(Keys(SECRET, versions), memory or Memory(), shared, clock)


def made(content: bytes = b"{}", at: float = 0.0, *, perishable: bool = False) -> Made:
    return Made(content, etag_of(content), "application/json", "files", at, perishable)


class Maker:
    """Makes answers, each with its number; as the fields say."""

    def __init__(self, clock: ManualClock, *, perishable: bool = False) -> None:
        self.times = 0
        self.perishable = perishable
        self.degraded: tuple[Degradation, ...] = ()
        self.error: Exception | None = None
        self._clock = clock

    def __call__(self) -> Made:
        self.times += 1
        if self.error:
            raise self.error
        content = b"answer %d" % self.times
        return replace(made(content, self._clock.now().timestamp(), perishable=self.perishable), degraded=self.degraded)


class Process:
    """The cache of one process on a shelf."""

    def __init__(self, clock: ManualClock, shelf: FakeShelf, versions: tuple[str, ...] = ("1",), secret: str = SECRET) -> None:
        self.memory = Memory()
        self.absence = Absence()
        self.shared = SharedAnswers(shelf, secret, self.absence)
        self.finds = True
        self.cache = AnswerCache(Keys(secret, versions), self.memory, self.shared, clock, lambda: self.finds)

    def ask(self, make: Callable[[], Made], text: bytes = TEXT, meaning: bytes = b"meaning") -> tuple[bytes, str, float]:
        served = self.cache.obtain("charts", text, meaning, make)
        return served.made.content, served.outcome.value, served.age_seconds
