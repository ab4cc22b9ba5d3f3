"""Reading the audit log, and recording what has no transaction of its own."""

from __future__ import annotations

from backend.actor import Actor, Permission
from backend.audit.record import Criteria, Entry, Record, refused
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import NotFound
from backend.storage.database import Database

LARGEST_PAGE = 500


class AuditService:
    """Whoever may read all reads all; everybody else reads their own acts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def search(self, actor: Actor, criteria: Criteria, limit: int = 50, before_sequence: int | None = None) -> list[Record]:
        """The newest records first; go on with ``before_sequence`` = the last one's sequence."""
        own, bounded = _scope(actor), max(1, min(limit, LARGEST_PAGE))
        with self._database.reading() as connection:
            return AuditStore(connection, self._clock).search(criteria, own=own, limit=bounded, before_sequence=before_sequence)

    def record(self, actor: Actor, record_id: str) -> Record:
        """One record in full; NotFound also for one that this actor may not read."""
        own = _scope(actor)
        with self._database.reading() as connection:
            found = AuditStore(connection, self._clock).record(record_id, own=own)
        if found is None:
            raise NotFound("There is no audit record with this id that you may read.")
        return found

    def facets(self, actor: Actor) -> dict[str, int]:
        """How many records each act has among those that this actor may read."""
        own = _scope(actor)
        with self._database.reading() as connection:
            return AuditStore(connection, self._clock).facets(own=own)

    def note(self, entry: Entry) -> Record:
        """Record something in a transaction of its own: refused acts, failed sign-ins."""
        with self._database.transaction() as connection:
            return AuditStore(connection, self._clock).append(entry)

    def guard(self, actor: Actor, permission: Permission, act: str, object_kind: str, object_id: str) -> None:
        """Let pass, or record the refusal and raise Forbidden. Call it before the act's own transaction."""
        if not actor.may(permission):
            self.note(refused(actor, permission, act, object_kind, object_id))
        actor.require(permission)


def _scope(actor: Actor) -> str | None:
    """The actor id to keep to, or None for all."""
    if actor.may(Permission.READ_AUDIT):
        return None
    actor.require(Permission.READ_OWN_ACTS)
    return actor.id
