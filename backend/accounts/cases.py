"""Stored cases: what was typed into the playground, kept for its owner alone, so that no address holds birth data."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.accounts.codes import RandomBytes
from backend.accounts.store import CaseStore
from backend.actor import Actor, Permission
from backend.audit.record import Entry
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import InvalidRequest, NotFound
from backend.identifiers import uuid7
from backend.storage.database import Database

KEPT = timedelta(days=30)
LARGEST_BYTES = 64 * 1024
STORE, OPEN = "cases.store", "cases.open"
_NONCE_BYTES = 12


class CaseService:
    """Bodies are encrypted with AES-256-GCM under a key derived from the installation's secret, bound to the case's id."""

    def __init__(
        self, database: Database, secret: str, clock: Clock, audit: AuditService, *, random_bytes: RandomBytes = secrets.token_bytes
    ) -> None:
        self._database = database
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=b"astrolabe: stored cases, 1").derive(secret.encode()))
        self._clock = clock
        self._audit = audit
        self._random_bytes = random_bytes

    def store(self, actor: Actor, body: Mapping[str, Any]) -> str:
        """Keep it for thirty days; the id opens it, for this actor."""
        self._audit.guard(actor, Permission.KEEP_CASES, STORE, "case", "new")
        now = self._clock.now()
        case_id = uuid7(now)
        sealed = self._seal(case_id, json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="replace"))
        with self._database.transaction() as connection:
            CaseStore(connection).add(case_id, actor.id, sealed, now, now + KEPT)
            AuditStore(connection, self._clock).append(Entry(STORE, "case", case_id, actor))
        return case_id

    def open(self, actor: Actor, case_id: str) -> dict[str, Any]:
        """The body, for its owner and until its time is over; NotFound otherwise."""
        self._audit.guard(actor, Permission.KEEP_CASES, OPEN, "case", case_id)
        with self._database.reading() as connection:
            sealed = CaseStore(connection).body(case_id, actor.id, self._clock.now())
        if sealed is None:
            raise NotFound("There is no such case of yours, or its thirty days are over.")
        return self._unsealed(case_id, sealed)

    def purge(self) -> int:
        """Delete the cases whose time is over; how many there were."""
        with self._database.transaction() as connection:
            return CaseStore(connection).purge(self._clock.now())

    def _seal(self, case_id: str, plain: bytes) -> bytes:
        if len(plain) > LARGEST_BYTES:
            raise InvalidRequest.of("body", "too_large", f"A case may have at most {LARGEST_BYTES // 1024} KiB.")
        nonce = self._random_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, case_id.encode())

    def _unsealed(self, case_id: str, sealed: bytes) -> dict[str, Any]:
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], case_id.encode())
        except InvalidTag:
            raise NotFound("This case cannot be opened any more: it was kept under another secret.") from None
        opened: dict[str, Any] = json.loads(plain)
        return opened
