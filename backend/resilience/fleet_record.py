"""What is kept of one circuit for the whole fleet, as a value; instants are milliseconds of one clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import floor

from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Question, SharedCircuit
from backend.resilience.wire import left_milliseconds, milliseconds

Counts = tuple[int, ...]
_LIVE = 3_000


@dataclass(frozen=True)
class KeptOrder:
    """``until`` 0: until the next one."""

    epoch: int = 0
    act: str = ""
    body: str = ""
    until: int = 0
    at: int = 0

    @classmethod
    def of(cls, order: Order, now: int) -> KeptOrder:
        left = left_milliseconds(order)
        return cls(order.epoch, order.act, order.body, now + left if left >= 0 else 0, now - milliseconds(order.age_seconds))

    def told(self, now: int) -> Order:
        left = self.left(now)
        return Order(self.body, self.epoch, self.act, None if left < 0 else left / 1000, max(0, now - self.at) / 1000)

    def is_over(self, now: int) -> bool:
        return 0 < self.until <= now

    def left(self, now: int) -> int:
        """-1: until the next one."""
        return max(0, self.until - now) if self.until > 0 else -1


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    circuit: str
    source: str
    target: str
    cause: str
    instance: str
    epoch: int
    slot: str = ""


@dataclass(frozen=True)
class FleetCircuit:
    """``shown`` are the calls of each slot by the millisecond it began at, ``decisive`` those that may move the circuit."""

    name: str
    known: bool = False
    state: State = State.CLOSED
    epoch: int = 0
    at: int | None = None
    until: int = 0
    rounds: int = 0
    good: int = 0
    cause: str = ""
    alone: int = 0
    would: int = 0
    leased: int = 0
    orders: Mapping[Slot, KeptOrder] = field(default_factory=dict)
    shown: Mapping[int, Counts] = field(default_factory=dict)
    decisive: Mapping[int, Counts] = field(default_factory=dict)
    reporters: Mapping[str, int] = field(default_factory=dict)
    callers: Mapping[str, int] = field(default_factory=dict)
    leases: Mapping[str, int] = field(default_factory=dict)
    acks: Mapping[str, str] = field(default_factory=dict)
    present: Mapping[str, int] = field(default_factory=dict)
    policy: Policy | None = None
    events: tuple[Event, ...] = ()  # not yet taken out

    def order(self, slot: Slot) -> KeptOrder:
        return self.orders.get(slot, KeptOrder())

    def override(self, now: int) -> str:
        """The override in force, whether or not this version knows it."""
        order = self.order(Slot.OVERRIDE)
        return str(OverrideKind.NONE) if order.is_over(now) else order.body or str(OverrideKind.NONE)

    def word(self, now: int) -> str:
        """The state as people are told it."""
        override = self.override(now)
        return str(self.state) if override == OverrideKind.NONE else override

    def age(self, now: int) -> int:
        return 0 if self.at is None else max(0, now - self.at)

    def left(self, now: int) -> int:
        return max(0, self.until - now)

    @property
    def is_blank(self) -> bool:
        """Whether nothing about it is worth remembering."""
        return self.state is State.CLOSED and not self.orders

    def live(self, now: int) -> int:
        """How many processes spoke of it of late."""
        return sum(now - _LIVE <= seen <= now for seen in self.present.values())

    def told(self, now: int) -> SharedCircuit:
        left, age = self.left(now) / 1000, self.age(now) / 1000
        return SharedCircuit(self.state, self.epoch, left, self.rounds, age, self.cause)

    def with_order(self, slot: Slot, order: KeptOrder) -> FleetCircuit:
        return replace(self, orders={**self.orders, slot: order})

    def with_event(self, source: str, target: str, cause: str, instance: str, epoch: int, slot: str = "") -> FleetCircuit:
        return replace(self, events=(*self.events, Event(self.name, source, target, cause, instance, epoch, slot)))

    def without_events(self) -> FleetCircuit:
        return replace(self, events=())

    def begun_anew(self) -> FleetCircuit:
        """Without what was counted towards the next move, and without leave to probe: they belonged to the epoch that ends here."""
        return replace(self, decisive={}, reporters={}, leases={}, alone=0, would=0)

    def moved(self, target: State, cause: str, instance: str, now: int, until: int = 0) -> FleetCircuit:
        rounds = 0 if target is State.CLOSED else self.rounds
        after = replace(
            self.begun_anew(), known=True, state=target, epoch=self.epoch + 1, at=now, until=until, rounds=rounds, good=0, cause=cause
        )
        return after.with_event(self.state, target, cause, instance, after.epoch)


@dataclass(frozen=True)
class Asking:
    """Who asks what and when; ``delay``: since its batches were collected; ``fresh``: they were not counted yet."""

    who: str
    question: Question
    now: int
    delay: int = 0
    fresh: bool = True

    @property
    def policy(self) -> Policy:
        return self.question.policy

    @property
    def slot(self) -> int:
        return milliseconds(self.policy.slot_seconds)

    @property
    def window(self) -> int:
        return self.slot * self.policy.slots

    @property
    def oldest(self) -> int:
        """When the oldest slot of the window began."""
        return (self.now // self.slot - self.policy.slots + 1) * self.slot

    def wait_ends(self, rounds: int) -> int:
        longest = milliseconds(self.policy.longest_wait_seconds)
        wait = min(milliseconds(self.policy.wait_seconds) << min(rounds, 30), longest)
        return self.now + floor(wait * (1 + self.policy.jitter * self.question.chance))

    def lease_ends(self) -> int:
        return self.now + milliseconds(self.policy.lease_seconds)
