"""How an operator comes to be: the first start's set-up code, and invitations."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.accounts.codes import code_fingerprint, typed_code
from backend.accounts.credentials import checked_password
from backend.accounts.operator import Invitation, Operator, checked_name, operator_actor
from backend.accounts.parts import Parts
from backend.accounts.store import SETUP, InvitationStore, OperatorStore, StoredInvitation
from backend.actor import Role
from backend.audit.record import Entry
from backend.audit.store import AuditStore
from backend.errors import Conflict, InvalidRequest
from backend.identifiers import uuid7

SETUP_CODE_LASTS = timedelta(minutes=30)
SETUP_ACT, JOIN_ACT = "accounts.setup", "accounts.join"


class Entrance(Parts):
    """Nobody chooses their own role: it comes with the code."""

    def needs_setup(self) -> bool:
        """Whether there is no operator yet."""
        with self._database.reading() as connection:
            return not OperatorStore(connection).any()

    def issue_setup_code(self) -> str | None:
        """A code that makes the first admin, in place of earlier ones; None when there is an operator already."""
        code, now = typed_code(self._random_bytes), self._clock.now()
        with self._database.transaction() as connection:
            if OperatorStore(connection).any():
                return None
            invitations = InvitationStore(connection)
            invitations.expire(now, kind=SETUP)
            invitation = Invitation(uuid7(now), code, "", Role.ADMIN, now + SETUP_CODE_LASTS)
            invitations.add(invitation, SETUP, code_fingerprint(code), None, now)
        return code

    def redeem(self, code: str, name: str, password: str, address: str | None) -> Operator:
        """Make the operator that the code stands for. ``name`` counts with a set-up code only; an invitation has its own."""
        invitation = self._invitation(code, address)
        chosen = invitation.name or checked_name(name)
        password_hash = self._hasher.hash(checked_password(password, chosen))
        now = self._clock.now()
        operator = Operator(uuid7(now), chosen, invitation.role, "UTC", "comfortable", now, None, None)
        act = SETUP_ACT if invitation.kind == SETUP else JOIN_ACT
        entry = Entry(act, "operator", operator.id, operator_actor(operator, address=address), after={"role": operator.role.value})
        with self._database.transaction() as connection:
            _use(InvitationStore(connection), OperatorStore(connection), invitation, self._clock.now())
            OperatorStore(connection).add(operator, password_hash)
            AuditStore(connection, self._clock).append(entry)
        return operator

    def _invitation(self, code: str, address: str | None) -> StoredInvitation:
        """What the code stands for; wrong ones cost a try, and nothing is hashed for them."""
        self._spend_try(JOIN_ACT, "code", address)
        with self._database.reading() as connection:
            found = InvitationStore(connection).usable(code_fingerprint(code), self._clock.now())
        if found is None:
            self._note_refused(JOIN_ACT, "unknown", "unknown code", address)
            raise _unknown_code()
        self._limits.succeeded("code", address)
        return found


def _use(invitations: InvitationStore, operators: OperatorStore, invitation: StoredInvitation, now: datetime) -> None:
    """Take the code for oneself; somebody else may have been faster."""
    if invitation.kind == SETUP:
        invitations.lock_setup_codes()
    if not invitations.use(invitation.id, now):
        raise _unknown_code()
    if invitation.kind == SETUP and operators.any():
        raise Conflict("There is an operator already: sign in, or ask for an invitation.")


def _unknown_code() -> InvalidRequest:
    return InvalidRequest.of("code", "unknown_code", "This code is not valid, or has been used, or its time is over.")
