"""Keys by which programs call the API, and the console's own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime

from backend.accounts.codes import RandomBytes, fingerprint, key_prefix, token
from backend.accounts.key_memory import KeyMemory
from backend.accounts.key_notes import Board, KeyNotes
from backend.accounts.operator import ApiKey, CreatedKey
from backend.accounts.store import KeyStore
from backend.actor import Actor, ActorKind, Permission
from backend.audit.record import Entry, checked_reason
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict, InvalidRequest, NotFound, StorageUnavailable
from backend.identifiers import uuid7
from backend.storage.database import Database

SCOPES: dict[str, frozenset[Permission]] = {
    "charts": frozenset({Permission.COMPUTE_CHARTS, Permission.SEARCH_PLACES}),
    "operations": frozenset({Permission.VIEW_OPERATIONS, Permission.RECORD_DEPLOYS}),
}
CREATE, REVOKE = "keys.create", "keys.revoke"
_LONGEST_TEXT = 200


def console_token(secret: str) -> str:
    """The console's key to the API: every role that has the installation's secret derives the same one."""
    digest = hmac.digest(secret.encode(), b"astrolabe: console to api, 1", hashlib.sha256)
    return "ac_" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class KeyService:
    """A key's text is told once; the store keeps its SHA-256."""

    def __init__(
        self,
        database: Database,
        audit: AuditService,
        clock: Clock,
        secret: str,
        board: Board | None = None,
        *,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._console_token = console_token(secret)
        self._random_bytes = random_bytes
        self._notes = None if board is None else KeyNotes(board, secret, clock)
        self._memory = KeyMemory(self._stored, clock, self._notes.write) if self._notes else KeyMemory(self._stored, clock)

    def create(self, actor: Actor, name: str, scopes: Sequence[str], reason: str, expires_at: datetime | None = None) -> CreatedKey:
        """A new key with these scopes; it works at once."""
        self._audit.guard(actor, Permission.MANAGE_KEYS, CREATE, "key", name)
        reason, now = checked_reason(reason), self._clock.now()
        prefix = key_prefix(self._random_bytes)
        text = f"ak_{prefix}_{token(self._random_bytes)}"
        expiry = _checked_expiry(expires_at, now)
        key = ApiKey(uuid7(now), _checked_key_name(name), prefix, _checked_scopes(scopes), actor.name, now, expiry, None)
        after = {"name": key.name, "prefix": prefix, "scopes": list(key.scopes), "expires_at": expiry and expiry.isoformat()}
        with self._database.transaction() as connection:
            KeyStore(connection).add(key, fingerprint(text))
            AuditStore(connection, self._clock).append(Entry(CREATE, "key", key.id, actor, reason, after=after))
        return CreatedKey(key, text)

    def revoke(self, actor: Actor, key_id: str, reason: str) -> None:
        """The key opens nothing any more: here at once, in other processes within five seconds."""
        self._audit.guard(actor, Permission.MANAGE_KEYS, REVOKE, "key", key_id)
        reason = checked_reason(reason)
        with self._database.transaction() as connection:
            key = KeyStore(connection).by_id(key_id)
            if key is None:
                raise NotFound("There is no such key.")
            if key.revoked_at is not None:
                raise Conflict(f"The key {key.name} is revoked already.")
            KeyStore(connection).revoke(key_id, self._clock.now())
            entry = Entry(REVOKE, "key", key_id, actor, reason, {"revoked": False}, {"revoked": True, "prefix": key.prefix})
            AuditStore(connection, self._clock).append(entry)
        self._memory.forget()

    def keys(self, actor: Actor) -> list[ApiKey]:
        """All keys, the newest first, revoked and expired ones too."""
        actor.require(Permission.MANAGE_KEYS)
        with self._database.reading() as connection:
            return KeyStore(connection).all()

    def authenticate(self, text: str) -> Actor | None:
        """Whose key this is, or None. StorageUnavailable when that cannot be known; never a long wait."""
        return self._actor(text, lambda key_hash: self._memory.recall(key_hash) or self._learned(key_hash))

    def recall(self, text: str) -> Actor | None:
        """The same from memory alone, which takes microseconds; None: ``authenticate`` may know."""
        return self._actor(text, self._memory.recall)

    def close(self) -> None:
        self._memory.close()

    def _actor(self, text: str, look_up: Callable[[str], ApiKey | None]) -> Actor | None:
        if hmac.compare_digest(text.encode(errors="replace"), self._console_token.encode()):
            return _CONSOLE
        if not text.startswith("ak_") or len(text) > _LONGEST_TEXT:
            return None
        key = look_up(fingerprint(text))
        if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= self._clock.now()):
            return None
        permissions = frozenset[Permission]().union(*(SCOPES[scope] for scope in key.scopes if scope in SCOPES))
        return Actor(ActorKind.API_KEY, key.id, key.name, permissions)

    def _learned(self, key_hash: str) -> ApiKey | None:
        """From SQL, or, where that is away, from whatever another process knew of it in the last five minutes."""
        try:
            return self._memory.learn(key_hash)
        except StorageUnavailable:
            note = self._notes.read(key_hash) if self._notes else None
            if note is None:
                raise
            self._memory.hear(key_hash, *note)
            return note[0]

    def _stored(self, key_hash: str) -> ApiKey | None:
        with self._database.glance() as connection:
            return KeyStore(connection).by_hash(key_hash)


_CONSOLE = Actor(ActorKind.SYSTEM, "system:console", "console", frozenset[Permission]().union(*SCOPES.values()))


def _checked_key_name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise InvalidRequest.of("name", "invalid_name", "Give the key a name of 1 to 64 characters.")
    return name


def _checked_scopes(scopes: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(scope for scope in SCOPES if scope in scopes)
    if not chosen or len(chosen) != len(set(scopes)):
        raise InvalidRequest.of("scopes", "unknown_scope", f"Choose at least one of: {', '.join(SCOPES)}.")
    return chosen


def _checked_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    if expires_at is not None and (expires_at.tzinfo is None or expires_at <= now):
        raise InvalidRequest.of("expires_at", "not_in_future", "Choose a time to come, with its zone, or none.")
    return expires_at
