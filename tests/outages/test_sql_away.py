"""SQL taken away from a real API process in every way: who is known goes on, who is new is told, and all heals by itself."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backend.accounts.keys import KeyService
from backend.actor import Role
from backend.audit.service import AuditService
from backend.clock import SystemClock
from backend.storage.database import Database, sqlite_url
from backend.storage.migrate import migrate
from tests.support.builders import REASON, actor_with
from tests.support.figures import note
from tests.support.outages import Calls, OwnPostgres, RoleProcess, ask_chart, call_for
from tests.support.processes import TRIALS, until

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
OUTAGE_SECONDS = 30.0 if FULL else 5.5  # longer than a key's confirmation lasts
SHORT_SECONDS = 30.0 if FULL else 1.5
WELL_SECONDS = 10.0 if FULL else 1.0
SECRET = "a secret of these tests that is long enough"
ADDED_SECONDS = 0.05


@dataclass(frozen=True)
class Installation:
    """A running API, and a way to make keys."""

    api: RoleProcess
    keys: KeyService

    def key(self, name: str) -> str:
        return self.keys.create(actor_with(Role.ADMIN), name, ["charts"], REASON).text

    def revoke(self, name: str) -> None:
        """The newest of that name."""
        admin = actor_with(Role.ADMIN)
        chosen = next(key for key in self.keys.keys(admin) if key.name == name)
        self.keys.revoke(admin, chosen.id, REASON)

    def calls(self, key: str, seconds: float) -> Calls:
        return call_for(self.api.base, key, seconds)

    def answers(self, key: str) -> bool:
        return self.ask(key).status_code == 200

    def ask(self, key: str) -> httpx.Response:
        with httpx.Client(base_url=self.api.base, timeout=30) as client:
            return ask_chart(client, key)


@contextmanager
def installation(url: str, folder: Path) -> Iterator[Installation]:
    database = Database(url)
    migrate(database)
    clock = SystemClock()
    environment = {"ASTROLABE_DATABASE_URL": url, "ASTROLABE_SECRET_KEY": SECRET, "ASTROLABE_VALKEY_URL": f"unix://{folder}/none.sock"}
    with RoleProcess("api", folder, environment) as api:
        api.wait_until_alive()
        yield Installation(api, KeyService(database, AuditService(database, clock), clock, SECRET))
    database.close()


@pytest.fixture(scope="module")
def on_postgres(postgres: OwnPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(postgres.databases.url(postgres.databases.create()), tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture(scope="module")
def on_sqlite() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="astrolabe-"))
    with installation(sqlite_url(folder / "astrolabe.db"), folder) as made:
        yield made
    shutil.rmtree(folder)


def judged(what: str, well: Calls, away: Calls) -> None:
    """Nobody failed, and nobody waited for the database; on a busy machine few calls make a poor 99th percentile."""
    note(what, calls=len(away.seconds), failed=away.failed, p99_well_ms=well.p99_ms, p99_away_ms=away.p99_ms)
    assert away.failed == 0
    percent = 99 if FULL else 90
    assert away.percentile(percent) <= well.percentile(percent) + ADDED_SECONDS


def refused_in_words(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["code"] == "storage_unavailable"
    assert answer.elapsed.total_seconds() < 2.0


def test_postgresql_paused(on_postgres: Installation, postgres: OwnPostgres) -> None:
    known, new = on_postgres.key("known"), on_postgres.key("new")
    well = on_postgres.calls(known, WELL_SECONDS)
    postgres.pause()
    try:
        away = on_postgres.calls(known, OUTAGE_SECONDS)
        refused_in_words(on_postgres.ask(new))
        assert on_postgres.api.get("/livez") == 200
        assert on_postgres.api.get("/readyz") == 503
    finally:
        postgres.go_on()
    judged("PostgreSQL paused", well, away)
    assert until(lambda: on_postgres.answers(new), 2.0)
    assert until(lambda: on_postgres.api.get("/readyz") == 200)


def test_postgresql_killed_and_started_again(on_postgres: Installation, postgres: OwnPostgres) -> None:
    known, new = on_postgres.key("known"), on_postgres.key("new")
    well = on_postgres.calls(known, WELL_SECONDS)
    postgres.kill()
    try:
        away = on_postgres.calls(known, SHORT_SECONDS)
        refused_in_words(on_postgres.ask(new))
    finally:
        postgres.start_again()
    judged("PostgreSQL killed", well, away)
    assert on_postgres.answers(new), "the next request works"
    on_postgres.revoke("new")
    began = time.monotonic()
    assert until(lambda: not on_postgres.answers(new), 5.5), "a revoked key dies within 5 s, as ever"
    note("Revoked after the outage", dead_after_seconds=round(time.monotonic() - began, 2))


def test_postgresql_takes_no_changes(on_postgres: Installation, postgres: OwnPostgres) -> None:
    known, new = on_postgres.key("known"), on_postgres.key("new")
    well = on_postgres.calls(known, WELL_SECONDS)
    postgres.refuse_changes(True)
    try:
        away = on_postgres.calls(known, SHORT_SECONDS)
        assert on_postgres.answers(new)
    finally:
        postgres.refuse_changes(False)
    judged("PostgreSQL read-only", well, away)
    assert until(lambda: (on_postgres.answers(known), '"event":"request_records_lost"' in on_postgres.api.log)[1], 5.0)


def test_sqlite_locked(on_sqlite: Installation) -> None:
    known, new = on_sqlite.key("known"), on_sqlite.key("new")
    well = on_sqlite.calls(known, WELL_SECONDS)
    with closing(sqlite3.connect(on_sqlite.api.folder / "astrolabe.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        away = on_sqlite.calls(known, SHORT_SECONDS)
        assert on_sqlite.answers(new), "reading goes on beside a writer"
        assert until(lambda: '"event":"store_away"' in on_sqlite.api.log)
        other.execute("ROLLBACK")
    judged("SQLite locked by a writer", well, away)


def test_sqlite_without_room_to_grow(on_sqlite: Installation) -> None:
    known, new = on_sqlite.key("known"), on_sqlite.key("new")
    well = on_sqlite.calls(known, WELL_SECONDS)
    pid, grown = on_sqlite.api.process.pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, grown))
    try:
        away = on_sqlite.calls(known, SHORT_SECONDS)
        assert on_sqlite.answers(new)
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (grown, grown))
    judged("SQLite without room", well, away)
    assert until(lambda: on_sqlite.api.get("/readyz") == 200)
