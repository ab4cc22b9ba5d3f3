"""Monitoring on each database: running processes, recent requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.errors import Forbidden, NotFound
from backend.monitoring import service as monitoring
from backend.monitoring.records import Instance, RequestRecord
from backend.monitoring.service import MonitoringService
from backend.storage.database import METADATA, Database
from tests.support.clock import START, ManualClock

VIEWER = Actor(ActorKind.OPERATOR, "v", "Vera", PERMISSIONS[Role.VIEWER], Role.VIEWER)
SUPPORT = Actor(ActorKind.OPERATOR, "s", "Sam", PERMISSIONS[Role.SUPPORT], Role.SUPPORT)
API = Instance("api-1", "api", 10, "host", "0.1.0", START, "http://127.0.0.1:9001")
WORKER = Instance("worker-1", "worker", 11, "host", "0.1.0", START)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def service(database: Database, clock: ManualClock) -> MonitoringService:
    return MonitoringService(database, clock)


def request(id: str, clock: ManualClock, **more: object) -> RequestRecord:
    made = RequestRecord(id, clock.now(), "POST", "/v1/charts", 200, 0.0125, "a" * 32, "api-1")
    return replace(made, **more)  # type: ignore[arg-type]


def test_the_tables_are_those_of_the_migration(database: Database) -> None:
    from sqlalchemy import inspect

    found = inspect(database.engine)
    for name in ("instances", "readings", "requests"):
        table = METADATA.tables[name]
        assert {column["name"] for column in found.get_columns(name)} == {column.name for column in table.columns}
        assert set(found.get_pk_constraint(name)["constrained_columns"]) == {column.name for column in table.primary_key}


def test_a_process_is_seen_while_it_says_so(service: MonitoringService, clock: ManualClock) -> None:
    service.announce(API)
    service.announce(WORKER)
    assert [one.id for one in service.instances()] == ["api-1", "worker-1"]
    clock.advance(10)
    service.announce(replace(API, operations_url="http://127.0.0.1:9002"))
    clock.advance(10)
    (left,) = service.instances()
    assert left.operations_url == "http://127.0.0.1:9002" and left.started_at == START
    service.withdraw("api-1")
    assert service.instances() == []


def test_a_request_is_found_by_its_id_the_newest_first(service: MonitoringService, clock: ManualClock) -> None:
    service.record_requests([request("r1", clock, degraded=("place=circuit_open",), actor_id="k"), request("r2", clock)])
    clock.advance(1)
    service.record_requests([request("r1", clock, status=422, error_code="invalid_request")])
    assert service.request(SUPPORT, "r1").status == 422
    newest_first = service.requests(SUPPORT)
    assert newest_first[0].id == "r1" and newest_first[0].status == 422
    assert {one.degraded for one in newest_first if one.id == "r1"} == {(), ("place=circuit_open",)}
    assert service.request(SUPPORT, "r2") == request("r2", ManualClock())
    with pytest.raises(NotFound):
        service.request(SUPPORT, "r3")
    with pytest.raises(Forbidden):
        service.request(VIEWER, "r1")


def test_the_same_record_twice_is_one(service: MonitoringService, clock: ManualClock) -> None:
    service.record_requests([request("r1", clock), request("r1", clock)])
    assert len(service.requests(SUPPORT)) == 1
    service.record_requests([])


def test_the_old_and_the_too_many_are_forgotten(
    service: MonitoringService, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitoring, "MOST_REQUESTS", 3)
    service.announce(API)
    with database.transaction() as connection:  # as a worker of an older version does
        connection.execute(insert(METADATA.tables["readings"]).values(at=clock.now(), instance="api-1", body={}))
    for number in range(6):
        clock.advance(1)
        service.record_requests([request(f"r{number}", clock)])
    service.purge()
    assert [one.id for one in service.requests(SUPPORT)] == ["r5", "r4", "r3"]
    clock.advance(timedelta(hours=25).total_seconds())
    assert service.purge() == 1 + 1 + 3
