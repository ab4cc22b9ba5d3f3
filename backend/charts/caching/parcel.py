"""An answer as bytes that may lie in a shared store: compressed, then sealed for its name."""

from __future__ import annotations

import zlib

import orjson

from backend.accounts.sealing import Seal
from backend.charts.caching.made import Made
from backend.errors import NotFound

LARGEST_BYTES = 1024 * 1024  # compressed
_LARGEST_OPENED = 32 * 1024 * 1024
_WORTH_COMPRESSING = 512
_FAST = 1  # zlib's level: three quarters smaller at a fifth of the time that the best level takes


def packed(name: str, made: Made, seal: Seal) -> bytes | None:
    """Sealed for that name; None where it is too large to be kept, or less than it should be."""
    if made.degraded:
        return None
    head = orjson.dumps([made.etag, made.media_type, made.source, made.made_at, made.perishable])
    plain = head + b"\n" + made.content
    body = b"z" + zlib.compress(plain, _FAST) if len(plain) > _WORTH_COMPRESSING else b"p" + plain
    return seal.close(name, body) if len(body) <= LARGEST_BYTES else None


def unpacked(name: str, sealed: bytes, seal: Seal) -> Made | None:
    """The answer; None where it was sealed for another name, under another secret, or is none."""
    try:
        body = seal.open(name, sealed)
        plain = zlib.decompressobj().decompress(body[1:], _LARGEST_OPENED) if body[:1] == b"z" else body[1:]
        head, _, content = plain.partition(b"\n")
        etag, media_type, source, made_at, perishable = orjson.loads(head)
    except (NotFound, zlib.error, ValueError):
        return None
    return Made(content, etag, media_type, source, made_at, perishable)
