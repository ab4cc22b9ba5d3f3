"""Secrets that we hand out: session tokens, codes to type, keys. The store keeps their SHA-256 alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing in it looks like something else in it
_READ_AS = str.maketrans("OIL", "011", " -\t\n")
_GROUPS, _GROUP_LENGTH = 5, 5


def token(random_bytes: RandomBytes) -> str:
    """256 bits in 43 characters that are safe in a cookie."""
    return base64.urlsafe_b64encode(random_bytes(32)).rstrip(b"=").decode()


def typed_code(random_bytes: RandomBytes) -> str:
    """125 bits in five groups of five, to be read from one screen and typed into another."""
    letters = [_ALPHABET[byte & 31] for byte in random_bytes(_GROUPS * _GROUP_LENGTH)]
    groups = ("".join(letters[start : start + _GROUP_LENGTH]) for start in range(0, len(letters), _GROUP_LENGTH))
    return "-".join(groups)


def key_prefix(random_bytes: RandomBytes) -> str:
    """Forty bits to tell keys apart by; not secret."""
    return "".join(_ALPHABET[byte & 31] for byte in random_bytes(8)).lower()


def fingerprint(secret: str) -> str:
    """What the store keeps. No slow hash: these secrets are random and too long to guess."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def code_fingerprint(code: str) -> str:
    """The same for a typed code, however it was typed: small letters, no hyphens, O for 0, I or L for 1."""
    return fingerprint(code.upper().translate(_READ_AS))
