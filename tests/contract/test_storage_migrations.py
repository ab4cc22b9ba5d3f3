"""The schema: how a database gets there, on SQLite and PostgreSQL."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import bindparam, inspect, select, text
from sqlalchemy.exc import StatementError

from backend.accounts.store import OPERATORS
from backend.errors import Conflict, StorageUnavailable
from backend.operations.store import OrderStore
from backend.resilience.orders import Slot
from backend.storage.database import METADATA, Database, Instant
from backend.storage.migrate import SCRIPTS, migrate, pending
from tests.support.clock import START
from tests.support.forked import CONTEXT

BACKEND = Path(__file__).parents[2] / "backend"


def _upgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _migrate_url(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


def test_an_empty_database_is_pending_until_it_is_migrated(empty_database: Database) -> None:
    assert pending(empty_database)
    migrate(empty_database)
    assert not pending(empty_database)
    assert {"operators", "audit_records", "cases"} <= set(inspect(empty_database.engine).get_table_names())


def test_migrating_twice_changes_nothing(database: Database) -> None:
    migrate(database)
    assert not pending(database)


def test_processes_that_migrate_at_once_all_succeed(empty_database: Database) -> None:
    processes = [CONTEXT.Process(target=_migrate_url, args=(empty_database.url,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert not pending(empty_database)


def test_overrides_recorded_before_all_orders_had_one_table_are_kept(empty_database: Database) -> None:
    _upgrade(empty_database, "0001")
    columns = "id, circuit, epoch, kind, reason, actor_id, actor_name, created_at, expires_at, applied_at"
    with empty_database.transaction() as connection:
        for epoch, kind in ((1, "isolated"), (2, "none")):
            row = f"'{epoch}', 'geocoder', {epoch}, '{kind}', 'it answers slowly', 'op', 'ada', :at, NULL, :at"
            statement = text(f"INSERT INTO circuit_overrides ({columns}) VALUES ({row})").bindparams(bindparam("at", type_=Instant()))
            connection.execute(statement, {"at": START})
    migrate(empty_database)
    with empty_database.reading() as connection:
        kept = OrderStore(connection).history("geocoder", 5)
    assert [(record.slot, record.epoch, record.body) for record in kept] == [(Slot.OVERRIDE, 2, "none"), (Slot.OVERRIDE, 1, "isolated")]
    assert kept[0].created_at == kept[0].applied_at == START
    assert "circuit_overrides" not in inspect(empty_database.engine).get_table_names()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Conflict, match="9999"):
        migrate(database)
    with pytest.raises(Conflict, match="newer version"):
        pending(database)


def test_the_tables_of_all_stores_equal_the_migrated_schema(database: Database) -> None:
    for store in sorted(BACKEND.rglob("store.py")):
        importlib.import_module(".".join(store.relative_to(BACKEND.parent).with_suffix("").parts))
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": _is_a_table_of_a_store})
        assert compare_metadata(context, METADATA) == []


def _is_a_table_of_a_store(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index differs between the databases: on SQLite it is a virtual table with several of its own behind it."""
    return not (kind == "table" and str(name).startswith("log_words"))


@pytest.mark.parametrize("question", [migrate, pending])
def test_a_database_that_is_away_is_named_as_our_own_store(question: Callable[[Database], object]) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageUnavailable) as refusal:
        question(away)
    assert refusal.value.store == "sql" and "nobody" not in str(refusal.value)


def test_going_back_is_refused(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with pytest.raises(RuntimeError, match="forward only"), database.transaction() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert not pending(database)


def test_an_instant_keeps_its_zone_and_refuses_to_be_without(database: Database) -> None:
    moment = datetime(2026, 7, 1, 14, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.transaction() as connection:
        columns = "id, name, role, password_hash, created_at"
        statement = text(f"INSERT INTO operators ({columns}) VALUES ('1', 'ada', 'admin', 'x', :at)").bindparams(
            bindparam("at", type_=Instant())
        )
        connection.execute(statement, {"at": moment})
        read = connection.execute(select(OPERATORS.c.created_at)).scalar_one()
        with pytest.raises(StatementError, match="needs a zone"):
            connection.execute(statement, {"at": moment.replace(tzinfo=None)})
    assert read == moment and read.tzinfo is UTC
