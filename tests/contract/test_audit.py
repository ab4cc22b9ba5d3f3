"""The audit log, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.actor import Actor, ActorKind, Permission, Role, system_actor
from backend.audit.record import Criteria, Entry
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.errors import Forbidden, NotFound
from backend.storage.database import Database
from tests.support.builders import actor_with
from tests.support.clock import START, ManualClock
from tests.support.databases import Opener
from tests.support.threads import at_once

ADMIN, BEA = actor_with(Role.ADMIN), actor_with(Role.DEVELOPER, "id-of-bea")
NOBODY = Actor(ActorKind.OPERATOR, "id-of-nobody", "nobody", frozenset())


@pytest.fixture
def audit(database: Database, clock: ManualClock) -> AuditService:
    return AuditService(database, clock)


def isolate(actor: Actor = BEA, circuit: str = "geocoder", **more: object) -> Entry:
    return Entry("circuits.isolate", "circuit", circuit, actor, **more)  # type: ignore[arg-type]


def test_a_record_holds_all_of_its_entry(audit: AuditService) -> None:
    actor = actor_with(Role.DEVELOPER, session_id="session-1", address="192.0.2.1", request_id="request-1")
    noted = audit.note(isolate(actor, reason="it answers slowly", before={"state": "none"}, after={"state": "isolated", "minutes": 30}))
    read = audit.record(ADMIN, noted.id)
    assert read == noted
    assert (read.sequence, read.at, read.act, read.outcome) == (1, START, "circuits.isolate", "done")
    assert (read.actor_kind, read.actor_id, read.actor_name, read.actor_role) == ("operator", actor.id, "developer", "developer")
    assert (read.object_kind, read.object_id, read.reason) == ("circuit", "geocoder", "it answers slowly")
    assert (read.before, read.after) == ({"state": "none"}, {"state": "isolated", "minutes": 30})
    assert (read.request_id, read.session_id, read.address) == ("request-1", "session-1", "192.0.2.1")


def test_what_the_product_does_by_itself_is_recorded_too(audit: AuditService) -> None:
    read = audit.record(ADMIN, audit.note(isolate(system_actor("worker"))).id)
    assert (read.actor_kind, read.actor_role, read.before) == ("system", None, None)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_records SET reason = 'another'", "DELETE FROM audit_records", "TRUNCATE audit_records"]
)
def test_a_record_can_be_neither_changed_nor_removed(audit: AuditService, database: Database, statement: str) -> None:
    if statement.startswith("TRUNCATE") and database.dialect == "sqlite":
        statement = "DELETE FROM audit_records WHERE sequence > 0"  # SQLite knows no other way to empty a table
    noted = audit.note(isolate())
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as connection:
        connection.execute(text(statement))
    assert audit.record(ADMIN, noted.id) == noted


def test_a_record_stands_or_falls_with_its_transaction(audit: AuditService, database: Database, clock: ManualClock) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as connection:
        AuditStore(connection, clock).append(isolate())
        raise ZeroDivisionError
    assert audit.search(ADMIN, Criteria()) == []


def test_the_newest_stands_first_and_pages_follow_by_sequence(audit: AuditService) -> None:
    for number in range(7):
        audit.note(isolate(circuit=f"c{number}"))
    first = audit.search(ADMIN, Criteria(), limit=3)
    second = audit.search(ADMIN, Criteria(), limit=3, before_sequence=first[-1].sequence)
    third = audit.search(ADMIN, Criteria(), limit=3, before_sequence=second[-1].sequence)
    assert [record.object_id for record in (*first, *second, *third)] == ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (Criteria(), "abc"),
        (Criteria(act="keys.create"), "b"),
        (Criteria(object_kind="circuit"), "ac"),
        (Criteria(object_id="geocoder"), "a"),
        (Criteria(actor="id-of-bea"), "a"),
        (Criteria(actor="ADMIN"), "bc"),
        (Criteria(since=START + timedelta(minutes=1)), "bc"),
        (Criteria(until=START + timedelta(minutes=1)), "a"),
        (Criteria(since=START + timedelta(minutes=1), until=START + timedelta(minutes=2)), "b"),
        (Criteria(text="SLOWLY"), "a"),
        (Criteria(text="100%"), "b"),
        (Criteria(text="%"), "b"),
        (Criteria(text="_"), ""),
        (Criteria(text="  "), "abc"),
        (Criteria(text="request-7"), "c"),
        (Criteria(text="\x00slowly\ud800"), "a"),
        (Criteria(actor="\x00", act="\x00"), ""),
        (Criteria(act="keys.create", object_kind="circuit"), ""),
    ],
)
def test_search_finds_what_meets_all_criteria(audit: AuditService, clock: ManualClock, criteria: Criteria, found: str) -> None:
    audit.note(isolate(reason="it answers slowly"))
    clock.advance(60)
    audit.note(Entry("keys.create", "key", "b", ADMIN, reason="100% sure of it"))
    clock.advance(60)
    audit.note(isolate(actor_with(Role.ADMIN, request_id="request-7"), "c"))
    names = {"geocoder": "a", "b": "b", "c": "c"}
    assert "".join(sorted(names[record.object_id] for record in audit.search(ADMIN, criteria))) == found


def test_a_page_is_bounded(audit: AuditService) -> None:
    for _ in range(3):
        audit.note(isolate())
    assert len(audit.search(ADMIN, Criteria(), limit=0)) == 1
    assert len(audit.search(ADMIN, Criteria(), limit=10**9)) == 3


@pytest.mark.parametrize("role", Role)
def test_who_may_read_all_reads_all_and_everybody_else_their_own(audit: AuditService, role: Role) -> None:
    reader = actor_with(role)
    own, others = audit.note(isolate(reader)), audit.note(isolate(actor_with(Role.ADMIN, "somebody-else")))
    reads_all = role in {Role.ADMIN, Role.AUDITOR}
    expected = [others.id, own.id] if reads_all else [own.id]
    assert [record.id for record in audit.search(reader, Criteria())] == expected
    assert audit.search(reader, Criteria(actor="somebody-else")) == ([others] if reads_all else [])
    assert audit.facets(reader) == {"circuits.isolate": len(expected)}
    assert audit.record(reader, own.id) == own
    if not reads_all:
        with pytest.raises(NotFound):
            audit.record(reader, others.id)


def test_somebody_without_permission_reads_nothing(audit: AuditService) -> None:
    noted = audit.note(isolate(NOBODY))
    for question in (
        lambda: audit.search(NOBODY, Criteria()),
        lambda: audit.facets(NOBODY),
        lambda: audit.record(NOBODY, noted.id),
    ):
        with pytest.raises(Forbidden):
            question()


@pytest.mark.parametrize("record_id", ["", "none", "\x00", "\ud800"])
def test_a_record_that_is_not_there_is_not_found(audit: AuditService, record_id: str) -> None:
    with pytest.raises(NotFound):
        audit.record(ADMIN, record_id)


def test_a_guard_lets_pass_silently(audit: AuditService) -> None:
    audit.guard(BEA, Permission.ISOLATE_CIRCUITS, "circuits.isolate", "circuit", "geocoder")
    assert audit.search(ADMIN, Criteria()) == []


def test_a_guard_records_a_refusal_and_raises(audit: AuditService) -> None:
    viewer = actor_with(Role.VIEWER)
    with pytest.raises(Forbidden, match=r"circuits\.isolate.*developer, admin"):
        audit.guard(viewer, Permission.ISOLATE_CIRCUITS, "circuits.isolate", "circuit", "x" * 1000 + "\x00")
    (record,) = audit.search(ADMIN, Criteria())
    assert (record.outcome, record.actor_id, record.after) == ("refused", viewer.id, {"needed": "circuits.isolate"})
    assert record.object_id == "x" * 128


def test_parallel_writers_lose_nothing(database: Database, another: Opener, clock: ManualClock) -> None:
    services = [AuditService(another(), clock) for _ in range(6)]
    at_once(*(lambda service=service: [service.note(isolate()) for _ in range(5)] for service in services))
    sequences = [record.sequence for record in AuditService(database, clock).search(ADMIN, Criteria(), limit=100)]
    assert len(set(sequences)) == 30
