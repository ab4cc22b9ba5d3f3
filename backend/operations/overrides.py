"""What an operator ordered of a circuit, and what people are shown of circuits: the nouns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.resilience.policy import Policy

ISOLATED, NONE = "isolated", "none"
SHORTEST_MINUTES, LONGEST_MINUTES = 1, 1440
LIVE_SECONDS = 3.0  # an instance silent for longer is not waited for


@dataclass(frozen=True)
class Override:
    """One act on one circuit; the newest is the truth. ``applied_at`` None: recorded, but the fleet has not been told yet."""

    id: str
    circuit: str
    epoch: int
    kind: str
    reason: str
    actor_id: str
    actor_name: str
    created_at: datetime
    expires_at: datetime | None
    applied_at: datetime | None = None

    def isolates(self, now: datetime) -> bool:
        return self.kind == ISOLATED and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class Bar:
    """Calls of one slot of the window."""

    ok: int
    bad: int
    slow: int = 0


@dataclass(frozen=True)
class InstanceView:
    """One process that guards the circuit; ``applied``: it holds the newest override."""

    id: str
    role: str
    state: str
    lag_seconds: float
    applied: bool

    @property
    def is_live(self) -> bool:
        return self.lag_seconds <= LIVE_SECONDS


@dataclass(frozen=True)
class CircuitView:
    """A circuit for a card. ``state`` is the fleet's own, whatever the override; 'unknown' when no process has told of it.

    ``applied``: how many of how many live instances hold the newest override. ``bars`` are oldest first.
    """

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
    policy: Policy
    applied: tuple[int, int]


@dataclass(frozen=True)
class Transition:
    """One move of a circuit, or of one instance's own part of it (causes that begin with 'process_')."""

    at: datetime
    circuit: str
    from_state: str
    to_state: str
    cause: str
    instance: str
    epoch: int


@dataclass(frozen=True)
class IsolationPreview:
    """What an isolation would touch; figures are None when they cannot be known now."""

    calls_per_hour: float | None
    counted_at: datetime
    seconds_counted: float
    instances: int
    note: str
