"""Operators' acts on circuits, and what they see of them.

The truth of an override is its row in SQL, written with its audit record in one transaction. The fleet is told afterwards;
whatever it was not told, because it was away or forgot, the worker tells it again. 'Recorded' and 'applied' are two facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.audit.record import Entry, checked_reason
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict, InvalidRequest, NotFound, StorageUnavailable
from backend.identifiers import uuid7
from backend.operations.applying import Applying, facts
from backend.operations.fleet_views import circuit_view, shown_override, transition
from backend.operations.overrides import (
    ISOLATED,
    LONGEST_MINUTES,
    NONE,
    SHORTEST_MINUTES,
    CircuitView,
    IsolationPreview,
    Override,
    Transition,
)
from backend.operations.store import OverrideStore
from backend.resilience.policy import Policy
from backend.resilience.redis_state import CircuitReading, RedisState, Scripts
from backend.storage.database import Database

_AWAY = "The shared state store does not answer, so what the circuits do now cannot be known."


@dataclass(frozen=True)
class Guarded:
    """A circuit that this product has: what it is called, its figures, and what goes without it."""

    title: str
    policy: Policy
    without: str


class CircuitService:
    """Circuits by name; ``circuits`` is empty where no dependency is configured."""

    def __init__(self, database: Database, shared: Scripts, audit: AuditService, clock: Clock, circuits: Mapping[str, Guarded]) -> None:
        self._database = database
        self._fleet = RedisState(shared)
        self._audit = audit
        self._clock = clock
        self._circuits = dict(circuits)
        self._applying = Applying(database, self._fleet, clock)
        self._seen: dict[str, tuple[CircuitView, datetime]] = {}

    # -- questions --------------------------------------------------------------------------------------------------

    def circuits(self, actor: Actor) -> Reading[list[CircuitView]]:
        """All circuits; Empty where none is configured; Stale or Failed when the fleet cannot be asked."""
        actor.require(Permission.VIEW_OPERATIONS)
        if not self._circuits:
            return Empty(self._clock.now())
        return self._read(list(self._circuits))

    def circuit(self, actor: Actor, name: str) -> Reading[CircuitView]:
        actor.require(Permission.VIEW_OPERATIONS)
        self._known(name)
        match self._read([name]):
            case Fresh(value=[view], at=at, took_seconds=took):
                return Fresh(view, at, took)
            case Stale(value=[view], at=at, why=why):
                return Stale(view, at, why)
            case Failed() as failed:
                return failed
            case _:
                return Empty(self._clock.now())

    def transitions(self, actor: Actor, name: str | None = None, limit: int = 50) -> Reading[list[Transition]]:
        """The newest moves first, of one circuit or of all."""
        actor.require(Permission.VIEW_OPERATIONS)
        began, now = self._clock.monotonic(), self._clock.now()
        try:
            moves = self._fleet.transitions(name, max(1, min(limit, 500)))
        except StorageUnavailable:
            return Failed("valkey", _AWAY, now)
        return Fresh([transition(move) for move in moves], now, self._clock.monotonic() - began) if moves else Empty(now)

    def overrides(self, actor: Actor, name: str, limit: int = 20) -> list[Override]:
        """The acts on one circuit, newest first, from SQL alone: known whether or not the fleet can be asked."""
        actor.require(Permission.VIEW_OPERATIONS)
        self._known(name)
        with self._database.reading() as connection:
            return OverrideStore(connection).history(name, limit)

    def preview(self, actor: Actor, name: str) -> IsolationPreview:
        """What an isolation would touch, counted from the calls of the window just now."""
        actor.require(Permission.VIEW_OPERATIONS)
        guarded, now = self._known(name), self._clock.now()
        seconds = guarded.policy.window_seconds
        try:
            view = circuit_view(name, guarded.title, guarded.policy, self._fleet.read(name, guarded.policy), None, now)
        except StorageUnavailable:
            return IsolationPreview(None, now, seconds, 0, f"{_AWAY} The act will be recorded, and applied when the store is back.")
        return IsolationPreview(view.calls * 3600 / seconds, now, seconds, view.applied[1], guarded.without)

    # -- acts -------------------------------------------------------------------------------------------------------

    def isolate(self, actor: Actor, name: str, reason: str, minutes: int) -> Override:
        """Stop all calls, in every process, until released or until ``minutes`` are over."""
        self._audit.guard(actor, Permission.ISOLATE_CIRCUITS, "circuits.isolate", "circuit", name[:64])
        self._known(name)
        expires_at = self._clock.now() + timedelta(minutes=_checked_minutes(minutes))
        return self._applying.apply(self._recorded(actor, name, ISOLATED, checked_reason(reason), "circuits.isolate", expires_at))

    def release(self, actor: Actor, name: str, reason: str) -> Override:
        """Let calls go on as the circuit's own state allows; Conflict when it is not isolated."""
        self._audit.guard(actor, Permission.RELEASE_CIRCUITS, "circuits.release", "circuit", name[:64])
        self._known(name)
        return self._applying.apply(self._recorded(actor, name, NONE, checked_reason(reason), "circuits.release", None))

    # -- jobs of the worker -----------------------------------------------------------------------------------------

    def apply_pending(self) -> int:
        """Tell the fleet what it was not told or has forgotten; how many acts that were. StorageUnavailable while it is away."""
        return sum(self._applying.reconcile(name, guarded.policy) for name, guarded in self._circuits.items())

    def expire_due(self) -> int:
        """End isolations whose time is over; how many. Each has its audit record."""
        return self._applying.expire_due()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _known(self, name: str) -> Guarded:
        guarded = self._circuits.get(name)
        if guarded is None:
            raise NotFound("There is no circuit of this name.")
        return guarded

    def _read(self, names: list[str]) -> Reading[list[CircuitView]]:
        began, now = self._clock.monotonic(), self._clock.now()
        newest = self._newest()
        if newest is None:
            return Failed("sql", "The database does not answer, so who isolated what cannot be known.", now)
        try:
            views = [self._view(name, self._fleet.read(name, self._circuits[name].policy), newest.get(name), now) for name in names]
        except StorageUnavailable:
            return self._remembered(names, newest, now)
        self._seen.update({view.name: (view, now) for view in views})
        return Fresh(views, now, self._clock.monotonic() - began)

    def _newest(self) -> dict[str, Override] | None:
        try:
            with self._database.reading() as connection:
                return OverrideStore(connection).newest_of_all()
        except StorageUnavailable:
            return None

    def _view(self, name: str, reading: CircuitReading, newest: Override | None, now: datetime) -> CircuitView:
        guarded = self._circuits[name]
        return circuit_view(name, guarded.title, guarded.policy, reading, newest, now)

    def _remembered(self, names: list[str], newest: dict[str, Override], now: datetime) -> Reading[list[CircuitView]]:
        """The figures of the last time, with the overrides as SQL has them now."""
        seen = [self._seen[name] for name in names if name in self._seen]
        last = min((at for _, at in seen), default=None)
        if last is None or len(seen) < len(names):
            return Failed("valkey", _AWAY, now, last)
        views = [replace(view, override=shown_override(newest.get(view.name), now)) for view, _ in seen]
        return Stale(views, last, _AWAY)

    def _recorded(self, actor: Actor, name: str, kind: str, reason: str, act: str, expires_at: datetime | None) -> Override:
        beyond, now = self._fleet_epoch(name), self._clock.now()
        with self._database.transaction() as connection:
            store = OverrideStore(connection)
            before = store.newest(name)
            if kind == NONE and (before is None or before.kind != ISOLATED):
                raise Conflict(f"{self._circuits[name].title} is not isolated.")
            epoch = max(before.epoch if before else 0, beyond) + 1
            override = Override(uuid7(now), name, epoch, kind, reason, actor.id, actor.name, now, expires_at)
            store.add(override)
            AuditStore(connection, self._clock).append(
                Entry(act, "circuit", name, actor, reason, before=facts(before), after=facts(override))
            )
        return override

    def _fleet_epoch(self, name: str) -> int:
        """The newest epoch the fleet has heard of, so that a database begun anew is not taken for an older one; 0 while it is away."""
        try:
            return self._fleet.read(name, self._circuits[name].policy).override.epoch
        except StorageUnavailable:
            return 0


def _checked_minutes(minutes: int) -> int:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InvalidRequest.of("minutes", "out_of_range", f"An isolation lasts {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes.")
    return minutes
