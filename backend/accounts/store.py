"""Operators, invitations, sessions, keys and cases in the database. The caller owns the transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import JSON, Column, Connection, ForeignKey, LargeBinary, Row, Select, String, Table, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from backend.accounts.operator import ApiKey, Invitation, Operator, Session
from backend.actor import Role
from backend.audit.record import plain
from backend.errors import Conflict
from backend.storage.database import METADATA, Instant

OPERATORS = Table(
    "operators",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("zone", String(64), nullable=False, server_default="UTC"),
    Column("density", String(16), nullable=False, server_default="comfortable"),
    Column("created_at", Instant(), nullable=False),
    Column("last_login_at", Instant()),
    Column("disabled_at", Instant()),
)
INVITATIONS = Table(
    "invitations",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("name", String(64)),
    Column("role", String(16), nullable=False),
    Column("created_by", String(36)),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Column("used_at", Instant()),
)
SESSIONS = Table(
    "operator_sessions",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("operator_id", String(36), ForeignKey("operators.id"), nullable=False, index=True),
    Column("created_at", Instant(), nullable=False),
    Column("last_active_at", Instant(), nullable=False),
    Column("expires_at", Instant(), nullable=False),
    Column("ended_at", Instant()),
    Column("ended_why", String(32)),
    Column("address", String(64)),
    Column("agent", String(200)),
)
API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("prefix", String(16), nullable=False),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON(), nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant()),
    Column("revoked_at", Instant()),
)
CASES = Table(
    "cases",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("owner_id", String(36), nullable=False, index=True),
    Column("body", LargeBinary(), nullable=False),
    Column("created_at", Instant(), nullable=False),
    Column("expires_at", Instant(), nullable=False, index=True),
    Column("title", LargeBinary()),
    Column("technique", String(32), nullable=False, server_default="natal"),
    Column("shared_at", Instant(), index=True),
)
T = TypeVar("T")
SETUP, INVITATION = "setup", "invitation"


class _Store:
    """Questions and changes over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _first(self, query: Select[Any], build: Callable[[Row[Any]], T]) -> T | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else build(row)


class OperatorStore(_Store):
    """Who may sign in, with the hashes of their passwords."""

    def any(self) -> bool:
        return self._connection.execute(select(OPERATORS.c.id).limit(1)).first() is not None

    def add(self, operator: Operator, password_hash: str) -> None:
        values = {**vars(operator), "role": operator.role.value, "password_hash": password_hash}
        try:
            self._connection.execute(insert(OPERATORS).values(values))
        except IntegrityError as error:
            raise Conflict(f"There is an operator named {operator.name} already.") from error

    def all(self) -> list[Operator]:
        return [_operator(row) for row in self._connection.execute(select(OPERATORS).order_by(OPERATORS.c.name))]

    def by_id(self, operator_id: str) -> Operator | None:
        """Locked until the transaction ends, where the database can lock a row."""
        return self._first(select(OPERATORS).where(OPERATORS.c.id == plain(operator_id)).with_for_update(), _operator)

    def by_name(self, name: str) -> tuple[Operator, str] | None:
        """The operator and the password's hash."""
        return self._first(select(OPERATORS).where(OPERATORS.c.name == name), lambda row: (_operator(row), row.password_hash))

    def lock_enabled_admins(self) -> set[str]:
        """Their ids. Locked in order, so that of two who would remove each other one waits, then sees the other gone."""
        query = select(OPERATORS.c.id).where(OPERATORS.c.role == Role.ADMIN.value, OPERATORS.c.disabled_at.is_(None))
        return set(self._connection.execute(query.order_by(OPERATORS.c.id).with_for_update()).scalars())

    def change(self, operator_id: str, **values: Any) -> None:
        self._connection.execute(update(OPERATORS).where(OPERATORS.c.id == operator_id).values(values))

    def replace_hash(self, operator_id: str, old: str, new: str) -> None:
        """Unless the password was changed in between."""
        chosen = (OPERATORS.c.id == operator_id, OPERATORS.c.password_hash == old)
        self._connection.execute(update(OPERATORS).where(*chosen).values(password_hash=new))


@dataclass(frozen=True)
class StoredInvitation:
    """An invitation or set-up code that may still be used."""

    id: str
    kind: str
    name: str | None
    role: Role


class InvitationStore(_Store):
    """Codes that make an operator."""

    def add(self, invitation: Invitation, kind: str, code_hash: str, created_by: str | None, now: datetime) -> None:
        values = {"id": invitation.id, "kind": kind, "code_hash": code_hash, "name": invitation.name or None, "created_by": created_by}
        times = {"created_at": now, "expires_at": invitation.expires_at}
        self._connection.execute(insert(INVITATIONS).values({**values, **times, "role": invitation.role.value}))

    def usable(self, code_hash: str, now: datetime) -> StoredInvitation | None:
        query = select(INVITATIONS).where(INVITATIONS.c.code_hash == code_hash, *_open(now))
        return self._first(query, lambda row: StoredInvitation(row.id, row.kind, row.name, Role(row.role)))

    def lock_setup_codes(self) -> None:
        """Let one first sign-in at a time go on, whichever code it has."""
        query = select(INVITATIONS.c.id).where(INVITATIONS.c.kind == SETUP).order_by(INVITATIONS.c.id).with_for_update()
        self._connection.execute(query).all()

    def use(self, invitation_id: str, now: datetime) -> bool:
        """Whether it was still there to be used; of two who try at once one is told no."""
        statement = update(INVITATIONS).where(INVITATIONS.c.id == invitation_id, *_open(now)).values(used_at=now)
        return self._connection.execute(statement).rowcount == 1

    def expire(self, now: datetime, *, kind: str, name: str | None = None, invitation_id: str | None = None) -> int:
        """End the open ones of this kind, or the one meant."""
        chosen = [INVITATIONS.c.kind == kind, *_open(now)]
        if name is not None:
            chosen.append(INVITATIONS.c.name == name)
        if invitation_id is not None:
            chosen.append(INVITATIONS.c.id == plain(invitation_id))
        return self._connection.execute(update(INVITATIONS).where(*chosen).values(expires_at=now)).rowcount

    def open(self, now: datetime) -> list[Invitation]:
        query = select(INVITATIONS).where(INVITATIONS.c.kind == INVITATION, *_open(now)).order_by(INVITATIONS.c.created_at.desc())
        return [Invitation(row.id, "", row.name, Role(row.role), row.expires_at) for row in self._connection.execute(query)]

    def purge(self, before: datetime) -> int:
        return self._connection.execute(delete(INVITATIONS).where(INVITATIONS.c.expires_at < before)).rowcount


class SessionStore(_Store):
    """Who is or was signed in, by the hash of a token."""

    def add(self, session: Session, token_hash: str) -> None:
        values = {name: value for name, value in vars(session).items() if name != "operator"}
        self._connection.execute(insert(SESSIONS).values({**values, "operator_id": session.operator.id, "token_hash": token_hash}))

    def by_token(self, token_hash: str) -> Session | None:
        """The session with its operator as the operator is now."""
        found = self._sessions(SESSIONS.c.token_hash == token_hash)
        return found[0] if found else None

    def open_of(self, operator_id: str) -> list[Session]:
        """Those that nobody has ended, the newest first; some may be past their time."""
        return self._sessions(SESSIONS.c.operator_id == plain(operator_id), SESSIONS.c.ended_at.is_(None))

    def touch(self, session_id: str, now: datetime) -> None:
        self._connection.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(last_active_at=now))

    def end(self, session_ids: list[str], why: str, now: datetime) -> int:
        """How many of them ended now; one that has ended already stays as it is."""
        chosen = (SESSIONS.c.id.in_(session_ids), SESSIONS.c.ended_at.is_(None))
        return self._connection.execute(update(SESSIONS).where(*chosen).values(ended_at=now, ended_why=why)).rowcount

    def purge(self, before: datetime) -> int:
        return self._connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at < before)).rowcount

    def _sessions(self, *conditions: Any) -> list[Session]:
        columns = [column.label(f"operator_{column.name}") for column in OPERATORS.c if column.name not in ("id", "password_hash")]
        query = select(SESSIONS, *columns).join(OPERATORS).where(*conditions).order_by(SESSIONS.c.created_at.desc(), SESSIONS.c.id.desc())
        return [_session(row) for row in self._connection.execute(query)]


class KeyStore(_Store):
    """Programs' keys, by their hash."""

    def add(self, key: ApiKey, key_hash: str) -> None:
        self._connection.execute(insert(API_KEYS).values({**vars(key), "scopes": list(key.scopes), "key_hash": key_hash}))

    def all(self) -> list[ApiKey]:
        query = select(API_KEYS).order_by(API_KEYS.c.created_at.desc(), API_KEYS.c.id.desc())
        return [_key(row) for row in self._connection.execute(query)]

    def by_hash(self, key_hash: str) -> ApiKey | None:
        return self._first(select(API_KEYS).where(API_KEYS.c.key_hash == key_hash), _key)

    def by_id(self, key_id: str) -> ApiKey | None:
        return self._first(select(API_KEYS).where(API_KEYS.c.id == plain(key_id)).with_for_update(), _key)

    def revoke(self, key_id: str, now: datetime) -> None:
        self._connection.execute(update(API_KEYS).where(API_KEYS.c.id == key_id).values(revoked_at=now))


@dataclass(frozen=True)
class CaseRow:
    """A case as it is stored: body and title sealed. ``owner_name`` is read, never written."""

    id: str
    owner_id: str
    owner_name: str
    body: bytes
    title: bytes | None
    technique: str
    created_at: datetime
    expires_at: datetime
    shared_at: datetime | None


class CaseStore(_Store):
    """Sealed cases, each for its owner alone until it is shared."""

    def add(self, row: CaseRow) -> None:
        self._connection.execute(insert(CASES).values({name: value for name, value in vars(row).items() if name != "owner_name"}))

    def visible(self, case_id: str, owner_id: str, now: datetime, *, team: bool) -> CaseRow | None:
        """The owner's own, and for the ``team`` one that is shared."""
        theirs = CASES.c.owner_id == owner_id
        return next(
            iter(self._rows(1, CASES.c.id == plain(case_id), CASES.c.expires_at > now, or_(theirs, _SHARED) if team else theirs)), None
        )

    def of_owner(self, owner_id: str, now: datetime, limit: int) -> list[CaseRow]:
        """The newest first."""
        return self._rows(limit, CASES.c.owner_id == owner_id, CASES.c.expires_at > now)

    def of_team(self, now: datetime, limit: int) -> list[CaseRow]:
        """What is shared, the newest first."""
        return self._rows(limit, _SHARED, CASES.c.expires_at > now)

    def change(self, case_id: str, owner_id: str, now: datetime, values: dict[str, Any]) -> bool:
        """Whether the owner had it."""
        chosen = (CASES.c.id == plain(case_id), CASES.c.owner_id == owner_id, CASES.c.expires_at > now)
        return self._connection.execute(update(CASES).where(*chosen).values(values)).rowcount == 1

    def delete(self, case_id: str, owner_id: str) -> bool:
        """Whether the owner had it."""
        chosen = (CASES.c.id == plain(case_id), CASES.c.owner_id == owner_id)
        return self._connection.execute(delete(CASES).where(*chosen)).rowcount == 1

    def purge(self, now: datetime) -> int:
        return self._connection.execute(delete(CASES).where(CASES.c.expires_at <= now)).rowcount

    def _rows(self, limit: int, *conditions: Any) -> list[CaseRow]:
        named = select(CASES, OPERATORS.c.name.label("owner_name")).join(OPERATORS, OPERATORS.c.id == CASES.c.owner_id, isouter=True)
        query = named.where(*conditions).order_by(CASES.c.created_at.desc(), CASES.c.id.desc()).limit(limit)
        return [_case(row) for row in self._connection.execute(query)]


_SHARED = CASES.c.shared_at.is_not(None)


def _open(now: datetime) -> list[Any]:
    return [INVITATIONS.c.used_at.is_(None), INVITATIONS.c.expires_at > now]


def _operator(row: Row[Any], prefix: str = "") -> Operator:
    values = {name: getattr(row, prefix + name) for name in Operator.__dataclass_fields__}
    return Operator(**{**values, "role": Role(values["role"])})


def _session(row: Row[Any]) -> Session:
    values = {name: getattr(row, name) for name in Session.__dataclass_fields__ if name != "operator"}
    return Session(operator=_operator(row, "operator_"), **values)


def _key(row: Row[Any]) -> ApiKey:
    values = {name: getattr(row, name) for name in ApiKey.__dataclass_fields__}
    return ApiKey(**{**values, "scopes": tuple(values["scopes"])})


def _case(row: Row[Any]) -> CaseRow:
    values = {name: getattr(row, name) for name in CaseRow.__dataclass_fields__}
    return CaseRow(**{**values, "owner_name": row.owner_name or ""})
