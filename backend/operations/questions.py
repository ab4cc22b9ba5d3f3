"""What operators ask of circuits; what cannot be known says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.documents import plain
from backend.errors import StorageUnavailable
from backend.operations.circuit_view import CircuitView, IsolationPreview, Transition
from backend.operations.desk import Desk
from backend.operations.fleet_views import Around, Newest, circuit_view, shown, transition
from backend.operations.order_record import OrderRecord
from backend.operations.store import OrderStore
from backend.resilience.orders import Slot
from backend.resilience.readings import Named

_AWAY = "The shared state store does not answer, so what the circuits do now cannot be known."
_NO_SQL = "The database does not answer, so who ordered what cannot be known."
_MOST_HAPPENINGS = 2000
_OTHERS = "What its service does without it is that service's own."
Orders = Mapping[str, Newest]


class Questions(Desk):
    """Answered from SQL and from the fleet; remembers the last good figures for when the fleet cannot be asked."""

    def circuits(self, actor: Actor) -> Reading[list[CircuitView]]:
        """All circuits, those of other services in the fleet too; Empty where there is none; Stale or Failed when it cannot be asked."""
        actor.require(Permission.VIEW_OPERATIONS)
        return self._read(None)

    def circuit(self, actor: Actor, name: str) -> Reading[CircuitView]:
        actor.require(Permission.VIEW_OPERATIONS)
        match self._read_known(name):
            case Fresh(value=[view], at=at, took_seconds=took):
                return Fresh(view, at, took)
            case Stale(value=[view], at=at, why=why):
                return Stale(view, at, why)
            case Failed() as failed:
                return failed
            case _:
                return Empty(self._clock.now())

    def transitions(self, actor: Actor, name: str | None = None, limit: int = 50, before: str | None = None) -> Reading[list[Transition]]:
        """The newest moves first, of one circuit or of all; go on with ``before`` = the last one's id."""
        actor.require(Permission.VIEW_OPERATIONS)
        began, now = self._clock.monotonic(), self._clock.now()
        try:
            moves = self._fleet.transitions(name, max(1, min(limit, 500)), before)
        except StorageUnavailable:
            return Failed("valkey", _AWAY, now)
        return Fresh([transition(move) for move in moves], now, self._clock.monotonic() - began) if moves else Empty(now)

    def history(self, actor: Actor, name: str, limit: int = 50) -> list[OrderRecord]:
        """The acts on one circuit, newest first, from SQL alone: known whether or not the fleet can be asked."""
        actor.require(Permission.VIEW_OPERATIONS)
        with self._database.reading() as connection:
            found = OrderStore(connection).history(name, max(1, min(limit, 500)))
        if not found:
            self._known(name)
        return found

    def preview(self, actor: Actor, name: str) -> IsolationPreview:
        """What an isolation would touch, counted from the calls of the window just now."""
        actor.require(Permission.VIEW_OPERATIONS)
        now, guarded = self._clock.now(), self._circuits.get(name)
        note = guarded.without if guarded else _OTHERS
        match self.circuit(actor, name):
            case Fresh(value=view):
                return IsolationPreview(view.calls * 3600 / view.window_seconds, now, view.window_seconds, view.applied[1], note)
            case _:
                return IsolationPreview(None, now, 0.0, 0, f"{_AWAY} The act will be recorded, and applied when the store is back.")

    def export(self, actor: Actor, name: str | None = None) -> dict[str, Any]:
        """All that is known of one circuit, or of all, as JSON has it; a part that cannot be known says so."""
        reading = self.circuits(actor) if name is None else self.circuit(actor, name)
        return {
            "at": self._clock.now().isoformat(),
            "circuits": _part(reading),
            "transitions": _part(self.transitions(actor, name, 500)),
            "orders": _part(self._all_orders(actor, name)),
        }

    def _all_orders(self, actor: Actor, name: str | None) -> Reading[dict[str, list[OrderRecord]]]:
        now = self._clock.now()
        try:
            names = [name] if name is not None else sorted(self._ordered_names() | set(self._circuits))
            return Fresh({one: self.history(actor, one, 500) for one in names}, now, 0.0)
        except StorageUnavailable as error:
            return Failed(error.store, _NO_SQL, now)

    def _ordered_names(self) -> set[str]:
        with self._database.reading() as connection:
            return set(OrderStore(connection).newest_of_all())

    def _read_known(self, name: str) -> Reading[list[CircuitView]]:
        try:
            if name not in self._seen:
                self._known(name)
        except StorageUnavailable as error:
            return Failed(error.store, _AWAY if error.store == "valkey" else _NO_SQL, self._clock.now())
        return self._read(name)

    def _read(self, name: str | None) -> Reading[list[CircuitView]]:
        began, now = self._clock.monotonic(), self._clock.now()
        orders = self._newest_of_all()
        if orders is None:
            return Failed("sql", _NO_SQL, now)
        try:
            views = self._views(name, orders, now)
        except StorageUnavailable:
            return self._remembered(name, orders, now)
        kept = {} if name is None else self._seen
        self._seen = {**kept, **{view.name: (view, now) for view in views}}  # replaced, as others read it meanwhile
        return Fresh(views, now, self._clock.monotonic() - began) if views else Empty(now)

    def _newest_of_all(self) -> Orders | None:
        try:
            with self._database.glance() as connection:
                return OrderStore(connection).newest_of_all()
        except StorageUnavailable:
            return None

    def _views(self, name: str | None, orders: Orders, now: datetime) -> list[CircuitView]:
        around = Around.of_page(self._fleet.happenings(name, _MOST_HAPPENINGS), _MOST_HAPPENINGS)
        found = self._listed()
        wanted = found.values() if name is None else [found.get(name, Named(name, "", "", 0.0))]
        return [self._view(named, orders.get(named.name, {}), around, now) for named in wanted]

    def _listed(self) -> dict[str, Named]:
        """Ours first, whether or not a process has told of them, then those of other services."""
        told = {one.name: one for one in self._fleet.names()}
        ours = {name: told.get(name, Named(name, one.title, "", 0.0)) for name, one in self._circuits.items()}
        return ours | told

    def _view(self, named: Named, newest: Newest, around: Around, now: datetime) -> CircuitView:
        return circuit_view(named, self._circuits.get(named.name), self._fleet.read(named.name), newest, around, now)

    def _remembered(self, name: str | None, orders: Orders, now: datetime) -> Reading[list[CircuitView]]:
        """The figures of the last time, with the orders as SQL has them now."""
        names = [name] if name is not None else list(self._seen or self._circuits)
        seen = [self._seen[one] for one in names if one in self._seen]
        last = min((at for _, at in seen), default=None)
        if last is None or len(seen) < len(names):
            return Failed("valkey", _AWAY, now, last)
        return Stale([_with_orders(view, orders.get(view.name, {}), now) for view, _ in seen], last, _AWAY)


def _with_orders(view: CircuitView, newest: Newest, now: datetime) -> CircuitView:
    return replace(view, override=shown(newest.get(Slot.OVERRIDE), now), fault=shown(newest.get(Slot.FAULT), now))


def _part(reading: Reading[Any]) -> Any:
    match reading:
        case Fresh(value=value):
            return {"known": "now", "value": plain(value)}
        case Stale(value=value, at=at, why=why):
            return {"known": at.isoformat(), "why": why, "value": plain(value)}
        case Failed(why=why):
            return {"known": "no", "why": why, "value": None}
        case Empty():
            return {"known": "now", "value": []}
