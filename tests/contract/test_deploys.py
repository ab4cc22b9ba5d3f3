"""Deploys on both databases: told once or twice, validated, audited; and what is told of them around a span of time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from backend.actor import Actor, ActorKind, Permission, Role
from backend.answer import Empty, Failed, Fresh, Reading
from backend.audit.record import Criteria, Entry
from backend.errors import Conflict, Forbidden, InvalidRequest, StorageUnavailable
from backend.operations.annotations import AnnotationService
from backend.operations.circuit_view import Transition
from backend.operations.deploys.record import NewDeploy
from backend.operations.deploys.service import DeployService
from tests.support.builders import Installation, actor_with
from tests.support.clock import START

CI = Actor(ActorKind.API_KEY, "key-ci", "ci", frozenset({Permission.VIEW_OPERATIONS, Permission.RECORD_DEPLOYS}))
ADMIN, VIEWER, SUPPORT = actor_with(Role.ADMIN), actor_with(Role.VIEWER), actor_with(Role.SUPPORT)
TOLD = NewDeploy("run-8812", "4.2.1", note=" Faster   houses ", link="https://ci.example/8812")


@pytest.fixture
def deploys(installation: Installation) -> DeployService:
    return DeployService(installation.database, installation.audit, installation.clock)


def test_a_deploy_is_recorded_and_audited_once_however_often_it_is_told(deploys: DeployService, installation: Installation) -> None:
    first, is_new = deploys.record(CI, TOLD)
    assert is_new
    assert (first.at, first.note, first.actor_name) == (installation.clock.now(), "Faster houses", "ci")
    installation.clock.advance(5)
    assert deploys.record(CI, TOLD) == (first, False)
    assert deploys.record(CI, replace(TOLD, at=first.at)) == (first, False)
    (record,) = installation.audit.search(ADMIN, Criteria(act="deploys.record"))
    assert (record.object_kind, record.object_id, record.after) == (
        "deploy", "run-8812", {"version": "4.2.1", "service": "astrolabe", "at": first.at.isoformat()},
    )  # fmt: skip


@pytest.mark.parametrize("change", [{"version": "4.2.2"}, {"note": "other"}, {"at": START - timedelta(hours=1)}, {"service": "mail"}])
def test_an_id_that_is_another_deploys_is_refused(deploys: DeployService, change: dict[str, object]) -> None:
    deploys.record(CI, TOLD)
    with pytest.raises(Conflict):
        deploys.record(CI, replace(TOLD, **change))  # type: ignore[arg-type]
    assert len(deploys.newest(VIEWER)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "a b"}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"id": ""}, "id"),
        ({"version": "<b>"}, "version"),
        ({"service": "../x"}, "service"),
        ({"at": datetime(2026, 1, 1)}, "at"),  # noqa: DTZ001 - a time without zone is what is refused
        ({"at": START + timedelta(minutes=6)}, "at"),
        ({"at": START - timedelta(days=401)}, "at"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\u202eb"}, "note"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "http://ci.example/"}, "link"),
        ({"link": "https://user:secret@ci.example/"}, "link"),
        ({"link": "https://ci.example:bad/"}, "link"),
        ({"link": "https://ci.example/ x"}, "link"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_kept(deploys: DeployService, change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        deploys.record(CI, replace(TOLD, **change))  # type: ignore[arg-type]
    assert [problem.field for problem in caught.value.problems] == [field]
    assert deploys.newest(VIEWER) == []


def test_who_may_not_record_is_refused_and_the_refusal_is_audited(deploys: DeployService, installation: Installation) -> None:
    with pytest.raises(Forbidden):
        deploys.record(SUPPORT, TOLD)
    (record,) = installation.audit.search(ADMIN, Criteria(act="deploys.record"))
    assert (record.outcome, record.actor_id) == ("refused", SUPPORT.id)
    assert deploys.newest(VIEWER) == []


def test_the_newest_come_first_and_the_old_are_forgotten(deploys: DeployService, installation: Installation) -> None:
    now = installation.clock.now()
    for number, ago in enumerate((3, 1, 2)):
        deploys.record(CI, NewDeploy(f"run-{number}", "1", at=now - timedelta(hours=ago)))
    assert [one.id for one in deploys.newest(VIEWER)] == ["run-1", "run-2", "run-0"]
    assert [one.id for one in deploys.between(VIEWER, now - timedelta(hours=2), now)] == ["run-1", "run-2"]
    installation.clock.advance(400 * 86400 - 3600)
    assert deploys.purge() == 2
    assert [one.id for one in deploys.newest(VIEWER)] == ["run-1"]


class Moves:
    """The fleet's moves, or why they are not known."""

    def __init__(self, reading: Reading[list[Transition]]) -> None:
        self.reading = reading

    def transitions(self, actor: Actor, name: str | None = None, limit: int = 50, before: str | None = None) -> Reading[list[Transition]]:
        return self.reading


def moved(at: datetime) -> Transition:
    return Transition(at, "geocoder", "closed", "open", "failure_ratio", "api-1", 0)


def test_what_happened_around_a_span_is_gathered(deploys: DeployService, installation: Installation) -> None:
    now = installation.clock.now()
    deploys.record(CI, TOLD)
    installation.audit.note(Entry("circuits.isolate", "circuit", "geocoder", ADMIN, "Provider away, ticket 1"))
    installation.audit.note(Entry("accounts.sign_in", "operator", ADMIN.id, ADMIN))
    moves = [moved(now + timedelta(hours=1)), moved(now - timedelta(hours=3))]
    around = AnnotationService(deploys, Moves(Fresh(moves, now, 0.0)), installation.audit)
    found = around.between(ADMIN, now - timedelta(hours=1), now + timedelta(minutes=1))
    assert [one.id for one in found.deploys] == ["run-8812"]
    assert found.transitions == (moves[1],)
    assert [one.act for one in found.acts] == ["circuits.isolate"]
    assert found.unknown == ()
    assert around.between(VIEWER, now - timedelta(hours=1), now + timedelta(minutes=1)).acts == ()


def test_a_source_that_does_not_answer_is_named_and_the_others_stand(
    deploys: DeployService, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = installation.clock.now()
    deploys.record(CI, TOLD)
    without_moves = AnnotationService(deploys, Moves(Failed("valkey", "away", now)), installation.audit)
    found = without_moves.between(ADMIN, now - timedelta(hours=1), now)
    assert (len(found.deploys), found.unknown) == (1, ("breakers",))

    def away() -> None:
        raise StorageUnavailable("sql")

    monkeypatch.setattr(installation.database, "reading", away)
    found = AnnotationService(deploys, Moves(Empty(now)), installation.audit).between(ADMIN, now - timedelta(hours=1), now)
    assert found.unknown == ("deploys", "acts")
