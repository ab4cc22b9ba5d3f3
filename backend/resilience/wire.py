"""The exchange as JSON for the scripts, and their answers as our own words. Durations travel in whole milliseconds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from backend.resilience.circuit_state import State
from backend.resilience.latency import quantile
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.readings import CircuitReading, HappeningReading, InstanceReading, Moved, Named
from backend.resilience.shared_state import Exchange, Question, Reply, SharedCircuit

_SHORT = 64  # a body no longer than this is told each time, a longer one when the store asks for it
_SECONDS = {"wait": "wait_seconds", "longest": "longest_wait_seconds", "lease": "lease_seconds", "ramp": "ramp_seconds"}
_FIGURES = {
    "slots": "slots",
    "minimum": "minimum_calls",
    "failure": "failure_ratio",
    "slow": "slow_ratio",
    "slow_seconds": "slow_seconds",
    "reporters": "minimum_reporters",
    "jitter": "jitter",
    "probes": "probes",
    "concurrent": "concurrent_probes",
    "kind": "window",
    "calls": "window_calls",
}


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def left_milliseconds(order: Order) -> int:
    return -1 if order.left_seconds is None else milliseconds(max(0.0, order.left_seconds))


def exchange_text(exchange: Exchange) -> str:
    document = {
        "instance": exchange.instance,
        "role": exchange.role,
        "service": exchange.service,
        "sequence": exchange.sequence,
        "delay": milliseconds(exchange.delay_seconds),
        "breakers": [_question(question) for question in exchange.questions],
    }
    return json.dumps(document, separators=(",", ":"))


@lru_cache(maxsize=256)
def policy_document(policy: Policy) -> dict[str, Any]:
    document = {short: getattr(policy, name) for short, name in _FIGURES.items()}
    document |= {short: milliseconds(getattr(policy, name)) for short, name in _SECONDS.items()}
    return document | {"slot": milliseconds(policy.slot_seconds)}


@lru_cache(maxsize=256)
def policy_digest(policy: Policy) -> str:
    return hashlib.sha256(json.dumps(policy_document(policy)).encode()).hexdigest()[:12]


def is_told(slot: Slot, order: Order, lacking: frozenset[Slot]) -> bool:
    """Whether the order's body goes with the question."""
    return len(order.body) <= _SHORT or slot in lacking


def ack_text(question: Question) -> str:
    epochs = (question.orders[slot].epoch if slot in question.orders else 0 for slot in Slot)
    return ",".join([question.local, *map(str, epochs)])


def reply(answer: Mapping[str, Any]) -> Reply:
    return Reply(
        circuit=circuit(answer),
        orders=orders(answer["orders"]),
        tokens=tuple(answer["tokens"]),
        quiet_seconds=answer["quiet"] / 1000,
        live_instances=int(answer["live"]),
        lacks=frozenset(Slot(slot) for slot in answer["lacks"]),
    )


def circuit(answer: Mapping[str, Any]) -> SharedCircuit:
    left, age = answer["left"] / 1000, answer["age"] / 1000
    return SharedCircuit(State(answer["state"]), int(answer["epoch"]), left, int(answer["rounds"]), age, answer["cause"])


def orders(answers: Mapping[str, Any]) -> dict[Slot, Order]:
    return {Slot(slot): _order(answer) for slot, answer in dict(answers).items()}


def reading(answer: Mapping[str, Any]) -> CircuitReading:
    bars = [[int(part) for part in bar] or [0, 0, 0] for bar in answer["bars"]]
    durations = [sum(counts) for counts in zip(*(bar[3:] for bar in bars if len(bar) > 3), strict=False)]
    policy = answer.get("policy")
    return CircuitReading(
        known=bool(answer["known"]),
        circuit=circuit(answer),
        orders=orders(answer["orders"]),
        good_probes=int(answer["good"]),
        bars=tuple((bar[0], bar[1], bar[2]) for bar in bars),
        p95_seconds=quantile(durations, 0.95),
        instances=tuple(_instance(entry) for entry in answer["instances"] or ()),
        policy=None if policy is None else _policy(policy),
        ramp_left_seconds=_ramp_left(answer, policy),
    )


def names(answers: Iterable[Mapping[str, Any]]) -> list[Named]:
    return [_named(answer) for answer in answers]


def moved(entry: Mapping[str, Any]) -> Moved:
    at, epoch = entry["ms"] / 1000, int(entry["epoch"])
    return Moved(
        entry["id"], at, entry["circuit"], entry["from"], entry["to"], entry["cause"], entry["instance"], epoch, entry.get("slot", "")
    )


def happening(entry: Mapping[str, Any]) -> HappeningReading:
    at, count = entry["ms"] / 1000, int(entry["count"])
    return HappeningReading(entry["id"], at, entry["circuit"], entry["kind"], entry["detail"], count, entry["instance"])


def _question(question: Question) -> dict[str, Any]:
    batch, known = question.batch, question.known
    return {
        "name": question.name,
        "title": question.title,
        "policy": policy_document(question.policy),
        "digest": policy_digest(question.policy),
        "tallies": [
            [milliseconds(tally.age_seconds), tally.epoch, tally.ok, tally.bad, tally.slow, *tally.durations] for tally in batch.tallies
        ],
        "moves": [[move.source, move.target, move.cause, move.epoch] for move in batch.moves],
        "reports": [{"token": report.token, "epoch": report.epoch, "ok": report.ok} for report in batch.reports],
        "happenings": [[one.kind, one.detail, one.count] for one in batch.happenings],
        "known": {
            "state": known.state,
            "epoch": known.epoch,
            "left": milliseconds(known.left_seconds),
            "rounds": known.rounds,
            "age": milliseconds(known.age_seconds),
        },
        "orders": {slot: _told(slot, order, question.lacking) for slot, order in question.orders.items()},
        "local": question.local,
        "want": question.wants_probe,
        "held": question.held,
        "release": question.released,
        "chance": question.chance,
    }


def _told(slot: Slot, order: Order, lacking: frozenset[Slot]) -> dict[str, Any]:
    told = {"epoch": order.epoch, "act": order.act, "left": left_milliseconds(order), "age": milliseconds(order.age_seconds)}
    return told | {"body": order.body} if is_told(slot, order, lacking) else told


def _order(answer: Mapping[str, Any]) -> Order:
    left = None if answer["left"] < 0 else answer["left"] / 1000
    return Order(answer["body"], int(answer["epoch"]), answer["act"], left, answer["age"] / 1000)


def _instance(entry: Mapping[str, Any]) -> InstanceReading:
    state, *epochs = entry["ack"].split(",")
    held = {slot: int(epoch) for slot, epoch in zip(Slot, epochs, strict=False)}
    return InstanceReading(entry["id"], entry["role"], max(0.0, entry["age"] / 1000), state, held)


def _policy(document: Mapping[str, Any]) -> dict[str, Any]:
    figures = {name: document[short] for short, name in _FIGURES.items()}
    figures |= {name: document[short] / 1000 for short, name in _SECONDS.items()}
    return figures | {"window_seconds": document["slot"] * document["slots"] / 1000}


def _ramp_left(answer: Mapping[str, Any], policy: Mapping[str, Any] | None) -> float:
    if policy is None or answer["state"] != State.CLOSED or answer["cause"] != "probes_succeeded":
        return 0.0
    return float(max(0, policy["ramp"] - answer["age"])) / 1000


def _named(answer: Mapping[str, Any]) -> Named:
    title, _, service = answer["about"].partition("\n")
    return Named(answer["name"], title, service, answer["age"] / 1000)
