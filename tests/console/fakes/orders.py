"""Orders of operators as a service keeps them: by slot, newest last, each with its audit record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backend.actor import Actor, Permission
from backend.audit.record import Entry, checked_reason
from backend.errors import Conflict
from backend.operations.order_record import EMPTY, NONE, OrderRecord, body_of
from backend.resilience.dependency_policy import from_document, to_document
from backend.resilience.faults import Fault
from backend.resilience.orders import OverrideKind, Slot
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.sources import FakeClock


class FakeOrders:
    """The acts of the service of circuits, with its signatures."""

    def __init__(self, clock: FakeClock, audit: FakeAudit) -> None:
        self.clock, self.audit = clock, audit
        self.orders: list[OrderRecord] = []
        self.applied = True

    def newest(self, slot: Slot, name: str = "geocoder") -> OrderRecord | None:
        return next((one for one in reversed(self.orders) if one.slot == slot and one.circuit == name), None)

    @property
    def override(self) -> OrderRecord | None:
        return self._in_force(Slot.OVERRIDE, "geocoder")

    def _in_force(self, slot: Slot, name: str) -> OrderRecord | None:
        newest = self.newest(slot, name)
        return newest if newest and newest.in_force(self.clock.now()) else None

    def _order(
        self, actor: Actor, permission: Permission, act: str, name: str, slot: Slot, body: str, reason: str,
        minutes: float | None = None, expected_epoch: int | None = None,
    ) -> OrderRecord:  # fmt: skip
        self.audit.guard(actor, permission, act, "circuit", name)
        before, now = self.newest(slot, name), self.clock.now()
        epoch = before.epoch if before else 0
        if expected_epoch is not None and expected_epoch != epoch:
            raise Conflict("This changed since you looked, by ana; look at it again.")
        ends = now + timedelta(minutes=minutes) if minutes else None
        number = f"order-{len(self.orders) + 1}"
        made = OrderRecord(
            number, slot, name, epoch + 1, body, checked_reason(reason), actor.id, actor.name, now, ends, now if self.applied else None
        )
        self.orders.append(made)
        self.audit.note(Entry(act, "circuit", name, actor, reason))
        return made

    def _hold(self, actor: Actor, permission: Permission, act: str, name: str, kind: str, *given: Any) -> OrderRecord:
        reason, minutes, expected = given
        return self._order(actor, permission, act, name, Slot.OVERRIDE, kind, reason, minutes, expected)

    def isolate(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.ISOLATE_CIRCUITS, "circuits.isolate", name, OverrideKind.ISOLATED.value)
        return self._hold(actor, *wish, reason, minutes, expected_epoch)

    def force_open(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.OVERRIDE_CIRCUITS, "circuits.force_open", name, OverrideKind.FORCED_OPEN.value)
        return self._hold(actor, *wish, reason, minutes, expected_epoch)

    def disable(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.OVERRIDE_CIRCUITS, "circuits.disable", name, OverrideKind.DISABLED.value)
        return self._hold(actor, *wish, reason, minutes, expected_epoch)

    def metrics_only(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.OVERRIDE_CIRCUITS, "circuits.metrics_only", name, OverrideKind.METRICS_ONLY.value)
        return self._hold(actor, *wish, reason, minutes, expected_epoch)

    def release(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.RELEASE_CIRCUITS, "circuits.release", name, Slot.OVERRIDE, NONE, reason)
        return self._order(actor, *wish, expected_epoch=expected_epoch)

    def reset(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.RESET_CIRCUITS, "circuits.reset", name, Slot.RESET, "reset", reason)
        return self._order(actor, *wish, expected_epoch=expected_epoch)

    def change_policy(
        self, actor: Actor, name: str, document: dict[str, Any], reason: str, expected_epoch: int | None = None
    ) -> OrderRecord:
        self.audit.guard(actor, Permission.CHANGE_POLICIES, "circuits.change_policy", "circuit", name)
        body = body_of(to_document(from_document(document)))
        wish = (Permission.CHANGE_POLICIES, "circuits.change_policy", name, Slot.POLICY, body, reason)
        return self._order(actor, *wish, expected_epoch=expected_epoch)

    def revert_policy(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        earlier = [one for one in self.orders if one.slot == Slot.POLICY and one.circuit == name][:-1]
        body = earlier[-1].body if earlier else ""
        wish = (Permission.CHANGE_POLICIES, "circuits.revert_policy", name, Slot.POLICY, body, reason)
        return self._order(actor, *wish, expected_epoch=expected_epoch)

    def inject_fault(
        self, actor: Actor, name: str, fault: dict[str, Any], reason: str, minutes: float, expected_epoch: int | None = None
    ) -> OrderRecord:
        self.audit.guard(actor, Permission.INJECT_FAULTS, "faults.inject", "circuit", name)
        body = body_of(Fault.from_document(fault).to_document())
        return self._order(actor, Permission.INJECT_FAULTS, "faults.inject", name, Slot.FAULT, body, reason, minutes, expected_epoch)

    def end_fault(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        wish = (Permission.INJECT_FAULTS, "faults.end", name, Slot.FAULT, EMPTY[Slot.FAULT], reason)
        return self._order(actor, *wish, expected_epoch=expected_epoch)
