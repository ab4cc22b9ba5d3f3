"""Fixtures that every test may ask for."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from backend.storage.database import Database
from tests.support.builders import Installation
from tests.support.clock import ManualClock
from tests.support.databases import (
    _sqlite_template,
    another,
    database,
    empty_database,
    postgres_pool,
    postgres_server,
    sqlite_database,
)

__all__ = [
    "_sqlite_template",
    "another",
    "clock",
    "database",
    "empty_database",
    "installation",
    "postgres_pool",
    "postgres_server",
    "sqlite_database",
]

settings.register_profile("tests", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("tests")


@pytest.fixture(autouse=True)
def _main_module() -> Iterator[None]:
    """A page that a test drew stays behind as the main module, and each process that is started later would begin by drawing it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture(autouse=True)
def _plain_logging() -> None:
    """Whatever level and place another test told log lines to have."""
    structlog.reset_defaults()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon UTC of 1 January 2026 until it is moved."""
    return ManualClock()


@pytest.fixture
def installation(database: Database, clock: ManualClock) -> Installation:
    """Account services, once over SQLite and once over PostgreSQL."""
    return Installation(database, clock)
