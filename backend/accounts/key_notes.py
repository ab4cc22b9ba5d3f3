"""What the fleet's processes tell each other of keys, so that one that has not met a key knows it while SQL is away.

A note names the key by its fingerprint, lasts as long as a confirmation, and is sealed with the installation's secret: whoever can
write to the shared store cannot make a key of it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Protocol

import orjson

from backend.accounts.key_memory import KEPT_SECONDS
from backend.accounts.operator import ApiKey
from backend.clock import Clock
from backend.errors import StorageUnavailable

REST_SECONDS = 5.0


class Board(Protocol):
    """Short texts by name that end by themselves; StorageUnavailable when it is away."""

    def get(self, name: str) -> str | None: ...

    def put(self, name: str, text: str, seconds: float) -> None: ...


class KeyNotes:
    """Written and read off the callers' way; a board that is away is left alone for a while."""

    def __init__(self, board: Board, secret: str, clock: Clock) -> None:
        self._board = board
        self._seal = hmac.digest(secret.encode(), b"astrolabe: notes of keys, 1", hashlib.sha256)
        self._clock = clock
        self._rests_until = 0.0

    def write(self, key_hash: str, key: ApiKey) -> None:
        """Confirmed by SQL just now."""
        body = orjson.dumps({"key": asdict(key), "at": self._clock.now()})
        if self._clock.monotonic() >= self._rests_until:
            try:
                self._board.put(_name(key_hash), self._sealed(key_hash, body) + body.decode(), KEPT_SECONDS)
            except StorageUnavailable:
                self._rests_until = self._clock.monotonic() + REST_SECONDS

    def read(self, key_hash: str) -> tuple[ApiKey, float] | None:
        """The key as it was confirmed last, anywhere, and how many seconds ago."""
        if self._clock.monotonic() < self._rests_until:
            return None
        try:
            text = self._board.get(_name(key_hash)) or ""
        except StorageUnavailable:
            self._rests_until = self._clock.monotonic() + REST_SECONDS
            return None
        seal, body = text[:64], text[64:].encode()
        if not hmac.compare_digest(seal.encode(), self._sealed(key_hash, body).encode()):
            return None
        note = orjson.loads(body)
        age = self._clock.now() - datetime.fromisoformat(note["at"])
        return (_key(note["key"]), age.total_seconds()) if timedelta() <= age < timedelta(seconds=KEPT_SECONDS) else None

    def _sealed(self, key_hash: str, body: bytes) -> str:
        return hmac.new(self._seal, key_hash.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _name(key_hash: str) -> str:
    return f"ak:{key_hash}"


def _key(fields: dict[str, object]) -> ApiKey:
    instants = {name: value and datetime.fromisoformat(str(value)) for name, value in fields.items() if name.endswith("_at")}
    return ApiKey(**{**fields, **instants, "scopes": tuple(fields["scopes"])})  # type: ignore[arg-type]
