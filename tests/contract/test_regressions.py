"""Regression sets on both databases: kept sealed, run through whatever answers, judged, accepted, taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from backend.actor import Actor, ActorKind, Permission, Role
from backend.errors import Conflict, Forbidden, NotFound, ServiceError
from backend.regression.record import KEPT_RUNS, LEASE, Entry, RegressionSet, Run, RunState, Verdict, Versions
from backend.regression.runner import Runner, _same
from backend.regression.service import RegressionService
from backend.storage.database import Database
from tests.support.answers import StandInApi
from tests.support.builders import REASON, SECRET, Installation, actor_with
from tests.support.refusals import refused_field

DEV = actor_with(Role.DEVELOPER)
BODY = {"name": "Ada Lovelace", "date": "1815-12-10", "place": "Lôndon"}
ARCSECOND = 1 / 3600


class Sets:
    """Regression sets over one database, and one process that runs them."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.database, self.clock = installation.database, installation.clock
        self.service = RegressionService(self.database, installation.audit, self.clock, SECRET)
        self.api = StandInApi()
        self.runner = self.another_runner("worker-1")

    def another_runner(self, holder: str) -> Runner:
        return Runner(self.database, self.installation.audit, self.clock, SECRET, self.api, holder)

    def with_entries(self, count: int = 1, arcseconds: float = 0.5) -> tuple[RegressionSet, list[Entry]]:
        made = self.service.create(DEV, "Mexico and its clocks", "ticket OPS-77", arcseconds)
        return made, [self.service.add(DEV, made.id, "natal", BODY, f"case {number}", self.api) for number in range(count)]

    def run(self, set_id: str) -> Run:
        """Asked for and done."""
        asked = self.service.run(DEV, set_id)
        while self.runner.advance(60):
            pass
        self.clock.advance(1)
        return self.service.run_of(DEV, asked.id)


@pytest.fixture
def sets(installation: Installation) -> Sets:
    return Sets(installation)


@pytest.fixture
def one(sqlite_database: Database, clock: Any) -> Sets:
    """For what does not depend on the database."""
    return Sets(Installation(sqlite_database, clock))


def test_an_answer_that_stays_the_same_is_the_same(sets: Sets) -> None:
    made, _ = sets.with_entries(2)
    run = sets.run(made.id)
    assert (run.state, dict(run.verdicts), run.done, run.total, run.holds) == (RunState.DONE, {Verdict.SAME: 2}, 2, 2, True)
    assert (run.versions.product, run.asked_by) == ("1.0", DEV.name)
    assert sets.api.asked[-1] == ("natal", BODY)


def test_a_shifted_body_is_caught_with_its_name_and_its_arcseconds(sets: Sets) -> None:
    made, _ = sets.with_entries()
    sets.api.shift = {"mars": 2 * ARCSECOND, "sun": 0.2 * ARCSECOND}
    run = sets.run(made.id)
    (result,) = sets.service.results(DEV, run.id)
    assert (result.verdict, result.beyond, result.title, run.holds) == (Verdict.DRIFTED, 1, "case 0", False)
    assert [one.path for one in result.differences] == ["bodies[mars].longitude_degrees", "bodies[sun].longitude_degrees"]
    assert result.differences[0].amount == pytest.approx(2.0, abs=1e-3)
    assert result.largest_arcseconds == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "verdict", "why"),
    [
        (lambda api: api.shift.update(sun=0.1 * ARCSECOND), Verdict.WITHIN, ""),
        (lambda api: setattr(api, "lesser", True), Verdict.DEGRADED, "offline index"),
        (lambda api: setattr(api, "problem", "the API could not be reached"), Verdict.FAILED, "could not be reached"),
    ],
)
def test_each_answer_has_its_verdict(one: Sets, change: Callable[[StandInApi], None], verdict: Verdict, why: str) -> None:
    made, _ = one.with_entries()
    change(one.api)
    run = one.run(made.id)
    (result,) = one.service.results(DEV, run.id)
    assert result.verdict is verdict and why in result.why
    assert run.holds is (verdict is Verdict.WITHIN)
    with pytest.raises(NotFound):
        one.service.accept(DEV, run.id, [result.entry_id], REASON)


def test_an_accepted_answer_is_expected_from_then_on_and_can_be_taken_back(sets: Sets) -> None:
    made, (entry,) = sets.with_entries()
    sets.api.shift, sets.api.library = {"sun": ARCSECOND}, "2.11"
    drifted = sets.run(made.id)
    assert sets.service.accept(DEV, drifted.id, [entry.id], REASON) == 1
    assert sets.run(made.id).holds
    newest, first = sets.service.expectations(DEV, entry.id)
    assert (newest.number, newest.reason, newest.actor_name, newest.versions.library) == (2, REASON, DEV.name, "2.11")
    assert (first.number, first.reason) == (1, None)
    assert sets.service.take_back(DEV, entry.id, REASON) == 1
    assert not sets.run(made.id).holds
    with pytest.raises(Conflict, match="first answer"):
        sets.service.take_back(DEV, entry.id, REASON)
    again = sets.service.results(DEV, sets.service.view(DEV, made.id).runs[0].id)
    sets.service.accept(DEV, again[0].run_id, [entry.id], REASON)
    assert [found.number for found in sets.service.expectations(DEV, entry.id)] == [3, 2, 1]


def test_what_is_expected_by_now_is_not_replaced_by_an_older_look(one: Sets) -> None:
    made, (entry,) = one.with_entries()
    one.api.shift = {"sun": ARCSECOND}
    first = one.run(made.id)
    one.service.accept(DEV, first.id, [entry.id], REASON)
    with pytest.raises(Conflict, match="since that run"):
        one.service.accept(DEV, first.id, [entry.id], REASON)


def test_of_several_answers_all_are_accepted_or_none(sets: Sets) -> None:
    made, (first, second) = sets.with_entries(2)
    sets.api.shift = {"sun": ARCSECOND}
    run = sets.run(made.id)
    with pytest.raises(NotFound):
        sets.service.accept(DEV, run.id, [first.id, "x"], REASON)
    assert len(sets.service.expectations(DEV, first.id)) == 1
    assert sets.service.accept(DEV, run.id, [first.id, second.id], REASON) == 2


def test_no_lesser_and_no_missing_answer_becomes_the_one_to_expect(one: Sets) -> None:
    made, _ = one.with_entries(0)
    one.api.lesser = True
    assert refused_field(lambda: one.service.add(DEV, made.id, "natal", BODY, "lesser", one.api)) == "body"
    one.api.lesser, one.api.problem = False, "date: is required (status 422)"
    assert refused_field(lambda: one.service.add(DEV, made.id, "natal", BODY, "missing", one.api)) == "body"
    assert one.service.view(DEV, made.id).entries == ()


def test_a_run_goes_on_a_little_at_a_time_and_can_be_cancelled(sets: Sets) -> None:
    made, _ = sets.with_entries(3)
    run = sets.service.run(DEV, made.id)
    assert sets.runner.advance(0)
    assert (sets.service.run_of(DEV, run.id).done, sets.service.run_of(DEV, run.id).state) == (1, RunState.RUNNING)
    with pytest.raises(Conflict, match="being run already"):
        sets.service.run(DEV, made.id)
    sets.service.cancel(DEV, run.id)
    assert not sets.runner.advance(60)
    assert (sets.service.run_of(DEV, run.id).state, sets.service.run_of(DEV, run.id).done) == (RunState.CANCELLED, 1)
    with pytest.raises(Conflict, match="over already"):
        sets.service.cancel(DEV, run.id)
    assert sets.run(made.id).holds


def test_a_run_cancelled_while_an_answer_is_awaited_takes_no_result_any_more(one: Sets) -> None:
    made, _ = one.with_entries()
    run = one.service.run(DEV, made.id)
    answer = one.api.ask

    def cancelling(technique: str, body: Any) -> Any:
        one.service.cancel(DEV, run.id)
        return answer(technique, body)

    one.api.ask = cancelling  # type: ignore[method-assign]
    one.runner.advance(60)
    assert (one.service.run_of(DEV, run.id).state, one.service.results(DEV, run.id)) == (RunState.CANCELLED, [])


def test_of_two_runners_one_has_the_run_and_the_other_goes_on_where_it_died(sets: Sets) -> None:
    made, _ = sets.with_entries(3)
    run = sets.service.run(DEV, made.id)
    other = sets.another_runner("worker-2")
    sets.runner.advance(0)
    assert not other.advance(60)
    sets.clock.advance(LEASE.total_seconds() + 1)
    before = len(sets.api.asked)
    while other.advance(60):
        pass
    assert len(sets.api.asked) - before == 2
    assert sets.service.run_of(DEV, run.id).holds
    assert not sets.runner.advance(60)


def test_a_run_that_somebody_does_at_once_is_nobody_elses(sets: Sets) -> None:
    made, _ = sets.with_entries()
    run = sets.service.run(DEV, made.id, "command line")
    assert not sets.runner.advance(60)
    assert sets.another_runner("command line").advance(60)
    assert sets.service.run_of(DEV, run.id).holds


def test_a_set_meets_new_versions_once(sets: Sets) -> None:
    made, _ = sets.with_entries()
    sets.with_entries(0)
    assert sets.runner.after_upgrade() == 0
    sets.run(made.id)
    assert sets.runner.after_upgrade() == 0
    sets.api.version, sets.api.library = "1.1", "2.11"
    assert sets.runner.after_upgrade() == 1
    assert sets.runner.after_upgrade() == 0
    while sets.runner.advance(60):
        pass
    newest = sets.service.view(DEV, made.id).runs[0]
    assert (newest.why, newest.asked_by, newest.holds, newest.versions.product) == ("upgrade", "worker", True, "1.1")
    sets.api.version = "1.0"
    sets.api.library = ""
    assert sets.runner.after_upgrade() == 0


@pytest.mark.parametrize("change", [{"problem": "away"}, {"lesser": True}, {"version": ""}])
def test_where_nobody_knows_what_answers_nothing_is_run(one: Sets, change: dict[str, Any]) -> None:
    one.with_entries()
    for name, value in {"library": "2.11", **change}.items():
        setattr(one.api, name, value)
    assert one.runner.after_upgrade() == 0


def test_an_entry_with_another_ephemeris_does_not_make_every_minute_an_upgrade(one: Sets) -> None:
    made, _ = one.with_entries()
    one.run(made.id)
    with one.database.transaction() as connection:
        connection.execute(text('UPDATE regression_runs SET versions = \'{"product": "1.0", "ephemeris": "moshier"}\''))
    assert one.runner.after_upgrade() == 1
    while one.runner.advance(60):
        pass
    assert one.runner.after_upgrade() == 0


def test_old_runs_are_forgotten_with_their_results(one: Sets) -> None:
    made, _ = one.with_entries()
    runs = []
    for _ in range(KEPT_RUNS + 2):
        runs.append(one.run(made.id))
    assert [run.id for run in one.service.view(DEV, made.id).runs] == [run.id for run in reversed(runs[2:])]
    with one.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM regression_results")).scalar_one() == KEPT_RUNS


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


def test_an_entry_removed_during_a_run_is_no_obstacle(one: Sets) -> None:
    made, entries = one.with_entries(2)
    run = one.service.run(DEV, made.id)
    one.runner.advance(0)
    one.service.remove_entry(DEV, entries[1].id, REASON)
    while one.runner.advance(60):
        pass
    assert one.service.run_of(DEV, run.id).holds


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


def test_under_another_secret_a_run_fails_and_says_so(one: Sets) -> None:
    made, _ = one.with_entries()
    run = one.service.run(DEV, made.id)
    Runner(one.database, one.installation.audit, one.clock, "another secret of the tests", one.api, "w").advance(60)
    with one.database.reading() as connection:
        assert connection.execute(text("SELECT verdict FROM regression_results")).scalar_one() == "failed"
    assert run.total == 1


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


def test_versions_met_are_told_apart_by_everything_but_the_requests_own_choice() -> None:
    versions = Versions("1", "lib", "files", "sha", "2026a")
    assert _same(versions, [replace(versions, ephemeris="moshier")])
    for name in ("product", "library", "files", "zones"):
        assert not _same(versions, [replace(versions, **{name: "other"})])
