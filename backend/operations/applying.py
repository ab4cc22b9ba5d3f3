"""Telling the fleet what was ordered, and ending what has run out; each step may be repeated, by any number of workers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from backend.actor import system_actor
from backend.audit.record import Entry
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict, StorageUnavailable
from backend.identifiers import uuid7
from backend.operations.overrides import ISOLATED, NONE, Override
from backend.operations.store import OverrideStore
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import SharedOverride
from backend.storage.database import Database

_EXPIRED = "The time of the isolation was over."
_CAUSES = {ISOLATED: "isolated", NONE: "released"}


class Applying:
    """Between the rows in SQL, which are the truth, and what the fleet holds."""

    def __init__(self, database: Database, fleet: RedisState, clock: Clock) -> None:
        self._database = database
        self._fleet = fleet
        self._clock = clock

    def apply(self, override: Override) -> Override:
        """Told to the fleet if it can be reached; else as recorded."""
        now = self._clock.now()
        try:
            if self._fleet.control(override.circuit, shared_override(override, now), _CAUSES[override.kind]) == "stale":
                return override
            with self._database.transaction() as connection:
                OverrideStore(connection).mark_applied(override.id, now)
        except StorageUnavailable:
            return override  # the worker tells it, or marks it, again
        return replace(override, applied_at=override.applied_at or now)

    def reconcile(self, name: str, policy: Policy) -> int:
        """Make the fleet hold what SQL says of one circuit; 1 when it had to be told."""
        held = self._fleet.read(name, policy).override  # before SQL: so that SQL cannot be the older of the two
        with self._database.reading() as connection:
            newest = OverrideStore(connection).newest(name)
        now = self._clock.now()
        if newest is None or newest.epoch < held.epoch:
            return self._overrule(name, held, newest, now)
        if held.epoch == newest.epoch and held.act == newest.id and newest.applied_at is not None:
            return 0
        if newest.applied_at is not None and held.kind == NONE and not newest.isolates(now):
            return 0  # nothing holds, and nothing should
        return int(self.apply(newest).applied_at is not None)

    def expire_due(self) -> int:
        """End isolations whose time is over; how many. Each has its audit record."""
        now, ended = self._clock.now(), 0
        with self._database.reading() as connection:
            newest = OverrideStore(connection).newest_of_all()
        for name, override in newest.items():
            if override.kind == ISOLATED and not override.isolates(now):
                ended += self._expire(name, override)
        return ended

    def _overrule(self, name: str, held: SharedOverride, newest: Override | None, now: datetime) -> int:
        """The fleet holds an act that SQL never recorded, as after a restored backup: what SQL says counts."""
        wanted = SharedOverride() if newest is None or not newest.isolates(now) else shared_override(newest, now)
        if held.kind == wanted.kind:
            return 0
        self._fleet.control(name, replace(wanted, epoch=held.epoch + 1, act=uuid7(now)), _CAUSES[wanted.kind])
        return 1

    def _expire(self, name: str, override: Override) -> int:
        now, actor = self._clock.now(), system_actor("worker")
        ended = Override(uuid7(now), name, override.epoch + 1, NONE, _EXPIRED, actor.id, actor.name, now, None)
        try:
            with self._database.transaction() as connection:
                OverrideStore(connection).add(ended)
                AuditStore(connection, self._clock).append(
                    Entry("circuits.expire", "circuit", name, actor, _EXPIRED, before=facts(override), after=facts(ended))
                )
        except Conflict:
            return 0  # somebody released or isolated it meanwhile
        self.apply(ended)
        return 1


def shared_override(override: Override, now: datetime) -> SharedOverride:
    left = None if override.expires_at is None else max(0.0, (override.expires_at - now).total_seconds())
    return SharedOverride(override.kind, override.epoch, override.id, left, max(0.0, (now - override.created_at).total_seconds()))


def facts(override: Override | None) -> dict[str, str | int | None] | None:
    if override is None:
        return None
    expires = override.expires_at.isoformat() if override.expires_at else None
    return {"kind": override.kind, "epoch": override.epoch, "expires_at": expires, "override": override.id}
