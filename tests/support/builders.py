"""Builders of actors and of wired account services, for tests."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from backend.accounts.cases import CaseService
from backend.accounts.credentials import PasswordHasher
from backend.accounts.keys import KeyService
from backend.accounts.login_limits import Allowance, LoginPolicy
from backend.accounts.operator import Operator, SignedIn, actor_of
from backend.accounts.service import AccountService
from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.audit.record import Criteria, Record
from backend.audit.service import AuditService
from backend.storage.database import Database
from tests.support.clock import ManualClock

PASSWORD = "seven quiet lanterns"
REASON = "asked for in the weekly meeting"
SECRET = "a secret of the tests, long enough to count as one"
GENEROUS = LoginPolicy(Allowance(10_000, 1), Allowance(10_000, 1), Allowance(10_000, 1))
ADDRESS = "192.0.2.7"


def actor_with(role: Role, operator_id: str = "", **more: str) -> Actor:
    """An operator of that role who need not exist in any database."""
    return Actor(ActorKind.OPERATOR, operator_id or f"id-of-{role.value}", role.value, PERMISSIONS[role], role, **more)


class CountingHasher(PasswordHasher):
    """The real one with the cheapest parameters, counting what it is asked."""

    def __init__(self, cores: int = 2, *, memory_kib: int = 64, passes: int = 1) -> None:
        super().__init__(cores, memory_kib=memory_kib, passes=passes)
        self.hashed = 0
        self.verified = 0

    def hash(self, password: str) -> str:
        self.hashed += 1
        return super().hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        self.verified += 1
        return super().verify(stored, password)


@dataclass
class Installation:
    """Account services over one database, as the composition root wires them."""

    database: Database
    clock: ManualClock
    policy: LoginPolicy = GENEROUS
    hasher: CountingHasher = field(default_factory=CountingHasher)

    def __post_init__(self) -> None:
        self.audit = AuditService(self.database, self.clock)
        self.accounts = AccountService(self.database, self.audit, self.hasher, self.clock, login_policy=self.policy)
        self.keys = KeyService(self.database, self.audit, self.clock, SECRET)
        self.cases = CaseService(self.database, SECRET, self.clock, self.audit)
        self._names = (f"person{number}" for number in itertools.count(1))

    def admin(self, name: str = "ada") -> Operator:
        """The first operator, by the set-up code."""
        code = self.accounts.issue_setup_code()
        assert code is not None
        return self.accounts.redeem(code, name, PASSWORD, ADDRESS)

    def operator(self, role: Role = Role.VIEWER, name: str | None = None) -> Operator:
        """Another operator, by an invitation."""
        invitation = self.accounts.invite(actor_with(Role.ADMIN), name or next(self._names), role, REASON)
        return self.accounts.redeem(invitation.code, "", PASSWORD, ADDRESS)

    def signed_in(self, operator: Operator, address: str = ADDRESS) -> SignedIn:
        return self.accounts.sign_in(operator.name, PASSWORD, address, "Browser/1.0")

    def actor(self, operator: Operator) -> Actor:
        return actor_of(self.signed_in(operator).session)

    def records(self, **criteria: object) -> list[Record]:
        """What the log says, the newest first."""
        return self.audit.search(actor_with(Role.ADMIN), Criteria(**criteria), limit=500)  # type: ignore[arg-type]

    def last(self, act: str) -> Record:
        return self.records(act=act)[0]
