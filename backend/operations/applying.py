"""Telling the fleet what was ordered, and ending what has run out; each step may be repeated, by any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from backend.audit.record import Entry
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict, StorageUnavailable
from backend.identifiers import uuid7
from backend.operations.order_record import EMPTY, WORKER, OrderRecord, facts
from backend.operations.store import OrderStore
from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisState
from backend.storage.database import Database

EXPIRED = "Its time was over."
ENDS = {Slot.OVERRIDE: "circuits.expire", Slot.FAULT: "faults.expire"}
_CAUSE_OF_NONE = {Slot.OVERRIDE: "released", Slot.POLICY: "policy_changed", Slot.FAULT: "fault_ended"}

Told = Callable[[str, OrderRecord], None]  # an act, by its name in the audit log, and the order that it left


class Applying:
    """Between the rows in SQL, which are the truth, and what the fleet holds."""

    def __init__(self, database: Database, fleet: RedisState, clock: Clock, told: Told) -> None:
        self._database = database
        self._fleet = fleet
        self._clock = clock
        self._told = told

    def apply(self, record: OrderRecord) -> OrderRecord:
        """Told to the fleet if it can be reached; else as recorded."""
        now = self._clock.now()
        try:
            if self._fleet.control(record.circuit, record.slot, record.order(now), record.cause()) == "stale":
                return record
            with self._database.transaction() as connection:
                OrderStore(connection).mark_applied(record.id, now)
        except StorageUnavailable:
            return record  # the worker tells it, or marks it, again
        return replace(record, applied_at=record.applied_at or now)

    def reconcile(self, name: str) -> int:
        """Make the fleet hold what SQL says of one circuit; how many orders it had to be told."""
        held = self._fleet.read(name).orders  # before SQL: so that SQL cannot be the older of the two
        with self._database.reading() as connection:
            newest = OrderStore(connection).newest_of(name)
        return sum(self._reconcile(name, slot, held.get(slot, Order()), newest.get(slot)) for slot in Slot)

    def expire_due(self) -> int:
        """End what has run out; how many. Each has its audit record."""
        with self._database.reading() as connection:
            due = OrderStore(connection).due(self._clock.now())
        return sum(self._expire(record) for record in due)

    def _reconcile(self, name: str, slot: Slot, held: Order, newest: OrderRecord | None) -> int:
        now = self._clock.now()
        if slot is Slot.RESET and (newest is None or newest.applied_at is not None):
            return 0  # what was cleared is not cleared again, whoever remembers or forgot it
        if newest is None or newest.epoch < held.epoch or (newest.epoch == held.epoch and newest.id != held.act):
            return self._overrule(name, slot, held, newest, now)
        forgot = _held_body(slot, held) == EMPTY[slot] and not newest.in_force(now)  # and there is nothing to hold
        if newest.applied_at is not None and (held.epoch == newest.epoch or forgot):
            return 0
        return int(self.apply(newest).applied_at is not None)

    def _overrule(self, name: str, slot: Slot, held: Order, newest: OrderRecord | None, now: datetime) -> int:
        """The fleet holds an act that SQL never recorded, as after a restored backup: what SQL says counts."""
        wanted, cause = self._wanted(slot, newest, now)
        if _held_body(slot, held) != wanted.body or slot is Slot.RESET:
            self._fleet.control(name, slot, replace(wanted, epoch=held.epoch + 1, act=uuid7(now)), cause)
        elif newest is None or newest.applied_at is not None:
            return 0
        if newest is not None:
            with self._database.transaction() as connection:
                OrderStore(connection).mark_applied(newest.id, now)
        return 1

    def _wanted(self, slot: Slot, newest: OrderRecord | None, now: datetime) -> tuple[Order, str]:
        if newest is not None and (newest.in_force(now) or slot is Slot.RESET):
            return newest.order(now), newest.cause()
        return Order(EMPTY[slot]), _CAUSE_OF_NONE[slot]

    def _expire(self, record: OrderRecord) -> int:
        now, act = self._clock.now(), ENDS.get(record.slot, "circuits.expire")
        ended = OrderRecord(
            uuid7(now), record.slot, record.circuit, record.epoch + 1, EMPTY[record.slot], EXPIRED, WORKER.id, WORKER.name, now, None
        )
        try:
            with self._database.transaction() as connection:
                OrderStore(connection).add(ended)
                AuditStore(connection, self._clock).append(
                    Entry(act, "circuit", record.circuit, WORKER, EXPIRED, before=facts(record), after=facts(ended))
                )
        except Conflict:
            return 0  # somebody ordered something else meanwhile
        self._told(act, self.apply(ended))
        return 1


def _held_body(slot: Slot, held: Order) -> str:
    """What the fleet goes by: an order whose time is over, or that was never given, is its slot's emptiness."""
    over = held.left_seconds is not None and held.left_seconds <= 0
    return EMPTY[slot] if over or not held.body else held.body


def standing_orders(database: Database, name: str, now: datetime) -> dict[Slot, Order]:
    """What SQL says of one circuit, for a process that starts while the fleet cannot be asked; StorageUnavailable when SQL is away too.

    A reset is left out: a process that starts has nothing to clear.
    """
    with database.glance() as connection:
        newest = OrderStore(connection).newest_of(name)
    return {record.slot: record.order(now) for record in _lasting(newest.values())}


def _lasting(records: Iterable[OrderRecord]) -> list[OrderRecord]:
    return [record for record in records if record.slot is not Slot.RESET]
