"""Operators' orders in the database: one row an act. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, Text, UniqueConstraint, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.errors import Conflict
from backend.operations.order_record import OrderRecord
from backend.resilience.orders import Slot
from backend.storage.database import METADATA, Instant

CIRCUIT_ORDERS = Table(
    "circuit_orders",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("slot", String(16), nullable=False),
    Column("circuit", String(64), nullable=False),
    Column("epoch", Integer(), nullable=False),
    Column("body", Text(), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("actor_name", String(64), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant()),
    Column("applied_at", Instant()),
    UniqueConstraint("slot", "circuit", "epoch", name="uq_circuit_orders_slot"),
)
_C = CIRCUIT_ORDERS.c


class OrderStore:
    """Questions about orders over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, slot: Slot, circuit: str) -> OrderRecord | None:
        return next(iter(self.last(slot, circuit, 1)), None)

    def last(self, slot: Slot, circuit: str, limit: int) -> list[OrderRecord]:
        """The acts on one slot, newest first."""
        query = select(CIRCUIT_ORDERS).where(_C.slot == slot.value, _C.circuit == circuit).order_by(_C.epoch.desc()).limit(limit)
        return self._records(query)

    def history(self, circuit: str, limit: int) -> list[OrderRecord]:
        """The acts on one circuit, whatever they were about, newest first."""
        query = (
            select(CIRCUIT_ORDERS).where(_C.circuit == circuit).order_by(_C.created_at.desc(), _C.epoch.desc(), _C.id.desc()).limit(limit)
        )
        return self._records(query)

    def newest_of_all(self) -> dict[str, dict[Slot, OrderRecord]]:
        """By circuit and slot."""
        found: dict[str, dict[Slot, OrderRecord]] = {}
        for record in self._newest():
            found.setdefault(record.circuit, {})[record.slot] = record
        return found

    def newest_of(self, circuit: str) -> dict[Slot, OrderRecord]:
        return {record.slot: record for record in self._newest(_C.circuit == circuit)}

    def faults_in_force(self, now: datetime) -> list[OrderRecord]:
        """By the time they end, the first first."""
        faults = self._newest(_C.slot == Slot.FAULT.value, _C.expires_at > now)
        return sorted((record for record in faults if record.in_force(now)), key=lambda record: (record.expires_at or now, record.id))

    def due(self, now: datetime) -> list[OrderRecord]:
        """What holds something whose time is over."""
        return [record for record in self._newest(_C.expires_at <= now) if record.holds_something()]

    def add(self, record: OrderRecord) -> None:
        """Conflict when somebody else took this epoch at the same moment."""
        try:
            self._connection.execute(insert(CIRCUIT_ORDERS).values(**{**asdict(record), "slot": record.slot.value}))
        except IntegrityError as error:
            raise Conflict("Somebody else acted on this circuit at the same moment; look at it again.") from error

    def mark_applied(self, record_id: str, at: datetime) -> None:
        """The first time counts."""
        self._connection.execute(update(CIRCUIT_ORDERS).where(_C.id == record_id, _C.applied_at.is_(None)).values(applied_at=at))

    def _newest(self, *conditions: Any) -> list[OrderRecord]:
        """The newest record of each slot, where it also meets the conditions."""
        last = select(_C.slot, _C.circuit, func.max(_C.epoch).label("epoch")).group_by(_C.slot, _C.circuit).subquery()
        same = (_C.slot == last.c.slot) & (_C.circuit == last.c.circuit) & (_C.epoch == last.c.epoch)
        return self._records(select(CIRCUIT_ORDERS).join(last, same).where(*conditions))

    def _records(self, query: Any) -> list[OrderRecord]:
        rows: Iterable[Row[Any]] = self._connection.execute(query)
        return [OrderRecord(**{**row._mapping, "slot": Slot(row.slot)}) for row in rows]
