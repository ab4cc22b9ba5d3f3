"""The fleet's word as one process last heard it, on that process's own monotonic clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.shared_state import Reply, SharedCircuit

_PATIENCE_SECONDS = 1.0  # an unused permit is kept this long, then another process may have it
_LONGEST_PROBE_SECONDS = 30.0  # a probe under way is vouched for no longer


@dataclass(frozen=True)
class Permit:
    """Leave to make one probe for the whole fleet, until ``ends``."""

    token: str
    epoch: int
    granted: float
    ends: float
    probing_since: float | None = None

    def renewed(self, asked_at: float, lease_seconds: float) -> Permit | None:
        """The same for another lease; None when its probe takes too long to be vouched for."""
        if self.probing_since is not None and asked_at - self.probing_since > _LONGEST_PROBE_SECONDS:
            return None
        return replace(self, ends=asked_at + lease_seconds)

    def usable(self, now: float) -> bool:
        return self.probing_since is None and now < self.ends

    def used(self, now: float) -> Permit:
        return replace(self, probing_since=now)

    def unused(self) -> Permit:
        return replace(self, probing_since=None)

    def idle(self, now: float) -> bool:
        return self.probing_since is None and now - self.granted > _PATIENCE_SECONDS


@dataclass(frozen=True)
class Held:
    """An order as this process holds it; ``heard_at`` and ``ends`` are monotonic, ``ends`` None: until the next one."""

    order: Order
    heard_at: float
    since: datetime

    @classmethod
    def heard(cls, order: Order, now: float, wall: datetime) -> Held:
        return cls(order, now, wall - timedelta(seconds=order.age_seconds))

    @property
    def ends(self) -> float | None:
        return None if self.order.left_seconds is None else self.heard_at + self.order.left_seconds

    def left(self, now: float) -> float | None:
        return None if self.ends is None else max(0.0, self.ends - now)

    def told(self, now: float) -> Order:
        return replace(self.order, left_seconds=self.left(now), age_seconds=self.order.age_seconds + now - self.heard_at)

    def is_older_than(self, order: Order) -> bool:
        return order.epoch > self.order.epoch or (order.epoch == self.order.epoch and order.act != self.order.act)


@dataclass(frozen=True)
class FleetView:
    """Shared circuit and orders; ``heard_at`` and ``closed_at`` are monotonic. Adrift: nobody has been heard, yet or any more.

    ``kind`` is the override as given, ``override_kind(now)`` as it is now.
    """

    circuit: SharedCircuit = field(default_factory=SharedCircuit)
    heard_at: float = 0.0
    since: datetime | None = None
    orders: Mapping[Slot, Held] = field(default_factory=dict)
    kind: OverrideKind = OverrideKind.NONE
    kind_ends: float = float("inf")
    adrift: bool = True
    closed_at: float | None = None  # when the fleet closed after good probes; None: it did not, or forgot

    @property
    def until(self) -> float:
        return self.heard_at + self.circuit.left_seconds

    @property
    def governs(self) -> bool:
        """Whether the fleet's circuit, not this process's, decides."""
        return not self.adrift and self.circuit.state is not State.CLOSED

    def override_kind(self, now: float) -> OverrideKind:
        return self.kind if now < self.kind_ends else OverrideKind.NONE

    def override_left(self, now: float) -> float | None:
        held = self.orders.get(Slot.OVERRIDE)
        return None if held is None else held.left(now)

    @property
    def override_since(self) -> datetime | None:
        held = self.orders.get(Slot.OVERRIDE)
        return None if held is None else held.since

    def epoch_of(self, slot: Slot) -> int:
        held = self.orders.get(slot)
        return 0 if held is None else held.order.epoch

    def after(self, reply: Reply, now: float, wall: datetime) -> FleetView:
        """The view after a reply; an order of an older epoch is a memory the store has lost, not news."""
        circuit = reply.circuit
        recovered = circuit.state is State.CLOSED and circuit.cause == "probes_succeeded"
        heard = replace(
            self,
            circuit=circuit,
            heard_at=now,
            since=wall - timedelta(seconds=circuit.age_seconds),
            adrift=False,
            closed_at=now - circuit.age_seconds if recovered else None,
        )
        return heard.with_orders(self.news_in(reply.orders), now, wall) if reply.orders else heard

    def news_in(self, orders: Mapping[Slot, Order]) -> dict[Slot, Order]:
        return {slot: order for slot, order in orders.items() if slot not in self.orders or self.orders[slot].is_older_than(order)}

    def lost(self) -> FleetView:
        return replace(self, adrift=True)

    def told(self, now: float) -> tuple[SharedCircuit, dict[Slot, Order]]:
        """What this process remembers, for a store that may have forgotten it."""
        age = self.circuit.age_seconds + now - self.heard_at
        circuit = replace(self.circuit, left_seconds=max(0.0, self.until - now), age_seconds=age)
        return circuit, {slot: held.told(now) for slot, held in self.orders.items()}

    def with_orders(self, news: Mapping[Slot, Order], now: float, wall: datetime) -> FleetView:
        orders = {**self.orders, **{slot: Held.heard(order, now, wall) for slot, order in news.items()}}
        held = orders.get(Slot.OVERRIDE)
        if held is None:
            return replace(self, orders=orders)
        ends = float("inf") if held.ends is None else held.ends
        return replace(self, orders=orders, kind=_kind_of(held.order.body), kind_ends=ends)


def _kind_of(body: str) -> OverrideKind:
    """An override that this version does not know of is none to it."""
    return next((kind for kind in OverrideKind if kind == body), OverrideKind.NONE)


@dataclass(frozen=True)
class BreakerView:
    """A breaker as this process sees it: ``state`` is what a call meets now, an override's kind included; ``since`` is when that began.

    ``share``: of the calls, let in now; ``adrift_since``: since when the fleet has not been heard, None while it is or never was.
    """

    name: str
    state: str
    since: datetime | None
    local: State
    fleet: State
    fleet_epoch: int
    override_epoch: int
    isolated: bool
    connected: bool
    override: OverrideKind = OverrideKind.NONE
    share: float = 1.0
    adrift_since: datetime | None = None
