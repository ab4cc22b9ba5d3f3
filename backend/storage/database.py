"""The SQL database: engine, transactions, and the one MetaData that every capability's tables join."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Engine, MetaData, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import TypeDecorator

from backend.errors import StorageUnavailable

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


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
    """One SQL database, SQLite or PostgreSQL, by URL. Nobody but ``transaction()`` commits."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(astrolabe_begin="BEGIN IMMEDIATE")
        self._glancing = self.engine.execution_options(astrolabe_begin=None)

    @property
    def dialect(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self.engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing. On SQLite it takes the write lock at once, so that two writers queue and never deadlock."""
        with _translated(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent look; nothing is written."""
        with _translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For one SELECT, which is consistent by itself: without the round trips of a transaction around it on SQLite."""
        with _translated(), self._glancing.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Raise StorageUnavailable unless the database answers."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        return _engine_for(url)
    except (ArgumentError, ImportError, ValueError) as error:  # the latter: a kind of database whose driver is not ours
        raise StorageUnavailable(
            "sql", "the database URL is none that is known: it begins with sqlite:/// or postgresql+psycopg://"
        ) from error


def _engine_for(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    return create_engine(parsed, pool_size=8, max_overflow=8, pool_pre_ping=True, connect_args={"connect_timeout": 3})


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own is deferred
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("astrolabe_begin", "BEGIN")
        if statement:
            connection.exec_driver_sql(statement)

    return engine


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's loss of the database as our own error, without its text (which may carry the URL)."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated or _means_away(error):
            raise StorageUnavailable("sql") from error
        raise


def _means_away(error: DBAPIError) -> bool:
    name = type(error.orig).__name__
    words = str(error.orig)
    return name in {"OperationalError", "InterfaceError"} and not any(word in words for word in ("syntax", "no such", "does not exist"))


def sqlite_url(path: os.PathLike[str] | str) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{os.fspath(path)}"
