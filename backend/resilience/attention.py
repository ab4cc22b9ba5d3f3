"""Which breakers are part of an exchange: all that something happened to of late, and the idle ones now and then."""

from __future__ import annotations

from collections.abc import Iterable

_BUSY_SECONDS = 3.0
_IDLE_SECONDS = 0.5


class Attention:
    """After a call, an order or a move a breaker is part of every exchange for a while.

    One that nobody calls hears of others' trouble up to half a second later; so many idle breakers cost the store little.
    """

    def __init__(self) -> None:
        self._busy_until: dict[str, float] = {}
        self._asked_at: dict[str, float] = {}

    def stir(self, names: Iterable[str], now: float) -> None:
        """Something happened to these."""
        self._busy_until.update(dict.fromkeys(names, now + _BUSY_SECONDS))

    def is_due(self, name: str, now: float) -> bool:
        """Whether it is to be part of the exchange that is made now; one never seen before is."""
        due = now < self._busy_until.setdefault(name, now + _BUSY_SECONDS) or now - self._asked_at.get(name, now) >= _IDLE_SECONDS
        if due:
            self._asked_at[name] = now
        return due

    def forget(self, name: str) -> None:
        self._busy_until.pop(name, None)
        self._asked_at.pop(name, None)
