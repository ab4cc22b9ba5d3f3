"""Isolating and releasing a circuit, on both databases and a real Valkey."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Permission, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.audit.record import Criteria
from backend.audit.service import AuditService
from backend.clock import SystemClock
from backend.errors import Conflict, Forbidden, InvalidRequest, NotFound, StorageUnavailable
from backend.operations.circuits import CircuitService, Guarded
from backend.operations.overrides import CircuitView, Override
from backend.operations.store import OVERRIDES, OverrideStore
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import SharedOverride
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.builders import actor_with
from tests.support.clock import ManualClock
from tests.support.threads import at_once
from tests.support.valkey import TestServer, own_valkey, shared, valkey_server
from tests.unit.resilience.fleets import QUICK, Instance, eventually, fleet_of, step_all

__all__ = ["own_valkey", "shared", "valkey_server"]

REASON = "The geocoder gives wrong places."
CIRCUITS = {"geocoder": Guarded("Geocoder", QUICK, "Places come from the offline index.")}


class Desk:
    """The service and what it works on."""

    def __init__(self, database: Database, shared: SharedState, clock: ManualClock | SystemClock) -> None:
        self.database = database
        self.state = RedisState(shared)
        self.audit = AuditService(database, clock)
        self.circuits = CircuitService(database, shared, self.audit, clock, CIRCUITS)
        self.admin = actor_with(Role.ADMIN)

    def acts(self) -> list[tuple[str, str]]:
        reader = Actor(ActorKind.SYSTEM, "reader", "reader", frozenset(Permission))
        return [(record.act, record.outcome) for record in reversed(self.audit.search(reader, Criteria(object_id="geocoder")))]

    def view(self) -> CircuitView:
        reading = self.circuits.circuit(self.admin, "geocoder")
        assert isinstance(reading, Fresh)
        return reading.value

    def newest(self) -> Override | None:
        with self.database.reading() as connection:
            return OverrideStore(connection).newest("geocoder")


@pytest.fixture
def desk(database: Database, shared: SharedState, clock: ManualClock) -> Desk:
    return Desk(database, shared, clock)


@pytest.fixture
def running(shared: SharedState) -> Iterator[list[Instance]]:
    """Two processes' parts, exchanging by themselves."""
    instances = [Instance(shared, f"api-{number}") for number in range(2)]
    for instance in instances:
        instance.sync.start()
    yield instances
    for instance in instances:
        instance.sync.stop()


def test_an_isolation_reaches_every_instance_within_a_second_and_so_does_its_release(desk: Desk, running: list[Instance]) -> None:
    eventually(lambda: all(instance.call() == "ok" for instance in running))
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    assert eventually(lambda: all(instance.call() == "circuit_isolated" for instance in running)) < 1.0
    assert eventually(lambda: desk.view().applied == (2, 2)) < 1.0
    desk.circuits.release(desk.admin, "geocoder", "It gives right places again.")
    assert eventually(lambda: all(instance.call() == "ok" for instance in running)) < 1.0
    assert desk.acts() == [("circuits.isolate", "done"), ("circuits.release", "done")]


def test_an_isolation_is_recorded_with_who_why_and_until_when(desk: Desk, clock: ManualClock) -> None:
    override = desk.circuits.isolate(desk.admin, "geocoder", f"  {REASON} ", 30)
    assert (override.kind, override.reason, override.actor_name) == ("isolated", REASON, desk.admin.name)
    assert override.expires_at == clock.now() + timedelta(minutes=30)
    assert override.applied_at == clock.now()
    assert desk.newest() == override
    (record,) = desk.audit.search(desk.admin, Criteria(act="circuits.isolate"))
    assert (record.actor_id, record.reason, record.object_id) == (desk.admin.id, REASON, "geocoder")
    assert record.before is None
    assert record.after == {"kind": "isolated", "epoch": 1, "expires_at": override.expires_at.isoformat(), "override": override.id}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", ["isolate", "release"])
def test_who_may_act_and_that_refusals_are_recorded(desk: Desk, role: Role, act: str) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    actor, permission = actor_with(role), Permission(f"circuits.{act}")
    arguments = ("geocoder", REASON, 5) if act == "isolate" else ("geocoder", REASON)
    if permission in PERMISSIONS[role]:
        assert getattr(desk.circuits, act)(actor, *arguments).epoch == 2
        assert desk.acts()[-1] == (f"circuits.{act}", "done")
    else:
        with pytest.raises(Forbidden):
            getattr(desk.circuits, act)(actor, *arguments)
        assert desk.acts()[-1] == (f"circuits.{act}", "refused")
        assert desk.newest().epoch == 1


def test_nobody_without_the_permission_sees_circuits(desk: Desk) -> None:
    nobody = Actor(ActorKind.API_KEY, "key", "key", frozenset())
    for question in (
        lambda: desk.circuits.circuits(nobody),
        lambda: desk.circuits.circuit(nobody, "geocoder"),
        lambda: desk.circuits.transitions(nobody),
        lambda: desk.circuits.overrides(nobody, "geocoder"),
        lambda: desk.circuits.preview(nobody, "geocoder"),
    ):
        with pytest.raises(Forbidden):
            question()


@pytest.mark.parametrize(
    ("reason", "minutes", "field"),
    [("short", 10, "reason"), ("x" * 501, 10, "reason"), (REASON, 0, "minutes"), (REASON, 1441, "minutes"), (REASON, True, "minutes")],
)
def test_what_is_wrong_is_named_and_nothing_happens(desk: Desk, reason: str, minutes: int, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        desk.circuits.isolate(desk.admin, "geocoder", reason, minutes)
    assert refusal.value.problems[0].field == field
    assert desk.newest() is None
    assert desk.acts() == []


def test_a_circuit_that_does_not_exist_is_not_found(desk: Desk) -> None:
    for act in (
        lambda: desk.circuits.isolate(desk.admin, "nothing", REASON, 5),
        lambda: desk.circuits.release(desk.admin, "x" * 5000, REASON),
        lambda: desk.circuits.circuit(desk.admin, "cb:{r}:*"),
        lambda: desk.circuits.preview(desk.admin, "nothing"),
        lambda: desk.circuits.overrides(desk.admin, "nothing"),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_what_is_isolated_can_be_released(desk: Desk) -> None:
    with pytest.raises(Conflict):
        desk.circuits.release(desk.admin, "geocoder", REASON)
    assert desk.acts() == []


def test_two_acts_at_once_take_two_epochs_or_one_is_told(desk: Desk) -> None:
    results = at_once(*[lambda: desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)] * 4)
    done = [result for result in results if isinstance(result, Override)]
    assert done
    assert all(isinstance(result, Override | Conflict) for result in results)
    assert len({override.epoch for override in done}) == len(done)
    desk.circuits.apply_pending()
    assert desk.state.read("geocoder", QUICK).override.act == desk.newest().id


def test_the_change_and_its_record_are_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.operations.circuits.AuditStore.append", lambda *_: (_ for _ in ()).throw(StorageUnavailable("sql")))
    with pytest.raises(StorageUnavailable):
        desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    monkeypatch.undo()
    assert desk.newest() is None
    assert desk.state.read("geocoder", QUICK).override.kind == "none"


def test_an_isolation_ends_when_its_time_is_over_and_that_is_recorded(desk: Desk, clock: ManualClock) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 1)
    assert desk.circuits.expire_due() == 0
    clock.advance(60)
    assert desk.view().override is None
    assert desk.circuits.expire_due() == 1
    assert desk.circuits.expire_due() == 0
    assert desk.acts() == [("circuits.isolate", "done"), ("circuits.expire", "done")]
    assert desk.newest().kind == "none"
    assert desk.newest().actor_id == "system:worker"
    assert desk.state.read("geocoder", QUICK).override.kind == "none"


def test_what_the_fleet_forgot_it_is_told_again(desk: Desk, shared: SharedState) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    assert desk.circuits.apply_pending() == 0
    shared.client.flushall()
    assert desk.circuits.apply_pending() == 1
    held = desk.state.read("geocoder", QUICK).override
    assert (held.kind, held.act) == ("isolated", desk.newest().id)
    assert desk.circuits.apply_pending() == 0


def test_an_isolation_that_sql_never_recorded_is_lifted(desk: Desk, shared: SharedState) -> None:
    desk.state.control("geocoder", SharedOverride("isolated", 7, "unknown", 600.0), "isolated")
    assert desk.circuits.apply_pending() == 1
    assert desk.state.read("geocoder", QUICK).override.kind == "none"
    assert desk.circuits.isolate(desk.admin, "geocoder", REASON, 10).applied_at is not None


def test_an_isolation_that_sql_knows_holds_though_the_fleet_heard_of_later_acts(desk: Desk) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    desk.state.control("geocoder", SharedOverride("none", 5, "of-another-database"), "released")
    assert desk.circuits.apply_pending() == 1
    held = desk.state.read("geocoder", QUICK).override
    assert (held.kind, held.epoch) == ("isolated", 6)
    assert desk.circuits.apply_pending() == 0
    assert desk.circuits.release(desk.admin, "geocoder", REASON).epoch == 7


def test_two_workers_end_an_isolation_once(desk: Desk, clock: ManualClock) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 1)
    clock.advance(61)
    assert sum(at_once(*[desk.circuits.expire_due] * 3)) == 1
    assert desk.acts().count(("circuits.expire", "done")) == 1


def test_a_process_that_missed_the_release_does_not_bring_the_isolation_back(desk: Desk, shared: SharedState) -> None:
    (late,) = fleet_of(shared, 1)
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    late.sync.step()
    desk.circuits.release(desk.admin, "geocoder", REASON)
    shared.client.flushall()
    late.sync.step()  # it remembers the isolation, and tells
    assert desk.circuits.apply_pending() == 1
    late.sync.step()
    assert late.call() == "ok"


def test_the_card_shows_the_fleets_figures(desk: Desk, shared: SharedState) -> None:
    fleet = fleet_of(shared, 2)
    for instance in fleet:
        for good in (True, True, False):
            instance.call(good)
    step_all(fleet)
    view = desk.view()
    assert (view.title, view.state, view.calls, view.window_seconds) == ("Geocoder", "closed", 6, QUICK.window_seconds)
    assert view.failed_ratio == pytest.approx(1 / 3)
    assert view.slow_ratio == 0.0
    assert view.p95_seconds is not None
    assert len(view.bars) == 30
    assert sum(bar.ok for bar in view.bars) == 4
    assert [(instance.id, instance.role, instance.state) for instance in view.instances] == [
        ("api-0", "api", "closed"),
        ("api-1", "api", "closed"),
    ]
    assert view.applied == (2, 2)
    preview = desk.circuits.preview(desk.admin, "geocoder")
    assert (preview.calls_per_hour, preview.instances, preview.note) == (720.0, 2, "Places come from the offline index.")


def test_applied_counts_those_that_hold_the_newest_word(desk: Desk, shared: SharedState) -> None:
    prompt, late = fleet_of(shared, 2)
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    assert desk.view().applied == (0, 2)
    step_all([prompt, prompt])
    assert desk.view().applied == (1, 2)
    step_all([late, late])
    assert desk.view().applied == (2, 2)
    assert desk.view().override.kind == "isolated"


def test_an_open_circuit_says_when_it_is_probed_and_its_moves_are_listed(desk: Desk, shared: SharedState, clock: ManualClock) -> None:
    fleet = fleet_of(shared, 2)
    assert isinstance(desk.circuits.transitions(desk.admin), Empty)
    for instance in fleet:
        for _ in range(4):
            instance.call(good=False)
    step_all(fleet)
    view = desk.view()
    assert view.state == "open"
    assert view.next_probe_at is not None
    assert clock.now() <= view.next_probe_at <= clock.now() + timedelta(seconds=QUICK.wait_seconds)
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    moves = desk.circuits.transitions(desk.admin, "geocoder", 2)
    assert isinstance(moves, Fresh)
    assert [(move.from_state, move.to_state, move.cause) for move in moves.value] == [
        ("open", "isolated", "isolated"),
        ("closed", "open", "window"),
    ]
    assert moves.value[1].instance in {"api-0", "api-1"}


def test_without_any_process_the_state_is_unknown(desk: Desk) -> None:
    view = desk.view()
    assert (view.state, view.since, view.instances, view.applied, view.failed_ratio) == ("unknown", None, (), (0, 0), None)


def test_without_a_geocoder_there_are_no_circuits(desk: Desk, shared: SharedState, clock: ManualClock) -> None:
    service = CircuitService(desk.database, shared, desk.audit, clock, {})
    assert service.circuits(desk.admin) == Empty(clock.now())
    assert service.apply_pending() == 0


def test_the_acts_on_a_circuit_are_known_from_sql_alone(desk: Desk) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    desk.circuits.release(desk.admin, "geocoder", REASON)
    assert [override.kind for override in desk.circuits.overrides(desk.admin, "geocoder")] == ["none", "isolated"]


def test_with_the_store_away_acts_are_recorded_and_readings_say_what_cannot_be_known(
    database: Database, own_valkey: TestServer, clock: ManualClock
) -> None:
    desk = Desk(database, own_valkey.shared(), clock)
    own_valkey.kill()
    assert isinstance(desk.circuits.circuits(desk.admin), Failed)
    assert isinstance(desk.circuits.circuit(desk.admin, "geocoder"), Failed)
    assert isinstance(desk.circuits.transitions(desk.admin), Failed)
    own_valkey.start()
    assert desk.view().state == "unknown"
    own_valkey.kill()
    seen_at = clock.now()
    clock.advance(30)
    override = desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    assert override.applied_at is None
    stale = desk.circuits.circuit(desk.admin, "geocoder")
    assert isinstance(stale, Stale)
    assert (stale.at, stale.value.override) == (seen_at, override)
    assert desk.circuits.preview(desk.admin, "geocoder").calls_per_hour is None
    with pytest.raises(StorageUnavailable):
        desk.circuits.apply_pending()
    own_valkey.start()
    assert desk.circuits.apply_pending() == 1
    assert desk.newest().applied_at == clock.now()
    assert desk.view().override.applied_at is not None


def test_with_the_database_away_nothing_is_claimed(shared: SharedState, clock: ManualClock, tmp_path) -> None:
    desk = Desk(Database(f"sqlite:///{tmp_path / 'no' / 'folder.db'}"), shared, clock)
    reading = desk.circuits.circuits(desk.admin)
    assert isinstance(reading, Failed)
    assert reading.source == "sql"
    with pytest.raises(StorageUnavailable):
        desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)


def test_the_table_is_the_migrations(database: Database) -> None:
    from sqlalchemy import inspect

    assert {column["name"] for column in inspect(database.engine).get_columns("circuit_overrides")} == set(OVERRIDES.c.keys())
