"""The thread that tells the fleet what this process saw, and tells this process what the fleet decided."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.resilience.attention import Attention
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.order_watch import OrderWatch
from backend.resilience.parcel import Parcel, chunks
from backend.resilience.shared_state import Batch, Exchange, FleetState, OrderFeed, Reply, checked_name

_NOTHING = Batch()
_LONGEST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class SyncView:
    """How the exchange goes: seconds since the last good one (None: none yet), how many failed since, and the kind of the last failure.

    ``hears_orders``: as they are given, not with the next exchange; else ``deaf_from`` is the kind of what prevents it, if anything.
    """

    connected: bool
    lag_seconds: float | None
    failures: int
    fault: str = ""
    hears_orders: bool = False
    deaf_from: str = ""


class FleetSync:
    """One a process, for all its breakers. Nothing on a call's path waits for it; what could not be told is told later, once.

    A fork's child has its breakers but no thread: it takes part, as an instance of its own, once it calls ``start``.
    """

    def __init__(
        self,
        state: FleetState,
        instance: str,
        clock: Clock,
        random: Callable[[], float],
        *,
        role: str = "",
        service: str = "",
        interval_seconds: float = 0.1,
        feed: OrderFeed | None = None,
    ) -> None:
        self._state = state
        self._instance = instance
        self._clock = clock
        self._random = random
        self._role = role
        self._service = service
        self._interval = interval_seconds
        self._feed = feed
        self._breakers: dict[str, tuple[Breaker, str]] = {}
        self._leaving: dict[str, Breaker] = {}
        self._begin()
        _SYNCS.add(self)

    def _begin(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._attention = Attention()
        self._sequence = 0
        self._failures = 0
        self._fault = ""
        self._heard_at: float | None = None
        self._stopping = False
        self._wake = threading.Event()
        self._step_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._watch: OrderWatch | None = None

    def register(self, breaker: Breaker, title: str = "") -> Breaker:
        """Take a breaker into the exchange, at any time; ``title`` is what people are shown."""
        self._breakers[checked_name(breaker.name)] = (breaker, title)
        return breaker

    def unregister(self, name: str) -> None:
        """Tell what this breaker still has to tell, then leave its circuit to the others."""
        registered = self._breakers.pop(name, None)
        if registered is not None:
            self._leaving[name] = registered[0]
            self._attention.forget(name)

    def start(self) -> None:
        """Exchange once, so that no call is made before an isolation is known, then go on in a daemon thread of its own."""
        if self._thread is None:
            self._guarded_step()
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="circuit-sync", daemon=True)
            self._thread.start()
            if self._feed is not None:
                self._watch = OrderWatch(self._feed, self._ordered, self._random)
                self._watch.start()

    def stop(self, timeout_seconds: float = 2.0) -> None:
        """Tell what is left, take leave of the fleet, end the threads."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_seconds)
            self._thread = None
        if self._watch is not None:
            self._watch.stop(timeout_seconds)
            self._watch = None

    def exchange_now(self) -> bool:
        """One exchange in the caller's own thread; it raises nothing."""
        return self._guarded_step()

    def view(self) -> SyncView:
        lag = None if self._heard_at is None else self._clock.monotonic() - self._heard_at
        hears, deaf_from = (False, "") if self._watch is None else (self._watch.hears, self._watch.fault)
        connected = self._heard_at is not None and not self._failures
        return SyncView(connected, lag, self._failures, self._fault, hears, "" if hears else deaf_from)

    def step(self, *, last: bool = False) -> bool:
        """One exchange; False when the fleet could not be heard."""
        with self._step_lock:
            if not self._parcels:
                self._collect(last)
            while self._parcels:
                try:
                    self._deliver(self._parcels[0])
                except StorageUnavailable as error:
                    self._lost(error)
                    return False
            return True

    def _collect(self, last: bool) -> None:
        """What an earlier exchange failed to deliver comes first and unchanged, so that it can be known again and counted once."""
        now = self._clock.monotonic()
        own = [breaker for breaker, _ in list(self._breakers.values())]
        told = [(breaker, breaker.take_batch(last=last)) for breaker in own]
        self._attention.stir([breaker.name for breaker, batch in told if batch != _NOTHING], now)
        if self._watch is not None and self._watch.hears:  # else what idle breakers miss might be an order
            told = [(breaker, batch) for breaker, batch in told if self._attention.is_due(breaker.name, now)]
        told += [(breaker, breaker.take_batch(last=True)) for breaker in list(self._leaving.values())]
        for chunk in chunks(told):
            self._sequence += 1
            self._parcels.append(Parcel(self._sequence, now, chunk))

    def _deliver(self, parcel: Parcel) -> None:
        asked_at = self._clock.monotonic()
        titles = {name: title for name, (_, title) in list(self._breakers.items())}
        questions = tuple(replace(breaker.question(batch), title=titles.get(breaker.name, "")) for breaker, batch in parcel.batches)
        delay = asked_at - parcel.collected_at
        replies = self._state.exchange(Exchange(self._instance, self._role, parcel.sequence, questions, delay, self._service))
        self._failures, self._fault, self._heard_at = 0, "", self._clock.monotonic()
        self._parcels.popleft()
        for breaker, _ in parcel.batches:
            self._adopt(breaker, replies[breaker.name], asked_at)
        gone = tuple(breaker.name for breaker, _ in parcel.batches if self._leaving.get(breaker.name) is breaker)
        if gone:
            self._state.leave(self._instance, gone, ends=False)
            for name in gone:
                self._leaving.pop(name, None)

    def _adopt(self, breaker: Breaker, reply: Reply, asked_at: float) -> None:
        if reply.orders or reply.circuit.state is not State.CLOSED:
            self._attention.stir([breaker.name], asked_at)
        try:
            breaker.adopt(reply, asked_at)
        except Exception as error:  # noqa: BLE001 - one breaker's fault keeps no other from the fleet; the view tells its kind
            self._fault = type(error).__name__

    def _lost(self, error: Exception) -> None:
        self._failures += 1
        self._fault = type(error).__name__
        for breaker, _ in list(self._breakers.values()):
            breaker.drift()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._pause())
            self._wake.clear()
            self._guarded_step()
        if self._guarded_step(last=True):
            self._leave()

    def _guarded_step(self, *, last: bool = False) -> bool:
        """The thread outlives whatever goes wrong in it, an answer it cannot read or a listener's fault: it counts as unheard."""
        try:
            return self.step(last=last)
        except Exception as error:  # noqa: BLE001 - the view tells its kind
            self._lost(error)
            return False

    def _ordered(self, names: frozenset[str] | None) -> None:
        """Somebody gave an order: exchange at once if it is for a breaker of ours, or for we know not whom."""
        concerned = [name for name in list(self._breakers) if names is None or name in names]
        if concerned:
            self._attention.stir(concerned, self._clock.monotonic())
            self._wake.set()

    def _pause(self) -> float:
        """The interval, longer after each failure, with jitter so that a fleet does not come back in step."""
        if not self._failures:
            return self._interval
        grown = min(self._interval * 2.0 ** min(self._failures, 8), _LONGEST_PAUSE_SECONDS)
        return grown * (0.5 + 0.5 * self._random())

    def _leave(self) -> None:
        try:
            self._state.leave(self._instance, tuple(self._breakers))
        except StorageUnavailable as error:
            self._lost(error)  # the fleet forgets us by itself when we are silent

    def after_fork(self) -> None:
        """In a fork's child: what the parent owes is the parent's to tell, and its threads and locks are not here."""
        self._instance = f"{self._instance}-{os.getpid()}"
        self._begin()


_SYNCS: weakref.WeakSet[FleetSync] = weakref.WeakSet()


def _after_fork() -> None:
    for sync in list(_SYNCS):
        sync.after_fork()


os.register_at_fork(after_in_child=_after_fork)
