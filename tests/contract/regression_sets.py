"""Regression sets over one database, an API that answers as it is told, and a process that runs them."""

from __future__ import annotations

from typing import Any

import pytest

from backend.actor import Role
from backend.regression.record import Entry, RegressionSet, Run
from backend.regression.runner import Runner
from backend.regression.service import RegressionService
from backend.storage.database import Database
from tests.support.answers import StandInApi
from tests.support.builders import SECRET, Installation, actor_with

DEV = actor_with(Role.DEVELOPER)
BODY = {"name": "Ada Lovelace", "date": "1815-12-10", "place": "Lôndon"}


class Sets:
    """Regression sets over one database, and one process that runs them."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.database, self.clock = installation.database, installation.clock
        self.service = RegressionService(self.database, installation.audit, self.clock, SECRET)
        self.api = StandInApi()
        self.runner = self.another_runner("worker-1")

    def another_runner(self, holder: str) -> Runner:
        return Runner(self.database, self.installation.audit, self.clock, SECRET, self.api, holder)

    def with_entries(self, count: int = 1, arcseconds: float = 0.5) -> tuple[RegressionSet, list[Entry]]:
        made = self.service.create(DEV, "Mexico and its clocks", "ticket OPS-77", arcseconds)
        return made, [self.service.add(DEV, made.id, "natal", BODY, f"case {number}", self.api) for number in range(count)]

    def run(self, set_id: str) -> Run:
        """Asked for and done."""
        asked = self.service.run(DEV, set_id)
        while self.runner.advance(60):
            pass
        self.clock.advance(1)
        return self.service.run_of(DEV, asked.id)


@pytest.fixture
def sets(installation: Installation) -> Sets:
    return Sets(installation)


@pytest.fixture
def one(sqlite_database: Database, clock: Any) -> Sets:
    """For what does not depend on the database."""
    return Sets(Installation(sqlite_database, clock))
