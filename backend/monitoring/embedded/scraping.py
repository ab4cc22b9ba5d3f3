"""The worker's scrape: every live process is asked for its figures, all at once, and each answer is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from backend.clock import Clock
from backend.errors import ServiceError, StorageUnavailable
from backend.monitoring.embedded.lock import TendingLock
from backend.monitoring.embedded.records import Exposition, Failure, Target
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.records import Instance
from backend.telemetry.logging import log

LOG = log(__name__)
ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
READERS = 8

Fetching = Callable[[str], Exposition]


class Asked(NamedTuple):
    """A target, when it was asked (ms), what it answered, and how many seconds that took."""

    target: Target
    at: int
    answer: Exposition | Failure
    seconds: float


class Scraper:
    """``fetch`` reads an address and raises OSError or ServiceError when it cannot; ``instances`` says which processes live."""

    def __init__(
        self, store: MetricsStore, lock: TendingLock, instances: Callable[[], Sequence[Instance]], fetch: Fetching, clock: Clock
    ) -> None:
        self._store = store
        self._lock = lock
        self._instances = instances
        self._fetch = fetch
        self._clock = clock
        self._targets: tuple[Target, ...] = ()

    def scrape(self) -> int:
        """How many processes answered; 0 while another worker does it. (A job.)"""
        if not self._lock.take():
            return 0
        targets = self._live()
        with ThreadPoolExecutor(max(1, min(READERS, len(targets))), "scrape") as pool:
            kept = sum(self._keep(asked) for asked in pool.map(self._ask, targets))
        self._store.end_targets([target.labels for target in targets], _milliseconds(self._clock))
        return kept

    def _live(self) -> tuple[Target, ...]:
        """When the list cannot be read, those that lived before are asked: an outage is when figures are wanted most."""
        try:
            self._targets = tuple(target(instance) for instance in self._instances() if instance.operations_url)
        except StorageUnavailable as error:
            LOG.warning("instances_unread", store=error.store, targets=len(self._targets))
        return self._targets

    def _ask(self, target: Target) -> Asked:
        at, begun = _milliseconds(self._clock), self._clock.monotonic()
        answer: Exposition | Failure
        try:
            answer = self._fetch(target.url)
        except (OSError, ServiceError) as error:
            answer = Failure(str(error) or type(error).__name__)
        return Asked(target, at, answer, self._clock.monotonic() - begun)

    def _keep(self, asked: Asked) -> bool:
        """Whether there was an answer; a file found broken is replaced, and the scrape goes into the new one."""
        try:
            self._store.append_scrape(*asked)
        except StorageUnavailable:
            if not self._store.mend():
                raise
            self._store.append_scrape(*asked)
        return isinstance(asked.answer, Exposition)


def target(instance: Instance) -> Target:
    """A process is known by its role and by where it is read."""
    base = instance.operations_url or ""
    return Target(labels_of({"job": instance.role, "instance": urlsplit(base).netloc}), f"{base}/metrics")


def _milliseconds(clock: Clock) -> int:
    return round(clock.now().timestamp() * 1000)
