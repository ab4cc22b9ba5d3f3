"""The circuits of a fleet, and what operators do to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.actor import Actor, Permission
from backend.answer import Reading
from backend.audit.record import Entry, checked_reason
from backend.errors import NotFound
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.sources import FakeClock, reading


@dataclass(frozen=True)
class Bar:
    ok: int
    bad: int


@dataclass(frozen=True)
class Override:
    id: str
    circuit: str
    epoch: int
    kind: str
    reason: str
    actor_name: str
    created_at: datetime
    expires_at: datetime | None
    applied_at: datetime | None


@dataclass(frozen=True)
class InstanceView:
    id: str
    role: str
    state: str
    lag_seconds: float
    applied: bool


@dataclass(frozen=True)
class Transition:
    at: datetime
    circuit: str
    from_state: str
    to_state: str
    cause: str
    instance: str
    epoch: int


@dataclass(frozen=True)
class CircuitView:
    name: str
    title: str
    state: str
    since: datetime | None
    override: Override | None
    calls: int
    failed_ratio: float | None
    slow_ratio: float | None
    p95_seconds: float | None
    bars: tuple[Bar, ...]
    window_seconds: float
    next_probe_at: datetime | None
    instances: tuple[InstanceView, ...]
    policy: dict[str, Any]
    applied: tuple[int, int]


@dataclass(frozen=True)
class IsolationPreview:
    calls_per_hour: float | None
    counted_at: datetime
    seconds_counted: float
    instances: int
    note: str


class FakeCircuits:
    """The geocoder's circuit, in whatever state a test or a picture wants."""

    def __init__(self, clock: FakeClock, audit: FakeAudit, state: str) -> None:
        self.clock, self.audit, self.state = clock, audit, state
        self.circuit_state = "closed"
        self.override: Override | None = None
        self.applied = True

    def view(self) -> CircuitView:
        now = self.clock.now()
        isolated = self.override is not None and self.override.kind == "isolated"
        bad = self.circuit_state == "open"
        bars = [Bar(6 + index % 4, 0) for index in range(30)]
        if bad:
            bars = bars[:9] + [Bar(5 - index, 3 + index) for index in range(5)] + [Bar(0, 0)] * 16
        if isolated:
            bars = bars[:20] + [Bar(0, 0)] * 10
        policy = {"failure_ratio": 0.5, "minimum_calls": 20, "window_seconds": 90, "wait_seconds": 40, "probes": 5}
        instances = tuple(InstanceView(f"api-{name}", "api", self.circuit_state, 0.3, self.applied) for name in "ab")
        return CircuitView(
            "geocoder", "Geocoder", self.circuit_state, now - timedelta(minutes=19), self.override, 50, 0.64 if bad else 0.002,
            0.12 if bad else 0.0, 2.41 if bad else 0.031, tuple(bars), 90, now + timedelta(seconds=35) if bad else None, instances, policy,
            (2 if self.applied else 0, 2),
        )  # fmt: skip

    def circuits(self, actor: Actor) -> Reading[list[CircuitView]]:
        actor.require(Permission.VIEW_OPERATIONS)
        return reading(self.state, [self.view()], self.clock.now())

    def circuit(self, actor: Actor, name: str) -> Reading[CircuitView]:
        actor.require(Permission.VIEW_OPERATIONS)
        if name != "geocoder":
            raise NotFound("there is no circuit of this name")
        return reading(self.state, self.view(), self.clock.now())

    def transitions(self, actor: Actor, name: str | None, limit: int = 50) -> Reading[list[Transition]]:
        now = self.clock.now()
        rows = [
            Transition(now - timedelta(minutes=19), "geocoder", "closed", "open", "32 of 50 calls failed, the limit is half", "api-a", 4),
            Transition(now - timedelta(hours=4), "geocoder", "half_open", "closed", "5 of 5 probes answered", "api-a", 3),
            Transition(now - timedelta(hours=4, minutes=1), "geocoder", "open", "half_open", "the wait of 40 s was over", "api-b", 2),
            Transition(
                now - timedelta(hours=4, minutes=2), "geocoder", "closed", "open", "27 of 50 calls failed, the limit is half", "api-b", 1
            ),
        ]
        return reading(self.state, rows[:limit], now)

    def preview(self, actor: Actor, name: str) -> IsolationPreview:
        return IsolationPreview(2450.0, self.clock.now(), 300, 2, "charts by place name are answered from the offline index and say so")

    def isolate(self, actor: Actor, name: str, reason: str, minutes: int) -> Override:
        self.audit.guard(actor, Permission.ISOLATE_CIRCUITS, "circuits.isolate", "circuit", name)
        now = self.clock.now()
        self.override = Override(
            "ov-1", name, 5, "isolated", checked_reason(reason), actor.name, now, now + timedelta(minutes=minutes), now
        )
        self.audit.note(Entry("circuits.isolate", "circuit", name, actor, reason))
        return self.override

    def release(self, actor: Actor, name: str, reason: str) -> Override:
        self.audit.guard(actor, Permission.RELEASE_CIRCUITS, "circuits.release", "circuit", name)
        now = self.clock.now()
        self.override = Override("ov-2", name, 6, "none", checked_reason(reason), actor.name, now, None, now)
        self.audit.note(Entry("circuits.release", "circuit", name, actor, reason))
        return self.override
