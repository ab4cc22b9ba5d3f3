"""Connections to the metrics file: one that writes, and as many readers as ask at once."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

from backend.errors import StorageUnavailable
from backend.monitoring.embedded.schema import FORMAT, TABLES
from backend.telemetry.logging import log

LOG = log(__name__)

STORE = "metrics"
BUSY_SECONDS = 5.0
IDLE_READERS = 4


class Outdated(sqlite3.DataError):
    """Of a version that is no more; what is in it was never promised to last."""


@dataclass(frozen=True)
class _Opened:
    """A connection, and which file it has: another may have come in its place."""

    connection: sqlite3.Connection
    file: int


class Connections:
    """Every error of the file is StorageUnavailable; a file that is not there yet has nothing in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[_Opened] = []
        self._idle_lock = threading.RLock()  # an abandoned reading may be closed in the midst of another
        self._writer: _Opened | None = None
        self._writing = threading.RLock()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One short transaction, kept whole or not at all; other writers wait."""
        with self.tending() as connection:
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
            if self._writer is not None and self._writer.file != _file(self.path):
                self._writer.connection.close()
                self._writer = None
            if self._writer is None:
                connection = _writer(self.path)
                self._writer = _Opened(connection, _file(self.path))
            yield self._writer.connection

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """One moment's state of the file for as long as it is read; None while there is no file."""
        with translated():
            opened = self._reader()
            if opened is None:
                yield None
                return
            try:
                opened.connection.execute("BEGIN")
                known = opened.connection.execute("SELECT 1 FROM sqlite_master WHERE name='fact'").fetchone()
                yield opened.connection if known else None  # between the file's making and its tables'
            finally:
                self._give_back(opened)

    def set_aside(self) -> None:
        """A file that is none of ours, or broken beyond reading, is kept under another name; the next write begins anew."""
        self.close()
        with translated():
            aside = next(path for path in _names_aside(self.path) if not path.exists())
            for beside in ("-wal", "-shm"):
                self.path.with_name(self.path.name + beside).unlink(missing_ok=True)
            self.path.rename(aside)
        LOG.error("metrics_file_set_aside", file=str(aside))

    def close(self) -> None:
        with self._idle_lock:
            for opened in self._idle:
                opened.connection.close()
            self._idle.clear()
        with self._writing:
            if self._writer is not None:
                self._writer.connection.close()
                self._writer = None

    def _reader(self) -> _Opened | None:
        if not self.path.exists():
            return None
        file = _file(self.path)
        with self._idle_lock:
            while self._idle:
                opened = self._idle.pop()
                if opened.file == file:
                    return opened
                opened.connection.close()
        uri = f"file:{quote(str(self.path))}?mode=ro"
        found = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        found.execute("PRAGMA cache_size=-4096")
        return _Opened(found, file)

    def _give_back(self, opened: _Opened) -> None:
        try:
            if opened.connection.in_transaction:
                opened.connection.execute("ROLLBACK")
        except sqlite3.Error:
            opened.connection.close()
            return
        with self._idle_lock:
            if len(self._idle) < IDLE_READERS:
                self._idle.append(opened)
                return
        opened.connection.close()


def _file(path: Path) -> int:
    """0: it is gone."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _names_aside(path: Path) -> Iterator[Path]:
    return (path.with_name(f"{path.name}.damaged-{number}") for number in count(1))


def is_broken(error: BaseException | None) -> bool:
    """What the file says is wrong in itself, whoever asks and however often."""
    code = getattr(error, "sqlite_errorcode", None)  # the library's own errors have none
    return isinstance(error, Outdated) or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


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
            # what others remember of another file by this name must not be taken for this one's
            begin = "abs(random() / 1048576)"
            connection.execute(f"INSERT INTO fact VALUES ('format', ?), ('epoch', {begin}), ('layouts', {begin})", [FORMAT])
        (found,) = connection.execute("SELECT value FROM fact WHERE name='format'").fetchone()
        if found != FORMAT:
            problem = f"it has format {found}, and this version writes format {FORMAT}"
            raise sqlite3.DataError(problem) if found > FORMAT else Outdated(problem)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
