"""Operators, one a role, their sessions and the keys of programs."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.operator import ApiKey, CreatedKey, Invitation, Operator, Session, SignedIn, actor_of
from backend.actor import Actor, Permission, Role
from backend.audit.record import Entry, checked_reason
from backend.errors import Conflict, LimitExceeded, NotFound, StorageUnavailable, Unauthenticated
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.sources import FakeClock

PASSWORD = "a long pass phrase"


class FakeAccounts:
    """One operator a role, named after it; any session token is 'token-<name>'."""

    def __init__(self, clock: FakeClock, audit: FakeAudit) -> None:
        self.clock, self.audit = clock, audit
        self.people = {role.value: self._operator(role.value, role) for role in Role}
        self.ended: set[str] = set()
        self.away = False
        self.setup_needed = False
        self.failures: dict[str, int] = {}
        self.activity: list[tuple[str, bool]] = []
        self.open_invitations: list[Invitation] = []

    def _operator(self, name: str, role: Role) -> Operator:
        created = self.clock.now() - timedelta(days=40)
        return Operator(f"op-{name}", name, role, "UTC", "comfortable", created, self.clock.now() - timedelta(hours=3), None)

    def _session(self, name: str) -> Session:
        now = self.clock.now()
        agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
        begun = now - timedelta(hours=2)
        return Session(
            f"s-{name}", self.people[name], begun, now - timedelta(minutes=1), begun + timedelta(hours=12), "127.0.0.1", agent, None, None
        )

    def actor(self, name: str) -> Actor:
        return actor_of(self._session(name))

    def needs_setup(self) -> bool:
        self._check()
        return self.setup_needed

    def redeem(self, code: str, name: str, password: str, address: str | None) -> Operator:
        if code != "SETUP-CODE":
            raise Unauthenticated("the code is wrong, used or too old")
        self.setup_needed = False
        self.people[name] = self._operator(name, Role.ADMIN)
        return self.people[name]

    def sign_in(self, name: str, password: str, address: str | None, agent: str | None) -> SignedIn:
        self._check()
        if self.failures.get(name, 0) >= 5:
            raise LimitExceeded("too many attempts", 42)
        operator = self.people.get(name)
        if operator is None or password != PASSWORD or not operator.is_enabled:
            self.failures[name] = self.failures.get(name, 0) + 1
            raise Unauthenticated("name or password is wrong")
        self.ended.discard(name)
        return SignedIn(f"token-{name}", self._session(name))

    def session_of(self, token: str, *, active: bool) -> Session | None:
        self._check()
        name = token.removeprefix("token-")
        self.activity.append((name, active))
        if not token.startswith("token-") or name not in self.people or name in self.ended or not self.people[name].is_enabled:
            return None
        return self._session(name)

    def sign_out(self, token: str) -> None:
        self.ended.add(token.removeprefix("token-"))

    def operators(self, actor: Actor) -> list[Operator]:
        actor.require(Permission.VIEW_OPERATORS)
        self._check()
        return list(self.people.values())

    def invitations(self, actor: Actor) -> list[Invitation]:
        actor.require(Permission.VIEW_OPERATORS)
        return [replace(invitation, code="") for invitation in self.open_invitations]

    def invite(self, actor: Actor, name: str, role: Role, reason: str) -> Invitation:
        self.audit.guard(actor, Permission.MANAGE_OPERATORS, "operators.invite", "operator", name)
        checked_reason(reason)
        made = Invitation(f"inv-{name}", "INV-" + secrets.token_hex(4), name, role, self.clock.now() + timedelta(days=2))
        self.open_invitations.append(made)
        self.audit.note(Entry("operators.invite", "operator", name, actor, reason))
        return made

    def withdraw_invitation(self, actor: Actor, invitation_id: str, reason: str) -> None:
        self.audit.guard(actor, Permission.MANAGE_OPERATORS, "operators.withdraw_invitation", "invitation", invitation_id)
        checked_reason(reason)
        self.open_invitations = [one for one in self.open_invitations if one.id != invitation_id]

    def change_role(self, actor: Actor, operator_id: str, role: Role, reason: str) -> Operator:
        return self._change(actor, operator_id, "operators.change_role", reason, role=role)

    def disable(self, actor: Actor, operator_id: str, reason: str) -> Operator:
        found = self._by_id(operator_id)
        admins = [one for one in self.people.values() if one.role is Role.ADMIN and one.is_enabled]
        if admins == [found]:
            raise Conflict("This is the last enabled admin.")
        return self._change(actor, operator_id, "operators.disable", reason, disabled_at=self.clock.now())

    def enable(self, actor: Actor, operator_id: str, reason: str) -> Operator:
        return self._change(actor, operator_id, "operators.enable", reason, disabled_at=None)

    def end_sessions(self, actor: Actor, operator_id: str, reason: str) -> int:
        found = self._change(actor, operator_id, "operators.end_sessions", reason)
        self.ended.add(found.name)
        return 1

    def sessions_of(self, actor: Actor, operator_id: str) -> list[Session]:
        actor.require(Permission.VIEW_OPERATORS)
        return [self._session(self._by_id(operator_id).name)]

    def own_sessions(self, actor: Actor) -> list[Session]:
        actor.require(Permission.MANAGE_OWN_SESSIONS)
        self._check()
        mine = self._session(actor.name)
        return [mine, replace(mine, id="s-other", agent="Firefox/145", address="192.0.2.7")]

    def end_own_session(self, actor: Actor, session_id: str) -> None:
        actor.require(Permission.MANAGE_OWN_SESSIONS)
        self.audit.note(Entry("sessions.end", "session", session_id, actor))

    def set_preferences(self, actor: Actor, zone: str, density: str) -> Operator:
        name = actor.name
        self.people[name] = replace(self.people[name], zone=zone, density=density)
        return self.people[name]

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        if old != PASSWORD:
            raise Unauthenticated("the present password is wrong")

    def _by_id(self, operator_id: str) -> Operator:
        for one in self.people.values():
            if one.id == operator_id:
                return one
        raise NotFound("there is no such operator")

    def _change(self, actor: Actor, operator_id: str, act: str, reason: str, **fields: Any) -> Operator:
        self.audit.guard(actor, Permission.MANAGE_OPERATORS, act, "operator", operator_id)
        checked_reason(reason)
        found = replace(self._by_id(operator_id), **fields)
        self.people[found.name] = found
        self.audit.note(Entry(act, "operator", operator_id, actor, reason))
        return found

    def _check(self) -> None:
        if self.away:
            raise StorageUnavailable("sql")


class FakeKeys:
    """One key, and what is made of it."""

    def __init__(self, clock: FakeClock, audit: FakeAudit) -> None:
        self.clock, self.audit = clock, audit
        made = clock.now() - timedelta(days=3)
        self.known = [ApiKey("key-1", "billing import", "ak_7f3a", ("charts",), "admin", made, None, None)]

    def keys(self, actor: Actor) -> list[ApiKey]:
        actor.require(Permission.MANAGE_KEYS)
        return self.known

    def create(self, actor: Actor, name: str, scopes: tuple[str, ...], reason: str, expires_at: datetime | None = None) -> CreatedKey:
        self.audit.guard(actor, Permission.MANAGE_KEYS, "keys.create", "key", name)
        checked_reason(reason)
        key = ApiKey("key-2", name, "ak_91bc", tuple(scopes), actor.name, self.clock.now(), expires_at, None)
        self.known.append(key)
        return CreatedKey(key, "ak_91bc_" + "x" * 43)

    def revoke(self, actor: Actor, key_id: str, reason: str) -> ApiKey:
        self.audit.guard(actor, Permission.MANAGE_KEYS, "keys.revoke", "key", key_id)
        checked_reason(reason)
        self.known = [replace(key, revoked_at=self.clock.now()) if key.id == key_id else key for key in self.known]
        return next(key for key in self.known if key.id == key_id)
