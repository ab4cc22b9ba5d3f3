"""The fleet's circuits in this process's own memory: for tests, and for a service that has no Valkey."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.resilience import fleet_exchange
from backend.resilience.fleet_exchange import Fleet
from backend.resilience.fleet_reading import reading_of
from backend.resilience.fleet_record import Event
from backend.resilience.orders import Order, Slot
from backend.resilience.readings import CircuitReading, HappeningReading, Moved, Named
from backend.resilience.shared_state import Exchange, Reply, checked_name

_KEPT = 10_000
_ORDERS_KEPT = 1_000


class MemoryState:
    """Does all that RedisState does, by the same rules; safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fleet = Fleet()
        self._moves: deque[Moved] = deque(maxlen=_KEPT)
        self._happenings: deque[HappeningReading] = deque(maxlen=_KEPT)
        self._lines = 0
        self._ordered: deque[tuple[int, str]] = deque(maxlen=_ORDERS_KEPT)
        self._changed = threading.Condition()

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        with self._changed:
            fresh = self._fleet.sequences.get(exchange.instance, 0) < exchange.sequence
            self._fleet, replies, events = fleet_exchange.flush(self._fleet, exchange, self._now())
            self._write(events)
            if fresh:
                self._write_happenings(exchange)
            return replies

    def leave(self, instance: str, names: tuple[str, ...], *, ends: bool = True) -> None:
        with self._changed:
            self._fleet = fleet_exchange.leave(self._fleet, instance, names, ends, self._now())

    def control(self, name: str, slot: Slot, order: Order, cause: str) -> str:
        with self._changed:
            self._fleet, verdict, events = fleet_exchange.control(self._fleet, checked_name(name), slot, order, cause, self._now())
            self._write(events)
            if verdict == "applied":
                self._ordered.append((self._next_line(), name))
                self._changed.notify_all()
            return verdict

    def read(self, name: str) -> CircuitReading:
        with self._changed:
            return reading_of(self._fleet.circuit(checked_name(name)), self._fleet.roles, self._now())

    def names(self) -> list[Named]:
        with self._changed:
            heard, now = sorted(self._fleet.names.items(), key=lambda item: (item[1].at, item[0])), self._now()
        return [Named(name, told.title, told.service, max(0, now - told.at) / 1000) for name, told in heard]

    def transitions(self, name: str | None, limit: int, before: str | None = None) -> list[Moved]:
        with self._changed:
            return [move for move in reversed(self._moves) if _asked(move, name, before)][:limit]

    def happenings(self, name: str | None, limit: int, before: str | None = None) -> list[HappeningReading]:
        with self._changed:
            return [line for line in reversed(self._happenings) if _asked(line, name, before)][:limit]

    def feed(self) -> MemoryFeed:
        return MemoryFeed(self._changed, lambda: list(self._ordered))

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _next_line(self) -> int:
        self._lines += 1
        return self._lines

    def _write(self, events: tuple[Event, ...]) -> None:
        at = self._clock.now().timestamp()
        for event in events:
            line = str(self._next_line())
            self._moves.append(
                Moved(line, at, event.circuit, event.source, event.target, event.cause, event.instance, event.epoch, event.slot)
            )

    def _write_happenings(self, exchange: Exchange) -> None:
        at = self._clock.now().timestamp()
        for question in exchange.questions:
            for one in question.batch.happenings:
                line = str(self._next_line())
                self._happenings.append(HappeningReading(line, at, question.name, one.kind, one.detail, one.count, exchange.instance))


class MemoryFeed:
    """Word of new orders within the process."""

    def __init__(self, changed: threading.Condition, ordered: Callable[[], list[tuple[int, str]]]) -> None:
        self._changed = changed
        self._ordered = ordered
        self._closed = False

    def newest(self) -> str:
        with self._changed:
            return str(self._ordered()[-1][0] if self._ordered() else 0)

    def after(self, cursor: str, wait_seconds: float) -> tuple[str, frozenset[str]]:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._news(cursor), wait_seconds)
            if self._closed:
                raise StorageUnavailable("memory")
            news = self._news(cursor)
        return (str(news[-1][0]) if news else cursor), frozenset(name for _, name in news)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _news(self, cursor: str) -> list[tuple[int, str]]:
        return [(line, name) for line, name in self._ordered() if line > int(cursor)]


def _asked(line: Moved | HappeningReading, name: str | None, before: str | None) -> bool:
    return name in (None, "", line.circuit) and (before is None or int(line.id) < int(before))
