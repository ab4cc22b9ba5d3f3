"""One PostgreSQL for all outages; each test gives it back as it found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.outages import OwnPostgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[OwnPostgres]:
    with OwnPostgres.started() as server:
        yield server
