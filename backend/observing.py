"""What a process tells of itself beside its work, wired: use of stores and threads, sizes of files, profiles, traces."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.charts.engine.computing_thread import ThreadUsage
from backend.clock import Clock
from backend.geocoding import figures
from backend.monitoring.heartbeat import Repeater
from backend.monitoring.records import Instance
from backend.resilience.breaker import Breaker
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.requests_adapter import GuardedAdapter, GuardedSession
from backend.settings import Settings
from backend.storage.database import Database
from backend.storage.shared import SharedState
from backend.storage.usage import Times, Usage
from backend.telemetry import api_metrics, process_metrics
from backend.telemetry.definitions import Reading, Row, Spread, one
from backend.telemetry.finished import FinishedRequest
from backend.telemetry.logging import log
from backend.telemetry.profiling import Profiling
from backend.telemetry.series import Series

LOG = log(__name__)
TRACES = "traces"
EXPORT_SECONDS = 2.0
FLUSH_SECONDS = 1.0
LARGEST_REPLY = 100_000  # bytes of a collector's answer


@dataclass(frozen=True)
class Observing:
    """``trace`` takes finished requests, where a collector is set."""

    profiling: Profiling
    trace: Callable[[FinishedRequest], None] | None = None
    start: Callable[[], None] = lambda: None
    stop: Callable[[], None] = lambda: None


def build_observing(
    settings: Settings, instance: Instance, database: Database, shared: SharedState, series: Series, clock: Clock
) -> Observing:
    """Wired, and not yet started. Only an API process answers requests that are profiled and traced."""
    series.read(lambda: store_readings({"sql": database.usage, "valkey": shared.usage}, database.most_connections))
    if instance.role == "worker":  # one tells of the files that all share
        series.read(lambda: [file_sizes(settings)])
    if instance.role != "api":
        return Observing(Profiling(0.0, 0.0, random.random))
    profiling = Profiling(settings.profile_share, settings.profile_slow_seconds, random.random)
    return _traced(settings, instance, series, clock, profiling) if settings.otlp_url else Observing(profiling)


def _traced(settings: Settings, instance: Instance, series: Series, clock: Clock, profiling: Profiling) -> Observing:
    from backend.telemetry.tracing import Tracer  # two megabytes that nobody else needs

    policy = DependencyPolicy(attempt_seconds=EXPORT_SECONDS, total_seconds=EXPORT_SECONDS)
    breaker = Breaker(TRACES, policy.circuit, clock, random.random)
    dependency = Dependency(TRACES, policy, breaker, clock, random.random)
    session = GuardedSession(GuardedAdapter(dependency, clock, largest_body=LARGEST_REPLY, connections=1))
    about = {"service.name": "astrolabe", "service.version": instance.version, "service.instance.id": instance.id}
    tracer = Tracer(settings.otlp_url, session, EXPORT_SECONDS, secrets.randbits, **about)
    sending = Sending(tracer.flush)
    repeater = Repeater("traces", FLUSH_SECONDS, sending.send)
    series.read(tracer.readings)
    series.dependencies(lambda: [figures(dependency)])

    def stop() -> None:
        repeater.stop()
        repeater.once()
        tracer.close()
        dependency.close()
        session.close()

    return Observing(profiling, tracer.offer, repeater.start, stop)


class Sending:
    """A collector that takes nothing is said once, not each second."""

    def __init__(self, flush: Callable[[], bool]) -> None:
        self._flush = flush
        self._away = False

    def send(self) -> None:
        taken = self._flush()
        if not taken and not self._away:
            LOG.warning("traces_not_taken")
        self._away = not taken


def store_readings(usages: Mapping[str, Usage], most_sql: int) -> list[Reading]:
    """Utilisation, waits and errors of each store."""
    each = usages.items()
    return [
        Reading(
            process_metrics.STORE_SECONDS,
            [Row((store, kind), _spread(times)) for store, usage in each for kind, times in usage.operations.items()],
        ),
        Reading(process_metrics.STORE_WAIT, [Row(("sql",), _spread(usages["sql"].waits))]),
        Reading(process_metrics.STORE_ERRORS, [Row((store, why), count) for store, usage in each for why, count in usage.errors.items()]),
        Reading(process_metrics.STORE_IN_USE, [Row((store,), usage.in_use) for store, usage in each]),
        Reading(process_metrics.STORE_LIMIT, [Row(("sql",), most_sql)]),
    ]


def computing_readings(usage: ThreadUsage) -> list[Reading]:
    """How much the thread that owns the ephemeris has to do."""
    return [
        one(api_metrics.COMPUTING_JOBS, usage.jobs),
        one(api_metrics.COMPUTING_BUSY, usage.busy_seconds),
        one(api_metrics.COMPUTING_WAIT, usage.wait_seconds),
        one(api_metrics.COMPUTING_WAITING, usage.waiting),
    ]


def file_sizes(settings: Settings) -> Reading:
    """Of each database file that is there."""
    mine = () if settings.database_url else (settings.state_dir / "astrolabe.db",)
    files = (*mine, settings.place_index, settings.metrics_file)
    found = [path for base in files for path in (base, base.with_name(f"{base.name}-wal")) if path.is_file()]
    return Reading(process_metrics.FILE_BYTES, [Row((path.name,), size) for path in found if (size := _size(path)) is not None])


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # SQLite removes a log that nobody uses
        return None


def _spread(times: Times) -> Spread:
    return Spread(tuple(times.counts), times.total)
