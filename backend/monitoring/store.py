"""Instances, readings and recent requests in the database. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Float, Integer, Row, String, Table, delete, insert, select, update

from backend.monitoring.records import CounterReading, Instance, RequestRecord
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
REQUESTS = Table(
    "requests",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("at", Instant(), primary_key=True, index=True),
    Column("method", String(8), nullable=False),
    Column("route", String(128), nullable=False),
    Column("status", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("actor_id", String(64)),
    Column("trace_id", String(32), nullable=False),
    Column("degraded", JSON(none_as_null=True)),
    Column("error_code", String(32)),
    Column("instance", String(36), primary_key=True),
)


class MonitoringStore:
    """Questions about running processes, their figures and recent requests."""

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

    def keep_requests(self, records: Sequence[RequestRecord]) -> None:
        """Add the records; two with the same id, instant and instance are one."""
        rows = {(record.id, record.at, record.instance): _request_row(record) for record in records}
        if rows:
            self._connection.execute(insert(REQUESTS), list(rows.values()))

    def request(self, request_id: str) -> RequestRecord | None:
        """The newest request of that id."""
        query = select(REQUESTS).where(REQUESTS.c.id == request_id).order_by(REQUESTS.c.at.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _to_record(row)

    def requests(self, limit: int) -> list[RequestRecord]:
        query = select(REQUESTS).order_by(REQUESTS.c.at.desc()).limit(limit)
        return [_to_record(row) for row in self._connection.execute(query)]

    def forget_readings(self, before: datetime) -> int:
        return self._connection.execute(delete(READINGS).where(READINGS.c.at < before)).rowcount

    def forget_instances(self, before: datetime) -> int:
        return self._connection.execute(delete(INSTANCES).where(INSTANCES.c.seen_at < before)).rowcount

    def forget_requests(self, before: datetime, most: int) -> int:
        """Remove what is older than ``before``, and of the rest all but the newest ``most``."""
        oldest_kept = select(REQUESTS.c.at).order_by(REQUESTS.c.at.desc()).offset(most).limit(1)
        cut: datetime | None = self._connection.execute(oldest_kept).scalar()
        aged = self._connection.execute(delete(REQUESTS).where(REQUESTS.c.at < before)).rowcount
        return aged + (0 if cut is None else self._connection.execute(delete(REQUESTS).where(REQUESTS.c.at <= cut)).rowcount)


def _request_row(record: RequestRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in REQUESTS.c.keys()}  # noqa: SIM118 - a column collection, not a dict
    return {**row, "degraded": list(record.degraded) or None}


def _to_record(row: Row[Any]) -> RequestRecord:
    return RequestRecord(**{**row._mapping, "degraded": tuple(row.degraded or ())})
