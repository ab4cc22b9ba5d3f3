"""What processes tell each other about circuits: the words of the exchange, and the port it goes through.

Every instant is a duration here (an age, or what is left), so that no two machines' clocks are ever compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy

UNKNOWN_EPOCH = -1
DISPLAY_ONLY_EPOCH = -2  # of calls that are shown and decide nothing
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def checked_name(name: str) -> str:
    """The name, as it may become a part of a key."""
    if not _NAME.fullmatch(name):
        raise ValueError("a circuit's name is a lower-case letter and up to 63 more letters, digits, '-' and '_'")
    return name


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
class Happening:
    """Something that happened around the calls, as often as it did since it was last told."""

    kind: str
    detail: str
    count: int


@dataclass(frozen=True)
class Batch:
    """What one breaker has to tell; it is told until it was heard, and counts once."""

    tallies: tuple[Tally, ...] = ()
    reports: tuple[ProbeReport, ...] = ()
    moves: tuple[LocalMove, ...] = ()
    happenings: tuple[Happening, ...] = ()


@dataclass(frozen=True)
class SharedCircuit:
    """The circuit as all processes hold it; ``age_seconds`` since its last move, ``cause`` what made that."""

    state: State = State.CLOSED
    epoch: int = UNKNOWN_EPOCH
    left_seconds: float = 0.0
    rounds: int = 0
    age_seconds: float = 0.0
    cause: str = ""


@dataclass(frozen=True)
class Question:
    """What one breaker tells and asks in an exchange. ``lacking``: the slots whose orders the store asked for in full."""

    name: str
    policy: Policy
    batch: Batch
    known: SharedCircuit
    orders: Mapping[Slot, Order]
    local: State
    wants_probe: bool = False
    held: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    chance: float = 0.0
    lacking: frozenset[Slot] = frozenset()
    title: str = ""


@dataclass(frozen=True)
class Reply:
    """What one breaker is told.

    ``orders``: those that differ from what the process said it holds. ``tokens``: its leave to probe, one each. ``quiet_seconds``: all
    leases are taken for so long. ``live_instances``: processes that guard this circuit now, this one among them; 0: not counted this time.
    """

    circuit: SharedCircuit
    orders: Mapping[Slot, Order] = field(default_factory=dict)
    tokens: tuple[str, ...] = ()
    quiet_seconds: float = 0.0
    live_instances: int = 0
    lacks: frozenset[Slot] = frozenset()


@dataclass(frozen=True)
class Exchange:
    """One flush of one process; a repeated ``sequence`` is not counted twice. ``delay_seconds``: since its batches were collected."""

    instance: str
    role: str
    sequence: int
    questions: tuple[Question, ...]
    delay_seconds: float = 0.0
    service: str = ""


class FleetState(Protocol):
    """Where the fleet's circuits are kept; every method raises StorageUnavailable when it is away."""

    def exchange(self, exchange: Exchange) -> dict[str, Reply]: ...

    def leave(self, instance: str, names: tuple[str, ...], *, ends: bool = True) -> None:
        """Take leave of these circuits; ``ends``: of the fleet as well."""
        ...


class OrderFeed(Protocol):
    """Word of new orders as they are given; each method raises StorageUnavailable when nothing can be heard."""

    def newest(self) -> str:
        """The cursor from which on to listen."""
        ...

    def after(self, cursor: str, wait_seconds: float) -> tuple[str, frozenset[str]]:
        """Wait until something is ordered or the time is over: the new cursor, and the circuits that orders were given for."""
        ...

    def close(self) -> None:
        """End the waiting, whoever waits."""
        ...
