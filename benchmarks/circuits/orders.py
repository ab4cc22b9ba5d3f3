"""How long it takes from an order, given to the store, until every process of a fleet obeys it."""

from __future__ import annotations

import tempfile
import time
from bisect import bisect_left
from pathlib import Path
from typing import Any

from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from tests.scenarios.crew import crew_of
from tests.scenarios.log import Event
from tests.scenarios.part import NAME, Part
from tests.scenarios.readings import named
from tests.support.valkey import TestServer

_CALLS_PER_SECOND = 200.0
_REST_SECONDS = 0.15


def _seconds_until_obeyed(server: TestServer, folder: Path, processes: int, orders: int) -> list[float]:
    """Of each order, isolations and releases in turn: from before it is given until the last process's first call that obeys; sorted."""
    parts = [
        Part(index, server.url, folder, Policy(), calls_per_second=_CALLS_PER_SECOND, notes_refusals=True) for index in range(processes)
    ]
    state = RedisState(server.patient())
    given = []
    with crew_of(parts) as crew:
        for epoch in range(1, orders + 1):
            kind = "isolated" if epoch % 2 else "none"
            time.sleep(_REST_SECONDS)
            given.append((kind, time.monotonic()))
            assert state.control(NAME, Slot.OVERRIDE, Order(kind, epoch, f"act-{epoch}", 60.0 if epoch % 2 else None), kind) == "applied"
        time.sleep(1.0)
        events = crew.finish()
    return sorted(max(_obeyed(events, part.process, kind, at) for part in parts) - at for kind, at in given)


def _obeyed(events: list[Event], process: str, kind: str, at: float) -> float:
    times = [float(event["asked"]) for event in named(events, "refused" if kind == "isolated" else "calls", process)]
    return times[bisect_left(times, at)]


def obeyed(server: TestServer, *, processes: int, orders: int) -> tuple[dict[str, Any], dict[str, Any]]:
    server.patient().client.flushall()
    with tempfile.TemporaryDirectory() as folder:
        taken = _seconds_until_obeyed(server, Path(folder), processes, orders)
    raw = {"orders": {"processes": processes, "orders": orders, "median_ms": _milliseconds(taken, 0.5)}}
    return {"command_p99_ms": _milliseconds(taken, 0.99)}, raw


def _milliseconds(values: list[float], share: float) -> float:
    """The quantile of sorted seconds."""
    return round(values[min(len(values) - 1, int(len(values) * share))] * 1000, 1)
