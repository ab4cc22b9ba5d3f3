"""Instances and readings in the database. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON, Column, Connection, Integer, String, Table, delete, insert, select, update

from backend.monitoring.records import CounterReading, Instance
from backend.monitoring.scrape import from_body, to_body
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
READINGS = Table(
    "readings",
    METADATA,
    Column("at", Instant(), primary_key=True),
    Column("instance", String(36), primary_key=True),
    Column("body", JSON, nullable=False),
)


class MonitoringStore:
    """Questions about running processes and their figures."""

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

    def keep_readings(self, readings: Sequence[CounterReading]) -> None:
        rows = [{"at": reading.at, "instance": reading.instance, "body": to_body(reading.counters)} for reading in readings]
        if rows:
            self._connection.execute(insert(READINGS), rows)

    def readings_since(self, since: datetime) -> list[CounterReading]:
        query = select(READINGS).where(READINGS.c.at >= since).order_by(READINGS.c.at)
        return [CounterReading(row.at, row.instance, from_body(row.body)) for row in self._connection.execute(query)]

    def last_reading_at(self) -> datetime | None:
        query = select(READINGS.c.at).order_by(READINGS.c.at.desc()).limit(1)
        found: datetime | None = self._connection.execute(query).scalar()
        return found

    def forget_readings(self, before: datetime) -> int:
        return self._connection.execute(delete(READINGS).where(READINGS.c.at < before)).rowcount

    def forget_instances(self, before: datetime) -> int:
        return self._connection.execute(delete(INSTANCES).where(INSTANCES.c.seen_at < before)).rowcount
