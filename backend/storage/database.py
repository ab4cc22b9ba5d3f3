"""The SQL database: engine, transactions, and the one MetaData that every capability's tables join."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from psycopg.errors import ConnectionTimeout
from sqlalchemy import Connection, DateTime, Engine, MetaData, text
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeDecorator

from backend.errors import StorageUnavailable
from backend.storage.absence import Absence
from backend.storage.engines import OVERFLOW, POOL_SIZE, LateAnswer, engine_of
from backend.storage.usage import Usage

ANSWER_SECONDS = 10.0  # the longest that one statement may take

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_LOOKS = {"sqlite": text("SELECT count(*) FROM sqlite_master"), "postgresql": text("SELECT 1")}  # SQLite reads no file for a 1
_NO_CHANGES = "the database takes no changes at present"
_REFUSING_CHANGES = frozenset({"25006", "53100"})  # read-only transaction, disk full
_FULL = ("disk is full", "disk I/O error", "readonly database")
_OUR_FAULT = ("syntax", "no such", "does not exist")


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - the library names it
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002 - the library names it
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One SQL database, SQLite or PostgreSQL, by URL. Nobody but ``transaction()`` commits, and nobody waits for long.

    Whoever finds that it does not answer in time waited for all: until it answers, the others are told at once.
    """

    def __init__(self, url: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.url = url
        self.engine = _engine(url, answer_seconds)
        self.takes_changes = True  # as the last who tried found
        self._writing = self.engine.execution_options(astrolabe_begin="BEGIN IMMEDIATE")
        self._glancing = self.engine.execution_options(astrolabe_begin=None)
        self._silent = Absence(self._ask_to_read)
        self._locked = Absence(self._ask_to_write)
        self.usage = Usage("read", "write")

    @property
    def dialect(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self.engine.dialect.name

    @property
    def most_connections(self) -> int:
        """How many may be open at a time."""
        return POOL_SIZE + OVERFLOW

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing. On SQLite it takes the write lock at once, so that two writers queue and never deadlock."""
        if self._locked.known:
            raise _unavailable(_NO_CHANGES, late=True)
        absence = self._locked if self.dialect == "sqlite" else self._silent
        used = self.usage.of("write")
        with self._noticing(absence), self._noting_changes(), used as has_begun, _translated(), self._writing.begin() as connection:
            has_begun()
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent look; nothing is written."""
        with self._noticing(self._silent), self.usage.of("read") as has_begun, _translated(), self.engine.connect() as connection:
            has_begun()
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For one SELECT, which is consistent by itself: without the round trips of a transaction around it on SQLite."""
        with self._noticing(self._silent), self.usage.of("read") as has_begun, _translated(), self._glancing.connect() as connection:
            has_begun()
            yield connection

    def ping(self) -> None:
        """Raise StorageUnavailable unless the database answers."""
        with self.reading() as connection:
            connection.execute(_LOOKS[self.dialect])

    def close(self) -> None:
        for absence in (self._silent, self._locked):
            absence.close()
        self.engine.dispose()

    @contextmanager
    def _noticing(self, absence: Absence) -> Iterator[None]:
        if self._silent.known:
            raise _unavailable(late=True)
        try:
            yield
        except StorageUnavailable as error:
            if error.late and error.store == "sql":
                absence.noticed()
            raise

    @contextmanager
    def _noting_changes(self) -> Iterator[None]:
        try:
            yield
        except StorageUnavailable as error:
            self.takes_changes = self.takes_changes and error.store != "sql"
            raise
        self.takes_changes = True

    def _ask_to_read(self) -> None:
        with _translated(), self._glancing.connect() as connection:
            connection.execute(_LOOKS[self.dialect])

    def _ask_to_write(self) -> None:
        with _translated(), self._writing.begin():
            pass


def _engine(url: str, answer_seconds: float) -> Engine:
    try:
        return engine_of(url, answer_seconds)
    except (ArgumentError, ImportError, ValueError) as error:  # the latter: a kind of database whose driver is not ours
        raise _unavailable("the database URL is none that is known: it begins with sqlite:/// or postgresql+psycopg://") from error


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's loss of the database as our own error, without its text (which may carry the URL)."""
    try:
        yield
    except PoolTimeout as error:
        raise _unavailable("all connections to the database are in use") from error
    except DBAPIError as error:
        told = _told(error)
        if told is None:
            raise
        raise told from error


def _told(error: DBAPIError) -> StorageUnavailable | None:
    """What the error means to a caller; None where it is a fault of ours."""
    words = str(error.orig)
    if isinstance(error.orig, LateAnswer | ConnectionTimeout) or "database is locked" in words:
        return _unavailable(late=True)
    if getattr(error.orig, "sqlstate", None) in _REFUSING_CHANGES or any(sign in words for sign in _FULL):
        return _unavailable(_NO_CHANGES)
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return _unavailable() if lost and not any(sign in words for sign in _OUR_FAULT) else None


def _unavailable(detail: str = "", *, late: bool = False) -> StorageUnavailable:
    return StorageUnavailable("sql", detail, late=late)


def sqlite_url(path: os.PathLike[str] | str) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{os.fspath(path)}"
