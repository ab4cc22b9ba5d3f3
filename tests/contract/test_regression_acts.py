"""Acts on regression sets on both databases: who may, what is recorded, what is kept sealed, what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from backend.actor import Actor, ActorKind, Permission, Role
from backend.errors import Conflict, Forbidden, NotFound, ServiceError
from backend.regression.service import RegressionService
from tests.contract.regression_sets import BODY, DEV, Sets, one, sets
from tests.support.answers import StandInApi
from tests.support.builders import REASON, actor_with
from tests.support.refusals import refused_field

__all__ = ["one", "sets"]


def test_a_removed_entry_and_a_removed_set_leave_nothing_behind(sets: Sets) -> None:
    made, (first, _) = sets.with_entries(2)
    sets.run(made.id)
    sets.service.remove_entry(DEV, first.id, REASON)
    assert len(sets.service.view(DEV, made.id).entries) == 1
    sets.service.remove(DEV, made.id, REASON)
    with sets.database.reading() as connection:
        for table in ("sets", "entries", "expectations", "runs", "results"):
            assert connection.execute(text(f"SELECT count(*) FROM regression_{table}")).scalar_one() == 0
    with pytest.raises(NotFound):
        sets.service.view(DEV, made.id)


def test_no_birth_data_stands_in_the_tables_nor_in_the_log(sets: Sets) -> None:
    made, (entry,) = sets.with_entries()
    sets.api.shift = {"sun": 1.0}
    run = sets.run(made.id)
    sets.service.accept(DEV, run.id, [entry.id], REASON)
    sets.service.request(DEV, entry.id)
    with sets.database.reading() as connection:
        stored = [
            bytes(value)
            for table, columns in (("entries", "title, request"), ("expectations", "document"), ("results", "body"))
            for row in connection.execute(text(f"SELECT {columns} FROM regression_{table}"))
            for value in row
        ]
    assert len(stored) == 5
    for value in (b"Ada", b"1815", b"longitude", b"case 0"):
        assert not any(value in one for one in stored)
    for record in sets.installation.records():
        assert not any(word in f"{record.before} {record.after}" for word in ("Ada", "1815", "case 0"))


def test_every_act_leaves_its_record(sets: Sets) -> None:
    made, (entry,) = sets.with_entries()
    sets.service.change(DEV, made.id, "Mexico", "", 1.5, 2.0, REASON)
    sets.api.shift = {"sun": 1.0}
    run = sets.run(made.id)
    sets.service.accept(DEV, run.id, [entry.id], REASON)
    sets.service.take_back(DEV, entry.id, REASON)
    second = sets.service.run(DEV, made.id)
    sets.service.cancel(DEV, second.id)
    sets.service.remove_entry(DEV, entry.id, REASON)
    sets.service.remove(DEV, made.id, REASON)
    acts = [record.act.removeprefix("regressions.") for record in reversed(sets.installation.records())]
    assert acts == ["create", "add_entry", "change", "run", "accept", "take_back", "run", "cancel", "remove_entry", "remove"]
    changed = sets.installation.last("regressions.change")
    assert (changed.before or {})["tolerance_arcseconds"] == 0.5 and (changed.after or {})["title"] == "Mexico"
    assert sets.installation.last("regressions.accept").reason == REASON


VERBS: dict[str, tuple[Permission, str, Callable[[RegressionService, Actor], object]]] = {
    "sets": (Permission.SEE_REGRESSIONS, "", lambda service, actor: service.sets(actor)),
    "view": (Permission.SEE_REGRESSIONS, "", lambda service, actor: service.view(actor, "x")),
    "find": (Permission.SEE_REGRESSIONS, "", lambda service, actor: service.find(actor, "x")),
    "run_of": (Permission.SEE_REGRESSIONS, "", lambda service, actor: service.run_of(actor, "x")),
    "results": (Permission.SEE_REGRESSIONS, "", lambda service, actor: service.results(actor, "x")),
    "expectations": (Permission.SEE_REGRESSIONS, "", lambda service, actor: service.expectations(actor, "x")),
    "request": (Permission.SEE_REGRESSIONS, "regressions.open_entry", lambda service, actor: service.request(actor, "x")),
    "create": (Permission.KEEP_REGRESSIONS, "regressions.create", lambda service, actor: service.create(actor, "title")),
    "change": (Permission.KEEP_REGRESSIONS, "regressions.change", lambda service, actor: service.change(actor, "x", "t", "", 1, 1, REASON)),
    "remove": (Permission.KEEP_REGRESSIONS, "regressions.remove", lambda service, actor: service.remove(actor, "x", REASON)),
    "add": (
        Permission.KEEP_REGRESSIONS,
        "regressions.add_entry",
        lambda service, actor: service.add(actor, "x", "natal", BODY, "title", StandInApi()),
    ),
    "remove_entry": (
        Permission.KEEP_REGRESSIONS,
        "regressions.remove_entry",
        lambda service, actor: service.remove_entry(actor, "x", REASON),
    ),
    "accept": (
        Permission.ACCEPT_EXPECTATIONS,
        "regressions.accept",
        lambda service, actor: service.accept(actor, "x", ["x"], REASON),
    ),
    "take_back": (
        Permission.ACCEPT_EXPECTATIONS,
        "regressions.take_back",
        lambda service, actor: service.take_back(actor, "x", REASON),
    ),
    "run": (Permission.RUN_REGRESSIONS, "regressions.run", lambda service, actor: service.run(actor, "x")),
    "cancel": (Permission.RUN_REGRESSIONS, "regressions.cancel", lambda service, actor: service.cancel(actor, "x")),
}


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_is_for_the_roles_of_the_table_and_a_refused_act_is_recorded(one: Sets, name: str) -> None:
    permission, act, verb = VERBS[name]
    nobody = Actor(ActorKind.OPERATOR, "id-of-nobody", "nobody", frozenset())
    for actor in (*(actor_with(role) for role in Role), nobody):
        try:
            verb(one.service, actor)
            error: ServiceError | None = None
        except ServiceError as raised:
            error = raised
        assert isinstance(error, Forbidden) is (permission not in actor.permissions)
        refused = [record for record in one.installation.records(actor=actor.id, act=act) if record.outcome == "refused"] if act else []
        assert len(refused) == (1 if isinstance(error, Forbidden) and act else 0)


def test_regression_sets_are_for_developers_and_admins() -> None:
    team = {Permission.SEE_REGRESSIONS, Permission.RUN_REGRESSIONS, Permission.KEEP_REGRESSIONS, Permission.ACCEPT_EXPECTATIONS}
    assert {role for role in Role if team & actor_with(role).permissions} == {Role.DEVELOPER, Role.ADMIN}


@pytest.mark.parametrize(
    ("field", "act"),
    [
        ("title", lambda service: service.create(DEV, "")),
        ("title", lambda service: service.create(DEV, "x" * 81)),
        ("note", lambda service: service.create(DEV, "x", "n" * 501)),
        ("tolerance_arcseconds", lambda service: service.create(DEV, "x", "", -1)),
        ("tolerance_arcseconds", lambda service: service.create(DEV, "x", "", float("nan"))),
        ("tolerance_seconds", lambda service: service.create(DEV, "x", "", 1, 86401)),
        ("reason", lambda service: service.remove(DEV, "x", "short")),
        ("reason", lambda service: service.accept(DEV, "x", ["x"], "short")),
        ("reason", lambda service: service.take_back(DEV, "x", "short")),
        ("reason", lambda service: service.remove_entry(DEV, "x", "short")),
    ],
)
def test_what_is_wrong_names_its_field(one: Sets, field: str, act: Callable[[RegressionService], object]) -> None:
    assert refused_field(lambda: act(one.service)) == field


def test_what_is_not_there_is_not_found_and_an_empty_set_is_not_run(one: Sets) -> None:
    for verb in (one.service.run, one.service.cancel, one.service.view, one.service.run_of):
        with pytest.raises(NotFound):
            verb(DEV, "x")
    made = one.service.create(DEV, "twice")
    with pytest.raises(Conflict, match="no entry"):
        one.service.run(DEV, made.id)
    assert one.service.find(DEV, "twice").id == one.service.find(DEV, made.id).id == made.id
    one.service.create(DEV, "twice")
    with pytest.raises(Conflict, match="by its id"):
        one.service.find(DEV, "twice")


def test_after_a_change_of_the_secret_a_set_is_still_shown_and_can_be_cleared(one: Sets) -> None:
    made, (entry,) = one.with_entries()
    run = one.run(made.id)
    service = RegressionService(one.database, one.installation.audit, one.clock, "another secret of the tests")
    assert [(each.id, each.title) for each in service.view(DEV, made.id).entries] == [(entry.id, "")]
    (result,) = service.results(DEV, run.id)
    assert result.differences == () and "another secret" in result.why
    service.remove_entry(DEV, entry.id, REASON)
    service.remove(DEV, made.id, REASON)
