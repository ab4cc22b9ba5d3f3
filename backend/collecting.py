"""The embedded metrics store in the worker: scraping, compaction and retention, while no Prometheus is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from backend.clock import Clock
from backend.errors import DependencyFailed, StorageUnavailable
from backend.integrations.http_client import Fetcher
from backend.monitoring.embedded.lock import TendingLock
from backend.monitoring.embedded.records import Exposition, StoreLimits
from backend.monitoring.embedded.scraping import ACCEPT, Scraper
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.embedded.tending import Tending
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.records import Instance
from backend.monitoring.rules.following import Following
from backend.monitoring.rules.state import StateFile
from backend.settings import Settings
from backend.telemetry.metrics_store_series import StoreFigures
from backend.telemetry.series import Series
from backend.worker import Job

SCRAPE_SECONDS = 2.0
LARGEST_EXPOSITION = 16_000_000  # bytes
DROPPED = "dropped:"
COMPACT_SECONDS, RETAIN_SECONDS, RULES_SECONDS = 60.0, 600.0, 1.0


@dataclass(frozen=True)
class Collecting:
    """The store, and who fills and tends it."""

    store: MetricsStore
    scraper: Scraper
    tending: Tending
    following: Following
    fetcher: Fetcher
    every_seconds: float

    def jobs(self) -> list[Job]:
        """What must keep its beat."""
        return [Job("scrape_metrics", self.every_seconds, self.scraper.scrape)]

    def slow_jobs(self) -> list[Job]:
        return [
            Job("follow_rules", RULES_SECONDS, self.following.evaluate_due),
            Job("compact_metrics", COMPACT_SECONDS, self.tending.compact),
            Job("retain_metrics", RETAIN_SECONDS, self.tending.retain),
        ]

    def close(self) -> None:
        self.tending.close()
        self.fetcher.close()
        self.store.close()


def figures(store: MetricsStore) -> StoreFigures:
    """Also while the file cannot be read: what was lost then is known to this process."""
    try:
        status = store.status()
    except StorageUnavailable:
        return StoreFigures(None, None, None, None, 0, store.unwritten, {})
    dropped = {name.removeprefix(DROPPED): number for name, number in status.counters.items() if name.startswith(DROPPED)}
    failed = status.counters.get("failed:writes", 0)
    return StoreFigures(status.series, status.files, status.chunks, status.head_rows, status.damaged, failed, dropped)


def build_store(settings: Settings, clock: Clock) -> MetricsStore:
    """The store of this state folder, for whichever process."""
    limits = StoreLimits(retention=timedelta(days=settings.metrics_retention_days), size=settings.metrics_megabytes * 1_000_000)
    return MetricsStore(settings.metrics_file, clock, limits)


def build_collecting(settings: Settings, instances: Callable[[], Sequence[Instance]], series: Series, clock: Clock) -> Collecting | None:
    """None where a Prometheus is named: then nothing is scraped, nor written."""
    if settings.prometheus_url:
        return None
    store = build_store(settings, clock)
    series.metrics_store(lambda: figures(store))
    lock = TendingLock(settings.metrics_file.with_suffix(".lock"))
    fetcher = Fetcher("scraped processes", clock, largest_body=LARGEST_EXPOSITION)
    scraper = Scraper(store, lock, instances, partial(exposition_at, fetcher), clock)
    engine = Engine(store, Limits(), clock)
    following = Following(settings.metrics_rules_dir, StateFile.at(settings.rules_state), engine, store, clock, lock.take)
    return Collecting(store, scraper, Tending(store, lock, clock), following, fetcher, settings.metrics_scrape_seconds)


def exposition_at(fetcher: Fetcher, url: str) -> Exposition:
    """What a process shows at that address; OSError or ServiceError when it shows nothing."""
    answer = fetcher("GET", url, seconds=SCRAPE_SECONDS, headers={"accept": ACCEPT})
    if answer.status != 200:
        raise DependencyFailed("scraped processes", f"it answered with status {answer.status}", transient=True)
    return Exposition(answer.body, answer.headers.get("content-type", "text/plain"))
