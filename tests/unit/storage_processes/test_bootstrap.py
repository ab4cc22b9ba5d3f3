"""The composition root gives each role what it needs and no more."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from backend import bootstrap, demo, duties, health_checks
from backend.actor import Role
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.bootstrap import Services
from backend.errors import DependencyFailed, ServiceError
from backend.integrations.geocoder import NAME
from backend.monitoring.source import MetricsSource, ServerInfo
from backend.operations.health import NotKnown
from backend.resilience.breaker import Breaker
from backend.resilience.policy import Policy
from backend.settings import ROOT, Settings
from backend.storage.database import Database
from backend.storage.migrate import migrate
from tests.support.builders import actor_with
from tests.support.clock import ManualClock
from tests.support.ports import free_ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    ours = Settings.model_validate({"state_dir": tmp_path, "geocoder_url": "http://127.0.0.1:9", "metrics_port": free_ports(1)[0]})
    migrate(Database(ours.sql_url))
    return ours


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    built = bootstrap.build(settings, "api")
    yield built
    built.close()


def test_only_the_api_computes_charts(settings: Settings, services: Services) -> None:
    assert bootstrap.api_parts(services).charts.techniques
    console = bootstrap.build(settings, "worker")
    assert console.charting is None
    with pytest.raises(ValueError, match="role 'api'"):
        bootstrap.api_parts(console)
    console.close()


def test_the_version_is_the_project_files(services: Services) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert services.settings_view.version == services.instance.version == project["version"]


def test_pages_are_told_no_secret(services: Services) -> None:
    assert services.secret not in repr(services.settings_view)


def test_the_worker_has_a_job_for_all_that_must_happen_by_itself(services: Services) -> None:
    every = {job.name: job.every_seconds for job in duties.jobs(services)}
    assert every == {
        "apply_orders": 1.0,
        "tell_targets": 5.0,
        "expire_orders": 5.0,
        "forget_processes": 60.0,
        "forget_cases": 60.0,
        "forget_sessions": 3600.0,
        "forget_deploys": 3600.0,
    }
    for job in duties.jobs(services):
        if job.name != "apply_orders":  # needs Valkey, which is not there
            job.act()


def test_what_takes_a_while_is_done_beside_the_workers_other_jobs(services: Services) -> None:
    jobs = duties.slow_jobs(services)
    assert {job.name: job.every_seconds for job in jobs} == {"run_regressions": 1.0, "ask_after_upgrade": 60.0}
    for job in jobs:
        assert not job.act()  # nothing to run, and no API that could say what answers


def test_a_process_that_starts_without_the_fleet_obeys_what_stands_in_sql(settings: Settings, services: Services) -> None:
    services.circuits.isolate(actor_with(Role.ADMIN), NAME, "Valkey is away, and this must hold.", 5)
    later = bootstrap.build(settings, "api")
    try:
        found = {health.name: health for health in later.health.check()}
    finally:
        later.close()
    assert found["geocoder"].detail == "isolated by an operator"


def test_health_names_what_is_away_and_what_it_hides(services: Services) -> None:
    found = {health.name: health for health in services.health.check()}
    assert {name for name, health in found.items() if health.reachable} == {"sql", "ephemeris", "geocoder"}
    assert {name for name, health in found.items() if health.essential} == {"sql"}
    assert found["worker"].detail == "no worker has been heard of in the last 15 s"
    assert all(health.hides for health in found.values())


def test_the_geocoders_health_is_its_circuits(clock: ManualClock) -> None:
    with pytest.raises(NotKnown, match="no geocoder is configured"):
        health_checks._geocoder(None)
    breaker = Breaker(NAME, Policy(minimum_calls=1), clock, lambda: 0.0)
    assert health_checks._geocoder(breaker) == "the circuit is closed"
    with pytest.raises(DependencyFailed), breaker.guard():
        raise DependencyFailed(NAME, "no answer", transient=True)
    with pytest.raises(ServiceError):
        health_checks._geocoder(breaker)


def test_the_demo_keeps_its_state_apart() -> None:
    ours = demo.demo_settings(Settings.model_validate({"api_port": 8123}), 8002)
    assert (ours.state_dir, ours.demo, ours.geocoder_url, ours.api_port) == (ROOT / "demo", True, "http://127.0.0.1:8002", 8123)


def test_the_demo_takes_the_folder_and_the_geocoder_that_were_chosen(tmp_path: Path) -> None:
    chosen = Settings.model_validate({"state_dir": tmp_path, "geocoder_url": "http://127.0.0.1:9"})
    ours = demo.demo_settings(chosen, None)
    assert (ours.state_dir, ours.geocoder_url) == (tmp_path, "http://127.0.0.1:9")


class Answering:
    """A metrics source that says who it is, or why nobody can."""

    def __init__(self, reading: Reading[ServerInfo]) -> None:
        self.reading = reading

    def server(self) -> Reading[ServerInfo]:
        return self.reading

    def instant(self, _query: str, at: datetime) -> Empty:
        return Empty(at)


def test_health_says_which_metrics_server_answers_or_why_none_does(services: Services) -> None:
    clock = ManualClock()
    at, info = clock.now(), ServerInfo("prometheus", "3.5.0", "http://h")
    for reading, words in (
        (Fresh(info, at, 0.1), "Prometheus 3.5.0 by URL"),
        (Fresh(ServerInfo("embedded", "1", "http://h"), at, 0.1), "embedded"),
    ):
        assert health_checks._metrics(cast(MetricsSource, Answering(reading)), clock) == words
    for reading in (Stale(info, at, "it is away"), Failed("metrics", "it is away", at)):
        with pytest.raises(DependencyFailed, match="it is away"):
            health_checks._metrics(cast(MetricsSource, Answering(reading)), clock)
    found = next(one for one in services.health.check() if one.name == "metrics")
    assert (found.reachable, found.essential) == (False, False)  # nobody listens here
