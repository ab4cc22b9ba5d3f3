"""The worker's scrape: who is asked, and what is kept of those who do not answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend import bootstrap, duties
from backend.errors import DependencyFailed, StorageUnavailable
from backend.monitoring.embedded.lock import TendingLock
from backend.monitoring.embedded.records import Exposition
from backend.monitoring.embedded.scraping import Scraper
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.records import Instance
from backend.settings import Settings
from backend.storage.database import Database
from backend.storage.migrate import migrate
from tests.support.clock import START, ManualClock
from tests.unit.monitoring.embedded.stores import named, of, store_at, written

NOW = round(START.timestamp() * 1000)


def process(role: str, port: int | None) -> Instance:
    return Instance(f"{role}-{port}", role, 1, "host", "1", START, f"http://127.0.0.1:{port}" if port else None)


class Fleet:
    """Processes that answer, by the address they are asked at; None: it is refused."""

    def __init__(self, store: MetricsStore, folder: Path) -> None:
        self.instances = [process("api", 1), process("worker", 2), process("console", None)]
        self.answers: dict[str, bytes | None] = {"http://127.0.0.1:1/metrics": b"a 1\n", "http://127.0.0.1:2/metrics": b"a 2\n"}
        self.known = True
        self.clock = ManualClock()
        self.lock = TendingLock(folder / "lock")
        self.scraper = Scraper(store, self.lock, self.listed, self.fetch, self.clock)

    def listed(self) -> list[Instance]:
        if not self.known:
            raise StorageUnavailable("sql")
        return self.instances

    def fetch(self, url: str) -> Exposition:
        answer = self.answers[url]
        if answer is None:
            raise DependencyFailed("scraped processes", "refused", transient=True)
        return Exposition(answer)


@pytest.fixture
def store(tmp_path: Path) -> MetricsStore:
    return store_at(tmp_path)


@pytest.fixture
def fleet(store: MetricsStore, tmp_path: Path) -> Fleet:
    return Fleet(store, tmp_path)


def test_each_process_with_an_address_is_asked(store: MetricsStore, fleet: Fleet) -> None:
    assert fleet.scraper.scrape() == 2
    assert of(store, "a", job="api", instance="127.0.0.1:1") == {NOW: 1.0}
    assert of(store, "a", job="worker", instance="127.0.0.1:2") == {NOW: 2.0}


def test_one_that_does_not_answer_is_down_and_the_others_are_kept(store: MetricsStore, fleet: Fleet) -> None:
    fleet.answers["http://127.0.0.1:1/metrics"] = None
    assert fleet.scraper.scrape() == 1
    assert of(store, "up", job="api") == {NOW: 0.0}
    assert of(store, "up", job="worker") == {NOW: 1.0}
    assert [state.error for state in store.targets()] == ["refused", ""]


def test_one_that_is_gone_ends(store: MetricsStore, fleet: Fleet) -> None:
    fleet.scraper.scrape()
    fleet.instances = fleet.instances[:1]
    fleet.clock.advance(5)
    fleet.scraper.scrape()
    assert of(store, "a", job="worker") == {NOW: 2.0, NOW + 5000: "stale"}


def test_with_the_list_away_those_known_before_are_asked(store: MetricsStore, fleet: Fleet) -> None:
    fleet.scraper.scrape()
    fleet.known = False
    fleet.clock.advance(5)
    assert fleet.scraper.scrape() == 2
    assert of(store, "a", job="worker") == {NOW: 2.0, NOW + 5000: 2.0}


def test_a_second_worker_leaves_it_to_the_first(store: MetricsStore, fleet: Fleet, tmp_path: Path) -> None:
    second = Fleet(store, tmp_path)
    assert fleet.scraper.scrape() == 2
    assert second.scraper.scrape() == 0
    fleet.lock.release()
    second.clock.advance(5)
    assert second.scraper.scrape() == 2


def test_a_broken_file_is_replaced_within_the_scrape(store: MetricsStore, fleet: Fleet) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(b"no database" * 1000)
    assert fleet.scraper.scrape() == 2
    assert of(store, "a", job="api") == {NOW: 1.0}


@pytest.mark.parametrize(("url", "jobs"), [("", {"scrape_metrics", "compact_metrics", "retain_metrics"}), ("http://127.0.0.1:9", set())])
def test_the_worker_collects_only_while_no_prometheus_is_named(tmp_path: Path, url: str, jobs: set[str]) -> None:
    settings = Settings.model_validate({"state_dir": tmp_path, "prometheus_url": url})
    migrate(Database(settings.sql_url))
    services = bootstrap.build(settings, "worker")
    found = [*duties.beat_jobs(services), *duties.slow_jobs(services)]
    assert {job.name for job in found if job.name.endswith("_metrics")} == jobs
    for job in found:
        if job.name in jobs:
            job.act()
    services.close()
    assert settings.metrics_file.exists() is bool(jobs)


def test_no_other_role_scrapes(tmp_path: Path) -> None:
    settings = Settings.model_validate({"state_dir": tmp_path})
    migrate(Database(settings.sql_url))
    services = bootstrap.build(settings, "console")
    assert duties.beat_jobs(services) == []
    services.close()


def test_what_the_store_could_not_keep_is_among_the_workers_metrics(tmp_path: Path) -> None:
    settings = Settings.model_validate({"state_dir": tmp_path})
    migrate(Database(settings.sql_url))
    services = bootstrap.build(settings, "worker")
    assert services.collecting
    settings.metrics_file.parent.mkdir()
    settings.metrics_file.write_bytes(b"no database" * 1000)
    with pytest.raises(StorageUnavailable):
        services.collecting.store.append([])
    assert b"astrolabe_metrics_store_failed_writes_total 1.0" in services.series.exposition()
    assert b"astrolabe_metrics_store_series" not in services.series.exposition()
    services.collecting.store.mend()
    services.collecting.store.append([written(named("a"), [1], [1]), written((), [1], [1])])
    shown = services.series.exposition()
    assert b"astrolabe_metrics_store_series 1.0" in shown
    assert b"astrolabe_metrics_store_failed_writes_total 1.0" in shown
    assert b'astrolabe_metrics_samples_dropped_total{reason="no_name"} 1.0' in shown
    services.close()
