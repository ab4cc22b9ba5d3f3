"""What people are shown of circuits: the nouns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.operations.order_record import OrderRecord
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.orders import Slot

LIVE_SECONDS = 3.0  # an instance silent for longer is not waited for


@dataclass(frozen=True)
class Guarded:
    """A circuit that this product has: what it is called, its policy from the settings, and what goes without it."""

    title: str
    policy: DependencyPolicy
    without: str


@dataclass(frozen=True)
class Bar:
    """Calls of one slot of the window."""

    ok: int
    bad: int
    slow: int = 0


@dataclass(frozen=True)
class InstanceView:
    """One process that guards the circuit: ``state`` is its own circuit's, apart from the fleet's.

    ``epochs``: the newest order of each slot that it holds; ``applied``: it holds the newest override.
    """

    id: str
    role: str
    state: str
    lag_seconds: float
    applied: bool
    epochs: Mapping[Slot, int] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        return self.lag_seconds <= LIVE_SECONDS


@dataclass(frozen=True)
class Standing:
    """The newest order of one slot, and how many of the live instances hold it: known by ``known`` of ``live``."""

    slot: Slot
    record: OrderRecord
    in_force: bool
    known: int
    live: int


@dataclass(frozen=True)
class EffectivePolicy:
    """What the circuit goes by. ``source``: 'settings', 'operator', or 'service' as another service's processes last told it.

    ``document`` is None where nobody told; ``settings`` is what the settings say, to compare with, None for another service's.
    The rest is of the operator's order: None where there is none.
    """

    document: Mapping[str, Any] | None
    source: str
    epoch: int = 0
    actor_name: str | None = None
    reason: str | None = None
    since: datetime | None = None
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Happenings:
    """What happened around the calls of the last ``seconds``, summed over all instances; fewer than the window's where no more is kept."""

    seconds: float
    retried: int = 0
    budget_refused: int = 0
    hedged: int = 0
    hedge_won: int = 0
    bulkhead_full: int = 0
    fault_injected: int = 0
    would_open: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)  # by error code
    fell_back: Mapping[str, int] = field(default_factory=dict)  # by source


@dataclass(frozen=True)
class CircuitView:
    """A circuit for a card. ``state`` is the fleet's own, whatever the override; 'unknown' when no process has told of it.

    ``override`` and ``fault`` are in force, or of an act that the fleet has not been told yet. ``applied``: how many of how many live
    instances hold the newest override; ``standings`` has the same of each slot that has an order. ``bars`` are oldest first.
    ``answered``: the share of each source among the answers of the window, None without any or where it is not known.
    """

    name: str
    title: str
    service: str
    state: str
    since: datetime | None
    override: OrderRecord | None
    calls: int
    failed_ratio: float | None
    slow_ratio: float | None
    p95_seconds: float | None
    bars: tuple[Bar, ...]
    window_seconds: float
    next_probe_at: datetime | None
    instances: tuple[InstanceView, ...]
    policy: EffectivePolicy
    applied: tuple[int, int]
    fault: OrderRecord | None = None
    standings: tuple[Standing, ...] = ()
    happenings: Happenings = Happenings(0.0)
    answered: Mapping[str, float] | None = None
    ramp_left_seconds: float = 0.0
    configured: bool = True


@dataclass(frozen=True)
class ActiveFault:
    """A fault that is being injected now, for the banner. What only the fleet could tell has no actor and no reason."""

    circuit: str
    title: str
    fault: Mapping[str, Any]
    ends_at: datetime | None
    actor_name: str | None = None
    reason: str | None = None
    since: datetime | None = None


@dataclass(frozen=True)
class Transition:
    """One move of a circuit, or of one instance's own part of it (causes that begin with 'process_').

    With a ``slot`` it is an order's doing, and ``epoch`` that order's. ``id`` is what to go on ``before`` in the history.
    """

    at: datetime
    circuit: str
    from_state: str
    to_state: str
    cause: str
    instance: str
    epoch: int
    id: str = ""
    slot: str = ""


@dataclass(frozen=True)
class IsolationPreview:
    """What an isolation would touch; figures are None when they cannot be known now."""

    calls_per_hour: float | None
    counted_at: datetime
    seconds_counted: float
    instances: int
    note: str
