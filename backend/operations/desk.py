"""What every act on a circuit has in common: it is recorded with its reason and its audit record as one, and then applied."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.actor import Actor, Permission
from backend.audit.record import Entry, checked_reason
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict, NotFound, StorageUnavailable
from backend.identifiers import uuid7
from backend.operations.applying import Applying, Told
from backend.operations.circuit_view import CircuitView, Guarded
from backend.operations.order_record import OrderRecord, facts
from backend.operations.store import OrderStore
from backend.resilience.orders import Slot
from backend.resilience.redis_state import RedisState, Scripts
from backend.storage.database import Database

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")

Check = Callable[[OrderRecord | None], None]


@dataclass(frozen=True)
class Wish:
    """What somebody orders; ``act`` is its name in the audit log. ``epoch``: of the order they had before their eyes, if they say."""

    act: str
    name: str
    slot: Slot
    body: str
    reason: str
    epoch: int | None = None
    expires_at: datetime | None = None


def _accepted(before: OrderRecord | None) -> None:
    """Nothing stands in the way."""


class Desk:
    """What the acts and the questions share; ``circuits`` is empty where no dependency is configured."""

    def __init__(
        self, database: Database, shared: Scripts, audit: AuditService, clock: Clock, circuits: Mapping[str, Guarded], told: Told
    ) -> None:
        self._database = database
        self._fleet = RedisState(shared)
        self._audit = audit
        self._clock = clock
        self._circuits = dict(circuits)
        self._told = told
        self._seen: dict[str, tuple[CircuitView, datetime]] = {}  # each circuit as it was last read, and when
        self._applying = Applying(database, self._fleet, clock, told)

    def _permitted(self, actor: Actor, permission: Permission, act: str, name: str) -> None:
        """Let pass whoever may, for a circuit that there is."""
        self._audit.guard(actor, permission, act, "circuit", name[:64])
        self._known(name)

    def _ordered(self, actor: Actor, wish: Wish, check: Check = _accepted) -> OrderRecord:
        """The order as recorded, and as applied when the fleet could be told. ``check`` is asked about what stands before it."""
        record = self._applying.apply(self._recorded(actor, wish, check))
        self._told(wish.act, record)
        return record

    def _recorded(self, actor: Actor, wish: Wish, check: Check) -> OrderRecord:
        reason, beyond, now = checked_reason(wish.reason), self._fleet_epoch(wish.name, wish.slot), self._clock.now()
        with self._database.transaction() as connection:
            store = OrderStore(connection)
            before = store.newest(wish.slot, wish.name)
            _same(before, wish.epoch)
            check(before)
            epoch = max(before.epoch if before else 0, beyond) + 1
            record = OrderRecord(uuid7(now), wish.slot, wish.name, epoch, wish.body, reason, actor.id, actor.name, now, wish.expires_at)
            store.add(record)
            AuditStore(connection, self._clock).append(
                Entry(wish.act, "circuit", wish.name, actor, reason, before=facts(before), after=facts(record))
            )
        return record

    def _newest(self, slot: Slot, name: str) -> OrderRecord | None:
        with self._database.reading() as connection:
            return OrderStore(connection).newest(slot, name)

    def _known(self, name: str) -> None:
        """NotFound for a circuit that is neither configured nor told of; StorageUnavailable while nobody can tell."""
        if name in self._circuits:
            return
        if not _NAME.fullmatch(name) or not (self._ever_ordered(name) or name in {one.name for one in self._fleet.names()}):
            raise NotFound("There is no circuit of this name.")

    def _ever_ordered(self, name: str) -> bool:
        with self._database.reading() as connection:
            return bool(OrderStore(connection).history(name, 1))

    def _fleet_epoch(self, name: str, slot: Slot) -> int:
        """The newest epoch the fleet has heard of, so that a database begun anew is not taken for an older one; 0 while it is away."""
        try:
            held = self._fleet.read(name).orders.get(slot)
        except StorageUnavailable:
            return 0
        return held.epoch if held else 0


def _same(before: OrderRecord | None, epoch: int | None) -> None:
    """Conflict when what stands is not what the actor had before their eyes."""
    if epoch is not None and epoch != (before.epoch if before else 0):
        who = before.actor_name if before else "nobody"
        raise Conflict(f"This changed since you looked, by {who}; look at it again.")
