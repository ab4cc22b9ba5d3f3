"""What the fleet's store tells people: one circuit, the names of all, and lines of its two histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.resilience.orders import Order, Slot
from backend.resilience.shared_state import SharedCircuit


@dataclass(frozen=True)
class InstanceReading:
    """One process that guards the circuit, as it last said; ``epochs``: the newest order of each slot that it holds."""

    id: str
    role: str
    lag_seconds: float
    state: str
    epochs: Mapping[Slot, int]


@dataclass(frozen=True)
class CircuitReading:
    """One circuit as the fleet holds it: ``bars`` are (ok, bad, slow) of each slot, oldest first; ``known`` False: nobody ever told.

    ``policy``: the fields of a Policy that a process last told; None before any did. ``orders`` hold none that was never given.
    """

    known: bool
    circuit: SharedCircuit
    orders: Mapping[Slot, Order] = field(default_factory=dict)
    good_probes: int = 0
    bars: tuple[tuple[int, int, int], ...] = ()
    p95_seconds: float | None = None
    instances: tuple[InstanceReading, ...] = ()
    policy: Mapping[str, Any] | None = None
    ramp_left_seconds: float = 0.0

    def order(self, slot: Slot) -> Order:
        """The slot's order as given, over or not; epoch 0 where there never was one."""
        return self.orders.get(slot, Order())


@dataclass(frozen=True)
class Named:
    """A circuit that some process told of within a day; title and service as it told them."""

    name: str
    title: str
    service: str
    last_seen_seconds: float


@dataclass(frozen=True)
class Moved:
    """One line of the history; ``at_seconds`` since 1970 by the store's clock. ``epoch``: the circuit's; with a ``slot``, an order's."""

    id: str
    at_seconds: float
    circuit: str
    source: str
    target: str
    cause: str
    instance: str
    epoch: int
    slot: str = ""


@dataclass(frozen=True)
class HappeningReading:
    """One line of what happened around calls: so many times, in about a second, in one process."""

    id: str
    at_seconds: float
    circuit: str
    kind: str
    detail: str
    count: int
    instance: str
