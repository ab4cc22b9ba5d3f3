"""A fleet on a real server under one stepped clock, and how it gets into a state."""

from __future__ import annotations

import pytest

from backend.resilience.orders import Order
from backend.resilience.readings import Moved
from backend.resilience.redis_state import RedisState
from backend.storage.shared import SharedState
from tests.unit.resilience.fleets import QUICK, Instance, SteppedFleet, step_all

PAST_THE_WAIT = QUICK.wait_seconds + 0.1  # and what each process waits of its own


@pytest.fixture
def fleet(shared: SharedState) -> SteppedFleet:
    return SteppedFleet(shared)


def isolation(epoch: int, seconds: float | None = 60.0, act: str = "") -> Order:
    return Order("isolated", epoch, act or f"act-{epoch}", seconds)


def open_fleet(instances: list[Instance]) -> None:
    for instance in instances:
        for _ in range(QUICK.minimum_calls // len(instances) + 1):
            instance.call(good=False)
    step_all(instances)
    step_all(instances)


def closed_again(fleet: SteppedFleet, instances: list[Instance]) -> None:
    """Probed, closed, and past the ramp."""
    instances[0].call()
    fleet.advance(PAST_THE_WAIT)
    for _ in range(QUICK.probes + 2):
        instances[0].sync.step()
        instances[0].call()
    step_all(instances)
    fleet.advance(QUICK.ramp_seconds)
    step_all(instances)


def moves_of(state: RedisState) -> list[Moved]:
    return [move for move in reversed(state.transitions("geocoder", 500)) if not move.cause.startswith("process_") and not move.slot]
