"""What the services around regression sets are made of."""

from __future__ import annotations

from backend.actor import Actor, Permission
from backend.audit.service import AuditService
from backend.clock import Clock
from backend.errors import NotFound
from backend.regression.record import RegressionSet
from backend.regression.store import EntryRow, SetStore
from backend.regression.vault import Vault
from backend.storage.database import Database

SET, ENTRY, RUN = "regression set", "regression entry", "regression run"


class Parts:
    """Store, seal, clock and audit log, and the questions that all of them ask."""

    def __init__(self, database: Database, audit: AuditService, clock: Clock, secret: str) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._vault = Vault(secret)

    def _guard(self, actor: Actor, permission: Permission, act: str, kind: str, object_id: str) -> None:
        self._audit.guard(actor, permission, act, kind, object_id)


def known_set(store: SetStore, set_id: str) -> RegressionSet:
    """The set, held until the transaction ends; NotFound where there is none."""
    found = store.lock(set_id)
    if found is None:
        raise NotFound("There is no such regression set.")
    return found


def known_entry(store: SetStore, entry_id: str) -> EntryRow:
    found = store.entry(entry_id)
    if found is None:
        raise NotFound("There is no such entry in a regression set.")
    return found
