"""Whether anybody still waits for what is being computed: whoever serves a request says it, the search that it leads to asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


def _never() -> bool:
    return False


_GONE: ContextVar[Callable[[], bool]] = ContextVar("nobody_waits", default=_never)


@contextmanager
def while_wanted(gone: Callable[[], bool]) -> Iterator[None]:
    """Everything inside is done for somebody of whom ``gone`` says when they do not wait any more; it is asked from any thread."""
    token = _GONE.set(gone)
    try:
        yield
    finally:
        _GONE.reset(token)


def caller_gone() -> Callable[[], bool]:
    """The question for another thread, which does not know who waits here."""
    return _GONE.get()
