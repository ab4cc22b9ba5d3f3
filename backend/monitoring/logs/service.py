"""What people ask about log lines: whoever may see logs asks, and what is read says how fresh it is."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import TypeVar

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.clock import Clock
from backend.errors import CallRefused, DeadlineExceeded, DependencyFailed, StorageUnavailable
from backend.monitoring.last_answers import LastAnswers
from backend.monitoring.logs.record import Counts, Criteria, Found, LogLine, Tail, bounded, checked
from backend.monitoring.logs.source import LogSource

MOST_AROUND = 100
MOST_BUCKETS = 500
RECENT = timedelta(seconds=90)  # a range that ends so near to now is one that moves with it
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800)  # seconds
T = TypeVar("T")


class LogService:
    """One source behind it: our own store, or a Loki."""

    def __init__(self, source: LogSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._last = LastAnswers()

    @property
    def source(self) -> str:
        """'sql' or 'loki'."""
        return self._source.name

    def search(self, actor: Actor, criteria: Criteria, limit: int = 200, before: str | None = None) -> Reading[Found]:
        """The newest lines that match; InvalidRequest names the field that cannot be asked for."""
        asked, most = self._asked(actor, criteria), bounded(limit)
        return self._read(
            ("search", self._question(asked), most, before),
            lambda: self._source.search(asked, most, before),
            lambda found: len(found.lines),
        )

    def counts(self, actor: Actor, criteria: Criteria, most_buckets: int = 60) -> Reading[Counts]:
        """How many lines match, by level, in at most so many buckets of a round width."""
        asked = self._asked(actor, criteria)
        width = width_for(asked, max(1, min(most_buckets, MOST_BUCKETS)))
        return self._read(
            ("counts", self._question(asked), width), lambda: self._source.counts(asked, width), lambda counts: len(counts.buckets)
        )

    def around(self, actor: Actor, line_id: str, before: int = 10, after: int = 10, instance: str = "") -> Reading[tuple[LogLine, ...]]:
        """The lines before and after that one, itself among them; Empty: it is not kept any more."""
        actor.require(Permission.VIEW_LOGS)
        bounds = min(max(0, before), MOST_AROUND), min(max(0, after), MOST_AROUND)
        return self._read(("around", line_id, bounds, instance), lambda: self._source.around(line_id, *bounds, instance), len)

    def tail(self, actor: Actor, criteria: Criteria, cursor: str | None = None, limit: int = 200) -> Reading[Tail]:
        """What arrived since the cursor of the tail before; without one, only where to begin. Never Empty: the cursor goes on."""
        asked, most = self._asked(actor, criteria), bounded(limit)
        return self._read(None, lambda: self._source.tail(asked, cursor, most), lambda _: 1)

    def roles(self, actor: Actor, criteria: Criteria) -> Reading[tuple[str, ...]]:
        asked = self._asked(actor, criteria)
        return self._read(("roles", self._question(asked)), lambda: self._source.roles(asked), len)

    def _asked(self, actor: Actor, criteria: Criteria) -> Criteria:
        actor.require(Permission.VIEW_LOGS)
        return checked(criteria)

    def _question(self, asked: Criteria) -> Hashable:
        return _question(asked, self._clock.now())

    def _read(self, question: Hashable, ask: Callable[[], T], size: Callable[[T], int]) -> Reading[T]:
        begun, now = self._clock.monotonic(), self._clock.now()
        try:
            value = ask()
        except (StorageUnavailable, DependencyFailed, CallRefused, DeadlineExceeded) as error:
            kept = self._last.of(question) if question is not None else None
            if kept is not None and kept.value is not None:
                return Stale(kept.value, kept.at, error.detail)
            return Failed(self._source.name, error.detail, now, self._last.last_good)
        self._last.keep(question, value, now, now if size(value) else None, size(value))
        if size(value):
            return Fresh(value, now, self._clock.monotonic() - begun)
        known = self._last.of(question)
        return Empty(now, known.full_at if known else None)


def width_for(criteria: Criteria, most: int) -> timedelta:
    """The narrowest round width of which at most so many cover the range."""
    seconds = (criteria.end - criteria.start).total_seconds()
    return timedelta(seconds=next((width for width in WIDTHS if seconds / width <= most), WIDTHS[-1]))


def _question(criteria: Criteria, now: datetime) -> Hashable:
    """The same while time goes on: a page that shows the last hour asks it again and again."""
    if abs(criteria.end - now) > RECENT:
        return criteria
    return criteria.end - criteria.start, criteria.besides_time()
