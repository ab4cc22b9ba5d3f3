"""Operators' acts on circuits and what they see of them, on both databases and a real Valkey."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Permission, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.audit.record import Criteria
from backend.clock import SystemClock
from backend.errors import Conflict, Forbidden, InvalidRequest, NotFound, StorageUnavailable
from backend.operations.circuits import CircuitService
from backend.operations.order_record import OrderRecord
from backend.operations.store import CIRCUIT_ORDERS
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisState
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.builders import actor_with
from tests.support.circuit_desk import REASON, CircuitDesk, guarded
from tests.support.clock import ManualClock
from tests.support.threads import at_once
from tests.support.valkey import TestServer, own_valkey, shared, valkey_server
from tests.unit.resilience.fleets import QUICK, Instance, eventually, fleet_of, step_all

__all__ = ["own_valkey", "shared", "valkey_server"]

CIRCUITS = guarded(QUICK)
HOLDS = {"isolate": "isolated", "force_open": "forced_open", "disable": "disabled", "metrics_only": "metrics_only"}
NEEDED = {
    "isolate": Permission.ISOLATE_CIRCUITS,
    "release": Permission.RELEASE_CIRCUITS,
    "reset": Permission.RESET_CIRCUITS,
    **dict.fromkeys(("force_open", "disable", "metrics_only"), Permission.OVERRIDE_CIRCUITS),
}


@pytest.fixture
def desk(database: Database, shared: SharedState, clock: ManualClock) -> CircuitDesk:
    return CircuitDesk(database, shared, clock, CIRCUITS)


@pytest.fixture
def running(shared: SharedState) -> Iterator[list[Instance]]:
    """Two processes' parts, exchanging by themselves."""
    instances = [Instance(shared, f"api-{number}") for number in range(2)]
    for instance in instances:
        instance.sync.start()
    yield instances
    for instance in instances:
        instance.sync.stop()


def test_an_isolation_reaches_every_instance_within_a_second_and_so_does_its_release(desk: CircuitDesk, running: list[Instance]) -> None:
    eventually(lambda: all(instance.call() == "ok" for instance in running))
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    assert eventually(lambda: all(instance.call() == "circuit_isolated" for instance in running)) < 1.0
    assert eventually(lambda: desk.view().applied == (2, 2)) < 1.0
    desk.circuits.release(desk.admin, "geocoder", "It gives right places again.")
    assert eventually(lambda: all(instance.call() == "ok" for instance in running)) < 1.0
    assert desk.acts() == [("circuits.isolate", "done"), ("circuits.release", "done")]


@pytest.mark.parametrize("act", sorted(HOLDS))
def test_an_override_is_recorded_with_who_why_and_until_when(desk: CircuitDesk, clock: ManualClock, act: str) -> None:
    record = getattr(desk.circuits, act)(desk.admin, "geocoder", f"  {REASON} ", 30)
    assert (record.kind, record.reason, record.actor_name) == (HOLDS[act], REASON, desk.admin.name)
    assert record.expires_at == clock.now() + timedelta(minutes=30)
    assert record.applied_at == clock.now()
    assert desk.newest() == record
    (audited,) = desk.audit.search(desk.admin, Criteria(act=f"circuits.{act}"))
    assert (audited.actor_id, audited.reason, audited.object_id) == (desk.admin.id, REASON, "geocoder")
    assert audited.before is None
    assert audited.after == {"kind": HOLDS[act], "epoch": 1, "expires_at": record.expires_at.isoformat(), "order": record.id}
    assert desk.held() == Order(HOLDS[act], 1, record.id, pytest.approx(1800.0, abs=5), pytest.approx(0.0, abs=5))
    assert desk.told == [(f"circuits.{act}", True)]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("act", sorted(NEEDED))
def test_who_may_act_and_that_refusals_are_recorded(desk: CircuitDesk, role: Role, act: str) -> None:
    if act == "release":
        desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    actor, before = actor_with(role), len(desk.acts())
    arguments = ("geocoder", REASON, 5) if act in HOLDS else ("geocoder", REASON)
    if NEEDED[act] in PERMISSIONS[role]:
        getattr(desk.circuits, act)(actor, *arguments)
        assert desk.acts()[before:] == [(f"circuits.{act}", "done")]
    else:
        with pytest.raises(Forbidden):
            getattr(desk.circuits, act)(actor, *arguments)
        assert desk.acts()[before:] == [(f"circuits.{act}", "refused")]


@pytest.mark.parametrize("act", ["isolate", "release"])
def test_a_developer_does_not_set_aside_what_took_a_wider_permission(desk: CircuitDesk, clock: ManualClock, act: str) -> None:
    developer = actor_with(Role.DEVELOPER)
    arguments = ("geocoder", REASON, 5) if act == "isolate" else ("geocoder", REASON)
    desk.circuits.disable(desk.admin, "geocoder", REASON, 10)
    with pytest.raises(Forbidden, match=r"circuits\.override"):
        getattr(desk.circuits, act)(developer, *arguments)
    assert desk.acts()[-1] == (f"circuits.{act}", "refused")
    clock.advance(601)  # its time is over
    assert getattr(desk.circuits, act)(developer, *arguments).epoch == 2


def test_a_reset_clears_the_fleets_circuit_and_is_told_once(desk: CircuitDesk, shared: SharedState) -> None:
    record = desk.circuits.reset(desk.admin, "geocoder", REASON)
    assert (record.kind, record.expires_at, record.applied_at is not None) == ("reset", None, True)
    (move,) = desk.state.transitions("geocoder", 5)
    assert (move.cause, move.target) == ("reset", "closed")
    assert desk.circuits.apply_pending() == 0
    shared.client.flushall()
    assert desk.circuits.apply_pending() == 0  # what was cleared is not cleared again
    desk.circuits.reset(desk.admin, "geocoder", REASON)
    shared.client.flushall()
    desk.state.control("geocoder", Slot.RESET, Order("reset", 1, record.id), "reset")  # as a process that missed the second remembers
    assert desk.circuits.apply_pending() == 0


def test_an_act_on_what_changed_meanwhile_is_a_conflict(desk: CircuitDesk) -> None:
    seen = desk.circuits.isolate(desk.admin, "geocoder", REASON, 10, expected_epoch=0).epoch
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 20, expected_epoch=seen)
    with pytest.raises(Conflict, match="changed since you looked"):
        desk.circuits.release(desk.admin, "geocoder", REASON, expected_epoch=seen)
    assert desk.newest().kind == "isolated"
    assert desk.acts() == [("circuits.isolate", "done")] * 2
    assert desk.circuits.reset(desk.admin, "geocoder", REASON, expected_epoch=0).epoch == 1  # each slot has epochs of its own


def test_nobody_without_the_permission_sees_circuits(desk: CircuitDesk) -> None:
    nobody = Actor(ActorKind.API_KEY, "key", "key", frozenset())
    for question in (
        lambda: desk.circuits.circuits(nobody),
        lambda: desk.circuits.circuit(nobody, "geocoder"),
        lambda: desk.circuits.transitions(nobody),
        lambda: desk.circuits.history(nobody, "geocoder"),
        lambda: desk.circuits.preview(nobody, "geocoder"),
    ):
        with pytest.raises(Forbidden):
            question()


@pytest.mark.parametrize(
    ("reason", "minutes", "field"),
    [("short", 10, "reason"), ("x" * 501, 10, "reason"), (REASON, 0, "minutes"), (REASON, 1441, "minutes"), (REASON, True, "minutes")],
)
def test_what_is_wrong_is_named_and_nothing_happens(desk: CircuitDesk, reason: str, minutes: int, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        desk.circuits.isolate(desk.admin, "geocoder", reason, minutes)
    assert refusal.value.problems[0].field == field
    assert desk.newest() is None
    assert desk.acts() == []


def test_a_circuit_that_does_not_exist_is_not_found(desk: CircuitDesk) -> None:
    for act in (
        lambda: desk.circuits.isolate(desk.admin, "nothing", REASON, 5),
        lambda: desk.circuits.release(desk.admin, "x" * 5000, REASON),
        lambda: desk.circuits.circuit(desk.admin, "cb:{r}:*"),
        lambda: desk.circuits.preview(desk.admin, "nothing"),
        lambda: desk.circuits.history(desk.admin, "nothing"),
    ):
        with pytest.raises(NotFound):
            act()


def test_only_what_is_isolated_can_be_released(desk: CircuitDesk) -> None:
    with pytest.raises(Conflict):
        desk.circuits.release(desk.admin, "geocoder", REASON)
    assert desk.acts() == []


def test_two_acts_at_once_take_two_epochs_or_one_is_told(desk: CircuitDesk) -> None:
    results = at_once(*[lambda: desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)] * 4)
    done = [result for result in results if isinstance(result, OrderRecord)]
    assert done
    assert all(isinstance(result, OrderRecord | Conflict) for result in results)
    assert len({record.epoch for record in done}) == len(done)
    desk.circuits.apply_pending()
    assert desk.held().act == desk.newest().id


def test_the_change_and_its_record_are_one(desk: CircuitDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.operations.desk.AuditStore.append", lambda *_: (_ for _ in ()).throw(StorageUnavailable("sql")))
    with pytest.raises(StorageUnavailable):
        desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    monkeypatch.undo()
    assert desk.newest() is None
    assert desk.held() == Order()


def test_the_card_shows_the_fleets_figures(desk: CircuitDesk, shared: SharedState) -> None:
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


def test_applied_counts_those_that_hold_the_newest_word(desk: CircuitDesk, shared: SharedState) -> None:
    prompt, late = fleet_of(shared, 2)
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    assert desk.view().applied == (0, 2)
    step_all([prompt, prompt])
    assert desk.view().applied == (1, 2)
    step_all([late, late])
    assert desk.view().applied == (2, 2)
    assert desk.view().override.kind == "isolated"


def test_an_open_circuit_says_when_it_is_probed_and_lists_its_moves(desk: CircuitDesk, shared: SharedState, clock: ManualClock) -> None:
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


@pytest.fixture
def mail(shared: SharedState) -> FleetSync:
    """A process of another service that shares the fleet's store, after its first exchange."""
    sync = FleetSync(RedisState(shared), "mail-1", SystemClock(), lambda: 0.5, role="sender", service="newsletters")
    sync.register(Breaker("mail", replace(QUICK, failure_ratio=0.3), SystemClock(), lambda: 0.5), "Mail")
    sync.step()
    return sync


def test_circuits_of_other_services_are_found_and_steered_like_ours(desk: CircuitDesk, mail: FleetSync) -> None:
    reading = desk.circuits.circuits(desk.admin)
    assert isinstance(reading, Fresh)
    assert [(view.name, view.configured) for view in reading.value] == [("geocoder", True), ("mail", False)]
    theirs = desk.view("mail")
    assert (theirs.title, theirs.service, theirs.state, theirs.policy.source) == ("Mail", "newsletters", "closed", "service")
    assert theirs.policy.document["circuit"]["failure_ratio"] == 0.3
    desk.circuits.force_open(desk.admin, "mail", REASON, 10)
    mail.step()
    mail.step()
    assert desk.view("mail").applied == (1, 1)
    assert desk.acts("mail") == [("circuits.force_open", "done")]
    assert [record.kind for record in desk.circuits.history(desk.admin, "mail")] == ["forced_open"]


def test_an_export_holds_all_that_is_known_as_json(desk: CircuitDesk, mail: FleetSync) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    document = json.loads(json.dumps(desk.circuits.export(desk.admin)))
    assert [one["name"] for one in document["circuits"]["value"]] == ["geocoder", "mail"]
    assert [one["body"] for one in document["orders"]["value"]["geocoder"]] == ["isolated"]
    assert [one["cause"] for one in document["transitions"]["value"]] == ["isolated"]
    one = desk.circuits.export(desk.admin, "geocoder")
    assert (one["circuits"]["value"]["name"], list(one["orders"]["value"])) == ("geocoder", ["geocoder"])
    with pytest.raises(Forbidden):
        desk.circuits.export(Actor(ActorKind.API_KEY, "key", "key", frozenset()))


def test_the_history_goes_on_where_a_page_ended(desk: CircuitDesk) -> None:
    for minutes in (1, 2, 3):
        desk.circuits.isolate(desk.admin, "geocoder", REASON, minutes)
    first = desk.circuits.transitions(desk.admin, "geocoder", 2)
    assert isinstance(first, Fresh)
    rest = desk.circuits.transitions(desk.admin, "geocoder", 2, before=first.value[-1].id)
    assert isinstance(rest, Fresh)
    assert [move.epoch for move in (*first.value, *rest.value)] == [3, 2, 1]
    assert {move.slot for move in first.value} == {"override"}


def test_without_any_process_the_state_is_unknown(desk: CircuitDesk) -> None:
    view = desk.view()
    assert (view.state, view.since, view.instances, view.applied, view.failed_ratio) == ("unknown", None, (), (0, 0), None)


def test_without_a_geocoder_there_are_no_circuits(desk: CircuitDesk, shared: SharedState, clock: ManualClock) -> None:
    service = CircuitService(desk.database, shared, desk.audit, clock, {}, lambda _act, _record: None)
    assert service.circuits(desk.admin) == Empty(clock.now())
    assert service.apply_pending() == 0


def test_the_acts_on_a_circuit_are_known_from_sql_alone(desk: CircuitDesk) -> None:
    desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)
    desk.circuits.release(desk.admin, "geocoder", REASON)
    assert [record.kind for record in desk.circuits.history(desk.admin, "geocoder")] == ["none", "isolated"]


def test_with_the_store_away_acts_are_recorded_and_readings_say_what_cannot_be_known(
    database: Database, own_valkey: TestServer, clock: ManualClock
) -> None:
    desk = CircuitDesk(database, own_valkey.shared(), clock, CIRCUITS)
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
    desk = CircuitDesk(Database(f"sqlite:///{tmp_path / 'no' / 'folder.db'}"), shared, clock, CIRCUITS)
    reading = desk.circuits.circuits(desk.admin)
    assert isinstance(reading, Failed)
    assert reading.source == "sql"
    with pytest.raises(StorageUnavailable):
        desk.circuits.isolate(desk.admin, "geocoder", REASON, 10)


def test_the_table_is_the_migrations(database: Database) -> None:
    from sqlalchemy import inspect

    assert {column["name"] for column in inspect(database.engine).get_columns("circuit_orders")} == set(CIRCUIT_ORDERS.c.keys())
