"""What the verbs of accounts share."""

from __future__ import annotations

from datetime import timedelta

from backend.accounts.codes import RandomBytes
from backend.accounts.credentials import PasswordHasher
from backend.accounts.login_limits import LoginLimits
from backend.accounts.session_memory import SessionMemory
from backend.actor import Actor, ActorKind
from backend.audit.record import REFUSED, Entry
from backend.audit.service import AuditService
from backend.clock import Clock
from backend.errors import LimitExceeded
from backend.storage.database import Database

KEPT_AFTER_EXPIRY = timedelta(days=30)


class Parts:
    """The stores and rules that every part of ``AccountService`` is given."""

    def __init__(
        self, database: Database, audit: AuditService, hasher: PasswordHasher, limits: LoginLimits, clock: Clock, random_bytes: RandomBytes
    ) -> None:
        self._database = database
        self._audit = audit
        self._hasher = hasher
        self._limits = limits
        self._clock = clock
        self._memory = SessionMemory(clock)
        self._random_bytes = random_bytes

    def _spend_try(self, act: str, account: str, address: str | None) -> None:
        """Count one try, or raise LimitExceeded; the first refusal in a row is recorded, the flood after it is not."""
        refusal = self._limits.take(account, address)
        if refusal is None:
            return
        if refusal.is_news:
            self._note_refused(act, "unknown", "limited", address)
        raise LimitExceeded("Too many attempts. Wait a little, then try again.", refusal.retry_after_seconds)

    def _note_refused(self, act: str, operator_id: str, why: str, address: str | None) -> None:
        """Record a try at the door. The name that was typed stays out: it may be a password in the wrong field."""
        somebody = Actor(ActorKind.SYSTEM, "system:sign-in", "sign-in", frozenset(), address=address)
        self._audit.note(Entry(act, "operator", operator_id, somebody, after={"why": why}, outcome=REFUSED))
