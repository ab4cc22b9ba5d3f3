"""Who stands before the door: origin, address, cookie names and token of one ASGI connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from components.policy import Origin

Scope = Mapping[str, Any]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True)
class Address:
    """How the console is reached from outside: its public base, and the one proxy (if any) whose forwarded headers count."""

    base: str
    trusted_proxy: str = ""

    @property
    def secure(self) -> bool:
        return self.base.startswith("https://")

    def origin(self, scope: Scope) -> Origin | None:
        """The origin that was asked for, or None when it is not one of ours (a rebound name, for example)."""
        host = header(scope, "host").lower()
        public = urlsplit(self.base)
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        scheme = "https" if self.secure or scope.get("scheme") in {"https", "wss"} else "http"
        if host == public.netloc.lower() or (name in _LOOPBACK and _bare(public.netloc) in _LOOPBACK):
            return Origin(scheme, host)
        return None

    def client(self, scope: Scope) -> str:
        """The visitor's network address; a forwarded one only when our own proxy said it."""
        peer = str((scope.get("client") or ("", 0))[0])
        forwarded = header(scope, "x-forwarded-for").rsplit(",", 1)[-1].strip()
        return forwarded[:64] if forwarded and self.trusted_proxy and peer == self.trusted_proxy else peer


def _bare(netloc: str) -> str:
    name = netloc.lower()
    return name if name.endswith("]") else name.rsplit(":", 1)[0]


def header(scope: Scope, name: str) -> str:
    """One header of the connection, '' when absent."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in scope.get("headers", ()) if key == wanted), "")


def headers(scope: Scope) -> dict[str, str]:
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope.get("headers", ())}


def cookie_name(secure: bool, name: str = "session") -> str:
    """The browser keeps a ``__Host-`` name to this host and TLS; without TLS it would refuse to set it."""
    return f"{'__Host-' if secure else ''}astrolabe_{name}"


def cookie(scope: Scope, name: str) -> str | None:
    """One cookie's value; None when absent or unreadable."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header(scope, "cookie"))
    except CookieError:
        return None
    return jar[name].value if name in jar else None
