"""What an admin does with operators; each act is one transaction of the change and its audit record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.accounts import lifetime
from backend.accounts.codes import code_fingerprint, typed_code
from backend.accounts.operator import Invitation, Operator, Session, checked_name
from backend.accounts.parts import KEPT_AFTER_EXPIRY, Parts
from backend.accounts.store import INVITATION, InvitationStore, OperatorStore, SessionStore
from backend.actor import Actor, Permission, Role
from backend.audit.record import Entry, checked_reason
from backend.audit.store import AuditStore
from backend.errors import Conflict, InvalidRequest, NotFound
from backend.identifiers import uuid7

INVITATION_LASTS = timedelta(days=3)
INVITE, WITHDRAW = "operators.invite", "operators.withdraw_invitation"
CHANGE_ROLE, DISABLE, ENABLE, END_SESSIONS = (
    "operators.change_role",
    "operators.disable",
    "operators.enable",
    "operators.end_sessions",
)


@dataclass
class _Act:
    """One act on one operator, while its transaction is open."""

    operator: Operator
    enabled_admins: set[str]
    operators: OperatorStore
    sessions: SessionStore
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    def keep_an_admin(self) -> None:
        """Raise Conflict if without this operator nobody would be left to manage the others."""
        if self.enabled_admins == {self.operator.id}:
            raise Conflict(f"{self.operator.name} is the last enabled admin: make another operator admin first.")


class Operators(Parts):
    """Reading needs ``operators.view``; every act needs ``operators.manage`` and a reason."""

    def operators(self, actor: Actor) -> list[Operator]:
        """All of them by name, disabled ones too."""
        actor.require(Permission.VIEW_OPERATORS)
        with self._database.reading() as connection:
            return OperatorStore(connection).all()

    def invitations(self, actor: Actor) -> list[Invitation]:
        """Those that can still be used, without their codes."""
        actor.require(Permission.VIEW_OPERATORS)
        with self._database.reading() as connection:
            return InvitationStore(connection).open(self._clock.now())

    def sessions_of(self, actor: Actor, operator_id: str) -> list[Session]:
        """The live sessions of an operator, the newest first."""
        actor.require(Permission.VIEW_OPERATORS)
        now = self._clock.now()
        with self._database.reading() as connection:
            return [session for session in SessionStore(connection).open_of(operator_id) if lifetime.is_live(session, now)]

    def invite(self, actor: Actor, name: str, role: Role, reason: str) -> Invitation:
        """A code with which one person becomes the operator ``name``; it takes the place of an earlier one for that name."""
        self._audit.guard(actor, Permission.MANAGE_OPERATORS, INVITE, "invitation", name)
        reason, name, role = checked_reason(reason), checked_name(name), checked_role(role)
        now, code = self._clock.now(), typed_code(self._random_bytes)
        invitation = Invitation(uuid7(now), code, name, role, now + INVITATION_LASTS)
        entry = Entry(INVITE, "invitation", invitation.id, actor, reason, after={"name": name, "role": role.value})
        with self._database.transaction() as connection:
            if OperatorStore(connection).by_name(name) is not None:
                raise Conflict(f"There is an operator named {name} already.")
            invitations = InvitationStore(connection)
            invitations.expire(now, kind=INVITATION, name=name)
            invitations.add(invitation, INVITATION, code_fingerprint(code), actor.id, now)
            AuditStore(connection, self._clock).append(entry)
        return invitation

    def withdraw_invitation(self, actor: Actor, invitation_id: str, reason: str) -> None:
        """Make an invitation useless."""
        self._audit.guard(actor, Permission.MANAGE_OPERATORS, WITHDRAW, "invitation", invitation_id)
        entry = Entry(WITHDRAW, "invitation", invitation_id, actor, checked_reason(reason))
        with self._database.transaction() as connection:
            if not InvitationStore(connection).expire(self._clock.now(), kind=INVITATION, invitation_id=invitation_id):
                raise NotFound("There is no such invitation, or it has been used, or its time is over.")
            AuditStore(connection, self._clock).append(entry)

    def change_role(self, actor: Actor, operator_id: str, role: Role, reason: str) -> None:
        """Effective at the next look at any of the operator's sessions."""
        with self._act(actor, CHANGE_ROLE, operator_id, reason) as act:
            role = checked_role(role)
            if act.operator.role is role:
                raise Conflict(f"{act.operator.name} is {role.value} already.")
            if act.operator.role is Role.ADMIN:
                act.keep_an_admin()
            act.operators.change(operator_id, role=role.value)
            act.before, act.after = {"role": act.operator.role.value}, {"role": role.value}

    def disable(self, actor: Actor, operator_id: str, reason: str) -> None:
        """Keep the operator out: sessions end at once, and the password opens nothing."""
        with self._act(actor, DISABLE, operator_id, reason) as act:
            if not act.operator.is_enabled:
                raise Conflict(f"{act.operator.name} is disabled already.")
            act.keep_an_admin()
            act.operators.change(operator_id, disabled_at=self._clock.now())
            ended = self._end_all(act, "disabled")
            act.before, act.after = {"enabled": True}, {"enabled": False, "sessions_ended": ended}

    def enable(self, actor: Actor, operator_id: str, reason: str) -> None:
        """Let the operator in again, with the old password and role."""
        with self._act(actor, ENABLE, operator_id, reason) as act:
            if act.operator.is_enabled:
                raise Conflict(f"{act.operator.name} is enabled already.")
            act.operators.change(operator_id, disabled_at=None)
            act.before, act.after = {"enabled": False}, {"enabled": True}

    def end_sessions(self, actor: Actor, operator_id: str, reason: str) -> int:
        """End all sessions of an operator, who may sign in again; how many there were."""
        with self._act(actor, END_SESSIONS, operator_id, reason) as act:
            ended = self._end_all(act, "ended_by_admin")
            act.after = {"sessions_ended": ended}
        return ended

    def purge(self) -> int:
        """Forget sessions and invitations whose time was over a month ago; the audit log keeps what happened."""
        before = self._clock.now() - KEPT_AFTER_EXPIRY
        with self._database.transaction() as connection:
            return SessionStore(connection).purge(before) + InvitationStore(connection).purge(before)

    def _end_all(self, act: _Act, why: str) -> int:
        now = self._clock.now()
        live = [session.id for session in act.sessions.open_of(act.operator.id) if lifetime.over_because(session, now) is None]
        return act.sessions.end(live, why, now)

    @contextmanager
    def _act(self, actor: Actor, act: str, operator_id: str, reason: str) -> Iterator[_Act]:
        """Permission, reason, transaction, operator; and at its end the audit record."""
        self._audit.guard(actor, Permission.MANAGE_OPERATORS, act, "operator", operator_id)
        reason = checked_reason(reason)
        with self._database.transaction() as connection:
            operators = OperatorStore(connection)
            admins = operators.lock_enabled_admins()  # before the operator, so that two acts on each other's actor cannot deadlock
            operator = operators.by_id(operator_id)
            if operator is None:
                raise NotFound("There is no such operator.")
            done = _Act(operator, admins, operators, SessionStore(connection))
            yield done
            entry = Entry(act, "operator", operator.id, actor, reason, done.before, done.after)
            AuditStore(connection, self._clock).append(entry)
        self._memory.forget()


def checked_role(role: Role | str) -> Role:
    """The role meant, or InvalidRequest."""
    try:
        return Role(role)
    except ValueError:
        raise InvalidRequest.of("role", "unknown_role", f"Choose one of: {', '.join(Role)}.") from None
