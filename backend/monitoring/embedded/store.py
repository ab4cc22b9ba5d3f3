"""The metrics store: one SQLite file that any process may read and append to, and that one worker scrapes into and tends."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.monitoring.embedded import compaction, retention, scrapes, writing
from backend.monitoring.embedded.catalogue import Catalogue
from backend.monitoring.embedded.connections import is_broken
from backend.monitoring.embedded.reader import MetricsReader
from backend.monitoring.embedded.records import Appended, Exposition, Failure, Series, StoreLimits, StoreStatus, Target
from backend.monitoring.promql.labels import Labels

MOST_AHEAD_MS = 600_000  # as Prometheus has it


class MetricsStore(MetricsReader):
    """StorageUnavailable when the file cannot be written: then nothing of that act is kept, and the next may succeed."""

    def __init__(self, path: Path, clock: Clock, limits: StoreLimits | None = None) -> None:
        super().__init__(path)
        self.limits = limits or StoreLimits()
        self._clock = clock
        self._catalogue = Catalogue(self.limits.series)
        self._last = writing.LastTimes()
        self._scrapes = scrapes.ScrapeWriter(self._catalogue, self.limits)
        self._turn = threading.RLock()
        self._unwritten = 0
        self._broken = False

    def append(self, written: Sequence[Series]) -> Appended:
        """Samples from elsewhere. Those not later than the newest of their series, or too far in the future, are dropped."""

        latest = round(self._clock.now().timestamp() * 1000) + MOST_AHEAD_MS

        def act(connection: sqlite3.Connection) -> Appended:
            return writing.append(connection, self._catalogue, self._last, written, self.limits, latest)

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

    def mend(self) -> bool:
        """Where the file is broken or none of ours, begin a new one beside it; whether that was so. Only by whoever holds the lock."""
        with self._turn:
            if not self._broken:
                return False
            self._connections.set_aside()
            self._forget()
            self._broken = False
            return True

    @property
    def unwritten(self) -> int:
        """What could not be written since the last time that something could."""
        return self._unwritten

    def status(self) -> StoreStatus:
        """With what this process could not write, and what it found damaged, so far."""
        found = super().status()
        unwritten = found.counters.get("failed:writes", 0) + self._unwritten
        return replace(found, counters={**found.counters, "failed:writes": unwritten})

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
            if connection is None:
                return 0
            self._reading.begin(connection)
            made = compaction.make(connection, self._reading, work)

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

    def _write(self, act: Callable[[sqlite3.Connection], Appended]) -> Appended:
        """One transaction; what this process remembered of one that failed is forgotten."""
        with self._turn:
            try:
                with self._connections.writing() as connection:
                    self._catalogue.begin(connection)
                    done = act(connection)
                    _count(connection, {f"dropped:{reason}": number for reason, number in done.dropped.items()})
                    _count(connection, {"failed:writes": self._unwritten})
            except BaseException as error:
                self._forget()
                self._unwritten += isinstance(error, StorageUnavailable)
                self._broken = self._broken or is_broken(error.__cause__)
                raise
            self._unwritten = 0
            return done

    def _forget(self) -> None:
        self._catalogue.forget()
        self._last = writing.LastTimes()
        self._scrapes.forget()


def _count(connection: sqlite3.Connection, more: Mapping[str, int]) -> None:
    asked = "INSERT INTO fact VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value=value+excluded.value"
    connection.executemany(asked, [(name, number) for name, number in more.items() if number])
