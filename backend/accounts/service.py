"""The one face of accounts: entrance, sessions and operators together."""

from __future__ import annotations

import secrets

from backend.accounts.codes import RandomBytes
from backend.accounts.credentials import PasswordHasher
from backend.accounts.entrance import Entrance
from backend.accounts.login_limits import LoginLimits, LoginPolicy
from backend.accounts.operators import Operators
from backend.accounts.sessions import Sessions
from backend.audit.service import AuditService
from backend.clock import Clock
from backend.storage.database import Database


class AccountService(Entrance, Sessions, Operators):
    """Who may come in, who is in, and who may do what."""

    def __init__(
        self,
        database: Database,
        audit: AuditService,
        hasher: PasswordHasher,
        clock: Clock,
        *,
        login_policy: LoginPolicy | None = None,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        super().__init__(database, audit, hasher, LoginLimits(clock, login_policy), clock, random_bytes)
