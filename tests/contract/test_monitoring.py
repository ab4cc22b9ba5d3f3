"""Monitoring on each database: instances, readings, the summary, recent requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.errors import Forbidden, NotFound, StorageUnavailable
from backend.monitoring import service as monitoring
from backend.monitoring.records import Instance, RequestRecord, Summary
from backend.monitoring.service import MonitoringService
from backend.storage.database import METADATA, Database
from backend.telemetry.series import Series
from tests.support.clock import START, ManualClock

VIEWER = Actor(ActorKind.OPERATOR, "v", "Vera", PERMISSIONS[Role.VIEWER], Role.VIEWER)
SUPPORT = Actor(ActorKind.OPERATOR, "s", "Sam", PERMISSIONS[Role.SUPPORT], Role.SUPPORT)
API = Instance("api-1", "api", 10, "host", "0.1.0", START, "http://127.0.0.1:9001")
WORKER = Instance("worker-1", "worker", 11, "host", "0.1.0", START)


class Fleet:
    """Processes that answer with their metrics, unless they are down."""

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self.down: set[str] = set()
        self.odd: set[str] = set()

    def fetch(self, url: str) -> bytes:
        base = url.removesuffix("/metrics")
        if base in self.down:
            raise ConnectionRefusedError
        return b"<html>" if base in self.odd else self.series.setdefault(base, Series("0")).exposition()

    def serve(self, base: str, count: int, status: int = 200, seconds: float = 0.02, degraded: bool = False) -> None:
        series = self.series.setdefault(base, Series("0"))
        for _ in range(count):
            series.request_started()
            series.request_finished("/v1/charts", "POST", status, seconds)
            series.chart_answered("natal", "files", degraded, "miss")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


@pytest.fixture
def service(database: Database, clock: ManualClock, fleet: Fleet) -> MonitoringService:
    return MonitoringService(database, clock, fleet.fetch)


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


def test_without_any_reading_there_is_no_summary(service: MonitoringService) -> None:
    assert isinstance(service.summary(VIEWER), Empty)


def test_nothing_known_is_not_zero(service: MonitoringService) -> None:
    service.announce(API)
    assert service.scrape() == 1
    summary = fresh(service)
    assert summary.api_processes == 1 and summary.requests_per_second is None and summary.p95_seconds is None
    assert set(summary.series["error_ratio"]) == {None}


def fresh(service: MonitoringService) -> Summary:
    reading = service.summary(VIEWER)
    assert isinstance(reading, Fresh)
    return reading.value


def test_the_summary_adds_up_the_fleet(service: MonitoringService, clock: ManualClock, fleet: Fleet) -> None:
    other = replace(API, id="api-2", operations_url="http://127.0.0.1:9002")
    for _ in range(3):
        service.announce(API)
        service.announce(other)
        assert service.scrape() == 2
        fleet.serve("http://127.0.0.1:9001", 45)
        fleet.serve("http://127.0.0.1:9001", 5, status=503)
        fleet.serve("http://127.0.0.1:9002", 50, degraded=True)
        clock.advance(5)
    summary = fresh(service)
    assert summary.api_processes == 2
    assert summary.requests_per_second == pytest.approx(20.0)
    assert summary.error_ratio == pytest.approx(0.05) and summary.degraded_ratio == pytest.approx(0.5)
    assert summary.p95_seconds is not None and 0.01 < summary.p95_seconds <= 0.025
    assert len(summary.series["requests_per_second"]) == 30
    assert summary.series["requests_per_second"][-1] == pytest.approx(20.0)


def test_a_process_that_does_not_answer_leaves_a_gap(service: MonitoringService, fleet: Fleet) -> None:
    for number, trouble in ((1, fleet.down), (2, fleet.odd)):
        address = f"http://127.0.0.1:900{number}"
        service.announce(replace(API, id=f"api-{number}", operations_url=address))
        trouble.add(address)
    service.announce(replace(API, id="api-3", operations_url="http://127.0.0.1:9003"))
    assert service.scrape() == 1


def test_figures_that_nobody_reads_any_more_are_stale_and_keep_their_time(
    service: MonitoringService, clock: ManualClock, fleet: Fleet
) -> None:
    service.announce(API)
    service.scrape()
    clock.advance(5)
    fleet.serve("http://127.0.0.1:9001", 50)
    service.scrape()
    last = clock.now()
    clock.advance(120)
    reading = service.summary(VIEWER)
    assert isinstance(reading, Stale) and reading.at == last and "120 s" in reading.why
    assert reading.value.requests_per_second == pytest.approx(10.0) and reading.value.api_processes == 0


def test_a_database_that_is_away_is_a_failure_with_the_last_good_time(
    service: MonitoringService, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.announce(API)
    service.scrape()
    good = clock.now()
    fresh(service)

    def away() -> None:
        raise StorageUnavailable("sql")

    monkeypatch.setattr(database, "reading", away)
    clock.advance(1)
    reading = service.summary(VIEWER)
    assert isinstance(reading, Failed) and reading.source == "sql" and reading.last_good == good


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


def test_the_old_and_the_too_many_are_forgotten(service: MonitoringService, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitoring, "MOST_REQUESTS", 3)
    service.announce(API)
    service.scrape()
    for number in range(6):
        clock.advance(1)
        service.record_requests([request(f"r{number}", clock)])
    service.purge()
    assert [one.id for one in service.requests(SUPPORT)] == ["r5", "r4", "r3"]
    clock.advance(timedelta(hours=25).total_seconds())
    assert service.purge() == 1 + 1 + 3
    assert isinstance(service.summary(VIEWER), Empty)
