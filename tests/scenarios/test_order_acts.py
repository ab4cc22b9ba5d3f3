"""From the commit of an operator's act to its effect in every live process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from backend.clock import SystemClock
from backend.resilience.policy import Policy
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.scenarios.crew import Crew, crew_of
from tests.scenarios.part import NAME, Part
from tests.scenarios.readings import named
from tests.support.circuit_desk import REASON, CircuitDesk, guarded
from tests.support.figures import note
from tests.support.processes import TRIALS, until
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
PROCESSES, ORDERS, REST_SECONDS = (8, 200, 0.2) if FULL else (3, 4, 0.15)
P99_SECONDS = 0.05 if FULL else 1.0


class Committed(Database):
    """Knows when each transaction was committed."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.at: list[float] = []

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with super().transaction() as connection:
            yield connection
        self.at.append(time.monotonic())


def test_an_operators_act_is_effective_in_all_live_processes_soon_after_its_record(
    database: Database, own_valkey: TestServer, tmp_path: Path
) -> None:
    parts = [Part(index, own_valkey.url, tmp_path, Policy(), calls_per_second=100.0, notes_refusals=True) for index in range(PROCESSES)]
    committed = Committed(database.engine.url.render_as_string(False))
    desk = CircuitDesk(committed, SharedState(own_valkey.url), SystemClock(), guarded(Policy()))
    with crew_of(parts) as crew:
        given = [_act(desk, committed, number) for number in range(ORDERS)]
        assert until(lambda: desk.view().applied == (PROCESSES, PROCESSES), 2.0)  # and they say that they hold it
        crew.signals.over.set()
        taken = sorted(_seconds_until_all_obeyed(crew, given))
    committed.close()
    note(
        f"acts on {PROCESSES} live processes, recorded in {database.dialect}",
        orders=len(taken),
        median_ms=round(taken[len(taken) // 2] * 1000, 1),
        p99_ms=round(taken[int(len(taken) * 0.99)] * 1000, 1),
        worst_ms=round(taken[-1] * 1000, 1),
    )
    assert taken[int(len(taken) * 0.99)] <= P99_SECONDS
    assert [act for act, _ in desk.acts()][:2] == ["circuits.isolate", "circuits.release"]


def _act(desk: CircuitDesk, committed: Committed, number: int) -> tuple[str, float]:
    """What the processes do from then on, and when the act's record was committed."""
    time.sleep(REST_SECONDS)  # the scenario's own pace: each order finds the one before in force everywhere
    before = len(committed.at)
    if number % 2 == 0:
        desk.circuits.isolate(desk.admin, NAME, REASON, 10)
    else:
        desk.circuits.release(desk.admin, NAME, REASON)
    return ("refused" if number % 2 == 0 else "calls"), committed.at[before]


def _seconds_until_all_obeyed(crew: Crew, given: list[tuple[str, float]]) -> list[float]:
    """For each act, from its commit until the last process first did as ordered."""
    events = crew.finish()
    asked = {
        (what, index): [event["asked"] for event in named(events, what, f"p-{index}")]
        for what in ("refused", "calls")
        for index in range(PROCESSES)
    }
    return [max(next(one for one in asked[what, index] if one >= at) for index in range(PROCESSES)) - at for what, at in given]
