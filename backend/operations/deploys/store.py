"""Deploys in the database. The caller owns the transaction."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, String, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError

from backend.errors import Conflict
from backend.operations.deploys.record import Deploy
from backend.storage.database import METADATA, Instant

DEPLOYS = Table(
    "deploys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("service", String(64), nullable=False),
    Column("at", Instant(), nullable=False, index=True),
    Column("note", String(500), nullable=False),
    Column("link", String(500), nullable=False),
    Column("recorded_at", Instant(), nullable=False),
    Column("actor_id", String(64), nullable=False),
    Column("actor_name", String(64), nullable=False),
)
_C = DEPLOYS.c


class DeployStore:
    """Questions about deploys over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_id(self, deploy_id: str) -> Deploy | None:
        row = self._connection.execute(select(DEPLOYS).where(_C.id == deploy_id)).first()
        return None if row is None else _to_deploy(row)

    def add(self, deploy: Deploy) -> None:
        """Conflict when somebody told the same id at the same moment."""
        try:
            self._connection.execute(insert(DEPLOYS).values(**asdict(deploy)))
        except IntegrityError as error:
            raise Conflict("This deploy is being told by somebody else at the same moment; ask again.") from error

    def between(self, start: datetime, end: datetime, limit: int) -> list[Deploy]:
        """The newest first."""
        query = select(DEPLOYS).where(_C.at >= start, _C.at <= end).order_by(_C.at.desc(), _C.id.desc()).limit(limit)
        return [_to_deploy(row) for row in self._connection.execute(query)]

    def newest(self, limit: int) -> list[Deploy]:
        query = select(DEPLOYS).order_by(_C.at.desc(), _C.id.desc()).limit(limit)
        return [_to_deploy(row) for row in self._connection.execute(query)]

    def forget(self, before: datetime) -> int:
        return self._connection.execute(delete(DEPLOYS).where(_C.at < before)).rowcount


def _to_deploy(row: Row[Any]) -> Deploy:
    return Deploy(**row._mapping)
