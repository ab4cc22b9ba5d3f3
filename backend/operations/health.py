"""Whether each store and part answers, how fast, and what an operator cannot see while it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass

from backend.clock import Clock
from backend.errors import ServiceError

PROBE_SECONDS = 1.0
REMEMBERED_SECONDS = 1.0
OLDEST_SECONDS = 3.0  # so old may be what others are told while one caller asks anew


class NotKnown(Exception):
    """Raised by a probe that cannot tell, for example of a part that is not configured; ``str()`` says why."""


@dataclass(frozen=True)
class Check:
    """One thing to ask after. ``probe`` returns a sentence when all is well and raises when not."""

    name: str
    title: str
    probe: Callable[[], str]
    hides: str
    essential: bool = False


@dataclass(frozen=True)
class StoreHealth:
    """``reachable`` None: cannot be told. ``hides``: what is not seen or not done while it is away."""

    name: str
    title: str
    reachable: bool | None
    latency_seconds: float | None
    detail: str
    hides: str
    essential: bool = False


class HealthService:
    """Asks all checks at once, each within its time; an answer is good for one second, and a while longer while one caller asks anew."""

    def __init__(self, checks: Sequence[Check], clock: Clock, probe_seconds: float = PROBE_SECONDS) -> None:
        self._checks = tuple(checks)
        self._clock = clock
        self._probe_seconds = probe_seconds
        self._pool = ThreadPoolExecutor(max(1, 2 * len(self._checks)), "health")
        self._lock = threading.Lock()
        self._remembered: tuple[float, list[StoreHealth]] | None = None
        self._running: dict[str, Future[tuple[str, float]]] = {}

    def check(self) -> list[StoreHealth]:
        """The health of everything, in the order of the checks."""
        remembered = self._remembered
        if not self._lock.acquire(blocking=remembered is None or self._age(remembered) > OLDEST_SECONDS):
            assert remembered is not None
            return remembered[1]
        try:
            if self._remembered is None or self._age(self._remembered) > REMEMBERED_SECONDS:
                begun = self._clock.monotonic()
                self._remembered = (begun, self._ask())
            return self._remembered[1]
        finally:
            self._lock.release()

    def _age(self, remembered: tuple[float, list[StoreHealth]]) -> float:
        return self._clock.monotonic() - remembered[0]

    def ready(self) -> bool:
        """Whether everything without which no request can be answered is there."""
        return all(health.reachable is not False for health in self.check() if health.essential)

    def _ask(self) -> list[StoreHealth]:
        """A probe that still hangs from last time is waited for, not started again: no pile of threads."""
        for check in self._checks:
            if check.name not in self._running or self._running[check.name].done():
                self._running[check.name] = self._pool.submit(self._timed, check.probe)
        until = self._clock.monotonic() + self._probe_seconds
        return [self._outcome(check, max(0.0, until - self._clock.monotonic())) for check in self._checks]

    def _timed(self, probe: Callable[[], str]) -> tuple[str, float]:
        begun = self._clock.monotonic()
        return probe(), self._clock.monotonic() - begun

    def _outcome(self, check: Check, seconds_left: float) -> StoreHealth:
        def health(reachable: bool | None, latency: float | None, detail: str) -> StoreHealth:
            return StoreHealth(check.name, check.title, reachable, latency, detail, check.hides, check.essential)

        try:
            detail, seconds = self._running[check.name].result(seconds_left)
            return health(True, seconds, detail)
        except NotKnown as why:
            return health(None, None, str(why))
        except ServiceError as error:
            return health(False, None, error.detail)
        except Late:
            return health(False, None, f"no answer within {self._probe_seconds:g} s")
        except Exception as error:  # noqa: BLE001 - whatever a probe raises is a finding, not a fault of this page
            return health(False, None, f"the check failed: {type(error).__name__}")
