"""Questions to the metrics file, from any process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.monitoring.embedded import selection
from backend.monitoring.embedded.catalogue import labels_read
from backend.monitoring.embedded.connections import Connections, translated
from backend.monitoring.embedded.index import LabelIndex
from backend.monitoring.embedded.pieces import Reading, pieces
from backend.monitoring.embedded.records import Metadata, StoredExemplar, StoreStatus, TargetState
from backend.monitoring.promql.labels import Labels, Matcher
from backend.monitoring.promql.samples import Block

Selectors = Sequence[Sequence[Matcher]]


class MetricsReader:
    """Times are milliseconds since 1970; label lists are of series with a sample in ``start <= time <= end``.

    StorageUnavailable when the file cannot be read; a file that is not there yet is an empty store.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connections = Connections(path)
        self._index = LabelIndex()
        self._reading = Reading()

    def close(self) -> None:
        self._connections.close()

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[Block]:
        """The samples with ``start < time <= end``; see SampleSource."""
        with self._connections.reading() as connection:
            if connection is None:
                return
            wanted = selection.Wanted(*self._index.matching(connection, matchers))
            if wanted.ids.size:
                self._reading.begin(connection)
                found = pieces(connection, start, end)
                yield from selection.blocks(connection, self._reading, wanted, found, start, end)

    def series(self, selectors: Selectors, start: int, end: int) -> list[Labels]:
        """The series that match one of the selectors (all, if there is none), in the order of their labels."""
        with self._connections.reading() as connection:
            if connection is None:
                return []
            matching = self._index.matching_any(connection, selectors)
            there = self._there(connection, start, end)
        return sorted(labels for number, labels in matching.items() if number in there)

    def label_names(self, selectors: Selectors, start: int, end: int) -> list[str]:
        return sorted({name for labels in self.series(selectors, start, end) for name, _ in labels})

    def label_values(self, label: str, selectors: Selectors, start: int, end: int) -> list[str]:
        return sorted({value for labels in self.series(selectors, start, end) for name, value in labels if name == label})

    def metadata(self) -> dict[str, Metadata]:
        """By the metric's family."""
        rows = self._ask("SELECT name, type, help, unit FROM family ORDER BY name")
        return {name: Metadata(kind, text, unit) for name, kind, text, unit in rows}

    def exemplars(self, selector: Sequence[Matcher], start: int, end: int) -> list[StoredExemplar]:
        """Those with ``start <= at <= end`` of the series that match, by series and time."""
        with self._connections.reading() as connection:
            if connection is None:
                return []
            ids, labels = self._index.matching(connection, selector)
            known = dict(zip(ids.tolist(), labels, strict=True))
            rows = connection.execute("SELECT series, at, value, labels FROM exemplar WHERE at BETWEEN ? AND ?", [start, end]).fetchall()
        return [StoredExemplar(labels_read(text), known[series], value, at) for series, at, value, text in rows if series in known]

    def targets(self) -> list[TargetState]:
        """The processes that are scraped now, as they were scraped last."""
        asked = "SELECT labels, url, last, health, error, seconds, samples FROM target WHERE active=1 AND health!='' ORDER BY labels"
        return [
            TargetState(labels_read(text), url, datetime.fromtimestamp(last / 1000, UTC), health, error, seconds, samples)
            for text, url, last, health, error, seconds, samples in self._ask(asked)
        ]

    def status(self) -> StoreStatus:
        with self._connections.reading() as connection:
            if connection is None:
                return StoreStatus(None, None, 0, self._files(), 0, 0, 0, {})
            asked = "SELECT (SELECT max(last) FROM head), (SELECT max(last) FROM chunk), (SELECT min(first) FROM head),"
            asked += " (SELECT min(first) FROM chunk), (SELECT count(*) FROM chunk), (SELECT count(*) FROM head)"
            head_newest, chunk_newest, head_oldest, chunk_oldest, chunks, head = connection.execute(asked).fetchone()
            newest = max((at for at in (head_newest, chunk_newest) if at is not None), default=None)
            oldest = min((at for at in (head_oldest, chunk_oldest) if at is not None), default=None)
            counters = dict(connection.execute("SELECT name, value FROM fact WHERE name LIKE '%:%'").fetchall())
            series = self._index.size(connection)
        damaged = len(self._reading.damaged) + counters.get("damaged:pieces", 0)
        return StoreStatus(_instant(newest), _instant(oldest), series, self._files(), chunks, head, damaged, counters)

    def _there(self, connection: sqlite3.Connection, start: int, end: int) -> set[int]:
        """The series with a piece in that time."""
        self._reading.begin(connection)
        asked = "SELECT DISTINCT layout FROM {} WHERE last >= ? AND first <= ?"
        layouts = {row[0] for table in ("chunk", "head") for row in connection.execute(asked.format(table), [start, end])}
        return {number for layout in layouts for number in self._reading.layout(connection, layout).tolist()}

    def _ask(self, text: str) -> list[Any]:
        with self._connections.reading() as connection:
            return [] if connection is None else connection.execute(text).fetchall()

    def _files(self) -> int:
        with translated():
            files = [self.path.with_name(self.path.name + beside) for beside in ("", "-wal", "-shm")]
            return sum(file.stat().st_size for file in files if file.exists())


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC)
