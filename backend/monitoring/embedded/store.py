"""The metrics store: one SQLite file that any process may read and append to, and that one worker scrapes into and tends."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.monitoring.embedded import compaction, retention, scrapes, selection, writing
from backend.monitoring.embedded.catalogue import Catalogue, labels_read
from backend.monitoring.embedded.connections import Connections, translated
from backend.monitoring.embedded.index import LabelIndex
from backend.monitoring.embedded.pieces import Reading, layout_sizes, pieces
from backend.monitoring.embedded.records import (
    Appended,
    Exposition,
    Failure,
    Metadata,
    Series,
    StoredExemplar,
    StoreLimits,
    StoreStatus,
    Target,
    TargetState,
)
from backend.monitoring.promql.labels import Labels, Matcher
from backend.monitoring.promql.samples import Block

Selectors = Sequence[Sequence[Matcher]]


class MetricsStore:
    """Times are milliseconds since 1970; label lists are of series with a sample in ``start <= time <= end``.

    StorageUnavailable when the file cannot be read or written; a file that is not there yet is an empty store.
    """

    def __init__(self, path: Path, clock: Clock, limits: StoreLimits | None = None) -> None:
        self.path = path
        self.limits = limits or StoreLimits()
        self._clock = clock
        self._connections = Connections(path)
        self._index = LabelIndex()
        self._reading = Reading()
        self._catalogue = Catalogue(self.limits.series)
        self._last = writing.LastTimes()
        self._scrapes = scrapes.ScrapeWriter(self._catalogue, self.limits)
        self._turn = threading.RLock()
        self._unwritten = 0

    def close(self) -> None:
        self._connections.close()

    # --- reading

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[Block]:
        """The samples with ``start < time <= end``; see SampleSource."""
        with self._connections.reading() as connection:
            if connection is None:
                return
            wanted = selection.Wanted(*self._index.matching(connection, matchers))
            if wanted.ids.size:
                found = pieces(connection, start, end, layout_sizes(connection))
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
                return StoreStatus(None, None, 0, self._files(), 0, 0, 0, self._with_own({}))
            asked = "SELECT (SELECT max(last) FROM head), (SELECT max(last) FROM chunk), (SELECT min(first) FROM head),"
            asked += " (SELECT min(first) FROM chunk), (SELECT count(*) FROM chunk), (SELECT count(*) FROM head)"
            head_newest, chunk_newest, head_oldest, chunk_oldest, chunks, head = connection.execute(asked).fetchone()
            newest = max((at for at in (head_newest, chunk_newest) if at is not None), default=None)
            oldest = min((at for at in (head_oldest, chunk_oldest) if at is not None), default=None)
            counters = dict(connection.execute("SELECT name, value FROM fact WHERE name LIKE '%:%'").fetchall())
            series = self._index.size(connection)
        damaged = len(self._reading.damaged) + counters.get("damaged:pieces", 0)
        return StoreStatus(_instant(newest), _instant(oldest), series, self._files(), chunks, head, damaged, self._with_own(counters))

    # --- writing

    def append(self, written: Sequence[Series]) -> Appended:
        """Samples from elsewhere. Those that are not later than the newest of their series are dropped."""

        def act(connection: sqlite3.Connection) -> Appended:
            return writing.append(connection, self._catalogue, self._last, written, self.limits)

        return self._write(act)

    def append_scrape(self, target: Target, at: int, answer: Exposition | Failure, seconds: float) -> Appended:
        """One scrape, kept whole or not at all. A failure ends the target's series until they come again."""
        with self._turn:
            scrape = self._scrapes.read(target, at, answer, seconds)
            return self._write(lambda connection: self._scrapes.keep(connection, scrape))

    def end_targets(self, but: Sequence[Labels], at: int) -> int:
        """The series of every target that is not among ``but`` end here; how many targets."""
        staying = set(but)

        def act(connection: sqlite3.Connection) -> Appended:
            gone = [labels for labels in scrapes.active_targets(connection) if labels not in staying]
            for labels in gone:
                self._scrapes.end(connection, labels, at)
            return Appended(len(gone))

        return self._write(act).kept

    # --- tending: only by the process that holds the lock

    def compact(self, now: int) -> int:
        """Make chunks of what is due; how many chunks. ``now`` in ms."""
        with self._connections.reading() as connection:
            due = [] if connection is None else compaction.due(connection, now)
        made = sum(self._compact(work) for work in due)
        if due:
            with self._connections.tending() as connection:
                retention.shorten_log(connection)
        return made

    def retain(self, now: int) -> int:
        """Forget what is older than the retention, and the oldest while the file is too large; how many rows."""
        cutoff = now - round(self.limits.retention.total_seconds() * 1000)
        gone = self._forget_before(cutoff) + self._shrink()
        with self._turn, self._connections.writing() as connection:
            retention.forget_unused(connection, cutoff, self.limits.exemplars)
        with self._connections.tending() as connection:
            retention.give_back(connection)
            retention.shorten_log(connection)
        return gone

    def _compact(self, work: compaction.Work) -> int:
        with self._connections.reading() as connection:
            made = None if connection is None else compaction.make(connection, self._reading, work)
        if made is None:
            return 0

        def act(connection: sqlite3.Connection) -> Appended:
            compaction.replace(connection, self._catalogue, made)
            return Appended(len(made.chunks))

        kept = self._write(act).kept
        self._reading.forget(made.sources)
        return kept

    def _forget_before(self, at: int) -> int:
        gone = 0
        while True:
            step = self._write(lambda connection: Appended(retention.forget_before(connection, at))).kept
            gone += step
            if not step:
                return gone

    def _shrink(self) -> int:
        gone = 0
        while True:
            with self._connections.reading() as connection:
                if connection is None or retention.used_bytes(connection) <= self.limits.size:
                    return gone
                end = retention.oldest_end(connection)
            if end is None:
                return gone
            gone += self._forget_before(end)

    # --- within

    def _write(self, act: Callable[[sqlite3.Connection], Appended]) -> Appended:
        """One transaction; what this process remembered of one that failed is forgotten."""
        with self._turn:
            try:
                with self._connections.writing() as connection:
                    self._catalogue.begin(connection)
                    done = act(connection)
                    _count(connection, done)
                    return done
            except BaseException as error:
                self._catalogue.forget()
                self._last = writing.LastTimes()
                self._scrapes.forget()
                self._unwritten += isinstance(error, StorageUnavailable)
                raise

    def _there(self, connection: sqlite3.Connection, start: int, end: int) -> set[int]:
        """The series with a piece in that time."""
        asked = "SELECT DISTINCT layout FROM {} WHERE last >= ? AND first <= ?"
        layouts = {row[0] for table in ("chunk", "head") for row in connection.execute(asked.format(table), [start, end])}
        return {number for layout in layouts for number in self._reading.layout(connection, layout).tolist()}

    def _ask(self, text: str) -> list[Any]:
        with self._connections.reading() as connection:
            return [] if connection is None else connection.execute(text).fetchall()

    def _files(self) -> int:
        with translated():
            return sum(file.stat().st_size for file in self.path.parent.glob(f"{self.path.name}*"))

    def _with_own(self, counters: dict[str, int]) -> dict[str, int]:
        return {**counters, "failed:writes": self._unwritten}


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC)


def _count(connection: sqlite3.Connection, done: Appended) -> None:
    for reason, number in Counter(done.dropped).items():
        if number:
            connection.execute(
                "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=value+excluded.value", [f"dropped:{reason}", number]
            )
