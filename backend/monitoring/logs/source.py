"""The port of a log store: ours in SQL, or a Loki."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from backend.monitoring.logs.record import Counts, Criteria, Found, LogLine, Tail


class LogSource(Protocol):
    """Answers questions about lines. Criteria are checked before. Raises StorageUnavailable, or what a dependency raises."""

    @property
    def name(self) -> str:
        """'sql' or 'loki', as a failure names it."""
        ...

    def search(self, criteria: Criteria, limit: int, before: str | None = None) -> Found:
        """The newest lines that match; go on with ``before`` = the last one's id."""
        ...

    def counts(self, criteria: Criteria, width: timedelta) -> Counts:
        """How many match, by level, in buckets that begin at multiples of ``width`` since 1970."""
        ...

    def line(self, line_id: str) -> LogLine | None: ...

    def around(self, line_id: str, before: int, after: int, instance: str) -> tuple[LogLine, ...]:
        """The lines before and after that one, of one process (or of all: ''), and itself, the oldest first; none: it is gone."""
        ...

    def tail(self, criteria: Criteria, cursor: str | None, limit: int) -> Tail:
        """What arrived since ``cursor``; None: nothing yet, only where to begin."""
        ...

    def roles(self, criteria: Criteria) -> tuple[str, ...]:
        """The roles that told something in that range."""
        ...
