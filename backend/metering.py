"""The metrics source with everything around it: where it is, its protections, and its share in the fleet's circuits."""

from __future__ import annotations

import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.answer import Reading
from backend.clock import Clock
from backend.errors import DependencyFailed, StorageUnavailable
from backend.geocoding import SERVICE, CircuitSeries, figures
from backend.integrations.http_client import HttpClient
from backend.monitoring.access import Access
from backend.monitoring.client import SOURCE, Ask, MetricsClient
from backend.monitoring.connection import LARGEST_BODY, PrometheusConnection
from backend.monitoring.dashboards.asking import AT_A_TIME
from backend.monitoring.records import Instance
from backend.monitoring.source import ServerInfo
from backend.operations.circuits import Guarded
from backend.resilience.breaker import Breaker
from backend.resilience.bulkhead import BulkheadPolicy
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.fleet import FleetSync
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.resilience.retry import RetryPolicy
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)
TITLE = "Metrics"
READING = frozenset({"console"})  # the roles whose questions open and close the circuit of all
_ATTEMPT_SHARE = 0.9  # of a question's time: less than all of it, so that silence counts as the server's fault, not as the asker's
_SLOW_SHARE = 0.5  # of a question's time: a server that takes longer is in trouble
_WITHOUT = "Pages show what they last read, and since when; nothing that callers ask for needs it."
_QUICK_SECONDS = 1.0
PANELS_AT_A_TIME = {"embedded": AT_A_TIME, "prometheus": 24}  # a Prometheus works on 20 at once by default, and has a line for the others
_OTHERS = 12  # what pages ask beside their panels: the explorer, the tiles, words to choose from


@dataclass(frozen=True)
class Metering:
    """The source and what keeps its circuit in step; ``own_sync``: of this process's exchanges none was there before."""

    source: MetricsClient
    dependency: Dependency
    connection: PrometheusConnection
    client: HttpClient
    sync: FleetSync | None
    own_sync: bool

    @property
    def breaker(self) -> Breaker:
        return self.dependency.breaker

    def start(self, standing: Callable[[], Mapping[Slot, Order]]) -> None:
        """Obey what stands by SQL's word from the first question on; then take part in the fleet. Other roles hardly ask."""
        if self.sync is None:
            return
        try:
            self.breaker.instruct(standing())
        except StorageUnavailable as error:
            LOG.warning("orders_unknown", circuit=self.breaker.name, store=error.store)
        self.sync.register(self.breaker, TITLE)
        if self.own_sync:
            self.sync.start()

    def stop(self) -> None:
        if self.sync is not None and self.own_sync:
            self.sync.stop()
        self.dependency.close()
        self.connection.close()
        self.client.close()


def access(settings: Settings) -> Access:
    """The server of PROMETHEUS_URL, else our own on this machine."""
    if not settings.prometheus_url:
        return Access("embedded", f"http://127.0.0.1:{settings.metrics_port}")
    return Access(
        "prometheus",
        settings.prometheus_url.rstrip("/"),
        settings.prometheus_user,
        settings.prometheus_password.get_secret_value(),
        settings.prometheus_bearer_token.get_secret_value(),
        settings.prometheus_ca,
        settings.prometheus_client_certificate,
        settings.prometheus_client_key,
    )


def panels_at_a_time(settings: Settings) -> int:
    """How many questions of dashboards the server takes together: a slow one then keeps a page waiting once, not once for each few."""
    return PANELS_AT_A_TIME[access(settings).kind]


def metrics_policy(settings: Settings) -> DependencyPolicy:
    """The one from settings; an operator may put another in its place."""
    seconds, panels = settings.metrics_timeout_seconds * _ATTEMPT_SHARE, panels_at_a_time(settings)
    return DependencyPolicy(
        circuit=Policy(slow_seconds=seconds * _SLOW_SHARE, minimum_reporters=1),
        retry=RetryPolicy(attempts=1),  # a query that was too dear once is so twice; pages ask again by themselves
        bulkhead=BulkheadPolicy(limit=panels + _OTHERS, low=panels + _OTHERS // 3, quick_seconds=_QUICK_SECONDS),
        attempt_seconds=seconds,
        total_seconds=settings.metrics_timeout_seconds,
    )


def guarded_metrics(settings: Settings) -> dict[str, Guarded]:
    """The circuit of the metrics source, by name."""
    return {SOURCE: Guarded(TITLE, metrics_policy(settings), _WITHOUT)}


def build_metering(
    settings: Settings, shared: SharedState, instance: Instance, series: Series, clock: Clock, sync: FleetSync | None = None
) -> Metering:
    """Wired, and not yet started. ``sync``: this process's exchange with the fleet, where it has one already."""
    where, policy = access(settings), metrics_policy(settings)
    breaker = Breaker(
        SOURCE,
        policy.circuit,
        clock,
        random.random,
        listener=CircuitSeries(series),
        on_order=lambda slot, order: dependency.on_order(slot, order),
    )
    dependency = Dependency(SOURCE, policy, breaker, clock, random.random)
    own_sync = instance.role in READING and sync is None
    if own_sync:
        feed = RedisFeed(shared.following())
        sync = FleetSync(RedisState(shared), instance.id, clock, random.random, role=instance.role, service=SERVICE, feed=feed)
    if instance.role in READING:
        series.dependencies(lambda: [figures(dependency)])
    connection = PrometheusConnection(where, dependency, clock, connections=policy.bulkhead.limit)
    client = HttpClient(where.url, dependency, clock, largest_body=LARGEST_BODY, headers=where.headers(), tls=where.tls())
    source = MetricsClient(where, connection, _data_of(client), clock, settings.metrics_timeout_seconds)
    return Metering(source, dependency, connection, client, sync if instance.role in READING else None, own_sync)


def ask_server(settings: Settings, clock: Clock) -> Reading[ServerInfo]:
    """Which server answers, asked once and by itself."""
    here = Instance("", "command line", 0, "", "", clock.now())
    metering = build_metering(settings, SharedState(settings.shared_url), here, Series("", here.role), clock)
    try:
        return metering.source.server()
    finally:
        metering.stop()


def _data_of(client: HttpClient) -> Ask:
    def ask(path: str, params: Mapping[str, str | int]) -> Any:
        document = client.get_json(path, params)
        if not isinstance(document, dict) or "data" not in document:
            raise DependencyFailed(SOURCE, "metrics answered with something that is not a metrics server's answer", transient=False)
        return document["data"]

    return ask


def access_problem(settings: Settings) -> str | None:
    """Why the settings of the metrics server cannot be used, in a sentence, or None."""
    if bool(settings.prometheus_client_certificate) != bool(settings.prometheus_client_key):
        return "ASTROLABE_PROMETHEUS_CLIENT_CERTIFICATE and ASTROLABE_PROMETHEUS_CLIENT_KEY belong together: set both or neither."
    try:
        access(settings).tls()
    except (OSError, ssl.SSLError) as error:
        reason = getattr(error, "strerror", None) or "it is no PEM file of that kind"
        return f"A TLS file of the metrics server cannot be used ({str(reason).lower()}); check ASTROLABE_PROMETHEUS_CA and the others."
    return None
