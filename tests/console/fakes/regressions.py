"""Regression sets to look at: one that drifted, one without entries; and the real service's refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.actor import Actor, Permission
from backend.audit.record import Entry as Act
from backend.audit.record import checked_reason
from backend.errors import Conflict, NotFound, StorageUnavailable
from backend.regression.record import ASKED, UPGRADE, Entry, Expectation, RegressionSet, Result, Run, RunState, Verdict, Versions
from backend.regression.sets import SetView
from backend.regression.values import Difference, Tolerance, Unit
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.sources import HOSTILE, START, FakeClock

THEN = Versions("0.1.0", "2.10.03", "files", "ab12cd34", "2026a")
NOW = Versions("0.2.0", "2.10.03", "files", "ab12cd34", "2026b")


class FakeRegressions:
    """Two sets; an act changes what is shown, as far as the page shows it."""

    def __init__(self, clock: FakeClock, audit: FakeAudit, state: str) -> None:
        self.clock, self.audit, self.state = clock, audit, state
        made = START - timedelta(days=30)
        drifted = RegressionSet("set-1", "Clocks of Mexico", "Ticket OPS-77, " + HOSTILE, Tolerance(0.5, 1.0), "dana", made, 3)
        bare = RegressionSet("set-2", "Polar circle", "", Tolerance(), "dana", made, 0)
        self.known = {} if state == "empty" else {"set-1": drifted, "set-2": bare}
        self.questions = [Entry(f"entry-{n}", "set-1", f"case {n} {HOSTILE}", "natal", "dana", made, 1) for n in (1, 2, 3)]
        self.runs = [_run("run-2", UPGRADE, START - timedelta(hours=1), NOW), _run("run-1", ASKED, made, THEN, drifted=False)]
        self.accepted: list[tuple[str, ...]] = []

    def sets(self, actor: Actor) -> list[tuple[RegressionSet, Run | None]]:
        self._see(actor)
        return [(one, self.runs[0] if one.id == "set-1" and self.runs else None) for one in self.known.values()]

    def view(self, actor: Actor, set_id: str) -> SetView:
        self._see(actor)
        if set_id not in self.known:
            raise NotFound("There is no such regression set.")
        mine = set_id == "set-1"
        return SetView(self.known[set_id], tuple(self.questions) if mine else (), tuple(self.runs) if mine else ())

    def run_of(self, actor: Actor, run_id: str) -> Run:
        self._see(actor)
        for run in self.runs:
            if run.id == run_id:
                return run
        raise NotFound("There is no such run; a set keeps its newest ones.")

    def results(self, actor: Actor, run_id: str) -> list[Result]:
        self._see(actor)
        return _results(run_id) if run_id == "run-2" else []

    def expectations(self, actor: Actor, entry_id: str) -> list[Expectation]:
        self._see(actor)
        return [Expectation("x-1", entry_id, 1, THEN, "dana", None, START - timedelta(days=30), None)]

    def request(self, actor: Actor, entry_id: str) -> tuple[str, dict[str, Any]]:
        self._act(actor, Permission.SEE_REGRESSIONS, "regressions.open_entry", entry_id)
        return "natal", {"date": "1996-04-10"}

    def create(self, actor: Actor, title: str, note: str = "", arcseconds: float = 0.01, seconds: float = 1.0) -> RegressionSet:
        self._act(actor, Permission.KEEP_REGRESSIONS, "regressions.create", "new")
        made = RegressionSet("set-3", title, note, Tolerance(arcseconds, seconds), actor.name, self.clock.now(), 0)
        self.known[made.id] = made
        return made

    def change(self, actor: Actor, set_id: str, title: str, note: str, arcseconds: float, seconds: float, reason: str) -> RegressionSet:
        self._act(actor, Permission.KEEP_REGRESSIONS, "regressions.change", set_id, reason)
        self.known[set_id] = replace(self.known[set_id], title=title, note=note, tolerance=Tolerance(arcseconds, seconds))
        return self.known[set_id]

    def remove(self, actor: Actor, set_id: str, reason: str) -> None:
        self._act(actor, Permission.KEEP_REGRESSIONS, "regressions.remove", set_id, reason)
        del self.known[set_id]

    def add(self, actor: Actor, set_id: str, technique: str, body: dict[str, Any], title: str, calculator: Any) -> Entry:
        self._act(actor, Permission.KEEP_REGRESSIONS, "regressions.add_entry", set_id)
        made = Entry(f"entry-{len(self.questions) + 1}", set_id, title, technique, actor.name, self.clock.now(), 1)
        self.questions.append(made)
        return made

    def remove_entry(self, actor: Actor, entry_id: str, reason: str) -> None:
        self._act(actor, Permission.KEEP_REGRESSIONS, "regressions.remove_entry", entry_id, reason)
        self.questions = [one for one in self.questions if one.id != entry_id]

    def accept(self, actor: Actor, run_id: str, entry_ids: tuple[str, ...], reason: str) -> int:
        self._act(actor, Permission.ACCEPT_EXPECTATIONS, "regressions.accept", run_id, reason)
        self.accepted.append(tuple(entry_ids))
        self.questions = [replace(one, expectation=2) if one.id in entry_ids else one for one in self.questions]
        return len(entry_ids)

    def take_back(self, actor: Actor, entry_id: str, reason: str) -> int:
        self._act(actor, Permission.ACCEPT_EXPECTATIONS, "regressions.take_back", entry_id, reason)
        self.questions = [replace(one, expectation=1) if one.id == entry_id else one for one in self.questions]
        return 1

    def run(self, actor: Actor, set_id: str) -> Run:
        self._act(actor, Permission.RUN_REGRESSIONS, "regressions.run", set_id)
        if self.runs and self.runs[0].is_open:
            raise Conflict("This set is being run already.")
        made = Run(
            "run-3",
            set_id,
            ASKED,
            actor.name,
            self.clock.now(),
            RunState.RUNNING,
            3,
            None,
            Tolerance(0.5, 1.0),
            Versions(),
            {Verdict.SAME: 1},
        )
        self.runs.insert(0, made)
        return made

    def cancel(self, actor: Actor, run_id: str) -> None:
        self._act(actor, Permission.RUN_REGRESSIONS, "regressions.cancel", run_id)
        self.runs[0] = replace(self.runs[0], state=RunState.CANCELLED, ended_at=self.clock.now())

    def _see(self, actor: Actor) -> None:
        actor.require(Permission.SEE_REGRESSIONS)
        if self.state == "failed":
            raise StorageUnavailable("sql")

    def _act(self, actor: Actor, permission: Permission, act: str, what: str, reason: str | None = None) -> None:
        self.audit.guard(actor, permission, act, "regression", what)
        if reason is not None:
            checked_reason(reason)
        self.audit.note(Act(act, "regression", what, actor, reason))


def _run(run_id: str, why: str, at: Any, versions: Versions, *, drifted: bool = True) -> Run:
    verdicts = {Verdict.DRIFTED: 1, Verdict.SAME: 1, Verdict.DEGRADED: 1} if drifted else {Verdict.SAME: 3}
    by = "worker" if why == UPGRADE else "dana"
    return Run(run_id, "set-1", why, by, at, RunState.DONE, 3, at + timedelta(seconds=2), Tolerance(0.5, 1.0), versions, verdicts)


def _results(run_id: str) -> list[Result]:
    moved = (
        Difference("bodies[mars].longitude_degrees", Unit.ARCSECONDS, 11.0862418, 11.0867974, 2.00016),
        Difference("bodies[mars].retrograde", Unit.WORDS, False, True),
        Difference("bodies[sun].longitude_degrees", Unit.ARCSECONDS, 84.1892493, 84.1892771, 0.1),
    )
    at = START - timedelta(hours=1)
    return [
        Result(run_id, "entry-1", f"case 1 {HOSTILE}", at, Verdict.DRIFTED, 1, NOW, 2.00016, 2, moved, 0, "", True),
        Result(run_id, "entry-2", "case 2", at, Verdict.DEGRADED, 1, NOW, 0.0, 0, (), 0, "The place comes from the offline index."),
        Result(run_id, "entry-3", "case 3", at, Verdict.SAME, 1, NOW, 0.0, 0, ()),
    ]
