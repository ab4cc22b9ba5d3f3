"""Runs of regression sets on both databases: judged, accepted, taken back, leased, cancelled, once after an upgrade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from backend.errors import Conflict, NotFound
from backend.regression.record import KEPT_RUNS, LEASE, RunState, Verdict, Versions
from backend.regression.runner import Runner, _same
from tests.contract.regression_sets import BODY, DEV, Sets, one, sets
from tests.support.answers import StandInApi
from tests.support.builders import REASON
from tests.support.refusals import refused_field

__all__ = ["one", "sets"]
ARCSECOND = 1 / 3600


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


def test_an_entry_removed_during_a_run_is_no_obstacle(one: Sets) -> None:
    made, entries = one.with_entries(2)
    run = one.service.run(DEV, made.id)
    one.runner.advance(0)
    one.service.remove_entry(DEV, entries[1].id, REASON)
    while one.runner.advance(60):
        pass
    assert one.service.run_of(DEV, run.id).holds


def test_under_another_secret_a_run_fails_and_says_so(one: Sets) -> None:
    made, _ = one.with_entries()
    run = one.service.run(DEV, made.id)
    Runner(one.database, one.installation.audit, one.clock, "another secret of the tests", one.api, "w").advance(60)
    with one.database.reading() as connection:
        assert connection.execute(text("SELECT verdict FROM regression_results")).scalar_one() == "failed"
    assert run.total == 1


def test_versions_met_are_told_apart_by_everything_but_the_requests_own_choice() -> None:
    versions = Versions("1", "lib", "files", "sha", "2026a")
    assert _same(versions, [replace(versions, ephemeris="moshier")])
    for name in ("product", "library", "files", "zones"):
        assert not _same(versions, [replace(versions, **{name: "other"})])


def test_a_run_is_judged_and_told_by_the_tolerance_that_the_set_had_when_it_was_asked_for(one: Sets) -> None:
    made, _ = one.with_entries(1, 10.0)
    one.api.shift = {"sun": 5 * ARCSECOND}
    asked = one.service.run(DEV, made.id)
    one.service.change(DEV, made.id, "Mexico", "", 0.01, 1.0, REASON)
    while one.runner.advance(60):
        pass
    run = one.service.run_of(DEV, asked.id)
    assert run.holds and run.tolerance.arcseconds == 10.0
