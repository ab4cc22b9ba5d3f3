"""Who watches one call on its way: spans of its parts, for the trace of the request that it is made for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

_NOTHING: AbstractContextManager[None] = nullcontext()


class Watch(Protocol):
    """What is given is ours: names and codes, never what was asked. It must not raise."""

    def span(self, name: str, /, **attributes: str) -> AbstractContextManager[None]: ...

    def note(self, **attributes: str) -> None: ...


class _Unwatched:
    def span(self, name: str, /, **attributes: str) -> AbstractContextManager[None]:  # noqa: ARG002
        return _NOTHING

    def note(self, **attributes: str) -> None:
        """Nobody reads it."""


UNWATCHED: Watch = _Unwatched()
