"""Trouble on purpose, for game days: time-boxed, audited, and shown as long as it lasts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from backend.actor import Actor, Permission
from backend.errors import Conflict, InvalidRequest, StorageUnavailable
from backend.operations.circuit_view import ActiveFault
from backend.operations.desk import Desk, Wish
from backend.operations.fleet_views import fault_of_fleet, fault_of_record
from backend.operations.order_record import OrderRecord, body_of
from backend.operations.store import OrderStore
from backend.resilience.faults import Fault
from backend.resilience.orders import Slot

SHORTEST_FAULT_MINUTES, LONGEST_FAULT_MINUTES = 0.05, 60


class FaultActs(Desk):
    """A fault ends by itself in every process, whoever dies meanwhile."""

    def inject_fault(
        self, actor: Actor, name: str, fault: Mapping[str, Any], reason: str, minutes: float, expected_epoch: int | None = None
    ) -> OrderRecord:
        """Let calls be late, fail or break off, in all processes; InvalidRequest names each wrong field."""
        self._permitted(actor, Permission.INJECT_FAULTS, "faults.inject", name)
        body = body_of(Fault.from_document(fault).to_document())
        ends = self._clock.now() + timedelta(minutes=_checked_minutes(minutes))
        return self._ordered(actor, Wish("faults.inject", name, Slot.FAULT, body, reason, expected_epoch, ends))

    def end_fault(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        """Call as usual again; Conflict when no fault is being injected."""
        self._permitted(actor, Permission.INJECT_FAULTS, "faults.end", name)

        def injected(before: OrderRecord | None) -> None:
            if before is None or not before.body:
                raise Conflict("No fault is being injected into this dependency.")

        return self._ordered(actor, Wish("faults.end", name, Slot.FAULT, "", reason, expected_epoch), injected)

    def faults(self, actor: Actor | None = None) -> list[ActiveFault]:
        """The faults in force, the first to end first; from the fleet while SQL is away, StorageUnavailable when neither can tell."""
        if actor is not None:
            actor.require(Permission.VIEW_OPERATIONS)
        now = self._clock.now()
        try:
            with self._database.glance() as connection:
                records = OrderStore(connection).faults_in_force(now)
        except StorageUnavailable:
            return self._faults_of_fleet()
        return [fault_of_record(record, self._title(record.circuit)) for record in records]

    def _faults_of_fleet(self) -> list[ActiveFault]:
        now, found = self._clock.now(), []
        titles = {one.name: one.title for one in self._fleet.names()} | {name: one.title for name, one in self._circuits.items()}
        for name, title in titles.items():
            order = self._fleet.read(name).orders.get(Slot.FAULT)
            if order is not None and order.body and order.left_seconds != 0:
                found.append(fault_of_fleet(name, title or name, order, now))
        return found

    def _title(self, name: str) -> str:
        return self._circuits[name].title if name in self._circuits else name


def _checked_minutes(minutes: float) -> float:
    wrong = isinstance(minutes, bool) or not isinstance(minutes, int | float) or not math.isfinite(minutes)
    if wrong or not SHORTEST_FAULT_MINUTES <= minutes <= LONGEST_FAULT_MINUTES:
        raise InvalidRequest.of("minutes", "out_of_range", f"A fault lasts at most {LONGEST_FAULT_MINUTES} minutes.")
    return minutes
