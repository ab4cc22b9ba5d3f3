"""Asking for runs, ending them, and what came of them."""

from __future__ import annotations

from backend.actor import Actor, Permission
from backend.audit.record import Entry as Act
from backend.audit.store import AuditStore
from backend.errors import Conflict, NotFound
from backend.identifiers import uuid7
from backend.regression.parts import RUN, SET, Parts, known_set
from backend.regression.record import ASKED, KEPT_RUNS, LEASE, Result, Run, RunState, Verdict, Versions
from backend.regression.store import RunStore, SetStore

ASK, CANCEL = "regressions.run", "regressions.cancel"
_WORST = list(Verdict)


class Runs(Parts):
    """A run is a row that a runner takes up; whoever asked for it may leave and come back."""

    def run(self, actor: Actor, set_id: str, holder: str | None = None) -> Run:
        """Have every entry of the set asked again; Conflict while that is under way.

        ``holder``: the runner that will do it at once; without one, whichever comes first.
        """
        self._guard(actor, Permission.RUN_REGRESSIONS, ASK, SET, set_id)
        now = self._clock.now()
        with self._database.transaction() as connection:
            found = known_set(SetStore(connection), set_id)
            if RunStore(connection).has_open(set_id):
                raise Conflict("This set is being run already.")
            if not found.entries:
                raise Conflict("This set has no entry yet; there is nothing to run.")
            made = Run(uuid7(now), set_id, ASKED, actor.name, now, RunState.WAITING, found.entries, None, found.tolerance, Versions())
            RunStore(connection).add(made, holder, now + LEASE if holder else None)
            RunStore(connection).forget_old(set_id, KEPT_RUNS)
            AuditStore(connection, self._clock).append(Act(ASK, SET, set_id, actor, after={"run": made.id, "entries": found.entries}))
        return made

    def cancel(self, actor: Actor, run_id: str) -> None:
        """Ask no further entry; those that were asked keep their results. Conflict when it is over."""
        self._guard(actor, Permission.RUN_REGRESSIONS, CANCEL, RUN, run_id)
        with self._database.transaction() as connection:
            if RunStore(connection).by_id(run_id) is None:
                raise NotFound("There is no such run.")
            if not RunStore(connection).end(run_id, RunState.CANCELLED, self._clock.now()):
                raise Conflict("This run is over already.")
            AuditStore(connection, self._clock).append(Act(CANCEL, RUN, run_id, actor))

    def run_of(self, actor: Actor, run_id: str) -> Run:
        """One run as it stands; NotFound where there is none."""
        actor.require(Permission.SEE_REGRESSIONS)
        with self._database.reading() as connection:
            found = RunStore(connection).by_id(run_id)
        if found is None:
            raise NotFound("There is no such run; a set keeps its newest ones.")
        return found

    def results(self, actor: Actor, run_id: str) -> list[Result]:
        """What came of each entry that was asked, the worst and the largest first."""
        actor.require(Permission.SEE_REGRESSIONS)
        with self._database.reading() as connection:
            run = RunStore(connection).by_id(run_id)
            rows = RunStore(connection).results(run_id) if run else []
            titles = {row.id: self._vault.entry(row).title for row in SetStore(connection).entries(run.set_id)} if run else {}
        found = [self._vault.result(row, titles.get(row.entry_id, "")) for row in rows]
        return sorted(found, key=lambda one: (_WORST.index(one.verdict), -one.largest_arcseconds, one.title))
