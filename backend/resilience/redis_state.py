"""The fleet's circuits in Valkey or Redis: key names, scripts, and the translation of their answers. No other module knows a key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from backend.resilience.circuit_state import State
from backend.resilience.latency import quantile
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Exchange, Question, Reply, SharedCircuit, SharedOverride

_SCRIPTS = Path(__file__).resolve().parent / "scripts"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_PROCESS_KEYS = ("ev", "in", "ix", "sq", "id")
_CIRCUIT_KEYS = ("st", "w", "d", "rp", "cl", "ls", "ak")


class Scripts(Protocol):
    """The part of the shared store's connection used here; its loss is StorageUnavailable."""

    def script(self, name: str, text: str) -> Callable[[Sequence[str], Sequence[Any]], Any]: ...


@dataclass(frozen=True)
class InstanceReading:
    """One process that guards the circuit, as it last said."""

    id: str
    role: str
    lag_seconds: float
    state: str
    override_epoch: int


@dataclass(frozen=True)
class CircuitReading:
    """One circuit as the fleet holds it: ``bars`` are (ok, bad, slow) of each slot, oldest first; ``known`` False: nobody ever told."""

    known: bool
    circuit: SharedCircuit
    override: SharedOverride
    good_probes: int
    bars: tuple[tuple[int, int, int], ...]
    p95_seconds: float | None
    instances: tuple[InstanceReading, ...]


@dataclass(frozen=True)
class Moved:
    """One line of the history; ``at_seconds`` since 1970 by the store's clock."""

    at_seconds: float
    circuit: str
    source: str
    target: str
    cause: str
    instance: str
    epoch: int


class RedisState:
    """The port's implementation, and what the console reads and orders."""

    def __init__(self, scripts: Scripts, prefix: str = "cb:{r}") -> None:
        self._scripts = scripts
        self._prefix = prefix

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        keys = [self._key(part) for part in _PROCESS_KEYS]
        for question in exchange.questions:
            keys += [self._key(part, question.name) for part in _CIRCUIT_KEYS]
        answers = json.loads(self._flush(keys, [_exchange_text(exchange)]))
        return {question.name: _reply(answer) for question, answer in zip(exchange.questions, answers, strict=False)}

    def leave(self, instance: str, names: tuple[str, ...]) -> None:
        self._leave([self._key(part) for part in ("in", "sq", "id")] + [self._key("ak", name) for name in names], [instance])

    def read(self, name: str, policy: Policy) -> CircuitReading:
        keys = [self._key("in"), self._key("id")] + [self._key(part, name) for part in ("st", "w", "ls", "ak")]
        return _reading(json.loads(self._read(keys, [_milliseconds(policy.slot_seconds), policy.slots])))

    def transitions(self, name: str | None, limit: int) -> list[Moved]:
        return [_moved(entry) for entry in json.loads(self._transitions([self._key("ev")], [name or "", limit]))]

    def control(self, name: str, override: SharedOverride, cause: str) -> str:
        """'applied', 'same' (it was already), or 'stale' (a newer word stands)."""
        left = -1 if override.left_seconds is None else _milliseconds(max(0.0, override.left_seconds))
        arguments = [name, override.kind, override.epoch, override.act, left, cause, _milliseconds(override.age_seconds)]
        return str(self._control([self._key("st", name), self._key("ev")], arguments))

    def _key(self, part: str, name: str | None = None) -> str:
        if name is None:
            return f"{self._prefix}:{part}"
        if not _NAME.fullmatch(name):
            raise ValueError("a circuit's name is lower-case letters, digits, '-' and '_'")
        return f"{self._prefix}:{name}:{part}"

    @cached_property
    def _flush(self) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        return self._script("flush")

    @cached_property
    def _control(self) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        return self._script("control")

    @cached_property
    def _read(self) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        return self._script("read")

    @cached_property
    def _transitions(self) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        return self._script("transitions")

    @cached_property
    def _leave(self) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        return self._script("leave")

    def _script(self, name: str) -> Callable[[Sequence[str], Sequence[Any]], Any]:
        return self._scripts.script(name, (_SCRIPTS / f"{name}.lua").read_text(encoding="utf-8"))


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _exchange_text(exchange: Exchange) -> str:
    document = {
        "instance": exchange.instance,
        "role": exchange.role,
        "sequence": exchange.sequence,
        "delay": _milliseconds(exchange.delay_seconds),
        "breakers": [_question(question) for question in exchange.questions],
    }
    return json.dumps(document, separators=(",", ":"))


def _question(question: Question) -> dict[str, Any]:
    override, batch = question.override, question.batch
    document: dict[str, Any] = {
        "name": question.name,
        "policy": _policy(question.policy),
        "tallies": [
            [_milliseconds(tally.age_seconds), tally.epoch, tally.ok, tally.bad, tally.slow, *tally.durations] for tally in batch.tallies
        ],
        "moves": [[move.source, move.target, move.cause, move.epoch] for move in batch.moves],
        "known": _known(question.known),
        "override": {
            "kind": override.kind,
            "epoch": override.epoch,
            "act": override.act,
            "left": -1 if override.left_seconds is None else _milliseconds(override.left_seconds),
            "age": _milliseconds(override.age_seconds),
        },
        "local": question.local,
        "want": question.wants_probe,
        "held": question.held_token,
        "release": question.released_token,
        "chance": question.chance,
    }
    if batch.report is not None:
        document["report"] = {"token": batch.report.token, "epoch": batch.report.epoch, "ok": batch.report.ok}
    return document


def _policy(policy: Policy) -> dict[str, float]:
    return {
        "slot": _milliseconds(policy.slot_seconds),
        "slots": policy.slots,
        "minimum": policy.minimum_calls,
        "failure": policy.failure_ratio,
        "slow": policy.slow_ratio,
        "reporters": policy.minimum_reporters,
        "wait": _milliseconds(policy.wait_seconds),
        "longest": _milliseconds(policy.longest_wait_seconds),
        "jitter": policy.jitter,
        "probes": policy.probes,
        "lease": _milliseconds(policy.lease_seconds),
    }


def _known(circuit: SharedCircuit) -> dict[str, Any]:
    return {
        "state": circuit.state,
        "epoch": circuit.epoch,
        "left": _milliseconds(circuit.left_seconds),
        "rounds": circuit.rounds,
        "age": _milliseconds(circuit.age_seconds),
    }


def _reply(answer: dict[str, Any]) -> Reply:
    return Reply(_circuit(answer), _override(answer), answer["token"], answer["wanted"])


def _circuit(answer: dict[str, Any]) -> SharedCircuit:
    return SharedCircuit(State(answer["state"]), int(answer["epoch"]), answer["left"] / 1000, int(answer["rounds"]), answer["age"] / 1000)


def _override(answer: dict[str, Any]) -> SharedOverride:
    left = None if answer["ov_left"] < 0 else answer["ov_left"] / 1000
    return SharedOverride(answer["ov_kind"], int(answer["ov_epoch"]), answer["ov_act"], left, answer["ov_age"] / 1000)


def _reading(answer: dict[str, Any]) -> CircuitReading:
    slots = [[int(part) for part in text.split(",")] if text else [0, 0, 0] for text in answer["bars"]]
    durations = [sum(counts) for counts in zip(*(slot[3:] for slot in slots if len(slot) > 3), strict=False)]
    return CircuitReading(
        known=bool(answer["known"]),
        circuit=_circuit(answer),
        override=_override(answer),
        good_probes=int(answer["good"]),
        bars=tuple((slot[0], slot[1], slot[2]) for slot in slots),
        p95_seconds=quantile(durations, 0.95),
        instances=tuple(_instance(entry) for entry in answer["instances"] or ()),
    )


def _instance(entry: dict[str, Any]) -> InstanceReading:
    ack = json.loads(entry["ack"])
    return InstanceReading(entry["id"], entry["role"], max(0.0, entry["age"] / 1000), ack["state"], int(ack["override"]))


def _moved(entry: dict[str, Any]) -> Moved:
    return Moved(entry["ms"] / 1000, entry["circuit"], entry["from"], entry["to"], entry["cause"], entry["instance"], int(entry["epoch"]))
