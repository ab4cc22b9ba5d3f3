"""The breaker around one dependency: this process's own window and the fleet's word decide, without leaving the process."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from weakref import WeakSet

from backend.clock import Clock
from backend.resilience.calls import Calls
from backend.resilience.circuit_state import State
from backend.resilience.counts import Totals
from backend.resilience.fleet_view import BreakerView, FleetView
from backend.resilience.gatekeeper import Gatekeeper
from backend.resilience.listener import Happened, Listener, Silent
from backend.resilience.membership import Adopted
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.outcome import USUAL, Classifier
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Batch, Question, Reply

OnOrder = Callable[[Slot, Order], None]


class Breaker(Calls):
    """Guards calls to one dependency, in each of the ways of ``Calls``. Thread-safe; no lock is held during a call.

    ``on_order`` is told of each new order about policy or fault, in the thread of the exchange.
    """

    __slots__ = ("__weakref__", "_adrift_since", "_clock", "_on_order", "_refused_told", "name")

    def __init__(
        self,
        name: str,
        policy: Policy,
        clock: Clock,
        random: Callable[[], float],
        *,
        listener: Listener | None = None,
        classify: Classifier | None = None,
        on_order: OnOrder | None = None,
    ) -> None:
        super().__init__(Gatekeeper(name, policy, clock, random, listener or Silent()), classify or USUAL)
        self.name = name
        self._clock = clock
        self._on_order = on_order
        self._refused_told: dict[str, int] = {}
        self._adrift_since: datetime | None = None
        _ALL.add(self)

    @property
    def policy(self) -> Policy:
        return self._gatekeeper.own.policy

    def with_classifier(self, classifier: Classifier) -> Calls:
        """The same breaker for calls that another classifier judges; worth keeping, as it is made of two words."""
        return Calls(self._gatekeeper, classifier)

    def use(self, policy: Policy) -> None:
        """Go by other figures from now on; the window goes on where its shape is the same."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            if not policy.same_window(gatekeeper.own.policy):
                gatekeeper.counts.use(policy, gatekeeper.member.view.circuit.epoch)
            gatekeeper.own.policy = gatekeeper.member.policy = policy
            gatekeeper.slow_seconds = policy.slow_seconds
            gatekeeper.settle(gatekeeper.monotonic())

    def note(self, kind: Happened, detail: str = "", count: int = 1) -> None:
        """Something happened around a call; sums are told about once a second."""
        with self._gatekeeper.lock:
            self._gatekeeper.member.note(kind, detail, count)

    def totals(self) -> Totals:
        """Sums since the start, for metrics."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            return gatekeeper.counts.totals(gatekeeper.refusals(), gatekeeper.teller.faults)

    def view(self) -> BreakerView:
        """How it is now, as this process sees it."""
        gatekeeper = self._gatekeeper
        now = gatekeeper.monotonic()
        with gatekeeper.lock:
            gatekeeper.settle(now)
            fleet, kind = gatekeeper.member.view, gatekeeper.kind
            own = fleet.since if fleet.governs else gatekeeper.own.since
            view = BreakerView(
                name=self.name,
                state=gatekeeper.shown,
                since=own if kind is OverrideKind.NONE else fleet.override_since,
                local=gatekeeper.own.circuit.state,
                fleet=fleet.circuit.state,
                fleet_epoch=fleet.circuit.epoch,
                override_epoch=fleet.epoch_of(Slot.OVERRIDE),
                isolated=kind is OverrideKind.ISOLATED,
                connected=not fleet.adrift,
                override=kind,
                share=gatekeeper.own.share(now),
                adrift_since=self._adrift_since if fleet.adrift else None,
            )
        gatekeeper.teller.tell()
        return view

    def has_nothing_to_remember(self) -> bool:
        """Whether a new breaker would treat calls as this one does: closed in both tiers, no override, no failure of late."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            gatekeeper.settle(gatekeeper.monotonic())
            return gatekeeper.gate is not None and gatekeeper.counts.health(gatekeeper.monotonic()).bad == 0

    # -- the sync thread's side -------------------------------------------------------------------------------------

    def take_batch(self, *, last: bool = False) -> Batch:
        """Everything to tell since the last time; the caller now owns its delivery."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            now = gatekeeper.monotonic()
            gatekeeper.give_back(now)
            for code, count in gatekeeper.refusals().items():
                told = self._refused_told.get(code, 0)
                if count > told:
                    gatekeeper.member.note(Happened.REFUSED, code, count - told)
                    self._refused_told[code] = count
            batch = gatekeeper.member.take_batch(now, gatekeeper.counts.taken(now), last=last)
        gatekeeper.teller.tell_happenings(batch.happenings)
        return batch

    def question(self, batch: Batch) -> Question:
        """What to tell and ask in the next exchange."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            now = gatekeeper.monotonic()
            gatekeeper.pass_demand_on(now)
            return gatekeeper.member.question(batch, gatekeeper.own.circuit.state, now)

    def adopt(self, reply: Reply, asked_at: float) -> None:
        """Take the fleet's word, and an operator's."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            now = gatekeeper.monotonic()
            before = gatekeeper.member.view
            adopted = gatekeeper.member.adopt(reply, asked_at, now, self._clock.now())
            self._settle(before, adopted, now)
        gatekeeper.teller.tell()
        self._tell_orders(adopted)

    def instruct(self, orders: Mapping[Slot, Order]) -> None:
        """Obey orders that another than the fleet tells, as at a start while the fleet is away; the fleet is told of them in turn."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            now = gatekeeper.monotonic()
            before = gatekeeper.member.view
            adopted = gatekeeper.member.instruct(orders, now, self._clock.now())
            self._settle(before, adopted, now)
        gatekeeper.teller.tell()
        self._tell_orders(adopted)

    def drift(self) -> None:
        """The fleet cannot be heard: the last known override stays, an open circuit stays open for its time, then we probe by ourselves."""
        gatekeeper = self._gatekeeper
        with gatekeeper.lock:
            fleet = gatekeeper.member.view
            if fleet.adrift:
                return
            gatekeeper.member.lost()
            self._adrift_since = self._clock.now()
            if fleet.circuit.state is not State.CLOSED:
                gatekeeper.own.hold_open(fleet.until, fleet.circuit.rounds)
            gatekeeper.settle(gatekeeper.monotonic(), "fleet_lost")
        gatekeeper.teller.tell()

    def _settle(self, before: FleetView, adopted: Adopted, now: float) -> None:
        """What the fleet's word changes here; with the lock held."""
        gatekeeper = self._gatekeeper
        view = gatekeeper.member.view
        if adopted.afresh:
            gatekeeper.own.start_afresh()
        if view.closed_at is not None and view.circuit.epoch != before.circuit.epoch:
            gatekeeper.own.fleet_closed(view.closed_at)
        kind = view.override_kind(now)
        if kind is not OverrideKind.NONE:
            cause = kind.value
        elif gatekeeper.kind is not kind:
            cause = "released" if view.kind is kind else "expired"
        else:
            cause = view.circuit.cause
        gatekeeper.settle(now, cause)

    def _tell_orders(self, adopted: Adopted) -> None:
        on_order = self._on_order
        for slot, order in adopted.news.items():
            if on_order is not None and slot in (Slot.POLICY, Slot.FAULT):
                self._gatekeeper.teller.guarded(partial(on_order, slot, order))

    def _renew_after_fork(self) -> None:
        """In a child process: nobody holds the lock here, and what was owed to the fleet is the parent's to tell."""
        gatekeeper = self._gatekeeper
        gatekeeper.lock = threading.RLock()
        gatekeeper.member.disown()
        gatekeeper.counts.taken(gatekeeper.monotonic())
        gatekeeper.settle(gatekeeper.monotonic())


_ALL: WeakSet[Breaker] = WeakSet()


def _after_fork() -> None:
    for breaker in list(_ALL):
        breaker._renew_after_fork()


os.register_at_fork(after_in_child=_after_fork)
