"""Regression sets in the database: what holds birth data comes and goes sealed. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)  # fmt: skip
from sqlalchemy.exc import IntegrityError

from backend.audit.record import plain
from backend.errors import Conflict
from backend.regression.record import OPEN_STATES, Expectation, RegressionSet, Run, RunState, Verdict, Versions
from backend.regression.values import Tolerance
from backend.storage.database import METADATA, Instant

SETS = Table(
    "regression_sets",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("title", String(80), nullable=False),
    Column("note", String(500), nullable=False),
    Column("tolerance_arcseconds", Float(), nullable=False),
    Column("tolerance_seconds", Float(), nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Instant(), nullable=False),
)
ENTRIES = Table(
    "regression_entries",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("set_id", String(36), ForeignKey("regression_sets.id"), nullable=False, index=True),
    Column("title", LargeBinary(), nullable=False),
    Column("technique", String(32), nullable=False),
    Column("request", LargeBinary(), nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Instant(), nullable=False),
)
EXPECTATIONS = Table(
    "regression_expectations",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("entry_id", String(36), ForeignKey("regression_entries.id"), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("document", LargeBinary(), nullable=False),
    Column("versions", JSON(), nullable=False),
    Column("actor_name", String(64), nullable=False),
    Column("reason", String(500)),
    Column("accepted_at", Instant(), nullable=False),
    Column("withdrawn_at", Instant()),
    UniqueConstraint("entry_id", "number", name="uq_regression_expectations_entry_id"),
)
RUNS = Table(
    "regression_runs",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("set_id", String(36), ForeignKey("regression_sets.id"), nullable=False, index=True),
    Column("why", String(16), nullable=False),
    Column("asked_by", String(64), nullable=False),
    Column("asked_at", Instant(), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("total", Integer(), nullable=False),
    Column("ended_at", Instant()),
    Column("tolerance_arcseconds", Float(), nullable=False),
    Column("tolerance_seconds", Float(), nullable=False),
    Column("versions", JSON(), nullable=False),
    Column("holder", String(64)),
    Column("lease_until", Instant()),
)
RESULTS = Table(
    "regression_results",
    METADATA,
    Column("run_id", String(36), ForeignKey("regression_runs.id"), primary_key=True),
    Column("entry_id", String(36), primary_key=True, index=True),
    Column("at", Instant(), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("expectation", Integer(), nullable=False),
    Column("largest_arcseconds", Float(), nullable=False),
    Column("differences", Integer(), nullable=False),
    Column("beyond", Integer(), nullable=False),
    Column("versions", JSON(), nullable=False),
    Column("body", LargeBinary(), nullable=False),
)
_OPEN = [state.value for state in OPEN_STATES]


@dataclass(frozen=True)
class EntryRow:
    """An entry as it is stored, with the number of the expectation that counts."""

    id: str
    set_id: str
    title: bytes
    technique: str
    request: bytes
    created_by: str
    created_at: datetime
    expectation: int = 0


@dataclass(frozen=True)
class ResultRow:
    """A result as it is stored."""

    run_id: str
    entry_id: str
    at: datetime
    verdict: str
    expectation: int
    largest_arcseconds: float
    differences: int
    beyond: int
    versions: Mapping[str, str]
    body: bytes


class SetStore:
    """Sets, their entries and what is expected of these."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: RegressionSet) -> None:
        self._connection.execute(insert(SETS).values(_set_values(made)))

    def change(self, changed: RegressionSet) -> None:
        self._connection.execute(update(SETS).where(SETS.c.id == changed.id).values(_set_values(changed)))

    def all(self) -> list[RegressionSet]:
        """By title."""
        return self._sets(order=SETS.c.title)

    def by_id(self, set_id: str) -> RegressionSet | None:
        return next(iter(self._sets(SETS.c.id == plain(set_id))), None)

    def lock(self, set_id: str) -> RegressionSet | None:
        """The same, held until the transaction ends, where the database can hold a row."""
        self._connection.execute(select(SETS.c.id).where(SETS.c.id == plain(set_id)).with_for_update()).all()
        return self.by_id(set_id)

    def remove(self, set_id: str) -> None:
        """With everything that belongs to it."""
        runs = select(RUNS.c.id).where(RUNS.c.set_id == set_id)
        entries = select(ENTRIES.c.id).where(ENTRIES.c.set_id == set_id)
        self._connection.execute(delete(RESULTS).where(RESULTS.c.run_id.in_(runs)))
        self._connection.execute(delete(EXPECTATIONS).where(EXPECTATIONS.c.entry_id.in_(entries)))
        for table in (RUNS, ENTRIES):
            self._connection.execute(delete(table).where(table.c.set_id == set_id))
        self._connection.execute(delete(SETS).where(SETS.c.id == set_id))

    def add_entry(self, row: EntryRow) -> None:
        self._connection.execute(insert(ENTRIES).values({name: value for name, value in asdict(row).items() if name != "expectation"}))

    def entries(self, set_id: str) -> list[EntryRow]:
        """In the order in which they were added."""
        return self._entries(ENTRIES.c.set_id == plain(set_id))

    def entry(self, entry_id: str) -> EntryRow | None:
        return next(iter(self._entries(ENTRIES.c.id == plain(entry_id))), None)

    def remove_entry(self, entry_id: str) -> None:
        """With its expectations and results."""
        self._connection.execute(delete(RESULTS).where(RESULTS.c.entry_id == entry_id))
        self._connection.execute(delete(EXPECTATIONS).where(EXPECTATIONS.c.entry_id == entry_id))
        self._connection.execute(delete(ENTRIES).where(ENTRIES.c.id == entry_id))

    def expect(self, expectation: Expectation, document: bytes) -> None:
        """Conflict when somebody else accepted one at the same moment."""
        try:
            self._connection.execute(insert(EXPECTATIONS).values({**asdict(expectation), "document": document}))
        except IntegrityError as error:
            raise Conflict("Somebody else accepted an answer for this entry at the same moment; look at it again.") from error

    def expectations(self, entry_id: str) -> list[Expectation]:
        """The newest first, taken back or not."""
        columns = (EXPECTATIONS.c[name] for name in Expectation.__dataclass_fields__)  # not the document, which is large
        query = select(*columns).where(EXPECTATIONS.c.entry_id == plain(entry_id)).order_by(EXPECTATIONS.c.number.desc())
        return [_expectation(row) for row in self._connection.execute(query)]

    def document(self, entry_id: str, number: int) -> tuple[str, bytes] | None:
        """The id and the sealed document of one expectation."""
        query = select(EXPECTATIONS.c.id, EXPECTATIONS.c.document)
        row = self._connection.execute(query.where(EXPECTATIONS.c.entry_id == entry_id, EXPECTATIONS.c.number == number)).one_or_none()
        return None if row is None else (row.id, row.document)

    def versions_expected(self, set_id: str) -> list[Versions]:
        """What the answers that are expected were computed with."""
        query = select(EXPECTATIONS.c.versions).join(ENTRIES, ENTRIES.c.id == EXPECTATIONS.c.entry_id).where(ENTRIES.c.set_id == set_id)
        return list({Versions(**found) for found in self._connection.execute(query).scalars()})

    def withdraw(self, expectation_id: str, now: datetime) -> None:
        self._connection.execute(update(EXPECTATIONS).where(EXPECTATIONS.c.id == expectation_id).values(withdrawn_at=now))

    def _sets(self, *conditions: Any, order: Any = SETS.c.id) -> list[RegressionSet]:
        counted = select(ENTRIES.c.set_id, func.count().label("entries")).group_by(ENTRIES.c.set_id).subquery()
        query = select(SETS, func.coalesce(counted.c.entries, 0).label("entries")).join(
            counted, counted.c.set_id == SETS.c.id, isouter=True
        )
        return [_set(row) for row in self._connection.execute(query.where(*conditions).order_by(order, SETS.c.id))]

    def _entries(self, condition: Any) -> list[EntryRow]:
        newest = (
            select(EXPECTATIONS.c.entry_id, func.max(EXPECTATIONS.c.number).label("expectation"))
            .where(EXPECTATIONS.c.withdrawn_at.is_(None))
            .group_by(EXPECTATIONS.c.entry_id)
            .subquery()
        )
        query = select(ENTRIES, newest.c.expectation).join(newest, newest.c.entry_id == ENTRIES.c.id)
        rows = self._connection.execute(query.where(condition).order_by(ENTRIES.c.created_at, ENTRIES.c.id))
        return [EntryRow(**row._mapping) for row in rows]


class RunStore:
    """Runs and their results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, run: Run, holder: str | None = None, until: datetime | None = None) -> None:
        """``holder``: has it until then, from the beginning."""
        values = {name: getattr(run, name) for name in ("id", "set_id", "why", "asked_by", "asked_at", "total", "ended_at")}
        self._connection.execute(
            insert(RUNS).values(
                **values,
                **_tolerance_values(run.tolerance),
                state=run.state.value,
                versions=asdict(run.versions),
                holder=holder,
                lease_until=until,
            )
        )

    def by_id(self, run_id: str) -> Run | None:
        return next(iter(self._runs(1, RUNS.c.id == plain(run_id))), None)

    def of_set(self, set_id: str, limit: int) -> list[Run]:
        """The newest first."""
        return self._runs(limit, RUNS.c.set_id == plain(set_id))

    def newest_of_each(self) -> dict[str, Run]:
        """By set."""
        last = select(RUNS.c.set_id, func.max(RUNS.c.id).label("id")).group_by(RUNS.c.set_id).subquery()  # ids are sorted by time
        return {run.set_id: run for run in self._runs(None, RUNS.c.id.in_(select(last.c.id)))}

    def take(self, holder: str, now: datetime, until: datetime) -> Run | None:
        """The oldest open run that nobody computes, from now on this holder's until then; of two who try one is told no."""
        free = RUNS.c.lease_until.is_(None) | (RUNS.c.lease_until <= now) | (RUNS.c.holder == holder)
        query = select(RUNS.c.id).where(RUNS.c.state.in_(_OPEN), free).order_by(RUNS.c.asked_at, RUNS.c.id).limit(1)
        found = self._connection.execute(query).scalar_one_or_none()
        if found is None:
            return None
        values = {"holder": holder, "lease_until": until, "state": RunState.RUNNING.value}
        taken = self._connection.execute(update(RUNS).where(RUNS.c.id == found, RUNS.c.state.in_(_OPEN), free).values(values)).rowcount
        return self.by_id(found) if taken else None

    def any_open(self) -> bool:
        return self._connection.execute(select(RUNS.c.id).where(RUNS.c.state.in_(_OPEN)).limit(1)).first() is not None

    def hold(self, run_id: str, holder: str, until: datetime) -> bool:
        """Whether it is still open and this holder's, who has it until then."""
        chosen = and_(RUNS.c.id == run_id, RUNS.c.holder == holder, RUNS.c.state == RunState.RUNNING.value)
        return self._connection.execute(update(RUNS).where(chosen).values(lease_until=until)).rowcount == 1

    def end(self, run_id: str, state: RunState, now: datetime) -> bool:
        """Whether it was open until now."""
        chosen = and_(RUNS.c.id == plain(run_id), RUNS.c.state.in_(_OPEN))
        return self._connection.execute(update(RUNS).where(chosen).values(state=state.value, ended_at=now)).rowcount == 1

    def note_versions(self, run_id: str, versions: Versions) -> None:
        """What the run's answers are computed with."""
        self._connection.execute(update(RUNS).where(RUNS.c.id == run_id).values(versions=asdict(versions)))

    def has_open(self, set_id: str) -> bool:
        query = select(RUNS.c.id).where(RUNS.c.set_id == set_id, RUNS.c.state.in_(_OPEN)).limit(1)
        return self._connection.execute(query).first() is not None

    def forget_old(self, set_id: str, kept: int) -> None:
        """All but the newest of a set's runs, with their results."""
        newest = select(RUNS.c.id).where(RUNS.c.set_id == set_id).order_by(RUNS.c.id.desc()).limit(kept)
        keep = set(self._connection.execute(newest).scalars())
        old = [
            run_id for run_id in self._connection.execute(select(RUNS.c.id).where(RUNS.c.set_id == set_id)).scalars() if run_id not in keep
        ]
        self._connection.execute(delete(RESULTS).where(RESULTS.c.run_id.in_(old)))
        self._connection.execute(delete(RUNS).where(RUNS.c.id.in_(old)))

    def record(self, row: ResultRow) -> None:
        self._connection.execute(insert(RESULTS).values(asdict(row)))

    def results(self, run_id: str) -> list[ResultRow]:
        rows = self._connection.execute(select(RESULTS).where(RESULTS.c.run_id == plain(run_id)))
        return [ResultRow(**row._mapping) for row in rows]

    def result(self, run_id: str, entry_id: str) -> ResultRow | None:
        query = select(RESULTS).where(RESULTS.c.run_id == plain(run_id), RESULTS.c.entry_id == plain(entry_id))
        row = self._connection.execute(query).one_or_none()
        return None if row is None else ResultRow(**row._mapping)

    def asked(self, run_id: str) -> set[str]:
        """The entries that have a result."""
        return set(self._connection.execute(select(RESULTS.c.entry_id).where(RESULTS.c.run_id == run_id)).scalars())

    def _runs(self, limit: int | None, *conditions: Any) -> list[Run]:
        query = select(RUNS).where(*conditions).order_by(RUNS.c.id.desc())
        rows = self._connection.execute(query if limit is None else query.limit(limit)).all()
        counted = select(RESULTS.c.run_id, RESULTS.c.verdict, func.count().label("times")).group_by(RESULTS.c.run_id, RESULTS.c.verdict)
        verdicts: dict[str, dict[Verdict, int]] = {row.id: {} for row in rows}
        for row in self._connection.execute(counted.where(RESULTS.c.run_id.in_(list(verdicts)))):
            verdicts[row.run_id][Verdict(row.verdict)] = row.times
        return [_run(row, verdicts[row.id]) for row in rows]


def _set_values(made: RegressionSet) -> dict[str, Any]:
    named = {name: getattr(made, name) for name in ("id", "title", "note", "created_by", "created_at")}
    return named | _tolerance_values(made.tolerance)


def _tolerance_values(tolerance: Tolerance) -> dict[str, float]:
    return {"tolerance_arcseconds": tolerance.arcseconds, "tolerance_seconds": tolerance.seconds}


def _set(row: Row[Any]) -> RegressionSet:
    tolerance = Tolerance(row.tolerance_arcseconds, row.tolerance_seconds)
    return RegressionSet(row.id, row.title, row.note, tolerance, row.created_by, row.created_at, row.entries)


def _expectation(row: Row[Any]) -> Expectation:
    values = {name: getattr(row, name) for name in Expectation.__dataclass_fields__}
    return Expectation(**{**values, "versions": Versions(**row.versions)})


def _run(row: Row[Any], verdicts: Mapping[Verdict, int]) -> Run:
    values = {name: getattr(row, name) for name in ("id", "set_id", "why", "asked_by", "asked_at", "total", "ended_at")}
    tolerance = Tolerance(row.tolerance_arcseconds, row.tolerance_seconds)
    return Run(**values, state=RunState(row.state), tolerance=tolerance, versions=Versions(**row.versions), verdicts=verdicts)
