"""Overrides of circuits in the database: one row an act. The caller owns the transaction."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, String, Table, UniqueConstraint, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.errors import Conflict
from backend.operations.overrides import Override
from backend.storage.database import METADATA, Instant

OVERRIDES = Table(
    "circuit_overrides",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("circuit", String(64), nullable=False),
    Column("epoch", Integer(), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("actor_name", String(64), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant()),
    Column("applied_at", Instant()),
    UniqueConstraint("circuit", "epoch", name="uq_circuit_overrides_circuit"),
)
_C = OVERRIDES.c


class OverrideStore:
    """Questions about overrides over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, circuit: str) -> Override | None:
        query = select(OVERRIDES).where(_C.circuit == circuit).order_by(_C.epoch.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _override(row)

    def newest_of_all(self) -> dict[str, Override]:
        last = select(_C.circuit, func.max(_C.epoch).label("epoch")).group_by(_C.circuit).subquery()
        query = select(OVERRIDES).join(last, (_C.circuit == last.c.circuit) & (_C.epoch == last.c.epoch))
        return {row.circuit: _override(row) for row in self._connection.execute(query)}

    def history(self, circuit: str, limit: int) -> list[Override]:
        query = select(OVERRIDES).where(_C.circuit == circuit).order_by(_C.epoch.desc()).limit(limit)
        return [_override(row) for row in self._connection.execute(query)]

    def add(self, override: Override) -> None:
        """Conflict when somebody else took this epoch at the same moment."""
        try:
            self._connection.execute(insert(OVERRIDES).values(**asdict(override)))
        except IntegrityError as error:
            raise Conflict("Somebody else acted on this circuit at the same moment; look at it again.") from error

    def mark_applied(self, override_id: str, at: datetime) -> None:
        """The first time counts."""
        self._connection.execute(update(OVERRIDES).where(_C.id == override_id, _C.applied_at.is_(None)).values(applied_at=at))


def _override(row: Row[Any]) -> Override:
    return Override(**row._mapping)
