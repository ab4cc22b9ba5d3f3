"""The connection to the database cut at each statement of an act in turn: the act is done with its record, or neither is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event

from backend.actor import Role
from backend.errors import StorageUnavailable
from backend.storage.database import Database
from tests.support.builders import REASON, Installation, actor_with
from tests.support.databases import Opener

ADMIN = actor_with(Role.ADMIN)
MOST_STATEMENTS = 20


@pytest.fixture
def elsewhere(another: Opener, installation: Installation) -> Installation:
    """The same installation as another process sees it."""
    return Installation(another(), installation.clock)


@contextmanager
def cut_at(database: Database, number: int, elsewhere: Database) -> Iterator[list[str]]:
    """Cuts the connection just before its ``number``-th statement, the commit counted as one; the list tells what was cut off."""
    seen = [0]
    cut: list[str] = []

    def count(connection: Connection, words: str) -> None:
        seen[0] += 1
        if seen[0] == number:
            cut.append(words)
            _cut(connection, elsewhere)

    def statement(connection: Connection, _cursor: Any, words: str, *_: Any) -> None:
        count(connection, words)

    def commit(connection: Connection) -> None:
        count(connection, "COMMIT")

    event.listen(database.engine, "before_cursor_execute", statement)
    event.listen(database.engine, "commit", commit)
    try:
        yield cut
    finally:
        event.remove(database.engine, "before_cursor_execute", statement)
        event.remove(database.engine, "commit", commit)


def _cut(connection: Connection, elsewhere: Database) -> None:
    """PostgreSQL's process for this connection is ended; SQLite's file is let go of, as when our own process is."""
    raw: Any = connection.connection.dbapi_connection
    if elsewhere.dialect == "postgresql":
        with elsewhere.reading() as other:
            other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (raw.info.backend_pid,))
    else:
        raw.close()


ACTS: dict[str, Callable[[Installation, str], object]] = {
    "revoke a key": lambda here, key_id: here.keys.revoke(ADMIN, key_id, REASON),
    "disable an operator": lambda here, _key: here.accounts.disable(ADMIN, here.accounts.operators(ADMIN)[-1].id, REASON),
}


def facts(elsewhere: Installation) -> tuple[int, int]:
    """How many things are in the state that the acts bring about, and how many records say that somebody brought it about."""
    revoked = sum(key.revoked_at is not None for key in elsewhere.keys.keys(ADMIN))
    disabled = sum(not operator.is_enabled for operator in elsewhere.accounts.operators(ADMIN))
    return revoked + disabled, len(elsewhere.records(act="keys.revoke")) + len(elsewhere.records(act="operators.disable"))


@pytest.mark.parametrize("act", list(ACTS))
def test_an_act_cut_at_any_statement_is_done_whole_or_not_at_all(installation: Installation, elsewhere: Installation, act: str) -> None:
    key_id = installation.keys.create(ADMIN, "k", ["charts"], REASON).key.id
    installation.admin()
    installation.operator(Role.VIEWER, "zoe")
    cuts = []
    for number in range(1, MOST_STATEMENTS):
        with cut_at(installation.database, number, elsewhere.database) as cut:
            if not _fails(lambda: ACTS[act](installation, key_id)):
                break
        cuts += cut
        assert facts(elsewhere) == (0, 0), cut
    assert len(cuts) >= 3 and cuts[-1] == "COMMIT", cuts
    assert facts(elsewhere) == (1, 1)


def _fails(act: Callable[[], object]) -> bool:
    try:
        act()
    except StorageUnavailable:
        return True
    return False
