"""A Loki as the log source, asked over its HTTP API (https://grafana.com/docs/loki/latest/reference/loki-http-api/).

Whoever ships the lines of our processes there decides about labels; ``selector`` names the streams, and the rest is read from the
lines themselves, which are JSON. Loki keeps nanoseconds and has no ids: a line's id is its instant and a sum of its text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.monitoring.logs.logql import counting, pipeline
from backend.monitoring.logs.reading import line_of
from backend.monitoring.logs.record import LEVELS, Bucket, Counts, Criteria, Found, LogLine, Tail

SOURCE = "loki"
LATE = timedelta(seconds=30)  # how long after its time a line may still arrive
NEAR = timedelta(hours=6)  # how far from a line its neighbours are looked for
_NANO = 1_000_000_000
_PATH = "/loki/api/v1"
Ask = Callable[[str, Mapping[str, str | int]], Any]
Entry = tuple[int, str]  # nanoseconds since 1970, text


class LokiLogs:
    """``ask`` gets the JSON document of a path; it raises DependencyFailed, CallRefused or DeadlineExceeded."""

    name = SOURCE

    def __init__(self, ask: Ask, selector: str, clock: Clock) -> None:
        self._ask = ask
        self._selector = selector
        self._clock = clock

    def search(self, criteria: Criteria, limit: int, before: str | None = None) -> Found:
        end, left_out = _nanoseconds(criteria.end), ""
        if before is not None and (instant := _instant(before)) is not None:
            end, left_out = min(end, instant + 1), before
        entries = self._entries(pipeline(self._selector, criteria), _nanoseconds(criteria.start), end, limit + 1 + bool(left_out))
        lines = [self._line(entry) for entry in entries]
        if left_out in (ids := [line.id for line in lines]):
            lines = lines[ids.index(left_out) + 1 :]
        return Found(tuple(lines[:limit]), len(lines) > limit)

    def counts(self, criteria: Criteria, width: timedelta) -> Counts:
        """Loki counts backwards from each instant: the count at the end of a bucket is the bucket's."""
        step = int(width.total_seconds())
        first, last = int(criteria.start.timestamp()) // step * step, -(-int(criteria.end.timestamp()) // step) * step
        params: dict[str, str | int] = {"query": counting(self._selector, criteria, step), "start": first + step, "end": last, "step": step}
        found: dict[int, dict[str, int]] = {}
        for series in self._result(f"{_PATH}/query_range", params, "matrix"):
            level = str(series.get("metric", {}).get("level", "info"))
            for at, value in series.get("values", []):
                if float(value):
                    found.setdefault(int(at) - step, {})[level if level in LEVELS else "info"] = int(float(value))
        return Counts(width, tuple(Bucket(datetime.fromtimestamp(at, UTC), found[at]) for at in sorted(found)))

    def line(self, line_id: str) -> LogLine | None:
        instant = _instant(line_id)
        if instant is None:
            return None
        entries = self._entries(self._selector, instant, instant + 1, 1000)
        return next((line for line in map(self._line, entries) if line.id == line_id), None)

    def around(self, line_id: str, before: int, after: int, instance: str) -> tuple[LogLine, ...]:
        instant, middle = _instant(line_id), self.line(line_id)
        if instant is None or middle is None:
            return ()
        query = pipeline(self._selector, Criteria(middle.at, middle.at, instance=instance))
        reach = int(NEAR.total_seconds()) * _NANO
        older = self._entries(query, instant - reach, instant, before)
        newer = self._entries(query, instant + 1, instant + reach, after, "forward")
        return (*(self._line(entry) for entry in reversed(older)), middle, *(self._line(entry) for entry in newer))

    def tail(self, criteria: Criteria, cursor: str | None, limit: int) -> Tail:
        """The cursor is an instant and the ids seen in the half minute before it, as lines may come late."""
        now = self._clock.now()
        since, seen = _cursor(cursor) if cursor is not None else (now, frozenset())
        found = self.search(criteria.within(since - LATE, now + LATE), limit)
        lines = tuple(line for line in reversed(found.lines) if line.id not in seen)
        recent = [line.id for line in found.lines if line.at >= now - LATE]
        fresh = () if cursor is None else lines
        return Tail(fresh, f"{_nanoseconds(now)}:{','.join(recent)}", found.more and cursor is not None)

    def roles(self, criteria: Criteria) -> tuple[str, ...]:
        """None where 'role' is no label of the streams."""
        params: dict[str, str | int] = {"query": self._selector, "start": _nanoseconds(criteria.start), "end": _nanoseconds(criteria.end)}
        document = self._ask(f"{_PATH}/label/role/values", params)
        values = document.get("data") if isinstance(document, dict) else None
        return tuple(sorted(str(value) for value in values)) if isinstance(values, list) else ()

    def _entries(self, query: str, start: int, end: int, limit: int, direction: str = "backward") -> list[Entry]:
        """In the order of the direction; of all streams together."""
        params: dict[str, str | int] = {"query": query, "start": start, "end": end, "limit": limit, "direction": direction}
        result = self._result(f"{_PATH}/query_range", params, "streams")
        entries = [(int(value[0]), str(value[1])) for stream in result for value in stream.get("values", [])]
        return sorted(entries, reverse=direction == "backward")[:limit]

    def _result(self, path: str, params: Mapping[str, str | int], kind: str) -> Iterable[dict[str, Any]]:
        document = self._ask(path, params)
        data = document.get("data") if isinstance(document, dict) else None
        if not isinstance(data, dict) or data.get("resultType") != kind or not isinstance(data.get("result"), list):
            raise DependencyFailed(SOURCE, "loki answered with something that is not a Loki's answer", transient=False)
        result: list[dict[str, Any]] = data["result"]
        return result

    def _line(self, entry: Entry) -> LogLine:
        """At Loki's instant, by which it is found again."""
        instant, text = entry
        total = hashlib.blake2s(text.encode(errors="replace"), digest_size=6).hexdigest()
        at = datetime.fromtimestamp(instant // _NANO, UTC) + timedelta(microseconds=instant % _NANO // 1000)
        return replace(line_of(text, at, f"{instant}-{total}"), at=at)


def _nanoseconds(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) * 1000


def _instant(line_id: str) -> int | None:
    text = line_id.partition("-")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else None


def _cursor(text: str) -> tuple[datetime, frozenset[str]]:
    instant, _, ids = text.partition(":")
    since = datetime.fromtimestamp((_instant(instant) or 0) / _NANO, UTC)
    return since, frozenset(ids.split(","))
