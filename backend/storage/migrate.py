"""Brings a database to the schema of this version: forward only, in one transaction, one process at a time."""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from backend.errors import Conflict
from backend.storage.database import Database

SCRIPTS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x617374726F  # any number of our own, the same in every process


def migrate(database: Database) -> None:
    """Apply what is missing. Others who migrate meanwhile wait, then find nothing left to do."""
    with database.transaction() as connection:  # on SQLite this alone keeps others out
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _is_behind(connection):
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def pending(database: Database) -> bool:
    """Whether ``migrate`` has something to do; raises Conflict for a database of a newer version."""
    with database.reading() as connection:
        return _is_behind(connection)


def _is_behind(connection: Connection) -> bool:
    scripts = ScriptDirectory.from_config(_config())
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(f"the database has schema {current}, which this version does not know: start the newer version, or restore a backup")
    return current != scripts.get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", os.fspath(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
