"""A breaker whose moves are heard, and what an exchange told it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.resilience.breaker import Breaker
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Reply, SharedCircuit
from tests.support.clock import ManualClock

POLICY = Policy(minimum_calls=4, wait_seconds=5, jitter=0.0, probes=2, lease_seconds=2, slow_seconds=1, ramp_seconds=0)
RAMPED = replace(POLICY, ramp_seconds=4)


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str]] = []
        self.happenings: list[tuple[Happened, str, int]] = []

    def state_changed(self, name: str, state: str, cause: str) -> None:
        self.states.append((state, cause))

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        self.happenings.append((kind, detail, count))


class Failing:
    """A listener with a fault of its own."""

    def state_changed(self, name: str, state: str, cause: str) -> None:
        raise RuntimeError("a fault of ours")

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        raise RuntimeError("a fault of ours")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def breaker(clock: ManualClock, heard: Heard) -> Breaker:
    return Breaker("geocoder", POLICY, clock, lambda: 0.5, listener=heard)


def fail(breaker: Breaker, times: int = 4) -> None:
    for _ in range(times):
        with pytest.raises(ZeroDivisionError):
            breaker.call(lambda: 1 / 0)


def told(breaker: Breaker, clock: ManualClock, *orders: tuple[Slot, Order], circuit: SharedCircuit | None = None) -> None:
    breaker.adopt(Reply(circuit or SharedCircuit(epoch=0), dict(orders)), clock.monotonic())


def override(kind: OverrideKind, epoch: int = 1, left: float | None = None) -> tuple[Slot, Order]:
    return Slot.OVERRIDE, Order(kind, epoch, f"act-{epoch}", left)
