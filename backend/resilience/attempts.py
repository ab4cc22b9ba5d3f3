"""How many attempts an answer took, in whichever thread or task they were made."""

from __future__ import annotations

from contextvars import ContextVar

_MADE: ContextVar[list[None] | None] = ContextVar("attempts_made", default=None)


class counting:
    """``with counting() as made``: ``made`` grows by one with each attempt inside."""

    def __enter__(self) -> list[None]:
        made: list[None] = []  # appending is atomic
        self._token = _MADE.set(made)
        return made

    def __exit__(self, *_: object) -> None:
        _MADE.reset(self._token)


def one_more() -> None:
    """An attempt is made."""
    made = _MADE.get()
    if made is not None:
        made.append(None)
