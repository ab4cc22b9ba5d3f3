"""A breaker for each key (a tenant, a host), in a bounded number: who asks with ever new keys cannot fill the memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from backend.resilience.breaker import Breaker

_LOOKED_AT = 16  # candidates for a place in one request, so that none costs more for many keys than for few


class Exchange(Protocol):
    """Where breakers take part in the fleet; FleetSync is one."""

    def register(self, breaker: Breaker) -> Breaker: ...

    def unregister(self, name: str) -> None: ...


class Alone:
    """Breakers that take part in no fleet."""

    def register(self, breaker: Breaker) -> Breaker:
        return breaker

    def unregister(self, name: str) -> None:
        """Nothing to do."""


@dataclass(frozen=True)
class RegistryView:
    """``evicted``: breakers that made room; ``unkept``: requests that got a breaker for themselves alone, as none could make room."""

    size: int
    capacity: int
    evicted: int
    unkept: int


class Registry:
    """The breakers in use, the least recently used first to go.

    Only a breaker with nothing to remember makes room: closed for the process and the fleet, no override, no failure in its window. So
    a flood of keys cannot make an open circuit forget. Where the oldest ones all have something to remember, the caller gets a breaker
    that nobody else will see: the call is made as if it were the first for its key.
    """

    def __init__(self, make: Callable[[str], Breaker], capacity: int, exchange: Exchange | None = None) -> None:
        self._make = make
        self._capacity = capacity
        self._exchange = exchange or Alone()
        self._lock = threading.Lock()
        self._breakers: OrderedDict[str, Breaker] = OrderedDict()
        self._evicted = 0
        self._unkept = 0

    def get(self, key: str) -> Breaker:
        """The breaker of this key; made at its first use."""
        with self._lock:
            breaker = self._breakers.get(key)
            if breaker is not None:
                self._breakers.move_to_end(key)
                return breaker
            made = self._make(key)
            if not self._has_room():
                self._unkept += 1
                return made
            self._breakers[key] = self._exchange.register(made)
            return made

    def view(self) -> RegistryView:
        with self._lock:
            return RegistryView(len(self._breakers), self._capacity, self._evicted, self._unkept)

    def _has_room(self) -> bool:
        """Whether one more may be kept, after the oldest that may go has gone."""
        if len(self._breakers) < self._capacity:
            return True
        for _ in range(min(_LOOKED_AT, len(self._breakers))):
            key, breaker = next(iter(self._breakers.items()))
            if breaker.has_nothing_to_remember():
                del self._breakers[key]
                self._exchange.unregister(breaker.name)
                self._evicted += 1
                return True
            self._breakers.move_to_end(key)  # others are looked at next time
        return False
