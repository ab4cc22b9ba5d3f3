"""Our own log store as a source: lines that are kept in the SQL database."""

from __future__ import annotations

from datetime import timedelta

from backend.monitoring.logs.record import Counts, Criteria, Found, LogLine, Tail
from backend.monitoring.logs.store import LogStore
from backend.storage.database import Database

_LARGEST_KEY = (1 << 63) - 1


class KeptLogs:
    """Each question is one consistent look."""

    name = "sql"

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, criteria: Criteria, limit: int, before: str | None = None) -> Found:
        with self._database.reading() as connection:
            return LogStore(connection).search(criteria, limit, _number(before))

    def counts(self, criteria: Criteria, width: timedelta) -> Counts:
        with self._database.reading() as connection:
            return LogStore(connection).counts(criteria, width)

    def line(self, line_id: str) -> LogLine | None:
        number = _number(line_id)
        if number is None:
            return None
        with self._database.reading() as connection:
            return LogStore(connection).line(number)

    def around(self, line_id: str, before: int, after: int, instance: str) -> tuple[LogLine, ...]:
        number = _number(line_id)
        if number is None:
            return ()
        with self._database.reading() as connection:
            return LogStore(connection).around(number, before, after, instance)

    def tail(self, criteria: Criteria, cursor: str | None, limit: int) -> Tail:
        with self._database.reading() as connection:
            return LogStore(connection).tail(criteria, _number(cursor), limit)

    def roles(self, criteria: Criteria) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return LogStore(connection).roles(criteria)


def _number(text: str | None) -> int | None:
    """The key that an id is; None for a text that is none, as an address may hold anything."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(int(text), _LARGEST_KEY)
