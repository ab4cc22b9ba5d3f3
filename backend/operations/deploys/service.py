"""Recording and listing deploys."""

from __future__ import annotations

from datetime import datetime

from backend.actor import Actor, Permission
from backend.audit.record import Entry
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict
from backend.operations.deploys.record import PAST, Deploy, NewDeploy, checked
from backend.operations.deploys.store import DeployStore
from backend.storage.database import Database

RECORD = "deploys.record"
MOST = 500


class DeployService:
    """Whoever may record deploys does so; whoever may see operations reads them."""

    def __init__(self, database: Database, audit: AuditService, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def record(self, actor: Actor, told: NewDeploy) -> tuple[Deploy, bool]:
        """The deploy as it stands, and whether it is new: the same told again changes nothing. Conflict: that id is another deploy's."""
        self._audit.guard(actor, Permission.RECORD_DEPLOYS, RECORD, "deploy", told.id[:64])
        now = self._clock.now()
        told = checked(told, now)
        with self._database.transaction() as connection:
            store = DeployStore(connection)
            known = store.by_id(told.id)
            if known is not None:
                if known.says_the_same(told):
                    return known, False
                raise Conflict("A deploy with this id and other contents is recorded already.")
            deploy = Deploy(told.id, told.version, told.service, told.at or now, told.note, told.link, now, actor.id, actor.name)
            store.add(deploy)
            after = {"version": deploy.version, "service": deploy.service, "at": deploy.at.isoformat()}
            AuditStore(connection, self._clock).append(Entry(RECORD, "deploy", deploy.id, actor, after=after))
        return deploy, True

    def between(self, actor: Actor, start: datetime, end: datetime, limit: int = MOST) -> list[Deploy]:
        """The newest first."""
        actor.require(Permission.VIEW_OPERATIONS)
        with self._database.reading() as connection:
            return DeployStore(connection).between(start, end, max(1, min(limit, MOST)))

    def newest(self, actor: Actor, limit: int = 20) -> list[Deploy]:
        actor.require(Permission.VIEW_OPERATIONS)
        with self._database.reading() as connection:
            return DeployStore(connection).newest(max(1, min(limit, MOST)))

    def purge(self) -> int:
        """Forget what is older than any chart reaches back. (A job.)"""
        with self._database.transaction() as connection:
            return DeployStore(connection).forget(self._clock.now() - PAST)
