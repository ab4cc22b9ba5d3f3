"""An operator's order reaches every live process at once."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from tests.scenarios.crew import Crew, crew_of
from tests.scenarios.part import NAME, Part
from tests.scenarios.readings import named
from tests.support.figures import note
from tests.support.processes import TRIALS
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
PROCESSES = 8 if FULL else 4
ORDERS = 100 if FULL else 6
P99_SECONDS = 0.05 if FULL else 1.0
REST_SECONDS = 0.25 if FULL else 0.15


def test_an_order_is_effective_in_all_live_processes_at_once(own_valkey: TestServer, tmp_path: Path) -> None:
    parts = [Part(index, own_valkey.url, tmp_path, Policy(), calls_per_second=200.0, notes_refusals=True) for index in range(PROCESSES)]
    state = RedisState(own_valkey.shared())
    with crew_of(parts) as crew:
        given = []
        for epoch in range(1, ORDERS + 1):
            kind = "isolated" if epoch % 2 else "none"
            time.sleep(REST_SECONDS)
            given.append((kind, time.monotonic()))
            assert state.control(NAME, Slot.OVERRIDE, Order(kind, epoch, f"act-{epoch}", 60.0 if epoch % 2 else None), kind) == "applied"
        time.sleep(REST_SECONDS)
        crew.signals.over.set()
        taken = sorted(_seconds_until_all_obeyed(crew, given))
    note(f"orders to {PROCESSES} processes", orders=len(taken), median_ms=_ms(taken, 0.5), p99_ms=_ms(taken, 0.99))
    assert taken[int(len(taken) * 0.99)] <= P99_SECONDS


def _seconds_until_all_obeyed(crew: Crew, given: list[tuple[str, float]]) -> list[float]:
    """For each order, from before it was given until the last process first obeyed."""
    events = crew.finish()
    found = []
    for kind, at in given:
        what = "refused" if kind == "isolated" else "calls"
        firsts = [
            next(event["asked"] for event in named(events, what, f"p-{index}") if event["asked"] >= at)
            for index in range(len(crew.processes))
        ]
        found.append(max(firsts) - at)
    return found


def _ms(values: list[float], share: float) -> float:
    return round(values[int(len(values) * share)] * 1000, 1)
