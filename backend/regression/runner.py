"""Doing the runs: entry by entry through the API, a little at a time, and once after an upgrade.

A run is held by a lease, which each entry renews: where a runner dies, another goes on after the entries that have a result. Between two
entries no transaction is open, and a run that was cancelled meanwhile is left alone.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from backend.audit.service import AuditService
from backend.clock import Clock
from backend.errors import NotFound
from backend.identifiers import uuid7
from backend.regression.calculator import Calculator
from backend.regression.judging import Judged, judge
from backend.regression.parts import Parts
from backend.regression.record import KEPT_RUNS, LEASE, UPGRADE, RegressionSet, Run, RunState, Verdict, Versions
from backend.regression.store import EntryRow, ResultRow, RunStore, SetStore
from backend.regression.values import Tolerance
from backend.storage.database import Database

_PROBE = {"date": "2000-01-01", "time": "12:00:00", "time_zone": "Europe/London", "latitude": 51.5, "longitude": 0.0}


class Runner(Parts):
    """One process's hand in the runs; ``holder`` names it."""

    def __init__(self, database: Database, audit: AuditService, clock: Clock, secret: str, calculator: Calculator, holder: str) -> None:
        super().__init__(database, audit, clock, secret)
        self._calculator = calculator
        self._holder = holder

    def advance(self, seconds: float) -> bool:
        """Go on with the oldest run for about so long; whether there is more to do."""
        ends = self._clock.monotonic() + seconds
        run = self._taken()
        if run is None:
            return False
        product = self._calculator.product()
        for entry in self._left(run):
            if not self._ask(run, entry, product):
                return True
            if self._clock.monotonic() >= ends:
                return True
        self._finish(run)
        return True

    def after_upgrade(self) -> int:
        """Ask for a run of each set that was never run with the versions that answer now; how many sets that were."""
        calculated = self._calculator.ask("natal", _PROBE)
        versions = Versions.of(calculated.document, self._calculator.product()) if calculated.document else Versions()
        if not (versions.product and versions.library) or calculated.document is None or calculated.document.get("degraded"):
            return 0  # nobody knows what answers: another time
        with self._database.reading() as connection:
            found = [one for one in SetStore(connection).all() if one.entries]
        return sum(self._ask_after_upgrade(one, versions) for one in found)

    def _taken(self) -> Run | None:
        now = self._clock.now()
        with self._database.reading() as connection:
            if not RunStore(connection).any_open():
                return None
        with self._database.transaction() as connection:
            return RunStore(connection).take(self._holder, now, now + LEASE)

    def _left(self, run: Run) -> list[EntryRow]:
        with self._database.reading() as connection:
            asked = RunStore(connection).asked(run.id)
            return [row for row in SetStore(connection).entries(run.set_id) if row.id not in asked]

    def _ask(self, run: Run, entry: EntryRow, product: str) -> bool:
        """Ask one entry and record what came of it; False when the run is not ours any more."""
        with self._database.reading() as connection:
            expected = SetStore(connection).document(entry.id, entry.expectation)
        if expected is None:
            return False
        judged, answer, versions = self._judged(entry, expected, run.tolerance, product)
        body = self._vault.close_result(f"{run.id}/{entry.id}", judged, answer)
        row = ResultRow(
            run.id, entry.id, self._clock.now(), judged.verdict.value, entry.expectation, judged.largest_arcseconds,
            len(judged.differences) + judged.more, judged.beyond, asdict(versions), body,
        )  # fmt: skip
        with self._database.transaction() as connection:
            ours = RunStore(connection).hold(run.id, self._holder, self._clock.now() + LEASE)
            if ours and SetStore(connection).entry(entry.id) is not None:
                RunStore(connection).record(row)
            if ours and versions.library and not run.versions.library:  # after an upgrade they are known already
                RunStore(connection).note_versions(run.id, versions)
        return ours

    def _judged(
        self, entry: EntryRow, expected: tuple[str, bytes], tolerance: Tolerance, product: str
    ) -> tuple[Judged, dict[str, object] | None, Versions]:
        try:
            request, document = self._vault.request(entry), self._vault.document(*expected)
        except NotFound as error:  # kept under another secret
            return Judged(Verdict.FAILED, why=error.detail), None, Versions(product)
        calculated = self._calculator.ask(entry.technique, request)
        if calculated.document is None:
            return Judged(Verdict.FAILED, why=calculated.problem), None, Versions(product)
        judged = judge(document, calculated.document, tolerance)
        return judged, calculated.document, Versions.of(calculated.document, product)

    def _finish(self, run: Run) -> None:
        with self._database.transaction() as connection:
            if RunStore(connection).hold(run.id, self._holder, self._clock.now()):
                RunStore(connection).end(run.id, RunState.DONE, self._clock.now())

    def _ask_after_upgrade(self, found: RegressionSet, versions: Versions) -> bool:
        now = self._clock.now()
        with self._database.transaction() as connection:
            runs = RunStore(connection)
            known = [run.versions for run in runs.of_set(found.id, KEPT_RUNS)] or SetStore(connection).versions_expected(found.id)
            if SetStore(connection).lock(found.id) is None or runs.has_open(found.id) or _same(versions, known):
                return False
            runs.add(Run(uuid7(now), found.id, UPGRADE, "worker", now, RunState.WAITING, found.entries, None, found.tolerance, versions))
            runs.forget_old(found.id, KEPT_RUNS)
        return True


def _same(versions: Versions, known: list[Versions]) -> bool:
    """Whether these were met before. The ephemeris is each request's own choice, so it does not count."""
    return any(replace(one, ephemeris=versions.ephemeris) == versions for one in known)
