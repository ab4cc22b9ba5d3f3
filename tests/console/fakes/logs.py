"""Log lines and requests without a store behind them: the real services over a source in whichever state a test wants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend.actor import Actor, Permission
from backend.answer import Reading
from backend.audit.record import Record
from backend.monitoring.logs import keys
from backend.monitoring.logs.record import Counts, Criteria, Found, LogLine, Tail, checked, newest_first
from backend.monitoring.logs.service import width_for
from backend.monitoring.logs.words import meets
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import Bucket, FoundRequests, Outline, RequestCriteria, RequestInFull
from backend.monitoring.requests.record import checked as checked_requests
from backend.telemetry.spans import Span
from tests.console.fakes.sources import HOSTILE, FakeClock, reading

LEVELS = ("info", "info", "warning", "error", "info", "debug")


class FakeLogs:
    """Forty lines of the last hour; ``more`` adds some."""

    def __init__(self, clock: FakeClock, state: str) -> None:
        self.clock, self.state = clock, state
        self.lines = [self._line(place) for place in range(40)]

    def _line(self, place: int) -> LogLine:
        at = self.clock.now() - timedelta(seconds=80 * place + 5)
        fields = {"status": 200, "seconds": 0.0123, "note": HOSTILE}
        level, request = LEVELS[place % 6], f"req-{place:02d}"
        return LogLine(
            f"{1000 - place}", at, level, "request", "backend.api", "api", "api-a", request, "0" * 32, "key-1", "/v1/charts", fields
        )

    def more(self, count: int) -> None:
        for place in range(count):
            self.lines.insert(
                0, LogLine(f"{2000 + place}", self.clock.now(), "error", "job_failed", "backend.worker", "worker", "worker-1")
            )

    def search(self, actor: Actor, criteria: Criteria, limit: int = 200, before: str | None = None) -> Reading[Found]:
        found = self._found(actor, criteria)
        return self._read(Found(tuple(found[:limit]), len(found) > limit), len(found))

    def counts(self, actor: Actor, criteria: Criteria, most_buckets: int = 60) -> Reading[Counts]:
        found = self._found(actor, criteria)
        return self._read(keys.count_lines(found, width_for(criteria, most_buckets)), len(found))

    def around(self, actor: Actor, line_id: str, before: int = 10, after: int = 10, instance: str = "") -> Reading[tuple[LogLine, ...]]:
        actor.require(Permission.VIEW_LOGS)
        places = [place for place, line in enumerate(self.lines) if line.id == line_id]
        found = self.lines[max(0, places[0] - after) : places[0] + before + 1] if places else []
        return self._read(tuple(reversed(found)), len(found))

    def tail(self, actor: Actor, criteria: Criteria, cursor: str | None = None, limit: int = 200) -> Reading[Tail]:
        found = self._found(actor, criteria)
        new = [] if cursor is None else [line for line in found if int(line.id) > int(cursor)]
        return self._read(Tail(tuple(reversed(new)), max((line.id for line in self.lines), key=int, default="0")), 1)

    def roles(self, actor: Actor, criteria: Criteria) -> Reading[tuple[str, ...]]:
        actor.require(Permission.VIEW_LOGS)
        return self._read(("api", "worker"), 1)

    def _found(self, actor: Actor, criteria: Criteria) -> list[LogLine]:
        actor.require(Permission.VIEW_LOGS)
        asked = checked(criteria)
        return list(newest_first([line for line in self.lines if meets(line, asked)]))

    def _read(self, value: Any, size: int) -> Reading[Any]:
        return reading("empty" if self.state == "fresh" and not size else self.state, value, self.clock.now())


class FakeRequests:
    """Thirty requests of the last hour, one of them with parts; their lines are those of ``logs``."""

    def __init__(self, clock: FakeClock, logs: FakeLogs, state: str, acts: Callable[[Actor], tuple[Record, ...]] | None = None) -> None:
        self.clock, self.logs, self.state, self.acts = clock, logs, state, acts
        self.records = [self._record(place) for place in range(30)]

    def _record(self, place: int) -> RequestRecord:
        at, status = self.clock.now() - timedelta(seconds=100 * place + 7), (200, 200, 503, 422, 200)[place % 5]
        error = {503: "circuit_open", 422: "invalid_request"}.get(status)
        spans = (
            Span("cache.look", 0.0001, 0.0004, "ok", {"found": "no"}),
            Span("place.find", 0.0006, 0.08, "circuit_open", {"dependency": "geocoder", "note": HOSTILE}),
            Span("retry", 0.05, 0.0, "ok", {"attempt": "2"}, 1),
            Span("chart.compute", 0.081, 0.009, "ok", {}),
        )
        return RequestRecord(
            f"req-{place:02d}", at, "POST", "/v1/charts", status, 0.0912, "0" * 32, "api-a", "key-1", ("place",) if place % 4 == 0 else (),
            error, spans if place % 3 == 0 else (), "0.091 answer\n└─ 0.080 find" if place % 3 == 0 else None,
        )  # fmt: skip

    def requests(self, actor: Actor, criteria: RequestCriteria, limit: int = 100, skip: int = 0) -> Reading[FoundRequests]:
        found = self._found(actor, criteria)
        return self._read(FoundRequests(tuple(found[skip : skip + limit]), len(found) > skip + limit), len(found))

    def outline(self, actor: Actor, criteria: RequestCriteria, most_buckets: int = 60) -> Reading[Outline]:
        found = self._found(actor, criteria)
        buckets = tuple(Bucket(record.at, {f"{record.status // 100}xx": 1}) for record in reversed(found))
        errors = {record.error_code: 1 for record in found if record.error_code}
        return self._read(Outline(timedelta(minutes=1), buckets, {"/v1/charts": len(found)}, errors), len(found))

    def request(self, actor: Actor, request_id: str) -> Reading[RequestInFull]:
        actor.require(Permission.VIEW_REQUESTS)
        record = next((record for record in self.records if record.id == request_id), None)
        lines = None
        if actor.may(Permission.VIEW_LOGS):
            end = self.clock.now() + timedelta(minutes=1)
            lines = self.logs.search(actor, Criteria(end - timedelta(hours=9), end, request_id=request_id))
        known = RequestInFull(request_id, record, lines, self.acts(actor) if self.acts else ())
        return self._read(known, int(record is not None or request_id == "only-lines"))

    def _found(self, actor: Actor, criteria: RequestCriteria) -> list[RequestRecord]:
        actor.require(Permission.VIEW_REQUESTS)
        asked = checked_requests(criteria)
        statuses = tuple(status[0] for status in asked.statuses)
        found = [one for one in self.records if asked.start <= one.at < asked.end and (not statuses or str(one.status)[0] in statuses)]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def _read(self, value: Any, size: int) -> Reading[Any]:
        return reading("empty" if self.state == "fresh" and not size else self.state, value, self.clock.now())
