"""Where log lines are read from: our own store, which the worker fills from files, or a Loki with its protections around it."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from backend.actor import Actor
from backend.answer import Reading
from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.geocoding import CircuitSeries, figures
from backend.integrations.http_client import HttpClient
from backend.monitoring.access import Access
from backend.monitoring.logs.intake import Keeping, LogIntake
from backend.monitoring.logs.kept import KeptLogs
from backend.monitoring.logs.loki import SOURCE, LokiLogs
from backend.monitoring.logs.record import Criteria
from backend.monitoring.logs.service import LogService
from backend.operations.circuits import Guarded
from backend.resilience.breaker import Breaker
from backend.resilience.bulkhead import BulkheadPolicy
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.fleet import FleetSync
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.settings import Settings
from backend.storage.database import Database
from backend.telemetry.logging import log
from backend.telemetry.series import Series
from backend.worker import Job

LOG = log(__name__)
TITLE = "Logs"
TAKE_SECONDS, FORGET_SECONDS = 1.0, 60.0
LARGEST_BODY = 32_000_000  # bytes of one answer
_WITHOUT = "The pages Logs and Requests show no new log lines; nothing that callers ask for needs them."
_SLOW_SHARE = 0.5  # of a question's time
_QUICK_SECONDS = 1.0


@dataclass(frozen=True)
class LogKeeping:
    """The service, and either who fills our own store or what guards another's."""

    service: LogService
    intake: LogIntake | None = None
    dependency: Dependency | None = None
    client: HttpClient | None = None
    sync: FleetSync | None = None

    def jobs(self) -> list[Job]:
        """The worker's, which fills our own store."""
        if self.intake is None:
            return []
        return [Job("take_log_lines", TAKE_SECONDS, self.intake.take), Job("forget_log_lines", FORGET_SECONDS, self.intake.forget)]

    def start(self, standing: Callable[[str], Mapping[Slot, Order]]) -> None:
        """Obey what operators ordered for the circuit of another's server; then take part in the fleet."""
        if self.dependency is None:
            return
        breaker = self.dependency.breaker
        try:
            breaker.instruct(standing(breaker.name))
        except StorageUnavailable as error:
            LOG.warning("orders_unknown", circuit=breaker.name, store=error.store)
        if self.sync is not None:
            self.sync.register(breaker, TITLE)

    def stop(self) -> None:
        if self.dependency is not None:
            self.dependency.close()
        if self.client is not None:
            self.client.close()


def loki_policy(settings: Settings) -> DependencyPolicy:
    """The one from settings; an operator may put another in its place."""
    seconds = settings.loki_timeout_seconds
    return DependencyPolicy(
        circuit=Policy(slow_seconds=seconds * _SLOW_SHARE, minimum_reporters=1),
        bulkhead=BulkheadPolicy(low=8, quick_seconds=_QUICK_SECONDS),
        attempt_seconds=seconds,
        total_seconds=seconds,
    )


def guarded_logs(settings: Settings) -> dict[str, Guarded]:
    """The circuit of the Loki, by name; none without one."""
    return {SOURCE: Guarded(TITLE, loki_policy(settings), _WITHOUT)} if settings.loki_url else {}


def build_logs(settings: Settings, database: Database, series: Series, clock: Clock, sync: FleetSync | None) -> LogKeeping:
    """Wired, and not yet started. ``sync``: this process's exchange with the fleet, where it asks on its own."""
    if settings.loki_url:
        return _of_loki(settings, series, clock, sync)
    keeping = Keeping(timedelta(days=settings.logs_retention_days), settings.logs_lines)
    intake = LogIntake(database, settings.log_dir, socket.gethostname(), keeping, clock)
    return LogKeeping(LogService(KeptLogs(database), clock), intake)


def ask_loki(actor: Actor, settings: Settings, clock: Clock) -> Reading[tuple[str, ...]]:
    """The roles that said something within the last hour, asked once and by itself."""
    keeping, now = _of_loki(settings, Series("", actor.name), clock, None), clock.now()
    try:
        return keeping.service.roles(actor, Criteria(now - timedelta(hours=1), now))
    finally:
        keeping.stop()


def _of_loki(settings: Settings, series: Series, clock: Clock, sync: FleetSync | None) -> LogKeeping:
    policy = loki_policy(settings)
    breaker = Breaker(
        SOURCE,
        policy.circuit,
        clock,
        random.random,
        listener=CircuitSeries(series),
        on_order=lambda slot, order: dependency.on_order(slot, order),
    )
    dependency = Dependency(SOURCE, policy, breaker, clock, random.random)
    where = Access(
        "prometheus",
        settings.loki_url.rstrip("/"),
        settings.loki_user,
        settings.loki_password.get_secret_value(),
        settings.loki_bearer_token.get_secret_value(),
    )
    client = HttpClient(where.url, dependency, clock, largest_body=LARGEST_BODY, headers=where.headers())
    if sync is not None:
        series.dependencies(lambda: [figures(dependency)])
    service = LogService(LokiLogs(client.get_json, settings.loki_selector, clock), clock)
    return LogKeeping(service, None, dependency, client, sync)
