"""Running processes, their figures and the newest requests: for the worker's jobs and the console's pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.clock import Clock
from backend.errors import NotFound, ServiceError, StorageUnavailable
from backend.monitoring.rates import Increase, figures, increases, sparks
from backend.monitoring.records import CounterReading, Instance, RequestRecord, Summary
from backend.monitoring.requests.store import RequestStore
from backend.monitoring.scrape import read
from backend.monitoring.store import MonitoringStore
from backend.storage.database import Database

ALIVE = timedelta(seconds=15)
FORGOTTEN = timedelta(minutes=10)
READINGS_KEPT = timedelta(hours=1)
REQUESTS_KEPT = timedelta(hours=24)
MOST_REQUESTS = 50_000
HEADLINE = timedelta(seconds=60)
SPARK_SPAN = timedelta(minutes=15)
SPARK_POINTS = 30
FRESH = timedelta(seconds=15)
READERS = 8
REMEMBERED_SECONDS = 1.0  # many pages ask at once, for figures that are read each 5 s


class MonitoringService:
    """``fetch`` reads an address and raises OSError or ServiceError when it cannot."""

    def __init__(self, database: Database, clock: Clock, fetch: Callable[[str], bytes]) -> None:
        self._database = database
        self._clock = clock
        self._fetch = fetch
        self._last_good: datetime | None = None
        self._lock = threading.Lock()
        self._known: tuple[float, Reading[Summary] | None] = (0.0, None)

    def announce(self, instance: Instance) -> None:
        """This process is alive; every process says so each 5 s."""
        with self._database.transaction() as connection:
            MonitoringStore(connection).seen(instance, self._clock.now())

    def withdraw(self, instance_id: str) -> None:
        """This process stops."""
        with self._database.transaction() as connection:
            MonitoringStore(connection).gone(instance_id)

    def instances(self) -> list[Instance]:
        """The processes that were heard of in the last 15 s."""
        with self._database.reading() as connection:
            return MonitoringStore(connection).seen_since(self._clock.now() - ALIVE)

    def last_reading_at(self) -> datetime | None:
        """When figures were read last."""
        with self._database.reading() as connection:
            return MonitoringStore(connection).last_reading_at()

    def scrape(self) -> int:
        """Read the figures of each live API process, all at once; how many answered. (A job.)"""
        asked = [instance for instance in self.instances() if instance.operations_url]
        if not asked:
            return 0
        at = self._clock.now()
        with ThreadPoolExecutor(min(READERS, len(asked)), "scrape") as pool:
            readings = [found for found in pool.map(lambda instance: self._read(instance, at), asked) if found is not None]
        with self._database.transaction() as connection:
            MonitoringStore(connection).keep_readings(readings)
        return len(readings)

    def _read(self, instance: Instance, at: datetime) -> CounterReading | None:
        """None: it did not answer, or not with figures; the gap in its readings says so."""
        try:
            return CounterReading(at, instance.id, read(self._fetch(f"{instance.operations_url}/metrics")))
        except (OSError, ServiceError, ValueError):
            return None

    def purge(self) -> int:
        """Forget what is too old; how many rows. (A job.)"""
        now = self._clock.now()
        with self._database.transaction() as connection:
            store = MonitoringStore(connection)
            return (
                store.forget_readings(now - READINGS_KEPT)
                + store.forget_instances(now - FORGOTTEN)
                + RequestStore(connection).forget(now - REQUESTS_KEPT, MOST_REQUESTS)
            )

    def summary(self, actor: Actor) -> Reading[Summary]:
        """The API at a glance. Stale when nobody read the figures lately; its figures are then those of the last reading."""
        actor.require(Permission.VIEW_OPERATIONS)
        with self._lock:
            at, known = self._known
            if known is None or self._clock.monotonic() - at >= REMEMBERED_SECONDS:
                known = self._read_summary()
                self._known = (self._clock.monotonic(), known)
            return known

    def _read_summary(self) -> Reading[Summary]:
        begun, now = self._clock.monotonic(), self._clock.now()
        try:
            with self._database.reading() as connection:
                store = MonitoringStore(connection)
                last = store.last_reading_at()
                processes = sum(1 for instance in store.seen_since(now - ALIVE) if instance.role == "api")
                readings = [] if last is None else store.readings_since(min(last, now) - SPARK_SPAN - HEADLINE)
        except StorageUnavailable as error:
            return Failed("sql", error.detail, now, self._last_good)
        if last is None:
            return Empty(now)
        self._last_good = now
        return self._as_read(_summary(readings, last, now, processes), now, self._clock.monotonic() - begun)

    def _as_read(self, summary: Summary, now: datetime, took: float) -> Reading[Summary]:
        age = timedelta(seconds=summary.reading_age_seconds)
        if age <= FRESH:
            return Fresh(summary, now, took)
        return Stale(summary, summary.at, f"figures were last read {age.total_seconds():.0f} s ago; the worker reads them each 5 s")

    def record_requests(self, batch: Sequence[RequestRecord]) -> None:
        with self._database.transaction() as connection:
            RequestStore(connection).keep(batch)

    def request(self, actor: Actor, request_id: str) -> RequestRecord:
        actor.require(Permission.VIEW_REQUESTS)
        with self._database.reading() as connection:
            found = RequestStore(connection).request(request_id)
        if found is None:
            raise NotFound("no request of the last 24 h has this id")
        return found

    def requests(self, actor: Actor, limit: int = 50) -> list[RequestRecord]:
        """The newest requests first."""
        actor.require(Permission.VIEW_REQUESTS)
        with self._database.reading() as connection:
            return RequestStore(connection).newest(max(1, min(limit, 500)))


def _summary(readings: list[CounterReading], last: datetime, now: datetime, processes: int) -> Summary:
    recent: list[Increase] = [increase for increase in increases(readings) if increase.end > last - HEADLINE]
    now_figures = figures(recent)
    return Summary(
        at=last,
        api_processes=processes,
        requests_per_second=now_figures.requests_per_second,
        error_ratio=now_figures.error_ratio,
        p95_seconds=now_figures.p95_seconds,
        degraded_ratio=now_figures.degraded_ratio,
        series=sparks(readings, max(last, now) if now - last <= FRESH else last, SPARK_SPAN, SPARK_POINTS),
        reading_age_seconds=max(0.0, (now - last).total_seconds()),
    )
