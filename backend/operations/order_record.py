"""What somebody ordered of a circuit, as SQL keeps it: the newest record of a slot is the truth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.actor import system_actor
from backend.resilience.orders import Order, OverrideKind, Slot

WORKER = system_actor("worker")
NONE = OverrideKind.NONE.value
EMPTY = {Slot.OVERRIDE: NONE, Slot.POLICY: "", Slot.FAULT: "", Slot.RESET: ""}


@dataclass(frozen=True)
class OrderRecord:
    """One act on one slot of one circuit. ``applied_at`` None: recorded, but the fleet has not been told yet.

    ``body`` is the order's as ``backend.resilience.orders`` has it; ``expires_at`` None: until the next one.
    """

    id: str
    slot: Slot
    circuit: str
    epoch: int
    body: str
    reason: str
    actor_id: str
    actor_name: str
    created_at: datetime
    expires_at: datetime | None
    applied_at: datetime | None = None

    @property
    def kind(self) -> str:
        """What it does, in a word: an override's kind; of the other slots 'policy', 'fault', 'reset', or 'none' for their end."""
        if self.slot is Slot.OVERRIDE:
            return self.body or NONE
        return self.slot.value if self.body else NONE

    @property
    def document(self) -> Mapping[str, Any]:
        """The policy or the fault that it carries; empty for the others."""
        if self.slot not in (Slot.POLICY, Slot.FAULT) or not self.body:
            return {}
        found: dict[str, Any] = json.loads(self.body)
        return found

    def holds_something(self) -> bool:
        """Whether it changes anything while it lasts; a reset is over when it is done."""
        return self.slot is not Slot.RESET and self.body != EMPTY[self.slot]

    def in_force(self, now: datetime) -> bool:
        return self.holds_something() and (self.expires_at is None or now < self.expires_at)

    def isolates(self, now: datetime) -> bool:
        return self.kind == OverrideKind.ISOLATED and self.in_force(now)

    def order(self, now: datetime) -> Order:
        """As processes hold it: durations for instants."""
        left = None if self.expires_at is None else max(0.0, (self.expires_at - now).total_seconds())
        return Order(self.body, self.epoch, self.id, left, max(0.0, (now - self.created_at).total_seconds()))

    def cause(self) -> str:
        """What the history of the circuit calls it."""
        if self.slot is Slot.OVERRIDE and self.body == NONE:
            return "expired" if self.actor_id == WORKER.id else "released"
        words = {Slot.OVERRIDE: self.body, Slot.POLICY: "policy_changed", Slot.RESET: "reset"}
        return words.get(self.slot) or ("fault_injected" if self.body else "fault_ended")


def facts(record: OrderRecord | None) -> dict[str, Any] | None:
    """What the audit log keeps of an order."""
    if record is None:
        return None
    expires = record.expires_at.isoformat() if record.expires_at else None
    found: dict[str, Any] = {"kind": record.kind, "epoch": record.epoch, "expires_at": expires, "order": record.id}
    return {**found, record.slot.value: dict(record.document)} if record.document else found


def body_of(document: Mapping[str, Any]) -> str:
    """A document as an order carries it: the same text for the same content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
