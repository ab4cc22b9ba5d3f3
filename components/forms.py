"""What makes a form of ours trustworthy: where it came from, its token, and where it may lead."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from components.policy import Origin

_LONGEST_ADDRESS = 1500


def came_from_us(headers: Mapping[str, str], origin: Origin) -> bool:
    """Whether a POST was sent by a page of ours: the browser says so in one header at least, and no header says otherwise."""
    sent_origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    if sent_origin is None and site is None:
        return False
    return sent_origin in (None, origin.text) and site in (None, "same-origin")


def form_token(secret: str, nonce: str) -> str:
    """The hidden field that goes with the nonce in the form cookie."""
    return hmac.new(secret.encode(), b"astrolabe form\0" + nonce.encode(), hashlib.sha256).hexdigest()


def token_matches(secret: str, nonce: str | None, token: str) -> bool:
    return bool(nonce) and hmac.compare_digest(form_token(secret, nonce or "").encode(), token.encode())


def safe_next(address: str | None) -> str:
    """The address to go to after sign-in: a path on this origin, else '/'."""
    if not address or len(address) > _LONGEST_ADDRESS or not address.startswith("/"):
        return "/"
    if any(ord(letter) <= 0x20 or letter == "\\" or ord(letter) == 0x7F for letter in address):
        return "/"
    parts = urlsplit(address)
    if address.startswith("//") or parts.scheme or parts.netloc or _first(parts.path) in {"login", "logout", "setup", "join", "_stcore"}:
        return "/"
    return address


def _first(path: str) -> str:
    return path.lstrip("/").split("/", 1)[0]
