"""Answered requests in the database. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
)

from backend.audit.record import plain
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import Bucket, FoundRequests, Outline, RequestCriteria
from backend.storage.database import METADATA, Instant
from backend.telemetry.spans import Span

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
    Column("detail", JSON(none_as_null=True)),
    Index("ix_requests_route", "route", "at"),
)
_C = REQUESTS.c
_LIST = [column for column in _C if column.name != "detail"]  # spans are read for one request alone
_SECONDS = {"sqlite": "CAST(strftime('%s', at) AS INTEGER)", "postgresql": "CAST(floor(extract(epoch FROM at)) AS bigint)"}
MOST_NAMES = 30


class RequestStore:
    """Questions about answered requests over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, records: Sequence[RequestRecord]) -> None:
        """Add the records; two with the same id, instant and instance are one."""
        rows = {(record.id, record.at, record.instance): _row(record) for record in records}
        if rows:
            self._connection.execute(insert(REQUESTS), list(rows.values()))

    def request(self, request_id: str) -> RequestRecord | None:
        """The newest request of that id, with its spans."""
        query = select(REQUESTS).where(_C.id == plain(request_id)).order_by(_C.at.desc()).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _record(row)

    def newest(self, limit: int) -> list[RequestRecord]:
        return [_record(row) for row in self._connection.execute(select(*_LIST).order_by(_C.at.desc()).limit(limit))]

    def search(self, criteria: RequestCriteria, limit: int, skip: int) -> FoundRequests:
        order = (_C.seconds.desc(), _C.at.desc()) if criteria.order == "slowest" else (_C.at.desc(), _C.id.desc())
        query = select(*_LIST).where(*_conditions(criteria)).order_by(*order).offset(skip).limit(limit + 1)
        found = [_record(row) for row in self._connection.execute(query)]
        return FoundRequests(tuple(found[:limit]), len(found) > limit)

    def outline(self, criteria: RequestCriteria, width: timedelta) -> Outline:
        """Everything that matches, counted over time and by name."""
        step = int(width.total_seconds())
        bucket = literal_column(f"{_SECONDS[self._connection.dialect.name]} / {step}", BigInteger())
        family = literal_column("status / 100", Integer())
        where = _conditions(criteria)
        rows = self._connection.execute(select(bucket, family, func.count()).where(*where).group_by(bucket, family))
        found: dict[int, dict[str, int]] = {}
        for at, status, count in rows:
            found.setdefault(int(at), {})[f"{status}xx"] = int(count)
        buckets = tuple(Bucket(datetime.fromtimestamp(at * step, UTC), found[at]) for at in sorted(found))
        return Outline(width, buckets, self._names(_C.route, where), self._names(_C.error_code, [*where, _C.error_code.is_not(None)]))

    def _names(self, column: Column[Any], where: Sequence[ColumnElement[bool]]) -> dict[str, int]:
        """The most frequent first."""
        query = select(column, func.count().label("times")).where(*where).group_by(column).order_by(func.count().desc(), column)
        return {str(name): int(times) for name, times in self._connection.execute(query.limit(MOST_NAMES))}

    def forget(self, before: datetime, most: int) -> int:
        """Remove what is older than ``before``, and of the rest all but the newest ``most``."""
        oldest_kept = select(_C.at).order_by(_C.at.desc()).offset(most).limit(1)
        cut: datetime | None = self._connection.execute(oldest_kept).scalar()
        aged = self._connection.execute(delete(REQUESTS).where(_C.at < before)).rowcount
        return aged + (0 if cut is None else self._connection.execute(delete(REQUESTS).where(_C.at <= cut)).rowcount)


def _conditions(criteria: RequestCriteria) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_C.at >= criteria.start, _C.at < criteria.end]
    for column, value in ((_C.route, criteria.route), (_C.error_code, criteria.error_code), (_C.actor_id, criteria.actor)):
        if value:
            found.append(column == plain(value))
    if criteria.statuses:
        found.append(or_(*(_status(status) for status in criteria.statuses)))
    if criteria.degraded is not None:
        found.append(_C.degraded.is_not(None) if criteria.degraded else _C.degraded.is_(None))
    if criteria.failed is not None:
        found.append(_C.error_code.is_not(None) if criteria.failed else _C.error_code.is_(None))
    if criteria.at_least_seconds:
        found.append(_C.seconds >= criteria.at_least_seconds)
    return found


def _status(text: str) -> ColumnElement[bool]:
    if text.isdigit():
        return _C.status == int(text)
    return and_(_C.status >= int(text[0]) * 100, _C.status < int(text[0]) * 100 + 100)


def _row(record: RequestRecord) -> dict[str, Any]:
    values = {name: value for name, value in vars(record).items() if name not in ("spans", "profile")}  # its fields are the columns
    return {**values, "degraded": list(record.degraded) or None, "detail": _detail(record)}


def _detail(record: RequestRecord) -> dict[str, Any] | None:
    if not record.spans and not record.profile:
        return None
    spans = [[one.name, one.begins_seconds, one.seconds, one.outcome, dict(one.attributes), one.parent] for one in record.spans]
    return {"spans": spans, "profile": record.profile}


def _record(row: Row[Any]) -> RequestRecord:
    values = dict(row._mapping)
    detail: Mapping[str, Any] = values.pop("detail", None) or {}
    spans = tuple(Span(*one) for one in detail.get("spans", ()))
    return RequestRecord(**{**values, "degraded": tuple(row.degraded or ()), "spans": spans, "profile": detail.get("profile")})
