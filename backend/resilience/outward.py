"""Headers that go with every call made for the request under way, such as the trace it belongs to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_NONE: Mapping[str, str] = {}
_CARRIED: ContextVar[Mapping[str, str]] = ContextVar("astrolabe_outward", default=_NONE)


@contextmanager
def carrying(headers: Mapping[str, str]) -> Iterator[None]:
    """Send these with each call from here on, in all threads that get this context."""
    token = _CARRIED.set(headers)
    try:
        yield
    finally:
        _CARRIED.reset(token)


def headers() -> Mapping[str, str]:
    return _CARRIED.get()
