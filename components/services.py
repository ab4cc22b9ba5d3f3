"""The console's one handle on the backend: built once in a process, shared by gate, login and every page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from components.recent import ANSWERS, GLANCES, WORDS

if TYPE_CHECKING:
    from backend.bootstrap import Services

_lock = threading.Lock()
_handle: Services | None = None


def services() -> Services:
    """The backend's services, wired at the first call."""
    global _handle
    with _lock:
        if _handle is None:
            _handle = _wire()
        return _handle


def provide(handle: Services | None) -> None:
    """Use these services from now on (None: wire them anew at the next call)."""
    global _handle
    with _lock:
        _handle = handle
    for kept in (ANSWERS, GLANCES, WORDS):
        kept.forget()


def _wire() -> Services:
    from backend import bootstrap

    return bootstrap.from_environment("console")
