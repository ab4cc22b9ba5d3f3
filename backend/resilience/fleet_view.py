"""The fleet's word as one process last heard it, on that process's own monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from backend.resilience.circuit_state import State
from backend.resilience.shared_state import Reply, SharedCircuit, SharedOverride

_PATIENCE_SECONDS = 1.0  # an unused permit is kept this long when another process wants it
_LONGEST_PROBE_SECONDS = 30.0  # a probe under way is vouched for no longer


@dataclass(frozen=True)
class Permit:
    """Leave to make one probe for the whole fleet, until ``ends``."""

    token: str
    epoch: int
    granted: float
    ends: float
    probing_since: float | None = None
    others_wait: bool = False

    @classmethod
    def renewed(cls, held: Permit | None, reply: Reply, epoch: int, asked_at: float, lease_seconds: float) -> Permit | None:
        """What the fleet's reply makes of the permit held so far."""
        if not reply.token:
            return None
        ends = asked_at + lease_seconds
        if held is None or held.token != reply.token:
            return cls(reply.token, epoch, asked_at, ends, None, reply.others_wait)
        if held.probing_since is not None and asked_at - held.probing_since > _LONGEST_PROBE_SECONDS:
            return None
        return replace(held, ends=ends, others_wait=reply.others_wait)

    def usable(self, now: float) -> bool:
        return self.probing_since is None and now < self.ends

    def used(self, now: float) -> Permit:
        return replace(self, probing_since=now)

    def unused(self) -> Permit:
        return replace(self, probing_since=None)

    def idle_while_others_wait(self, now: float) -> bool:
        return self.others_wait and self.probing_since is None and now - self.granted > _PATIENCE_SECONDS


@dataclass(frozen=True)
class FleetView:
    """Shared circuit and override; ``until`` and ``override_ends`` are monotonic here. Adrift: nobody has been heard, yet or any more."""

    circuit: SharedCircuit = field(default_factory=SharedCircuit)
    until: float = 0.0
    since: datetime | None = None
    override: SharedOverride = field(default_factory=SharedOverride)
    override_ends: float | None = None
    override_since: datetime | None = None
    adrift: bool = True

    @property
    def governs(self) -> bool:
        """Whether the fleet's circuit, not this process's, decides."""
        return not self.adrift and self.circuit.state is not State.CLOSED

    def isolated(self, now: float) -> bool:
        return self.override.kind == "isolated" and (self.override_ends is None or now < self.override_ends)

    def isolation_left(self, now: float) -> float | None:
        return None if self.override_ends is None else max(0.0, self.override_ends - now)

    def after(self, reply: Reply, now: float, wall: datetime) -> FleetView:
        """The view after a reply; an override of an older epoch is a memory the store has lost, not news."""
        circuit = reply.circuit
        heard = replace(
            self, circuit=circuit, until=now + circuit.left_seconds, since=wall - timedelta(seconds=circuit.age_seconds), adrift=False
        )
        override = reply.override
        if override.epoch < self.override.epoch or (override.epoch == self.override.epoch and override.act == self.override.act):
            return heard
        ends = None if override.left_seconds is None else now + override.left_seconds
        return replace(heard, override=override, override_ends=ends, override_since=wall - timedelta(seconds=override.age_seconds))

    def lost(self) -> FleetView:
        return replace(self, adrift=True)

    def told(self, now: float) -> tuple[SharedCircuit, SharedOverride]:
        """What this process remembers, for a store that may have forgotten it."""
        left = None if self.override_ends is None else max(0.0, self.override_ends - now)
        return replace(self.circuit, left_seconds=max(0.0, self.until - now)), replace(self.override, left_seconds=left)


@dataclass(frozen=True)
class BreakerView:
    """A breaker as this process sees it: ``state`` is what a call meets now, 'isolated' included; ``since`` is when that began."""

    name: str
    state: str
    since: datetime | None
    local: State
    fleet: State
    fleet_epoch: int
    override_epoch: int
    isolated: bool
    connected: bool
