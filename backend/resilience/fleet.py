"""The thread that tells the fleet what this process saw, and tells this process what the fleet decided."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from backend.clock import Clock
from backend.errors import ServiceError, StorageUnavailable
from backend.resilience.breaker import Breaker
from backend.resilience.shared_state import Batch, Exchange, FleetState

_LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class SyncView:
    """How the exchange goes: seconds since the last good one (None: none yet) and how many failed since."""

    connected: bool
    lag_seconds: float | None
    failures: int


class FleetSync:
    """One a process, for all its breakers. Nothing on a call's path waits for it; what could not be told is told later, once."""

    def __init__(
        self,
        state: FleetState,
        instance: str,
        clock: Clock,
        random: Callable[[], float],
        *,
        role: str = "",
        interval_seconds: float = 0.1,
    ) -> None:
        self._state = state
        self._instance = instance
        self._clock = clock
        self._random = random
        self._role = role
        self._interval = interval_seconds
        self._breakers: dict[str, Breaker] = {}
        self._undelivered: dict[str, Batch] = {}
        self._collected_at = 0.0
        self._sequence = 1
        self._failures = 0
        self._heard_at: float | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def register(self, breaker: Breaker) -> Breaker:
        """Take a breaker into the exchange; before ``start``."""
        self._breakers[breaker.name] = breaker
        return breaker

    def start(self) -> None:
        """Exchange once, so that no call is made before an isolation is known, then go on in a daemon thread of its own."""
        if self._thread is None:
            self._guarded_step()
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="circuit-sync", daemon=True)
            self._thread.start()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """Tell what is left, take leave of the fleet, end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)
            self._thread = None

    def view(self) -> SyncView:
        lag = None if self._heard_at is None else self._clock.monotonic() - self._heard_at
        return SyncView(self._heard_at is not None and not self._failures, lag, self._failures)

    def step(self) -> bool:
        """One exchange; False when the fleet could not be heard."""
        asked_at = self._clock.monotonic()
        batches = self._batches(asked_at)
        questions = tuple(breaker.question(batches[name]) for name, breaker in self._breakers.items())
        try:
            replies = self._state.exchange(Exchange(self._instance, self._role, self._sequence, questions, asked_at - self._collected_at))
        except StorageUnavailable:
            self._lost()
            return False
        self._sequence += 1
        self._undelivered, self._failures, self._heard_at = {}, 0, self._clock.monotonic()
        for name, reply in replies.items():
            self._breakers[name].adopt(reply, asked_at)
        return True

    def _batches(self, now: float) -> dict[str, Batch]:
        """What an earlier exchange failed to deliver comes first and unchanged, so that it can be known again and counted once."""
        if not self._undelivered:
            self._undelivered = {name: breaker.take_batch() for name, breaker in self._breakers.items()}
            self._collected_at = now
        return self._undelivered

    def _lost(self) -> None:
        self._failures += 1
        for breaker in self._breakers.values():
            breaker.drift()

    def _run(self) -> None:
        while not self._stopping.wait(self._pause()):
            self._guarded_step()
        self._guarded_step()
        self._leave()

    def _guarded_step(self) -> None:
        """The thread outlives any answer it cannot read: such an exchange counts as unheard."""
        try:
            self.step()
        except (ServiceError, ValueError, KeyError, TypeError, OSError):
            self._lost()

    def _pause(self) -> float:
        """The interval, longer after each failure, with jitter so that a fleet does not come back in step."""
        if not self._failures:
            return self._interval
        grown = min(self._interval * 2.0 ** min(self._failures, 8), _LONGEST_PAUSE_SECONDS)
        return grown * (0.5 + 0.5 * self._random())

    def _leave(self) -> None:
        try:
            self._state.leave(self._instance, tuple(self._breakers))
        except StorageUnavailable:
            self._failures += 1  # the fleet forgets us by itself when we are silent
