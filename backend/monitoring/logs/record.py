"""What a log line is, and what may be asked about many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from backend.errors import InvalidRequest

LEVELS = ("debug", "info", "warning", "error", "critical")  # the least serious first
LONGEST_TEXT = 200
LONGEST_NAME = 128
LONGEST_SPAN = timedelta(days=400)
MOST_LINES = 1000  # in one answer
_TEXTS = ("text", "request_id", "trace_id", "route", "role", "instance")  # of criteria, in their order
KNOWN = ("at", "level", "event", "source", "role", "instance", "request_id", "trace_id", "actor_id", "route")


@dataclass(frozen=True)
class LogLine:
    """One event that a process told. ``id`` is opaque and stays; ``fields`` is all that has no name of its own here."""

    id: str
    at: datetime
    level: str
    event: str
    source: str = ""
    role: str = ""
    instance: str = ""
    request_id: str | None = None
    trace_id: str | None = None
    actor_id: str | None = None
    route: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The line as it was written: one JSON object."""
        named = {name: getattr(self, name) for name in KNOWN if name != "at"}
        return {"at": self.at.isoformat(), **{name: value for name, value in named.items() if value}, **self.fields}


@dataclass(frozen=True)
class Criteria:
    """Lines of ``start`` <= at < ``end`` for which all of this is so; an empty part asks for nothing.

    ``text``: words that the line has, 'wor*' for a beginning, '-word' for one it has not; a whole request or trace id finds its
    lines. ``instance`` is a whole id or its end.
    """

    start: datetime
    end: datetime
    levels: tuple[str, ...] = ()
    text: str = ""
    request_id: str = ""
    trace_id: str = ""
    route: str = ""
    role: str = ""
    instance: str = ""

    def within(self, start: datetime, end: datetime) -> Criteria:
        return replace(self, start=start, end=end)

    def besides_time(self) -> tuple[object, ...]:
        """What is asked for, whenever it was."""
        return self.levels, self.text, self.request_id, self.trace_id, self.route, self.role, self.instance

    def asks_only_for_levels(self) -> bool:
        return not (self.text or self.request_id or self.trace_id or self.route or self.instance)


@dataclass(frozen=True)
class Found:
    """Lines, the newest first; ``more``: there are older ones that match."""

    lines: tuple[LogLine, ...]
    more: bool = False


@dataclass(frozen=True)
class Bucket:
    """How many lines of each level there are from ``at`` on, for the width of a bucket."""

    at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Counts:
    """Counts over a range. ``since``: older lines than this were not counted, as there are too many that match (None: all were)."""

    width: timedelta
    buckets: tuple[Bucket, ...]
    since: datetime | None = None

    @property
    def total(self) -> int:
        return sum(sum(bucket.counts.values()) for bucket in self.buckets)


@dataclass(frozen=True)
class Tail:
    """Lines that arrived since the cursor that was given, in the order of their time; ``cursor`` is where to go on."""

    lines: tuple[LogLine, ...]
    cursor: str
    skipped: bool = False  # more arrived than fit: the older of them are left out


def checked(criteria: Criteria) -> Criteria:
    """The criteria as stores take them; InvalidRequest names the field that cannot be asked for."""
    if criteria.end <= criteria.start or criteria.end - criteria.start > LONGEST_SPAN:
        raise InvalidRequest.of("range", "invalid", f"A range ends after it begins, and covers at most {LONGEST_SPAN.days} days.")
    for level in criteria.levels:
        if level not in LEVELS:
            raise InvalidRequest.of("level", "unknown", f"A level is one of {', '.join(LEVELS)}.")
    if len(criteria.text) > LONGEST_TEXT:
        raise InvalidRequest.of("text", "too_long", f"A text to search for has at most {LONGEST_TEXT} characters.")
    for name in _TEXTS[1:]:
        if len(getattr(criteria, name)) > LONGEST_NAME:
            raise InvalidRequest.of(name, "too_long", f"This has at most {LONGEST_NAME} characters.")
    levels = () if set(criteria.levels) == set(LEVELS) else tuple(dict.fromkeys(criteria.levels))
    return Criteria(criteria.start, criteria.end, levels, *(_plain(getattr(criteria, name)) for name in _TEXTS))


def _plain(text: str) -> str:
    """Without what no line holds: NUL, control signs, halves of characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def bounded(limit: int) -> int:
    return max(1, min(limit, MOST_LINES))


def newest_first(lines: Sequence[LogLine]) -> tuple[LogLine, ...]:
    return tuple(sorted(lines, key=lambda line: (line.at, line.id), reverse=True))
