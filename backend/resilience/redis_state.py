"""The fleet's circuits in Valkey or Redis: key names and scripts. No other module knows a key."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from backend.resilience import wire
from backend.resilience.orders import Order, Slot
from backend.resilience.readings import CircuitReading, HappeningReading, Moved, Named
from backend.resilience.shared_state import Exchange, Reply, checked_name

_SCRIPTS = Path(__file__).resolve().parent / "scripts"
_EXCHANGE_KEYS = ("ev", "hp", "in", "ix", "nm", "sq", "id")
_LEAVE_KEYS = ("in", "sq", "id", "ix", "nm")
_CIRCUIT_KEYS = ("st", "w", "d", "rp", "cl", "ls", "ak", "pr")
_ORDER_KEYS = ("st", "w", "d", "rp", "ls")
_PREFIX = "cb:{r}"

Script = Callable[[Sequence[str], Sequence[Any]], Any]


class Scripts(Protocol):
    """The part of the shared store's connection used here; its loss is StorageUnavailable."""

    def script(self, name: str, text: str) -> Script: ...


class Followed(Protocol):
    """A connection of one's own that may wait long for a stream's next entries."""

    def newest(self, stream: str) -> str:
        """The id of the newest entry, '0-0' where there is none."""
        ...

    def after(self, stream: str, entry: str, wait_seconds: float) -> list[tuple[str, dict[str, str]]]: ...

    def close(self) -> None: ...


class RedisState:
    """The port's implementation, and what the console reads and orders. ``clock`` is the Lua that says what ``now`` is."""

    def __init__(self, scripts: Scripts, prefix: str = _PREFIX, *, clock: str | None = None) -> None:
        self._prefix = prefix
        self._scripts = scripts
        self._clock = _text("now") if clock is None else clock
        self._loaded: dict[str, Script] = {}

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        keys = [self._key(part) for part in _EXCHANGE_KEYS]
        for question in exchange.questions:
            keys += self._keys(question.name, _CIRCUIT_KEYS)
        answers = json.loads(self._run("flush", keys, wire.exchange_text(exchange)))
        return {question.name: wire.reply(answer) for question, answer in zip(exchange.questions, answers, strict=False)}

    def leave(self, instance: str, names: tuple[str, ...], *, ends: bool = True) -> None:
        keys = [self._key(part) for part in _LEAVE_KEYS] + [key for name in names for key in self._keys(name, _CIRCUIT_KEYS)]
        self._run("leave", keys, instance, int(ends), *names)

    def control(self, name: str, slot: Slot, order: Order, cause: str) -> str:
        """'applied', 'same' (it was already), or 'stale' (a newer word stands)."""
        keys = [*self._keys(name, _ORDER_KEYS), self._key("ev"), self._key("or")]
        left, age = wire.left_milliseconds(order), wire.milliseconds(order.age_seconds)
        return str(self._run("control", keys, name, slot, order.body, order.epoch, order.act, left, cause, age))

    def read(self, name: str) -> CircuitReading:
        return wire.reading(json.loads(self._run("read", [self._key("id"), *self._keys(name, ("st", "w", "ak", "pr"))])))

    def names(self) -> list[Named]:
        """Every circuit that any process of any service told of within a day."""
        return wire.names(json.loads(self._run("names", [self._key("ix"), self._key("nm")])))

    def transitions(self, name: str | None, limit: int, before: str | None = None) -> list[Moved]:
        """The newest first; ``before``: those older than the one of this id."""
        return [wire.moved(entry) for entry in self._stream("ev", name, limit, before)]

    def happenings(self, name: str | None, limit: int, before: str | None = None) -> list[HappeningReading]:
        return [wire.happening(entry) for entry in self._stream("hp", name, limit, before)]

    def _stream(self, part: str, name: str | None, limit: int, before: str | None) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = json.loads(self._run("stream", [self._key(part)], name or "", limit, before or ""))
        return entries

    def _key(self, part: str) -> str:
        return f"{self._prefix}:{part}"

    def _keys(self, name: str, parts: Sequence[str]) -> list[str]:
        return [f"{self._prefix}:{checked_name(name)}:{part}" for part in parts]

    def _run(self, name: str, keys: Sequence[str], *arguments: str | int) -> Any:
        script = self._loaded.get(name)
        if script is None:
            parts = (self._clock, _text("circuit"), _text(name))
            script = self._loaded[name] = self._scripts.script(name, "\n".join(parts))
        return script(keys, arguments)


class RedisFeed:
    """Word of new orders, heard on a connection that waits for nothing else."""

    def __init__(self, followed: Followed, prefix: str = _PREFIX) -> None:
        self._followed = followed
        self._stream = f"{prefix}:or"

    def newest(self) -> str:
        return self._followed.newest(self._stream)

    def after(self, cursor: str, wait_seconds: float) -> tuple[str, frozenset[str]]:
        entries = self._followed.after(self._stream, cursor, wait_seconds)
        return (entries[-1][0] if entries else cursor), frozenset(fields.get("circuit", "") for _, fields in entries)

    def close(self) -> None:
        self._followed.close()


@cache
def _text(name: str) -> str:
    return (_SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")
