"""Tells a listener what happened; the listener's own faults are logged and counted, and reach nobody who called."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from backend.resilience.listener import Happened, Listener
from backend.resilience.shared_state import Happening

LOG = logging.getLogger(__name__)


class News(NamedTuple):
    """What a call meets has changed."""

    state: str
    cause: str


class Teller:
    """``news`` is added to under the breaker's lock and told outside it, each piece once."""

    __slots__ = ("_listener", "_name", "faults", "news")

    def __init__(self, name: str, listener: Listener) -> None:
        self.news: list[News] = []  # as empty as it mostly is, a deque would take a tenth of a breaker's memory
        self.faults = 0
        self._name = name
        self._listener = listener

    def tell(self) -> None:
        while self.news:
            try:
                state, cause = self.news.pop(0)
            except IndexError:
                return  # another thread tells it
            self.guarded(partial(self._listener.state_changed, self._name, state, cause))

    def tell_happenings(self, happenings: tuple[Happening, ...]) -> None:
        for happening in happenings:
            kind, detail, count = Happened(happening.kind), happening.detail, happening.count
            self.guarded(partial(self._listener.happened, self._name, kind, detail, count))

    def guarded(self, told: Callable[[], None]) -> None:
        try:
            told()
        except Exception:
            self.faults += 1
            LOG.exception("a listener of circuit %s failed", self._name)
