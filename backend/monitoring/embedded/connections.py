"""Connections to the metrics file: one that writes, and as many readers as ask at once."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from backend.errors import StorageUnavailable
from backend.monitoring.embedded.schema import FORMAT, TABLES

STORE = "metrics"
BUSY_SECONDS = 5.0
IDLE_READERS = 4


class Connections:
    """Every error of the file is StorageUnavailable; a file that is not there yet has nothing in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._idle_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._writing = threading.RLock()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One short transaction, kept whole or not at all; other writers wait."""
        with self._writing, translated():
            connection = self._writer = self._writer or _writer(self.path)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def tending(self) -> Iterator[sqlite3.Connection]:
        """The writer without a transaction, for what must not be in one."""
        with self._writing, translated():
            self._writer = self._writer or _writer(self.path)
            yield self._writer

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """One moment's state of the file for as long as it is read; None while there is no file."""
        with translated():
            connection = self._reader()
            if connection is None:
                yield None
                return
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    def close(self) -> None:
        with self._idle_lock:
            for connection in self._idle:
                connection.close()
            self._idle.clear()
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def _reader(self) -> sqlite3.Connection | None:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop()
        if not self.path.exists():
            return None
        found = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        found.execute("PRAGMA cache_size=-4096")
        return found

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            connection.close()
            return
        with self._idle_lock:
            if len(self._idle) < IDLE_READERS:
                self._idle.append(connection)
                return
        connection.close()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StorageUnavailable(STORE, f"the metrics file: {error}") from error


def _writer(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    found.execute("PRAGMA auto_vacuum=INCREMENTAL")  # before the first table, or never
    found.execute("PRAGMA journal_mode=WAL")
    found.execute("PRAGMA synchronous=NORMAL")
    found.execute(f"PRAGMA journal_size_limit={16 * 1024 * 1024}")
    path.chmod(0o600)
    _create(found)
    return found


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='fact'").fetchone():
            for statement in TABLES.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute("INSERT INTO fact VALUES ('format', ?), ('epoch', 0), ('layouts', 0)", [FORMAT])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
