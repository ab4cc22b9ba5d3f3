"""Kept queries in the database. The caller owns the transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Index, Row, String, Table, Text, delete, func, insert, select, update

from backend.audit.record import plain
from backend.monitoring.queries.record import AskedQuery, SavedQuery, View
from backend.storage.database import METADATA, Instant

SAVED = Table(
    "saved_queries",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("title", String(80), nullable=False),
    Column("queries", JSON(), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("step", String(16), nullable=False),
    Column("owner_id", String(64), nullable=False, index=True),
    Column("owner_name", String(64), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("shared_at", Instant(), index=True),
)
ASKED = Table(
    "asked_queries",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("owner_id", String(64), nullable=False),
    Column("query", Text(), nullable=False),
    Column("asked_at", Instant(), nullable=False, index=True),
    Index("ix_asked_queries_owner_id", "owner_id", "asked_at"),
)


class QueryStore:
    """Questions about kept queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, saved: SavedQuery) -> None:
        values = {name: getattr(saved, name) for name in ("id", "title", "owner_id", "owner_name", "created_at", "shared_at")}
        view = {"queries": list(saved.view.queries), "kind": saved.view.kind, "step": saved.view.step}
        self._connection.execute(insert(SAVED).values({**values, **view}))

    def count(self, owner_id: str) -> int:
        return self._connection.execute(select(func.count()).where(SAVED.c.owner_id == owner_id)).scalar_one()

    def of_owner(self, owner_id: str) -> list[SavedQuery]:
        """By title."""
        return self._saved(SAVED.c.owner_id == owner_id)

    def of_others(self, owner_id: str) -> list[SavedQuery]:
        """What colleagues share, by title."""
        return self._saved(SAVED.c.owner_id != owner_id, SAVED.c.shared_at.is_not(None))

    def change(self, query_id: str, owner_id: str, **values: Any) -> str | None:
        """Its title, if the owner had it."""
        chosen = (SAVED.c.id == plain(query_id), SAVED.c.owner_id == owner_id)
        return self._connection.execute(update(SAVED).where(*chosen).values(values).returning(SAVED.c.title)).scalar_one_or_none()

    def remove(self, query_id: str, owner_id: str) -> str | None:
        """Its title, if the owner had it."""
        chosen = (SAVED.c.id == plain(query_id), SAVED.c.owner_id == owner_id)
        return self._connection.execute(delete(SAVED).where(*chosen).returning(SAVED.c.title)).scalar_one_or_none()

    def note(self, row_id: str, owner_id: str, query: str, at: datetime) -> None:
        """One expression stands once in a history, with the last time."""
        self._connection.execute(delete(ASKED).where(ASKED.c.owner_id == owner_id, ASKED.c.query == query))
        self._connection.execute(insert(ASKED).values(id=row_id, owner_id=owner_id, query=query, asked_at=at))

    def trim(self, owner_id: str, most: int, before: datetime) -> None:
        """Forget what is beyond ``most`` of this owner, and what anybody asked ``before`` then."""
        newest = select(ASKED.c.id).where(ASKED.c.owner_id == owner_id).order_by(ASKED.c.asked_at.desc(), ASKED.c.id.desc()).limit(most)
        self._connection.execute(delete(ASKED).where(ASKED.c.owner_id == owner_id, ASKED.c.id.not_in(newest)))
        self._connection.execute(delete(ASKED).where(ASKED.c.asked_at < before))

    def history(self, owner_id: str, since: datetime) -> list[AskedQuery]:
        """The newest first."""
        chosen = select(ASKED.c.query, ASKED.c.asked_at).where(ASKED.c.owner_id == owner_id, ASKED.c.asked_at >= since)
        return [AskedQuery(row.query, row.asked_at) for row in self._connection.execute(chosen.order_by(ASKED.c.asked_at.desc()))]

    def forget(self, owner_id: str) -> int:
        """How many there were."""
        return self._connection.execute(delete(ASKED).where(ASKED.c.owner_id == owner_id)).rowcount

    def _saved(self, *conditions: Any) -> list[SavedQuery]:
        rows = self._connection.execute(select(SAVED).where(*conditions).order_by(func.lower(SAVED.c.title), SAVED.c.id))
        return [_read(row) for row in rows]


def _read(row: Row[Any]) -> SavedQuery:
    view = View(tuple(row.queries), row.kind, row.step)
    return SavedQuery(row.id, row.title, view, row.owner_id, row.owner_name, row.created_at, row.shared_at)
