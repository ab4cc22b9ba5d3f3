"""Acts on regression sets and their entries, and what one can ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.actor import Actor, Permission
from backend.audit.record import Entry as Act
from backend.audit.record import checked_reason
from backend.audit.store import AuditStore
from backend.errors import Conflict, InvalidRequest, NotFound
from backend.identifiers import uuid7
from backend.regression.calculator import Calculator
from backend.regression.judging import lesser_words
from backend.regression.parts import ENTRY, RUN, SET, Parts, known_entry, known_set
from backend.regression.record import (
    KEPT_RUNS,
    LONGEST_NOTE,
    LONGEST_TITLE,
    MOST_ENTRIES,
    MOST_SETS,
    Entry,
    Expectation,
    RegressionSet,
    Run,
    Versions,
    checked_text,
    checked_tolerance,
)  # fmt: skip
from backend.regression.store import EntryRow, RunStore, SetStore

CREATE, CHANGE, REMOVE = "regressions.create", "regressions.change", "regressions.remove"
ADD_ENTRY, REMOVE_ENTRY, OPEN_ENTRY = "regressions.add_entry", "regressions.remove_entry", "regressions.open_entry"
ACCEPT, TAKE_BACK = "regressions.accept", "regressions.take_back"
_FIRST = "the first answer"


@dataclass(frozen=True)
class SetView:
    """A set with its entries and its newest runs."""

    set: RegressionSet
    entries: tuple[Entry, ...]
    runs: tuple[Run, ...]


class Sets(Parts):
    """Everything but runs. An act is one transaction of the change and its record, which holds no birth data."""

    def sets(self, actor: Actor) -> list[tuple[RegressionSet, Run | None]]:
        """All sets by title, each with its newest run."""
        actor.require(Permission.SEE_REGRESSIONS)
        with self._database.reading() as connection:
            newest = RunStore(connection).newest_of_each()
            return [(one, newest.get(one.id)) for one in SetStore(connection).all()]

    def view(self, actor: Actor, set_id: str) -> SetView:
        """One set; NotFound where there is none."""
        actor.require(Permission.SEE_REGRESSIONS)
        with self._database.reading() as connection:
            found = SetStore(connection).by_id(set_id)
            if found is None:
                raise NotFound("There is no such regression set.")
            entries = tuple(self._vault.entry(row) for row in SetStore(connection).entries(set_id))
            return SetView(found, entries, tuple(RunStore(connection).of_set(set_id, KEPT_RUNS)))

    def find(self, actor: Actor, title_or_id: str) -> RegressionSet:
        """The set of this id or title; NotFound where there is none, Conflict where several have the title."""
        actor.require(Permission.SEE_REGRESSIONS)
        with self._database.reading() as connection:
            found = [one for one in SetStore(connection).all() if title_or_id in (one.id, one.title)]
        if len(found) > 1:
            raise Conflict("Several regression sets have this title; name one by its id.")
        if not found:
            raise NotFound("There is no regression set of this name.")
        return found[0]

    def create(self, actor: Actor, title: str, note: str = "", arcseconds: float = 0.01, seconds: float = 1.0) -> RegressionSet:
        """An empty set."""
        self._guard(actor, Permission.KEEP_REGRESSIONS, CREATE, SET, "new")
        now = self._clock.now()
        named = checked_text(title, "title", LONGEST_TITLE, required=True)
        noted = checked_text(note, "note", LONGEST_NOTE, required=False)
        made = RegressionSet(uuid7(now), named, noted, checked_tolerance(arcseconds, seconds), actor.name, now)
        with self._database.transaction() as connection:
            if len(SetStore(connection).all()) >= MOST_SETS:
                raise Conflict(f"There are {MOST_SETS} regression sets already; remove one first.")
            SetStore(connection).add(made)
            AuditStore(connection, self._clock).append(Act(CREATE, SET, made.id, actor, after=_said(made)))
        return made

    def change(self, actor: Actor, set_id: str, title: str, note: str, arcseconds: float, seconds: float, reason: str) -> RegressionSet:
        """Other words or another tolerance; runs that are over keep their verdicts."""
        self._guard(actor, Permission.KEEP_REGRESSIONS, CHANGE, SET, set_id)
        reason = checked_reason(reason)
        named = checked_text(title, "title", LONGEST_TITLE, required=True)
        noted, tolerance = checked_text(note, "note", LONGEST_NOTE, required=False), checked_tolerance(arcseconds, seconds)
        with self._database.transaction() as connection:
            before = known_set(SetStore(connection), set_id)
            after = replace(before, title=named, note=noted, tolerance=tolerance)
            SetStore(connection).change(after)
            AuditStore(connection, self._clock).append(Act(CHANGE, SET, set_id, actor, reason, _said(before), _said(after)))
        return after

    def remove(self, actor: Actor, set_id: str, reason: str) -> None:
        """The set with its entries, expectations and runs; there is no way back."""
        self._guard(actor, Permission.KEEP_REGRESSIONS, REMOVE, SET, set_id)
        reason = checked_reason(reason)
        with self._database.transaction() as connection:
            before = known_set(SetStore(connection), set_id)
            SetStore(connection).remove(set_id)
            said = {**_said(before), "entries": before.entries}
            AuditStore(connection, self._clock).append(Act(REMOVE, SET, set_id, actor, reason, before=said))

    def add(self, actor: Actor, set_id: str, technique: str, body: Mapping[str, Any], title: str, calculator: Calculator) -> Entry:
        """One more entry; what the API answers now is what will be expected. Refused where it answers nothing, or something lesser."""
        self._guard(actor, Permission.KEEP_REGRESSIONS, ADD_ENTRY, SET, set_id)
        named, now = checked_text(title, "title", LONGEST_TITLE, required=True), self._clock.now()
        document = _good_document(calculator, technique, body)
        versions, entry_id, first_id = Versions.of(document, calculator.product()), uuid7(now), uuid7(now)
        sealed = self._vault.close_title(entry_id, named), self._vault.close_request(entry_id, body)
        row = EntryRow(entry_id, set_id, sealed[0], technique, sealed[1], actor.name, now, 1)
        first = Expectation(first_id, entry_id, 1, versions, actor.name, None, now, None)
        with self._database.transaction() as connection:
            store = SetStore(connection)
            if known_set(store, set_id).entries >= MOST_ENTRIES:
                raise Conflict(f"A set has at most {MOST_ENTRIES} entries.")
            store.add_entry(row)
            store.expect(first, self._vault.close_document(first_id, document))
            said = {"entry": entry_id, "technique": technique, "expectation": _FIRST}
            AuditStore(connection, self._clock).append(Act(ADD_ENTRY, SET, set_id, actor, after=said))
        return self._vault.entry(row)

    def remove_entry(self, actor: Actor, entry_id: str, reason: str) -> None:
        """The entry with its expectations and results; there is no way back."""
        self._guard(actor, Permission.KEEP_REGRESSIONS, REMOVE_ENTRY, ENTRY, entry_id)
        reason = checked_reason(reason)
        with self._database.transaction() as connection:
            row = known_entry(SetStore(connection), entry_id)
            SetStore(connection).remove_entry(entry_id)
            said = {"set": row.set_id, "technique": row.technique}
            AuditStore(connection, self._clock).append(Act(REMOVE_ENTRY, ENTRY, entry_id, actor, reason, before=said))

    def request(self, actor: Actor, entry_id: str) -> tuple[str, dict[str, Any]]:
        """The technique and the request of an entry; that somebody read it is recorded, as it holds birth data."""
        self._guard(actor, Permission.SEE_REGRESSIONS, OPEN_ENTRY, ENTRY, entry_id)
        with self._database.reading() as connection:
            row = known_entry(SetStore(connection), entry_id)
        body = self._vault.request(row)
        self._audit.note(Act(OPEN_ENTRY, ENTRY, entry_id, actor, after={"set": row.set_id}))
        return row.technique, body

    def expectations(self, actor: Actor, entry_id: str) -> list[Expectation]:
        """What was expected of an entry, the newest first, taken back or not."""
        actor.require(Permission.SEE_REGRESSIONS)
        with self._database.reading() as connection:
            return SetStore(connection).expectations(entry_id)

    def accept(self, actor: Actor, run_id: str, entry_ids: Sequence[str], reason: str) -> int:
        """From now on expect what the API answered in that run, of all these entries or of none; how many that were.

        Conflict when something else is expected of one by now.
        """
        self._guard(actor, Permission.ACCEPT_EXPECTATIONS, ACCEPT, RUN, run_id)
        reason = checked_reason(reason)
        with self._database.transaction() as connection:
            for entry_id in dict.fromkeys(entry_ids):
                said = self._accepted(connection, actor, run_id, entry_id, reason)
                AuditStore(connection, self._clock).append(Act(ACCEPT, ENTRY, entry_id, actor, reason, *said))
        return len(set(entry_ids))

    def _accepted(self, connection: Any, actor: Actor, run_id: str, entry_id: str, reason: str) -> tuple[dict[str, Any], dict[str, Any]]:
        store, now = SetStore(connection), self._clock.now()
        known_set(store, known_entry(store, entry_id).set_id)
        row = known_entry(store, entry_id)  # as it is now that nobody else may change the set
        result = RunStore(connection).result(run_id, entry_id)
        answer = self._vault.answer(result) if result else None
        if result is None or answer is None:
            raise NotFound("That run has no answer of this entry that differs from what was expected.")
        if result.expectation != row.expectation:
            raise Conflict("Something else is expected of this entry since that run; run the set again and look at it.")
        number = store.expectations(entry_id)[0].number + 1
        made = Expectation(uuid7(now), entry_id, number, Versions(**result.versions), actor.name, reason, now, None)
        store.expect(made, self._vault.close_document(made.id, answer))
        after = {"set": row.set_id, "run": run_id, "expectation": number, "beyond_tolerance": result.beyond}
        return {"expectation": row.expectation}, after

    def take_back(self, actor: Actor, entry_id: str, reason: str) -> int:
        """Expect again what was expected before the newest acceptance; its number. Conflict where nothing was."""
        self._guard(actor, Permission.ACCEPT_EXPECTATIONS, TAKE_BACK, ENTRY, entry_id)
        reason = checked_reason(reason)
        with self._database.transaction() as connection:
            store = SetStore(connection)
            row = known_entry(store, entry_id)
            known_set(store, row.set_id)
            standing = [one for one in store.expectations(entry_id) if one.withdrawn_at is None]
            if len(standing) < 2:
                raise Conflict("This entry's first answer is expected; there is none before it.")
            store.withdraw(standing[0].id, self._clock.now())
            before, after = {"expectation": standing[0].number}, {"set": row.set_id, "expectation": standing[1].number}
            AuditStore(connection, self._clock).append(Act(TAKE_BACK, ENTRY, entry_id, actor, reason, before=before, after=after))
        return standing[1].number


def _good_document(calculator: Calculator, technique: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """What may be expected from now on."""
    calculated = calculator.ask(technique, body)
    if calculated.document is None:
        raise InvalidRequest.of("body", "no_answer", f"The API does not answer this request: {calculated.problem}.")
    lesser = lesser_words(calculated.document)
    if lesser:
        raise InvalidRequest.of("body", "degraded", f"The API's answer is degraded, so it is not kept as the one to expect: {lesser}")
    return calculated.document


def _said(one: RegressionSet) -> dict[str, Any]:
    return {"title": one.title, "tolerance_arcseconds": one.tolerance.arcseconds, "tolerance_seconds": one.tolerance.seconds}
