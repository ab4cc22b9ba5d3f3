"""What people ask about answered requests: a list of them, all in outline, and one in full."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import TypeVar

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.audit.record import Criteria as AuditCriteria
from backend.audit.record import Record, plain
from backend.audit.service import AuditService
from backend.clock import Clock
from backend.errors import ServiceError, StorageUnavailable
from backend.monitoring.last_answers import LastAnswers
from backend.monitoring.logs.record import Criteria, Found
from backend.monitoring.logs.service import RECENT, WIDTHS, LogService
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import FoundRequests, Outline, RequestCriteria, RequestInFull, checked
from backend.monitoring.requests.store import RequestStore
from backend.storage.database import Database

LARGEST_PAGE = 500
DEEPEST = 50_000
MOST_LINES = 200
_AROUND = timedelta(minutes=10)  # its lines and acts, when the request is known
_REACH = timedelta(days=30)  # and when only its id is
T = TypeVar("T")


class RequestService:
    """Requests stand in SQL for a day; their log lines come from wherever those are kept."""

    def __init__(self, database: Database, logs: LogService, audit: AuditService, clock: Clock) -> None:
        self._database = database
        self._logs = logs
        self._audit = audit
        self._clock = clock
        self._last = LastAnswers()

    def requests(self, actor: Actor, criteria: RequestCriteria, limit: int = 100, skip: int = 0) -> Reading[FoundRequests]:
        """A page of those that match, in the order asked for; InvalidRequest names the field that cannot be asked for."""
        asked, most, first = self._asked(actor, criteria), max(1, min(limit, LARGEST_PAGE)), max(0, min(skip, DEEPEST))
        question = ("requests", self._question(asked), most, first)
        return self._read(question, lambda store: store.search(asked, most, first), lambda found: len(found.records))

    def outline(self, actor: Actor, criteria: RequestCriteria, most_buckets: int = 60) -> Reading[Outline]:
        """How many match over time, by route and by error code."""
        asked = self._asked(actor, criteria)
        seconds = (asked.end - asked.start).total_seconds()
        width = timedelta(seconds=next((one for one in WIDTHS if seconds / one <= most_buckets), WIDTHS[-1]))
        question = ("outline", self._question(asked), width)
        return self._read(question, lambda store: store.outline(asked, width), lambda outline: outline.total)

    def request(self, actor: Actor, request_id: str) -> Reading[RequestInFull]:
        """All that is known of one: its record, its log lines, the acts it did. Empty: nothing is."""
        actor.require(Permission.VIEW_REQUESTS)
        wanted = plain(request_id).strip()[:64]
        found = self._read(("request", wanted), lambda store: store.request(wanted), lambda record: 0 if record is None else 1)
        if isinstance(found, Failed):
            return found
        record = found.value if isinstance(found, Fresh | Stale) else None
        lines = self._lines(actor, wanted, record) if wanted else None
        known = RequestInFull(wanted, record, lines, self._acts(actor, wanted, record))
        if isinstance(found, Stale):
            return Stale(known, found.at, found.why)
        if record is None and not isinstance(lines, Fresh | Stale | Failed):
            return Empty(self._clock.now())
        return Fresh(known, self._clock.now(), found.took_seconds if isinstance(found, Fresh) else 0.0)

    def _lines(self, actor: Actor, request_id: str, record: RequestRecord | None) -> Reading[Found] | None:
        """None: log lines are not for this actor."""
        if not actor.may(Permission.VIEW_LOGS):
            return None
        start, end = self._near(record)
        return self._logs.search(actor, Criteria(start, end, request_id=request_id), MOST_LINES)

    def _acts(self, actor: Actor, request_id: str, record: RequestRecord | None) -> tuple[Record, ...] | None:
        """The audit entries of the request that this actor may read."""
        if not request_id:
            return ()
        start, end = self._near(record)
        try:
            entries = self._audit.search(actor, AuditCriteria(since=start, until=end, text=request_id), 50)
        except ServiceError:
            return None
        return tuple(entry for entry in entries if entry.request_id == request_id)

    def _near(self, record: RequestRecord | None) -> tuple[datetime, datetime]:
        now = self._clock.now()
        if record is None:
            return now - _REACH, now + _AROUND
        return record.at - timedelta(seconds=record.seconds) - _AROUND, record.at + _AROUND

    def _asked(self, actor: Actor, criteria: RequestCriteria) -> RequestCriteria:
        actor.require(Permission.VIEW_REQUESTS)
        return checked(criteria)

    def _question(self, asked: RequestCriteria) -> Hashable:
        """The same while time goes on, for a range that moves with it."""
        values = {name: value for name, value in vars(asked).items() if name not in ("start", "end")}
        when = asked.end - asked.start if abs(asked.end - self._clock.now()) <= RECENT else (asked.start, asked.end)
        return when, tuple(values.values())

    def _read(self, question: Hashable, ask: Callable[[RequestStore], T], size: Callable[[T], int]) -> Reading[T]:
        begun, now = self._clock.monotonic(), self._clock.now()
        try:
            with self._database.reading() as connection:
                value = ask(RequestStore(connection))
        except StorageUnavailable as error:
            kept = self._last.of(question)
            if kept is not None and kept.value is not None:
                return Stale(kept.value, kept.at, error.detail)
            return Failed("sql", error.detail, now, self._last.last_good)
        self._last.keep(question, value, now, now if size(value) else None, size(value))
        if size(value):
            return Fresh(value, now, self._clock.monotonic() - begun)
        known = self._last.of(question)
        return Empty(now, known.full_at if known else None)
