"""What may be asked about answered requests, and what is known of one in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, cast, get_args

from backend.answer import Reading
from backend.audit.record import Record
from backend.errors import InvalidRequest
from backend.monitoring.logs.record import Found
from backend.monitoring.records import RequestRecord

LONGEST_NAME = 128
STATUSES = ("2xx", "3xx", "4xx", "5xx")
Order = Literal["newest", "slowest"]


@dataclass(frozen=True)
class RequestCriteria:
    """Requests answered at ``start`` <= at < ``end`` for which all of this is so; an empty part asks for nothing.

    ``statuses``: classes such as '4xx', or numbers. ``degraded`` and ``failed`` (with an error code): None asks for both kinds.
    """

    start: datetime
    end: datetime
    route: str = ""
    statuses: tuple[str, ...] = ()
    degraded: bool | None = None
    failed: bool | None = None
    error_code: str = ""
    at_least_seconds: float = 0.0
    actor: str = ""
    order: Order = "newest"


@dataclass(frozen=True)
class FoundRequests:
    """A page of requests; ``more``: there are further ones."""

    records: tuple[RequestRecord, ...]
    more: bool


@dataclass(frozen=True)
class Bucket:
    """How many requests of each class of status were answered from ``at`` on, for the width of a bucket."""

    at: datetime
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Outline:
    """All that match in one look: counts over time, by route, and by error code."""

    width: timedelta
    buckets: tuple[Bucket, ...]
    routes: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.routes.values())


@dataclass(frozen=True)
class RequestInFull:
    """One request and what else is known of it. ``record`` None: only log lines tell of it."""

    id: str
    record: RequestRecord | None
    lines: Reading[Found] | None
    acts: tuple[Record, ...] | None  # None: not for this actor, or the audit log did not answer


def checked(criteria: RequestCriteria) -> RequestCriteria:
    """The criteria as they are; InvalidRequest names the field that cannot be asked for."""
    if criteria.end <= criteria.start:
        raise InvalidRequest.of("range", "invalid", "A range ends after it begins.")
    for name in ("route", "error_code", "actor"):
        if len(getattr(criteria, name)) > LONGEST_NAME:
            raise InvalidRequest.of(name, "too_long", f"This has at most {LONGEST_NAME} characters.")
    for status in criteria.statuses:
        if status not in STATUSES and not (status.isascii() and status.isdigit() and len(status) == 3):
            raise InvalidRequest.of("status", "unknown", "A status is a number of three digits, or a class such as 4xx.")
    if not 0 <= criteria.at_least_seconds < 86_400:
        raise InvalidRequest.of("took", "invalid", "A duration is between 0 and 86,400 s.")
    return criteria


def checked_order(text: str) -> Order:
    """The order that is meant; the newest first for a word that is none."""
    return cast("Order", text) if text in get_args(Order) else "newest"
