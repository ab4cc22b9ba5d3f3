"""What processes tell each other about circuits: the words of the exchange, and the port it goes through.

Every instant is a duration here (an age, or what is left), so that no two machines' clocks are ever compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from backend.resilience.circuit_state import State
from backend.resilience.policy import Policy

UNKNOWN_EPOCH = -1


@dataclass(frozen=True)
class Tally:
    """Finished calls of one slot: how long ago, under which shared epoch, and how they went."""

    age_seconds: float
    epoch: int
    ok: int
    bad: int
    slow: int
    durations: tuple[int, ...]


@dataclass(frozen=True)
class SharedOverride:
    """An operator's word on a circuit as all processes hold it; ``left_seconds`` None: until released."""

    kind: str = "none"
    epoch: int = 0
    act: str = ""
    left_seconds: float | None = None
    age_seconds: float = 0.0


@dataclass(frozen=True)
class LocalMove:
    """A move of one process's own circuit."""

    source: State
    target: State
    cause: str
    epoch: int


@dataclass(frozen=True)
class ProbeReport:
    token: str
    epoch: int
    ok: bool


@dataclass(frozen=True)
class Batch:
    """What one breaker has to tell; it is told until it was heard, and counts once."""

    tallies: tuple[Tally, ...] = ()
    report: ProbeReport | None = None
    moves: tuple[LocalMove, ...] = ()


@dataclass(frozen=True)
class Question:
    """What one breaker tells and asks in an exchange."""

    name: str
    policy: Policy
    batch: Batch
    known: SharedCircuit
    override: SharedOverride
    local: State
    wants_probe: bool
    held_token: str
    released_token: str
    chance: float


@dataclass(frozen=True)
class SharedCircuit:
    """The circuit as all processes hold it."""

    state: State = State.CLOSED
    epoch: int = UNKNOWN_EPOCH
    left_seconds: float = 0.0
    rounds: int = 0
    age_seconds: float = 0.0


@dataclass(frozen=True)
class Reply:
    """What one breaker is told: the shared circuit, the override, and the probe it may make."""

    circuit: SharedCircuit
    override: SharedOverride
    token: str = ""
    others_wait: bool = False


@dataclass(frozen=True)
class Exchange:
    """One flush of one process; a repeated ``sequence`` is not counted twice. ``delay_seconds``: since its batches were collected."""

    instance: str
    role: str
    sequence: int
    questions: tuple[Question, ...]
    delay_seconds: float = 0.0


class FleetState(Protocol):
    """Where the fleet's circuits are kept; every method raises StorageUnavailable when it is away."""

    def exchange(self, exchange: Exchange) -> dict[str, Reply]: ...

    def leave(self, instance: str, names: tuple[str, ...]) -> None: ...
