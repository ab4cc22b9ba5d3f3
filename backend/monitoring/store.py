"""Running processes in the database. The caller owns the transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, Connection, Integer, String, Table, delete, insert, select, update

from backend.monitoring.records import Instance
from backend.storage.database import METADATA, Instant

INSTANCES = Table(
    "instances",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("operations_url", String(200)),
    Column("process_id", Integer, nullable=False),
    Column("host", String(255), nullable=False),
    Column("version", String(32), nullable=False),
    Column("started_at", Instant(), nullable=False),
    Column("seen_at", Instant(), nullable=False, index=True),
)
READINGS = Table(  # nobody reads or writes it but a worker of an older version, which may still run beside ours
    "readings",
    METADATA,
    Column("at", Instant(), primary_key=True),
    Column("instance", String(36), primary_key=True),
    Column("body", JSON, nullable=False),
)


class MonitoringStore:
    """Questions about running processes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, instance: Instance, at: datetime) -> None:
        """Note that ``instance`` is alive at ``at``."""
        changes = {"operations_url": instance.operations_url, "seen_at": at}
        if self._connection.execute(update(INSTANCES).where(INSTANCES.c.id == instance.id).values(**changes)).rowcount:
            return
        row = {name: getattr(instance, name) for name in INSTANCES.c.keys()}  # noqa: SIM118 - a column collection, not a dict
        self._connection.execute(insert(INSTANCES).values({**row, **changes}))

    def gone(self, instance_id: str) -> None:
        self._connection.execute(delete(INSTANCES).where(INSTANCES.c.id == instance_id))

    def seen_since(self, since: datetime) -> list[Instance]:
        query = select(INSTANCES).where(INSTANCES.c.seen_at >= since).order_by(INSTANCES.c.role, INSTANCES.c.started_at)
        return [Instance(**row._mapping) for row in self._connection.execute(query)]

    def forget_readings(self, before: datetime) -> int:
        """What a worker of an older version left."""
        return self._connection.execute(delete(READINGS).where(READINGS.c.at < before)).rowcount

    def forget_instances(self, before: datetime) -> int:
        return self._connection.execute(delete(INSTANCES).where(INSTANCES.c.seen_at < before)).rowcount
