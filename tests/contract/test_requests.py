"""Answered requests on both databases: listed, counted and shown in full, as each actor may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.audit.record import Entry
from backend.audit.service import AuditService
from backend.errors import Forbidden, InvalidRequest, StorageUnavailable
from backend.monitoring.logs.kept import KeptLogs
from backend.monitoring.logs.service import LogService
from backend.monitoring.logs.store import LogStore
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import RequestCriteria, RequestInFull
from backend.monitoring.requests.service import RequestService
from backend.monitoring.requests.store import RequestStore
from backend.storage.database import Database
from backend.telemetry.spans import Span
from tests.support.clock import START, ManualClock
from tests.support.log_lines import line

ADMIN, DEVELOPER, VIEWER = (
    Actor(ActorKind.OPERATOR, role.value, role.value, PERMISSIONS[role], role) for role in (Role.ADMIN, Role.DEVELOPER, Role.VIEWER)
)
DAY = RequestCriteria(START - timedelta(hours=12), START + timedelta(hours=12))


def request(number: int, **more: object) -> RequestRecord:
    made = RequestRecord(f"r-{number:02d}", START + timedelta(seconds=number), "POST", "/v1/charts", 200, 0.01 * number, "0" * 32, "i")
    return replace(made, **more)  # type: ignore[arg-type]


RECORDS = (
    request(1),
    request(2, status=404, error_code="not_found", route="/v1/places"),
    request(3, status=503, error_code="circuit_open", actor_id="key-1"),
    request(4, degraded=("place",), actor_id="key-1"),
    request(5, spans=(Span("cache.look", 0.0, 0.1, "ok", {"found": "no"}), Span("call", 0.01, 0.02, "timeout", {}, 0)), profile="tree"),
)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + timedelta(minutes=1))


@pytest.fixture
def service(database: Database, clock: ManualClock) -> RequestService:
    with database.transaction() as connection:
        RequestStore(connection).keep(RECORDS)
    return RequestService(database, LogService(KeptLogs(database), clock), AuditService(database, clock), clock)


def ids(service: RequestService, **asked: object) -> list[str]:
    found = service.requests(DEVELOPER, replace(DAY, **asked))  # type: ignore[arg-type]
    return [record.id for record in found.value.records] if isinstance(found, Fresh) else []


def in_full(service: RequestService, number: str, actor: Actor = DEVELOPER) -> RequestInFull:
    found = service.request(actor, number)
    assert isinstance(found, Fresh)
    return found.value


def test_each_filter_finds_its_own(service: RequestService) -> None:
    assert ids(service) == ["r-05", "r-04", "r-03", "r-02", "r-01"]
    assert ids(service, route="/v1/places") == ["r-02"]
    assert ids(service, statuses=("4xx", "503")) == ["r-03", "r-02"]
    assert ids(service, degraded=True) == ["r-04"]
    assert ids(service, failed=True, actor="key-1") == ["r-03"]
    assert ids(service, failed=False, degraded=False) == ["r-05", "r-01"]
    assert ids(service, error_code="not_found") == ["r-02"]
    assert ids(service, at_least_seconds=0.04) == ["r-05", "r-04"]
    assert ids(service, order="slowest", end=START + timedelta(seconds=4)) == ["r-03", "r-02", "r-01"]
    assert ids(service, route="\0' OR 1=1 --") == []


def test_pages_follow_each_other(service: RequestService) -> None:
    first, second = (service.requests(DEVELOPER, DAY, 3, skip) for skip in (0, 3))
    assert isinstance(first, Fresh) and isinstance(second, Fresh)
    assert [len(first.value.records), len(second.value.records)] == [3, 2]
    assert (first.value.more, second.value.more) == (True, False)


def test_an_outline_counts_all_that_match(service: RequestService) -> None:
    found = service.outline(DEVELOPER, DAY)
    assert isinstance(found, Fresh)
    (bucket,) = found.value.buckets
    assert dict(bucket.counts) == {"2xx": 3, "4xx": 1, "5xx": 1} and bucket.at <= START < bucket.at + found.value.width
    assert dict(found.value.routes) == {"/v1/charts": 4, "/v1/places": 1}
    assert dict(found.value.errors) == {"circuit_open": 1, "not_found": 1}


def test_a_request_in_full_has_its_parts_its_lines_and_its_acts(service: RequestService, database: Database, clock: ManualClock) -> None:
    with database.transaction() as connection:
        store = LogStore(connection)
        store.lock()
        store.append([line(5, request_id="r-05"), line(6, request_id="r-04"), line(90_000, request_id="r-05")])
    acting = replace(DEVELOPER, request_id="r-05")
    AuditService(database, clock).note(Entry("deploys.record", "deploy", "d-1", acting))
    AuditService(database, clock).note(Entry("deploys.record", "deploy", "r-05", DEVELOPER))
    known = in_full(service, "r-05", ADMIN)
    assert known.record == RECORDS[4]
    assert isinstance(known.lines, Fresh) and [one.at for one in known.lines.value.lines] == [START + timedelta(seconds=5)]
    assert [act.object_id for act in known.acts or ()] == ["d-1"]
    assert in_full(service, "r-04").record == RECORDS[3]


def test_log_lines_alone_tell_of_a_request_that_left_no_record(service: RequestService, database: Database) -> None:
    with database.transaction() as connection:
        LogStore(connection).append([line(5, request_id="lost")])
    known = in_full(service, "lost")
    assert known.record is None and isinstance(known.lines, Fresh)
    for nothing in ("no-such", "", "\0", "x" * 500, "' OR ''='"):
        assert isinstance(service.request(DEVELOPER, nothing), Empty), nothing


def test_who_may_not_see_requests_sees_none(service: RequestService) -> None:
    for ask in (lambda: service.requests(VIEWER, DAY), lambda: service.outline(VIEWER, DAY), lambda: service.request(VIEWER, "r-01")):
        with pytest.raises(Forbidden):
            ask()


@pytest.mark.parametrize(
    "wrong", [{"end": DAY.start}, {"route": "x" * 200}, {"statuses": ("teapot",)}, {"statuses": ("²00",)}, {"at_least_seconds": -1.0}]
)
def test_a_question_that_cannot_be_meant_names_its_field(service: RequestService, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest):
        service.requests(DEVELOPER, replace(DAY, **wrong))  # type: ignore[arg-type]


def test_while_the_database_is_away_the_last_answer_is_shown_as_old(
    service: RequestService, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(service.requests(DEVELOPER, DAY), Fresh)
    in_full(service, "r-05")
    monkeypatch.setattr(RequestStore, "__init__", _away)
    clock.advance(60)
    old, other = service.requests(DEVELOPER, DAY), service.requests(DEVELOPER, replace(DAY, route="/v1/places"))
    assert isinstance(old, Stale) and old.at == START + timedelta(minutes=1)
    assert isinstance(other, Failed) and other.last_good == START + timedelta(minutes=1)
    assert isinstance(service.request(DEVELOPER, "r-05"), Stale)


def _away(*_: object) -> None:
    raise StorageUnavailable("sql")
