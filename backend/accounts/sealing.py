"""What holds birth data is encrypted before it is stored, each kind under a key of its own, each body bound to its row."""

from __future__ import annotations

import json
import secrets
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.accounts.codes import RandomBytes
from backend.errors import InvalidRequest, NotFound

_NONCE_BYTES = 12
_LARGEST_OPENED = 64 * 1024 * 1024


class Seal:
    """AES-256-GCM under a key derived (HKDF-SHA256) from the installation's secret for one purpose."""

    def __init__(self, secret: str, purpose: str, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=f"astrolabe: {purpose}".encode()).derive(secret.encode()))
        self._random_bytes = random_bytes

    def close(self, row: str, plain: bytes) -> bytes:
        """Sealed for the row of this name: put into another row it does not open."""
        nonce = self._random_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, row.encode())

    def open(self, row: str, sealed: bytes) -> bytes:
        """The bytes again; NotFound when they were sealed under another secret or for another row."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], row.encode())
        except InvalidTag:
            raise NotFound("This cannot be opened any more: it was kept under another secret.") from None

    def open_or(self, row: str, sealed: bytes | None, otherwise: str = "") -> str:
        """A text of many that are listed: what cannot be opened any more must not hide the others."""
        try:
            return self.open(row, sealed).decode() if sealed else otherwise
        except NotFound:
            return otherwise

    def close_json(self, row: str, value: object, *, largest_bytes: int, field: str = "body") -> bytes:
        """A JSON value, compressed and sealed; InvalidRequest naming ``field`` when it is larger than may be kept."""
        plain = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
        if len(plain) > largest_bytes:
            raise InvalidRequest.of(field, "too_large", f"At most {largest_bytes // 1024} KiB are kept.")
        return self.close(row, zlib.compress(plain))

    def open_json(self, row: str, sealed: bytes) -> Any:
        return json.loads(zlib.decompressobj().decompress(self.open(row, sealed), _LARGEST_OPENED))
