"""The geocoder with everything around it: breaker, retry, deadline, and the fleet's share in its circuit."""

from __future__ import annotations

import random
from dataclasses import dataclass

from backend.clock import Clock
from backend.integrations.geocoder import NAME, Geocoder
from backend.integrations.http_client import Fetcher, HttpClient
from backend.monitoring.records import Instance
from backend.operations.circuits import Guarded
from backend.resilience.breaker import Breaker
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.fleet import FleetSync
from backend.resilience.pipeline import Pipeline
from backend.resilience.listener import Happened
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.resilience.retry import Retry, RetryPolicy
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)
GUARDING = frozenset({"api", "console"})  # the roles that look places up


@dataclass(frozen=True)
class Geocoding:
    """The geocoder, its breaker and what keeps that in step with the fleet."""

    geocoder: Geocoder
    breaker: Breaker
    sync: FleetSync
    fetcher: Fetcher

    def start(self) -> None:
        self.sync.start()

    def stop(self) -> None:
        self.sync.stop()
        self.fetcher.close()


class CircuitSeries:
    """What happens at a breaker, as metrics and log lines."""

    def __init__(self, series: Series) -> None:
        self._series = series

    def state_changed(self, name: str, state: str, cause: str) -> None:
        self._series.circuit_state(name, state)
        LOG.warning("circuit_changed", circuit=name, state=state, cause=cause)

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        LOG.info("circuit_happened", circuit=name, kind=kind, detail=detail, count=count)


def guarded(settings: Settings) -> dict[str, Guarded]:
    """The circuits of this installation, by name."""
    if not settings.geocoder_url:
        return {}
    without = "Places then come from the offline index, and charts by place name say that they are degraded."
    return {NAME: Guarded("Geocoder", DependencyPolicy(circuit=Policy()), without)}


def build_geocoding(settings: Settings, shared: SharedState, instance: Instance, series: Series, clock: Clock) -> Geocoding:
    """Wired, and not yet started."""
    attempt = settings.geocoder_timeout_seconds
    breaker = Breaker(NAME, Policy(), clock, random.random, listener=CircuitSeries(series))
    feed = RedisFeed(shared.following())
    sync = FleetSync(RedisState(shared), instance.id, clock, random.random, role=instance.role, service="astrolabe", feed=feed)
    sync.register(breaker, "Geocoder")
    retry = Retry(RetryPolicy(), clock, random.random)
    pipeline = Pipeline(breaker, retry, clock, attempt_seconds=attempt, total_seconds=2 * attempt)
    fetcher = Fetcher(NAME, clock)
    return Geocoding(Geocoder(HttpClient(NAME, settings.geocoder_url, pipeline, fetcher, clock)), breaker, sync, fetcher)
