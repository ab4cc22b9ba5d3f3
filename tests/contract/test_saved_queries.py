"""Kept queries on both databases: saved, shared, taken back, deleted, and each operator's own history."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.actor import Role
from backend.errors import Conflict, Forbidden, NotFound
from backend.monitoring.queries.record import View
from backend.monitoring.queries.service import MOST_REMEMBERED, MOST_SAVED, REMEMBERED, SavedQueryService
from backend.storage.database import Database
from tests.support.builders import Installation, actor_with
from tests.support.refusals import refused_field

ANA, BEA = actor_with(Role.DEVELOPER, "ana"), actor_with(Role.ADMIN, "bea")
RATE = 'sum by (route) (rate(http_requests_total{route!=""}[5m]))'


@pytest.fixture
def queries(installation: Installation) -> SavedQueryService:
    return SavedQueryService(installation.database, installation.audit, installation.clock)


def test_a_view_is_kept_as_it_was_asked(queries: SavedQueryService) -> None:
    saved = queries.save(ANA, "  Traffic by   route ", [RATE, " ", "up"], "instant", "30s")
    assert queries.own(ANA) == [saved]
    assert (saved.title, saved.view, saved.is_shared) == ("Traffic by route", View((RATE, "up"), "instant", "30s"), False)


def test_nobody_else_sees_it_until_it_is_shared_and_not_after_it_is_taken_back(queries: SavedQueryService) -> None:
    saved = queries.save(ANA, "Mine", [RATE], "range", "auto")
    assert queries.shared(BEA) == queries.own(BEA) == []
    queries.share(ANA, saved.id)
    assert [(one.id, one.owner_name, one.is_shared) for one in queries.shared(BEA)] == [(saved.id, ANA.name, True)]
    assert queries.shared(ANA) == []
    queries.unshare(ANA, saved.id)
    assert queries.shared(BEA) == []


def test_only_the_owner_changes_or_deletes_it_not_even_an_admin(queries: SavedQueryService) -> None:
    saved = queries.save(ANA, "Ours", [RATE], "range", "auto", shared=True)
    for act in (queries.share, queries.unshare, queries.delete):
        with pytest.raises(NotFound):
            act(BEA, saved.id)
    assert queries.shared(BEA) == [saved]
    queries.delete(ANA, saved.id)
    assert queries.own(ANA) == queries.shared(BEA) == []


@pytest.mark.parametrize("query_id", ["", "none", "\x00", "\ud800", "x" * 5000])
def test_a_query_that_is_not_there_is_not_found(queries: SavedQueryService, query_id: str) -> None:
    with pytest.raises(NotFound):
        queries.delete(ANA, query_id)


def test_each_act_is_recorded_and_a_refused_one_too(queries: SavedQueryService, installation: Installation) -> None:
    saved = queries.save(ANA, "Recorded", [RATE], "range", "auto")
    queries.share(ANA, saved.id)
    queries.unshare(ANA, saved.id)
    queries.delete(ANA, saved.id)
    with pytest.raises(Forbidden):
        queries.save(actor_with(Role.SUPPORT), "No", [RATE], "range", "auto")
    told = [(record.act, record.outcome) for record in installation.records()]
    assert told == [
        ("queries.save", "refused"),
        ("queries.delete", "done"),
        ("queries.unshare", "done"),
        ("queries.share", "done"),
        ("queries.save", "done"),
    ]


@pytest.mark.parametrize(
    ("field", "title", "texts", "kind", "step"),
    [
        ("title", " ", [RATE], "range", "auto"),
        ("title", "x" * 81, [RATE], "range", "auto"),
        ("title", "a\x00b", [RATE], "range", "auto"),
        ("queries", "t", [], "range", "auto"),
        ("queries", "t", ["up"] * 7, "range", "auto"),
        ("query", "t", ["x" * 4097], "range", "auto"),
        ("query", "t", ["up\x00"], "range", "auto"),
        ("query", "t", ["up\ud800"], "range", "auto"),
        ("kind", "t", [RATE], "matrix", "auto"),
        ("step", "t", [RATE], "range", "x" * 17),
    ],
)
def test_what_cannot_be_kept_names_its_field(
    queries: SavedQueryService, field: str, title: str, texts: list[str], kind: str, step: str
) -> None:
    assert refused_field(lambda: queries.save(ANA, title, texts, kind, step)) == field
    assert queries.own(ANA) == []


def test_one_owner_saves_a_bounded_number(queries: SavedQueryService, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_SAVED == 200
    monkeypatch.setattr("backend.monitoring.queries.service.MOST_SAVED", 2)
    for number in range(2):
        queries.save(ANA, f"Query {number}", [RATE], "range", "auto")
    with pytest.raises(Conflict, match="delete one first"):
        queries.save(ANA, "One more", [RATE], "range", "auto")
    queries.save(BEA, "Another's", [RATE], "range", "auto")


def test_a_history_is_ones_own_has_each_query_once_and_the_newest_first(queries: SavedQueryService, installation: Installation) -> None:
    for texts in (["up"], ["time()", RATE], ["up"]):
        installation.clock.advance(60)
        queries.note(ANA, texts)
    found = queries.history(ANA)
    assert found[0].query == "up" and {one.query for one in found} == {"up", "time()", RATE} and len(found) == 3
    assert found[0].asked_at - found[1].asked_at == timedelta(seconds=60)
    assert queries.history(BEA) == []
    assert queries.forget(ANA) == 3
    assert queries.history(ANA) == []


def test_a_history_ends_after_so_many_and_so_long(queries: SavedQueryService, installation: Installation) -> None:
    queries.note(ANA, [f"vector({number})" for number in range(MOST_REMEMBERED + 5)])
    assert len(queries.history(ANA)) == MOST_REMEMBERED
    queries.note(BEA, ["up"])
    installation.clock.advance(REMEMBERED.total_seconds() + 1)
    assert queries.history(ANA) == []
    queries.note(ANA, ["time()"])
    with installation.database.reading() as connection:
        left = connection.exec_driver_sql("SELECT query FROM asked_queries").scalars().all()
    assert left == ["time()"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.SUPPORT, Role.AUDITOR])
def test_who_may_not_explore_keeps_and_sees_nothing(one_database: SavedQueryService, role: Role) -> None:
    actor = actor_with(role)
    for ask in (one_database.own, one_database.shared, one_database.history, one_database.forget):
        with pytest.raises(Forbidden):
            ask(actor)
    with pytest.raises(Forbidden):
        one_database.note(actor, ["up"])


@pytest.fixture
def one_database(sqlite_database: Database, clock: object) -> SavedQueryService:
    installation = Installation(sqlite_database, clock)  # type: ignore[arg-type]
    return SavedQueryService(sqlite_database, installation.audit, installation.clock)
