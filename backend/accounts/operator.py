"""The nouns of accounts: who may sign in, their sessions, invitations, and programs' keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.errors import InvalidRequest

DENSITIES = ("comfortable", "compact")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True)
class Operator:
    """Somebody who may sign in to the console, unless ``disabled_at`` is set."""

    id: str
    name: str
    role: Role
    zone: str
    density: str
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None


@dataclass(frozen=True)
class Session:
    """One signed-in browser; ``id`` is shown, its token is known to that browser alone."""

    id: str
    operator: Operator
    created_at: datetime
    last_active_at: datetime
    expires_at: datetime
    address: str | None
    agent: str | None
    ended_at: datetime | None
    ended_why: str | None


@dataclass(frozen=True)
class SignedIn:
    """A new session and its token, which is told this once."""

    token: str
    session: Session


@dataclass(frozen=True)
class Invitation:
    """Lets one person choose a password; ``code`` is told once, afterwards it is empty."""

    id: str
    code: str
    name: str
    role: Role
    expires_at: datetime


@dataclass(frozen=True)
class ApiKey:
    """A program's key, without its secret part."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class CreatedKey:
    """A new key and its text, which is told this once."""

    key: ApiKey
    text: str


def actor_of(session: Session, request_id: str | None = None) -> Actor:
    """The operator of a session, acting."""
    return operator_actor(session.operator, session_id=session.id, address=session.address, request_id=request_id)


def operator_actor(
    operator: Operator, *, session_id: str | None = None, address: str | None = None, request_id: str | None = None
) -> Actor:
    permissions = PERMISSIONS[operator.role]
    return Actor(ActorKind.OPERATOR, operator.id, operator.name, permissions, operator.role, session_id, address, request_id)


def checked_name(text: str, field: str = "name") -> str:
    """An operator's name in lower case, or InvalidRequest."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        detail = "Use 2 to 32 of the letters a-z, digits, dot, underscore and hyphen, beginning with a letter or digit."
        raise InvalidRequest.of(field, "invalid_name", detail)
    return name


def is_name(text: str) -> bool:
    """Whether an operator could have this name."""
    return _NAME.fullmatch(text) is not None
