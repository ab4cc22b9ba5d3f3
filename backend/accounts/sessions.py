"""Signing in and out, and what operators do with their own account."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import NoReturn
from zoneinfo import available_timezones

from backend.accounts import lifetime
from backend.accounts.codes import fingerprint, token
from backend.accounts.credentials import checked_password
from backend.accounts.operator import DENSITIES, Operator, Session, SignedIn, actor_of, is_name
from backend.accounts.parts import Parts
from backend.accounts.store import OperatorStore, SessionStore
from backend.actor import Actor, Permission, system_actor
from backend.audit.record import Entry, plain
from backend.audit.store import AuditStore
from backend.errors import InvalidRequest, NotFound, StorageUnavailable, Unauthenticated
from backend.identifiers import uuid7

SIGN_IN, SIGN_OUT, END_SESSION = "accounts.sign_in", "accounts.sign_out", "sessions.end"
PREFERENCES, PASSWORD = "accounts.preferences", "accounts.change_password"


class Sessions(Parts):
    """The store keeps a token's SHA-256; the role is read anew each time a session is looked up."""

    def sign_in(self, name: str, password: str, address: str | None, agent: str | None) -> SignedIn:
        """A new session, or Unauthenticated in the same words and after the same work whatever was wrong."""
        account = name.strip().lower()
        account = account if is_name(account) else ""
        self._spend_try(SIGN_IN, account, address)
        operator, stored = self._credentials(account)
        if not self._hasher.verify(stored, password) or operator is None or stored is None:
            self._refuse(operator, "unknown name" if operator is None else "wrong password", address)
        if not operator.is_enabled:
            self._refuse(operator, "disabled", address)
        signed_in = self._begin(operator.id, stored, self._renewed(stored, password), address, agent)
        self._limits.succeeded(account, address)
        return signed_in

    def session_of(self, token: str, *, active: bool) -> Session | None:
        """The live session of a token. A page run by a person is ``active``; one run by a timer is not.

        While the database is away, one that was alive in the last five minutes goes on: it may look, and every act needs the database.
        """
        token_hash, now = fingerprint(token), self._clock.now()
        try:
            with self._database.glance() as connection:
                session = SessionStore(connection).by_token(token_hash)
        except StorageUnavailable:
            lately = self._memory.lately(token_hash)
            if lately is None:
                raise
            return lately
        if session is None or session.ended_at is not None or not session.operator.is_enabled:
            self._memory.over(token_hash)
            return None
        why = lifetime.over_because(session, now)
        if why is not None:
            self._memory.over(token_hash)
            with suppress(StorageUnavailable):  # it is over, written down or not; whoever asks next writes it
                self._end([session], why, system_actor("sessions"), END_SESSION)
            return None
        session = self._noticed(session, now) if active else session
        self._memory.alive(token_hash, session)
        return session

    def _noticed(self, session: Session, now: datetime) -> Session:
        """Its activity written down; a database that only refuses changes keeps nobody out."""
        if not lifetime.worth_noticing(session, now):
            return session
        try:
            with self._database.transaction() as connection:
                SessionStore(connection).touch(session.id, now)
        except StorageUnavailable:
            return session
        return replace(session, last_active_at=now)

    def sign_out(self, token: str) -> None:
        """End the session of this token; one that is not there has ended."""
        session = self.session_of(token, active=False)
        if session is not None:
            self._end([session], "signed_out", actor_of(session), SIGN_OUT)

    def own_sessions(self, actor: Actor) -> list[Session]:
        """The actor's live sessions, the newest first."""
        actor.require(Permission.MANAGE_OWN_SESSIONS)
        return self._live(actor.id)

    def end_own_session(self, actor: Actor, session_id: str) -> None:
        """End one of the actor's own live sessions, from anywhere."""
        self._audit.guard(actor, Permission.MANAGE_OWN_SESSIONS, END_SESSION, "session", session_id)
        chosen = [session for session in self._live(actor.id) if session.id == session_id]
        if not chosen:
            raise NotFound("You have no such session, or it has ended.")
        self._end(chosen, "ended_by_self", actor, END_SESSION)

    def set_preferences(self, actor: Actor, zone: str, density: str) -> None:
        """Show times in this zone, and tables in this density."""
        self._audit.guard(actor, Permission.MANAGE_OWN_SESSIONS, PREFERENCES, "operator", actor.id)
        if zone not in _zones():
            raise InvalidRequest.of("zone", "unknown_zone", "Choose a time zone of the IANA list.")
        if density not in DENSITIES:
            raise InvalidRequest.of("density", "unknown_density", f"Choose one of: {', '.join(DENSITIES)}.")
        with self._database.transaction() as connection:
            operator = _present(OperatorStore(connection).by_id(actor.id))
            OperatorStore(connection).change(operator.id, zone=zone, density=density)
            before, after = {"zone": operator.zone, "density": operator.density}, {"zone": zone, "density": density}
            AuditStore(connection, self._clock).append(Entry(PREFERENCES, "operator", operator.id, actor, before=before, after=after))

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        """Replace the actor's password and end the actor's other sessions."""
        self._audit.guard(actor, Permission.MANAGE_OWN_SESSIONS, PASSWORD, "operator", actor.id)
        self._spend_try(PASSWORD, actor.name, actor.address)
        operator, stored = self._credentials(actor.name)
        if not self._hasher.verify(stored, old) or operator is None or operator.id != actor.id:
            self._note_refused(PASSWORD, actor.id, "wrong password", actor.address)
            raise InvalidRequest.of("old_password", "wrong_password", "This is not your present password.")
        self._limits.succeeded(actor.name, actor.address)
        password_hash = self._hasher.hash(checked_password(new, actor.name, "new_password"))
        with self._database.transaction() as connection:
            OperatorStore(connection).change(actor.id, password_hash=password_hash)
            others = [session.id for session in SessionStore(connection).open_of(actor.id) if session.id != actor.session_id]
            ended = SessionStore(connection).end(others, "password_changed", self._clock.now())
            AuditStore(connection, self._clock).append(Entry(PASSWORD, "operator", actor.id, actor, after={"sessions_ended": ended}))
        self._memory.forget()

    def _credentials(self, account: str) -> tuple[Operator | None, str | None]:
        with self._database.reading() as connection:
            return OperatorStore(connection).by_name(account) or (None, None)

    def _renewed(self, stored: str, password: str) -> str:
        """A new hash where the old one was made with other parameters, else the old one."""
        return self._hasher.hash(password) if self._hasher.is_outdated(stored) else stored

    def _begin(self, operator_id: str, stored: str, renewed: str, address: str | None, agent: str | None) -> SignedIn:
        now, secret = self._clock.now(), token(self._random_bytes)
        with self._database.transaction() as connection:
            operators, sessions = OperatorStore(connection), SessionStore(connection)
            operator = operators.by_id(operator_id)
            if operator is None or not operator.is_enabled:
                raise _not_known()  # disabled since the password was read
            operators.change(operator_id, last_login_at=now)
            operators.replace_hash(operator_id, stored, renewed)
            live = [other for other in sessions.open_of(operator_id) if lifetime.is_live(other, now)]
            displaced = sessions.end([other.id for other in lifetime.displaced(live)], "displaced", now)
            session = _new_session(replace(operator, last_login_at=now), now, address, agent)
            sessions.add(session, fingerprint(secret))
            after = {"session": session.id, "displaced": displaced}
            AuditStore(connection, self._clock).append(Entry(SIGN_IN, "operator", operator_id, actor_of(session), after=after))
        return SignedIn(secret, session)

    def _live(self, operator_id: str) -> list[Session]:
        now = self._clock.now()
        with self._database.reading() as connection:
            return [session for session in SessionStore(connection).open_of(operator_id) if lifetime.is_live(session, now)]

    def _end(self, chosen: list[Session], why: str, actor: Actor, act: str) -> None:
        """End them and record it, once: two who notice the same end write one record."""
        with self._database.transaction() as connection:
            for session in chosen:
                if SessionStore(connection).end([session.id], why, self._clock.now()):
                    after = {"why": why, "operator": session.operator.name}
                    AuditStore(connection, self._clock).append(Entry(act, "session", session.id, actor, after=after))
        self._memory.forget()

    def _refuse(self, operator: Operator | None, why: str, address: str | None) -> NoReturn:
        self._note_refused(SIGN_IN, "unknown" if operator is None else operator.id, why, address)
        raise _not_known()


def _new_session(operator: Operator, now: datetime, address: str | None, agent: str | None) -> Session:
    times = (now, now, now + lifetime.ABSOLUTE)
    return Session(uuid7(now), operator, *times, plain(address or "")[:64] or None, plain(agent or "")[:200] or None, None, None)


def _not_known() -> Unauthenticated:
    return Unauthenticated("The name or the password is wrong.")


def _present(operator: Operator | None) -> Operator:
    if operator is None:
        raise NotFound("There is no such operator.")
    return operator


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime"})
