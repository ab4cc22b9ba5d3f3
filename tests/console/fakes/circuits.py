"""The circuits of a fleet, ours and another service's, in whatever state a test or a picture wants."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.actor import Actor, Permission
from backend.answer import Reading
from backend.errors import NotFound, StorageUnavailable
from backend.operations.circuit_view import (
    ActiveFault,
    Bar,
    CircuitView,
    EffectivePolicy,
    Happenings,
    InstanceView,
    IsolationPreview,
    Standing,
    Transition,
)
from backend.operations.order_record import OrderRecord
from backend.resilience.dependency_policy import DependencyPolicy, to_document
from backend.resilience.orders import Slot
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.orders import FakeOrders
from tests.console.fakes.sources import FakeClock, reading

SETTINGS = to_document(DependencyPolicy())
_MOVES = (
    (19, "closed", "open", "window", "api-a", 4),
    (240, "half_open", "closed", "probes_succeeded", "api-a", 3),
    (241, "open", "half_open", "wait_over", "api-b", 2),
    (242, "closed", "open", "window", "api-b", 1),
)


class FakeCircuits(FakeOrders):
    def __init__(self, clock: FakeClock, audit: FakeAudit, state: str) -> None:
        super().__init__(clock, audit)
        self.state = state
        self.circuit_state = "closed"
        self.others: list[CircuitView] = []
        self.looks_for_faults = 0

    # -- questions --------------------------------------------------------------------------------------------------

    def view(self) -> CircuitView:
        now, bad = self.clock.now(), self.circuit_state == "open"
        instances = tuple(self._instance(name) for name in "ab")
        policy = self.newest(Slot.POLICY)
        return CircuitView(
            "geocoder", "Geocoder", "astrolabe", self.circuit_state, now - timedelta(minutes=19), self.override, 50,
            0.64 if bad else 0.02, 0.12 if bad else 0.0, 2.41 if bad else 0.031, self._bars(), 30,
            now + timedelta(seconds=35) if bad else None, instances,
            EffectivePolicy(policy.document, "operator", policy.epoch, policy.actor_name, policy.reason, policy.created_at, SETTINGS)
            if policy and policy.body else EffectivePolicy(SETTINGS, "settings", settings=SETTINGS),
            (2 if self.applied else 0, 2), self._in_force(Slot.FAULT, "geocoder"), self._standings(),
            Happenings(30, retried=12 if bad else 0, budget_refused=3 if bad else 0, refused={"circuit_open": 204} if bad else {},
                       fell_back={"offline index": 180, "stale cache": 24} if bad else {}),
            {"primary": 0.1, "offline index": 0.79, "stale cache": 0.11} if bad else {"primary": 1.0},
        )  # fmt: skip

    def _instance(self, name: str) -> InstanceView:
        newest = {slot: one.epoch for slot in Slot if (one := self.newest(slot)) and self.applied}
        return InstanceView(f"api-{name}", "api", self.circuit_state, 0.3, self.applied, newest)

    def _bars(self) -> tuple[Bar, ...]:
        bars = [Bar(6 + index % 4, 0) for index in range(30)]
        if self.circuit_state == "open":
            bars = bars[:9] + [Bar(5 - index, 3 + index) for index in range(5)] + [Bar(0, 0)] * 16
        return tuple(bars[:20] + [Bar(0, 0)] * 10 if self.override and self.override.kind == "isolated" else bars)

    def _standings(self) -> tuple[Standing, ...]:
        now, known = self.clock.now(), 2 if self.applied else 0
        return tuple(Standing(slot, one, one.in_force(now), known, 2) for slot in Slot if (one := self.newest(slot)))

    def circuits(self, actor: Actor) -> Reading[list[CircuitView]]:
        actor.require(Permission.VIEW_OPERATIONS)
        return reading(self.state, [self.view(), *self.others], self.clock.now())

    def circuit(self, actor: Actor, name: str) -> Reading[CircuitView]:
        actor.require(Permission.VIEW_OPERATIONS)
        found = {one.name: one for one in (self.view(), *self.others)}
        if name not in found:
            raise NotFound("There is no circuit of this name.")
        return reading(self.state, found[name], self.clock.now())

    def transitions(self, actor: Actor, name: str | None, limit: int = 50) -> Reading[list[Transition]]:
        now = self.clock.now()
        rows = [Transition(now - timedelta(minutes=minutes), "geocoder", *rest) for minutes, *rest in _MOVES]
        return reading(self.state, [one for one in rows if name in (None, one.circuit)][:limit], now)

    def history(self, actor: Actor, name: str, limit: int = 50) -> list[OrderRecord]:
        actor.require(Permission.VIEW_OPERATIONS)
        if self.state == "failed":
            raise StorageUnavailable("sql")
        return [one for one in reversed(self.orders) if one.circuit == name][:limit]

    def preview(self, actor: Actor, name: str) -> IsolationPreview:
        return IsolationPreview(2450.0, self.clock.now(), 30, 2, "charts by place name are answered from the offline index and say so")

    def export(self, actor: Actor, name: str | None = None) -> dict[str, Any]:
        actor.require(Permission.VIEW_OPERATIONS)
        return {"at": self.clock.now().isoformat(), "circuits": [name or "geocoder"]}

    def faults(self, actor: Actor | None = None) -> list[ActiveFault]:
        self.looks_for_faults += 1
        if self.state == "failed":
            raise StorageUnavailable("sql")
        found = self._in_force(Slot.FAULT, "geocoder")
        if found is None:
            return []
        return [ActiveFault("geocoder", "Geocoder", found.document, found.expires_at, found.actor_name, found.reason, found.created_at)]


def of_another_service(clock: FakeClock, **changed: Any) -> CircuitView:
    """A breaker that the billing service tells the same fleet of; of its policy only the circuit's part is known."""
    circuits = FakeCircuits(clock, FakeAudit(clock, "fresh"), "fresh")
    view = replace(
        circuits.view(), name="ledger", title="Ledger", service="billing", configured=False, happenings=None, answered=None,
        policy=EffectivePolicy({"circuit": SETTINGS["circuit"]}, "service"),
        instances=(InstanceView("billing-1", "billing", "closed", 0.4, True),), applied=(1, 1),
    )  # fmt: skip
    return replace(view, **changed)
