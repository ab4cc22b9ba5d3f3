"""How engines are made: what each kind of database is told at connecting, and how long anybody waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection as PsycopgConnection
from psycopg import Error, OperationalError
from psycopg.errors import _WaitTimeout
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

BUSY_SECONDS = 2.0  # how long a writer of SQLite waits for another
PING_SECONDS = 1.0
CONNECT_SECONDS = 2  # the least that libpq's rules allow
POOL_SECONDS = 2.0
POOL_SIZE, OVERFLOW = 8, 8  # connections that are kept, and those that are opened beyond in a rush
ROUND_SECONDS = 0.1


def engine_of(url: str, answer_seconds: float) -> Engine:
    """ArgumentError, ImportError or ValueError for a URL of another kind of database."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite(url)
    return _postgres(url, answer_seconds)


class LateAnswer(OperationalError):
    """The server is there and says nothing."""


class ImpatientConnection(PsycopgConnection[Any]):
    """Waits ``answer_seconds`` for an answer, then hangs up: a server that is stopped would hold its callers for ever."""

    answer_seconds = PING_SECONDS

    def wait(self, gen: Any, interval: float = ROUND_SECONDS, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
        except _WaitTimeout as error:
            self.close()
            raise LateAnswer("no answer in time") from error

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        usual, self.answer_seconds = self.answer_seconds, seconds
        try:
            yield
        finally:
            self.answer_seconds = usual


def _postgres(url: str, answer_seconds: float) -> Engine:
    """The server gives a statement up shortly before we would hang up on it, so that none runs on for nobody."""
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=OVERFLOW, pool_timeout=POOL_SECONDS, pool_use_lifo=True)
    ours = f"-c statement_timeout={round(answer_seconds * 900)}"

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> ImpatientConnection:
        options = f"{named.get('options', '')} {ours}".strip()
        connection = ImpatientConnection.connect(*arguments, **{"connect_timeout": CONNECT_SECONDS, **named, "options": options})
        connection.answer_seconds = answer_seconds
        return connection

    @event.listens_for(engine, "checkout")
    def look(connection: ImpatientConnection, _record: Any, _proxy: Any) -> None:
        """One that the server has dropped is replaced unseen; one on which it says nothing is an error at once."""
        try:
            with connection.within(PING_SECONDS):
                connection.execute("SELECT 1")
        except LateAnswer:
            raise
        except Error as error:
            raise DisconnectionError from error

    return engine


def _sqlite(url: str) -> Engine:
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, pool_size=POOL_SIZE, max_overflow=OVERFLOW, pool_timeout=POOL_SECONDS)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own is deferred
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("astrolabe_begin", "BEGIN")
        if statement:
            connection.exec_driver_sql(statement)

    return engine
