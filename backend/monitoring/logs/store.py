"""Log lines, their words, their counts by the minute, and how far each file was read. The caller owns the transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from backend.monitoring.logs import keys, matching
from backend.monitoring.logs.keys import BITS, LEVEL_MASK, MICROSECOND, MINUTE, MINUTE_STEP, NUMBER_BITS, key, level_of, minute_of
from backend.monitoring.logs.reading import Position, body_of, line_of
from backend.monitoring.logs.record import LEVELS, Counts, Criteria, Found, LogLine, Tail, newest_first
from backend.monitoring.logs.words import id_in, meets, wanted, words_in
from backend.storage.database import METADATA, Instant

MOST_COUNTED = 20_000
MOST_OF_ONE_ID = 2_000
_BIG = BigInteger().with_variant(Integer(), "sqlite")
LINES = Table(
    "log_lines",
    METADATA,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("arrival", BigInteger(), nullable=False, index=True),
    Column("request_id", String(64), index=True),
    Column("trace_id", String(32), index=True),
    Column("body", Text(), nullable=False),
)
COUNTS = Table(
    "log_counts",
    METADATA,
    Column("minute", BigInteger(), primary_key=True, autoincrement=False),
    Column("level", Integer(), primary_key=True, autoincrement=False),
    Column("role", String(16), primary_key=True),
    Column("count", Integer(), nullable=False),
)
FILES = Table(
    "log_files",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("position", BigInteger(), nullable=False),
    Column("size", BigInteger(), nullable=False),
    Column("host", String(255), nullable=False),
    Column("read_at", Instant(), nullable=False, index=True),
)
_ONE_WRITER = 0x6C6F6773  # any number of our own: arrivals are numbered by one writer at a time


class LogStore:
    """Questions about log lines over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_postgresql = connection.dialect.name == "postgresql"
        self._index = matching.POSTGRESQL if self._is_postgresql else matching.SQLITE

    def lock(self) -> None:
        """One writer at a time, until the transaction ends. On SQLite every writing transaction is alone already."""
        if self._is_postgresql:
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_WRITER})

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines, whose ids are given here. ``lock`` was called before."""
        if not lines:
            return
        lowest, highest = min(key(line.at) for line in lines), max(key(line.at) for line in lines) + (len(lines) << BITS)
        taken = set(self._connection.execute(select(LINES.c.id).where(LINES.c.id.between(lowest, highest))).scalars())
        numbers = keys.given(lines, taken)
        first = self._last_arrival() + 1
        rows = [_row(number, first + place, line) for place, (number, line) in enumerate(zip(numbers, lines, strict=True))]
        self._connection.execute(insert(LINES), rows)
        words = [{"key": number, "words": " ".join(words_in(line))} for number, line in zip(numbers, lines, strict=True)]
        self._connection.execute(text(self._index.adding), words)
        self._count(numbers, lines)

    def _last_arrival(self) -> int:
        return self._connection.execute(select(func.max(LINES.c.arrival))).scalar() or 0

    def _count(self, numbers: Sequence[int], lines: Sequence[LogLine]) -> None:
        places = zip(numbers, lines, strict=True)
        tally = Counter((minute_of(number), level_of(number), line.role) for number, line in places)
        rows = [{"minute": minute, "level": level, "role": role, "count": count} for (minute, level, role), count in tally.items()]
        adding = (postgresql if self._is_postgresql else sqlite).insert(COUNTS)
        place = [COUNTS.c.minute, COUNTS.c.level, COUNTS.c.role]
        more = {"count": COUNTS.c.count + adding.excluded.count}
        self._connection.execute(adding.on_conflict_do_update(index_elements=place, set_=more), rows)

    def search(self, criteria: Criteria, limit: int, before: int | None = None) -> Found:
        low, high = key(criteria.start), key(criteria.end)
        high = high if before is None else min(high, before)
        if _names_one(criteria):
            lines = [line for line in self._of_one_id(criteria) if int(line.id) < high][: limit + 1]
        else:
            lines = self._lines(self._numbers(self._matching(criteria, low, high).limit(limit + 1)))
        return Found(tuple(lines[:limit]), len(lines) > limit)

    def counts(self, criteria: Criteria, width: timedelta) -> Counts:
        if _names_one(criteria):
            return keys.count_lines(self._of_one_id(criteria), width)
        if criteria.asks_only_for_levels() and not width % MINUTE:
            return self._by_the_minute(criteria, width)
        step, number = width // MICROSECOND, literal_column("number", BigInteger())
        newest = self._matching(criteria, key(criteria.start), key(criteria.end)).limit(MOST_COUNTED + 1).subquery()
        bucket = literal_column(f"((number >> {BITS}) + {keys.phase(step)}) / {step}", BigInteger())
        level = literal_column(f"(number >> {NUMBER_BITS}) & {LEVEL_MASK}", Integer())
        query = select(bucket, level, func.count(), func.min(number)).select_from(newest).group_by(bucket, level)
        rows = list(self._connection.execute(query))
        is_cut = sum(row[2] for row in rows) > MOST_COUNTED
        return keys.counted((row[:3] for row in rows), width, keys.time_of(min(row[3] for row in rows)) if is_cut else None)

    def _by_the_minute(self, criteria: Criteria, width: timedelta) -> Counts:
        """Exact, over the whole minutes that the range touches."""
        step, last = width // MICROSECOND, minute_of(key(criteria.end - MICROSECOND))
        conditions: list[ColumnElement[bool]] = [COUNTS.c.minute.between(minute_of(key(criteria.start)), last)]
        if criteria.levels:
            conditions.append(COUNTS.c.level.in_([LEVELS.index(level) for level in criteria.levels]))
        if criteria.role:
            conditions.append(COUNTS.c.role == criteria.role)
        bucket = literal_column(f"(minute * {MINUTE_STEP} + {keys.phase(step)}) / {step}", BigInteger())
        query = select(bucket, COUNTS.c.level, func.sum(COUNTS.c.count)).where(*conditions).group_by(bucket, COUNTS.c.level)
        return keys.counted((row[:3] for row in self._connection.execute(query)), width)

    def line(self, line_id: int) -> LogLine | None:
        return next(iter(self._lines([line_id])), None)

    def around(self, line_id: int, before: int, after: int, instance: str) -> tuple[LogLine, ...]:
        if self.line(line_id) is None:
            return ()
        near = Criteria(keys.EPOCH, keys.LAST, instance=instance)
        older = self._numbers(self._matching(near, 0, line_id).limit(before))
        newer = self._numbers(self._matching(near, line_id + 1, key(keys.LAST), newest=False).limit(after))
        return tuple(reversed(self._lines([*older, line_id, *newer])))

    def tail(self, criteria: Criteria, cursor: int | None, limit: int) -> Tail:
        last = self._last_arrival()
        if cursor is None:
            return Tail((), str(last))
        newest = select(LINES).where(LINES.c.arrival > cursor).order_by(LINES.c.arrival.desc()).limit(limit + 1)
        rows = list(self._connection.execute(newest))
        lines = [line for line in map(_to_line, rows[:limit]) if meets(line, criteria)]
        return Tail(tuple(reversed(newest_first(lines))), str(last), len(rows) > limit)

    def roles(self, criteria: Criteria) -> tuple[str, ...]:
        within = COUNTS.c.minute.between(minute_of(key(criteria.start)), minute_of(key(criteria.end)))
        found = self._connection.execute(select(COUNTS.c.role).where(within).distinct()).scalars()
        return tuple(sorted(role for role in found if role))

    def position(self, file_id: str) -> Position | None:
        row = self._connection.execute(select(FILES).where(FILES.c.id == file_id)).first()
        return None if row is None else Position(**row._mapping)

    def positions(self, host: str) -> list[Position]:
        return [Position(**row._mapping) for row in self._connection.execute(select(FILES).where(FILES.c.host == host))]

    def moved(self, position: Position) -> None:
        """Note how far a file was read."""
        values = vars(position)
        if not self._connection.execute(update(FILES).where(FILES.c.id == position.id).values(values)).rowcount:
            self._connection.execute(insert(FILES).values(values))

    def forget_files(self, ids: Iterable[str]) -> None:
        self._connection.execute(delete(FILES).where(FILES.c.id.in_(list(ids))))

    def forget(self, before: datetime, most: int, at_once: int) -> int:
        """Remove the oldest minutes that are older than ``before`` or beyond the newest ``most`` lines, some ``at_once`` lines of
        them; how many lines."""
        by_minute = select(COUNTS.c.minute, func.sum(COUNTS.c.count).label("count")).group_by(COUNTS.c.minute).order_by(COUNTS.c.minute)
        minutes = [(int(row[0]), int(row[1])) for row in self._connection.execute(by_minute)]
        excess, cut, gone = sum(count for _, count in minutes) - most, None, 0
        for minute, count in minutes:
            if gone >= at_once or (minute >= minute_of(key(before)) and gone >= excess):
                break
            cut, gone = minute + 1, gone + count
        if cut is None:
            return 0
        end = cut * MINUTE_STEP << BITS
        self._connection.execute(delete(COUNTS).where(COUNTS.c.minute < cut))
        self._connection.execute(text(self._index.removing), {"end": end})
        return self._connection.execute(delete(LINES).where(LINES.c.id < end)).rowcount

    def _matching(self, criteria: Criteria, low: int, high: int, *, newest: bool = True) -> Select[Any]:
        """The keys from ``low`` to below ``high``, in the order asked for."""
        asked = wanted(criteria)
        number: ColumnElement[Any] = literal_column(self._index.key, BigInteger()) if asked else LINES.c.id
        query = select(number.label("number")).where(number >= low, number < high)
        if asked:
            words = matching.for_postgresql(asked) if self._is_postgresql else matching.for_sqlite(asked)
            query = query.select_from(table("log_words")).where(text(self._index.condition).bindparams(asked=words))
        return query.order_by(number.desc() if newest else number)

    def _numbers(self, query: Select[Any]) -> list[int]:
        return list(self._connection.execute(query).scalars())

    def _of_one_id(self, criteria: Criteria) -> list[LogLine]:
        """All lines of a request or trace that meet the rest, too, the newest first."""
        either = id_in(criteria)
        conditions: list[ColumnElement[bool]] = [or_(LINES.c.request_id == either, LINES.c.trace_id == either)] if either else []
        conditions += [LINES.c[name] == value for name in ("request_id", "trace_id") if (value := getattr(criteria, name))]
        query = select(LINES).where(*conditions).order_by(LINES.c.id.desc()).limit(MOST_OF_ONE_ID)
        return [line for line in map(_to_line, self._connection.execute(query)) if meets(line, criteria)]

    def _lines(self, ids: Sequence[int]) -> list[LogLine]:
        """The newest first."""
        if not ids:
            return []
        rows = self._connection.execute(select(LINES).where(LINES.c.id.in_(ids)).order_by(LINES.c.id.desc()))
        return [_to_line(row) for row in rows]


def _names_one(criteria: Criteria) -> bool:
    return bool(criteria.request_id or criteria.trace_id or id_in(criteria))


def _row(number: int, arrival: int, line: LogLine) -> dict[str, Any]:
    return {"id": number, "arrival": arrival, "request_id": line.request_id, "trace_id": line.trace_id, "body": body_of(line)}


def _to_line(row: Row[Any]) -> LogLine:
    return line_of(row.body, keys.time_of(row.id), str(row.id))
