"""Audit records in the database: added and read, never changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    Table,
    func,
    insert,
    or_,
    select,
)

from backend.audit.record import Criteria, Entry, Record, plain
from backend.clock import Clock
from backend.identifiers import uuid7
from backend.storage.database import METADATA, Instant

AUDIT_RECORDS = Table(
    "audit_records",
    METADATA,
    Column("sequence", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("at", Instant(), nullable=False, index=True),
    Column("act", String(64), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", String(64), nullable=False, index=True),
    Column("actor_name", String(64), nullable=False),
    Column("actor_role", String(16)),
    Column("object_kind", String(32), nullable=False),
    Column("object_id", String(128), nullable=False, index=True),
    Column("reason", String(500)),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("request_id", String(64), index=True),
    Column("session_id", String(36)),
    Column("address", String(64)),
)
_C = AUDIT_RECORDS.c


class AuditStore:
    """The log over one connection. The caller owns the transaction."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def append(self, entry: Entry) -> Record:
        """Add one record; it stands or falls with the caller's transaction."""
        values = _values(entry, self._clock)
        row = self._connection.execute(insert(AUDIT_RECORDS).values(values).returning(_C.sequence)).one()
        return Record(sequence=row.sequence, **values)

    def search(self, criteria: Criteria, *, own: str | None, limit: int, before_sequence: int | None) -> list[Record]:
        """The newest first; ``own`` keeps to the acts of that actor id, ``before_sequence`` turns the page."""
        conditions = [*_conditions(criteria), *_own(own)]
        if before_sequence is not None:
            conditions.append(_C.sequence < before_sequence)
        query = select(AUDIT_RECORDS).where(*conditions).order_by(_C.sequence.desc()).limit(limit)
        return [_record(row) for row in self._connection.execute(query)]

    def record(self, record_id: str, *, own: str | None) -> Record | None:
        query = select(AUDIT_RECORDS).where(_C.id == plain(record_id), *_own(own))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _record(row)

    def facets(self, *, own: str | None) -> dict[str, int]:
        """How many records each act has, by the act's name."""
        query = select(_C.act, func.count().label("records")).where(*_own(own)).group_by(_C.act).order_by(_C.act)
        return {row.act: row.records for row in self._connection.execute(query)}


def _values(entry: Entry, clock: Clock) -> dict[str, Any]:
    actor, at = entry.actor, clock.now()
    return {
        "id": uuid7(at),
        "at": at,
        "act": entry.act,
        "outcome": entry.outcome,
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "actor_role": actor.role.value if actor.role else None,
        "object_kind": entry.object_kind,
        "object_id": plain(entry.object_id)[:128],
        "reason": entry.reason,
        "before": None if entry.before is None else dict(entry.before),
        "after": None if entry.after is None else dict(entry.after),
        "request_id": actor.request_id,
        "session_id": actor.session_id,
        "address": None if actor.address is None else plain(actor.address)[:64],
    }


def _conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if criteria.since is not None:
        found.append(_C.at >= criteria.since)
    if criteria.until is not None:
        found.append(_C.at < criteria.until)
    for column, value in ((_C.act, criteria.act), (_C.object_kind, criteria.object_kind), (_C.object_id, criteria.object_id)):
        if value:
            found.append(column == plain(value))
    if criteria.actor:
        actor = plain(criteria.actor).strip()
        found.append(or_(_C.actor_id == actor, func.lower(_C.actor_name) == actor.lower()))
    if criteria.text and criteria.text.strip():
        found.append(_mentions(plain(criteria.text).strip()))
    return found


def _mentions(text: str) -> ColumnElement[bool]:
    columns = (_C.reason, _C.act, _C.actor_name, _C.object_id, _C.request_id)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def _own(actor_id: str | None) -> list[ColumnElement[bool]]:
    return [] if actor_id is None else [_C.actor_id == actor_id]


def _record(row: Row[Any]) -> Record:
    return Record(**row._mapping)
