"""The geocoder with everything around it: its protections, the fleet's share in its circuit, and what is told of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.integrations.geocoder import NAME, Geocoder
from backend.integrations.http_client import HttpClient
from backend.monitoring.records import Instance
from backend.operations.circuits import Guarded
from backend.resilience.breaker import Breaker
from backend.resilience.bulkhead import BulkheadPolicy
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.fallback import FallbackPolicy
from backend.resilience.fleet import FleetSync
from backend.resilience.latency import BOUNDS_SECONDS
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry import spans
from backend.telemetry.dependency_series import DependencyFigures
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)
TITLE = "Geocoder"
SERVICE = "astrolabe"
GUARDING = frozenset({"api", "console"})  # the roles that look places up
_FRESH_SECONDS = 2.0  # spares a burst of the same question; short, so that an operator's act shows in the next answers
_QUICK_SECONDS = 0.25  # a place found in this time is found soon enough, however many ask
_STALE_SECONDS = 86_400.0  # towns stay where they are


@dataclass(frozen=True)
class Geocoding:
    """The geocoder, its protections and what keeps its circuit in step with the fleet."""

    geocoder: Geocoder
    dependency: Dependency
    sync: FleetSync
    client: HttpClient

    @property
    def breaker(self) -> Breaker:
        return self.dependency.breaker

    @property
    def is_called(self) -> bool:
        """Whether everybody's calls go to it now, as this process sees it."""
        return self.breaker.view().state not in ("open", "half_open", "isolated", "forced_open")

    def start(self, standing: Callable[[], Mapping[Slot, Order]]) -> None:
        """Obey from the first call on what stands by SQL's word, as the fleet may be away; then take part in the fleet."""
        try:
            self.breaker.instruct(standing())
        except StorageUnavailable as error:
            LOG.warning("orders_unknown", circuit=self.breaker.name, store=error.store)
        self.sync.start()

    def stop(self) -> None:
        self.sync.stop()
        self.dependency.close()
        self.client.close()


class CircuitSeries:
    """What happens at a breaker, as metrics and log lines."""

    def __init__(self, series: Series) -> None:
        self._series = series

    def state_changed(self, name: str, state: str, cause: str) -> None:
        self._series.circuit_changed(name, state)
        LOG.warning("circuit_changed", circuit=name, state=state, cause=cause)

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        LOG.info("circuit_happened", circuit=name, kind=kind, detail=detail, count=count)


def geocoder_policy(settings: Settings) -> DependencyPolicy:
    """The one from settings; an operator may put another in its place."""
    attempt = settings.geocoder_timeout_seconds
    return DependencyPolicy(
        bulkhead=BulkheadPolicy(low=8, quick_seconds=_QUICK_SECONDS),
        fallback=FallbackPolicy(fresh_seconds=_FRESH_SECONDS, stale_seconds=_STALE_SECONDS),
        attempt_seconds=attempt,
        total_seconds=2 * attempt,
    )


def guarded(settings: Settings) -> dict[str, Guarded]:
    """The circuits of this installation, by name."""
    if not settings.geocoder_url:
        return {}
    without = "Places then come from the offline index, and charts by place name say that they are degraded."
    return {NAME: Guarded(TITLE, geocoder_policy(settings), without)}


def build_geocoding(settings: Settings, shared: SharedState, instance: Instance, series: Series, clock: Clock) -> Geocoding:
    """Wired, and not yet started."""
    policy = geocoder_policy(settings)
    told = CircuitSeries(series)
    breaker = Breaker(
        NAME, policy.circuit, clock, random.random, listener=told, on_order=lambda slot, order: dependency.on_order(slot, order)
    )
    dependency = Dependency(NAME, policy, breaker, clock, random.random, watch=spans)
    feed = RedisFeed(shared.following())
    sync = FleetSync(RedisState(shared), instance.id, clock, random.random, role=instance.role, service=SERVICE, feed=feed)
    sync.register(breaker, TITLE)
    series.dependencies(lambda: [figures(dependency)])
    client = HttpClient(settings.geocoder_url, dependency, clock)
    return Geocoding(Geocoder(client), dependency, sync, client)


def figures(dependency: Dependency) -> DependencyFigures:
    """All that is counted around a dependency, as metrics name it."""
    totals, view = dependency.breaker.totals(), dependency.view()
    happened: dict[Happened, Counter[str]] = {kind: Counter() for kind in Happened}
    for (kind, detail), count in view.happened.items():
        happened[kind][detail] += count
    return DependencyFigures(
        name=dependency.name,
        outcomes={"ok": totals.ok, "bad": totals.bad, "ignored": totals.ignored, **totals.refused},
        bounds=BOUNDS_SECONDS,
        counts=totals.buckets,
        seconds=totals.seconds,
        retries=happened[Happened.RETRIED],
        budget_refusals=happened[Happened.BUDGET_REFUSED],
        answers=view.sources,
        hedges=happened[Happened.HEDGED].total(),
        hedges_won=happened[Happened.HEDGE_WON].total(),
        bulkhead_refusals=happened[Happened.BULKHEAD_FULL].total(),
        faults=happened[Happened.FAULT_INJECTED],
        bulkhead_limit=view.bulkhead.limit,
        bulkhead_in_flight=view.bulkhead.in_flight,
        budget_left=view.budget_left,
    )
