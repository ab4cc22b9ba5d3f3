"""The fleet's rules for all circuits together, pure: (fleet, an exchange or an order, the time) to (fleet, answers, events)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from backend.resilience.fleet_circuit import FORGET, REFRESH, exchanged, ordered
from backend.resilience.fleet_record import Asking, Event, FleetCircuit
from backend.resilience.orders import Order, Slot
from backend.resilience.shared_state import Exchange, Question, Reply
from backend.resilience.wire import milliseconds

V = TypeVar("V")

_DAY = 86_400_000


@dataclass(frozen=True)
class Heard:
    """A circuit's name as it was last told, and when."""

    title: str
    service: str
    at: int


@dataclass(frozen=True)
class Fleet:
    """All that is kept. ``sequences``: the newest exchange of each instance; ``seen``: when it was."""

    circuits: Mapping[str, FleetCircuit] = field(default_factory=dict)
    names: Mapping[str, Heard] = field(default_factory=dict)
    sequences: Mapping[str, int] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)

    def circuit(self, name: str) -> FleetCircuit:
        return self.circuits.get(name, FleetCircuit(name))


def flush(fleet: Fleet, exchange: Exchange, now: int) -> tuple[Fleet, dict[str, Reply], tuple[Event, ...]]:
    """One process's exchange; a batch that was counted already is not counted again."""
    fresh = fleet.sequences.get(exchange.instance, 0) < exchange.sequence
    delay = milliseconds(exchange.delay_seconds)
    events: list[Event] = []
    circuits, names, replies = dict(fleet.circuits), dict(fleet.names), {}
    for question in exchange.questions:
        asking = Asking(exchange.instance, question, now, delay, fresh)
        circuit, replies[question.name] = exchanged(circuits.get(question.name, FleetCircuit(question.name)), asking)
        circuits[question.name] = circuit.without_events()
        events += circuit.events
        if replies[question.name].live_instances:
            names[question.name] = _heard(names.get(question.name), question, exchange.service, now)
    return _present(replace(fleet, circuits=circuits, names=names), exchange, now), replies, tuple(events)


def control(fleet: Fleet, name: str, slot: Slot, order: Order, cause: str, now: int) -> tuple[Fleet, str, tuple[Event, ...]]:
    """An operator's order: 'applied', 'same' or 'stale'."""
    circuit, verdict = ordered(fleet.circuit(name), slot, order, cause, now)
    return replace(fleet, circuits={**fleet.circuits, name: circuit.without_events()}), verdict, circuit.events


def leave(fleet: Fleet, instance: str, names: tuple[str, ...], ends: bool, now: int) -> Fleet:
    """A process takes leave of some circuits, or of the fleet as well.

    A circuit that its last process lets go by itself, closed and without orders, is forgotten at once.
    """
    circuits, heard = dict(fleet.circuits), dict(fleet.names)
    for name in names:
        circuit = fleet.circuit(name)
        circuit = replace(circuit, acks=_without(circuit.acks, instance), present=_without(circuit.present, instance))
        circuits[name] = circuit
        if not ends and circuit.is_blank and not circuit.live(now):
            del circuits[name]
            heard.pop(name, None)
    fleet = replace(fleet, circuits=circuits, names=heard)
    return _forgotten(fleet, {instance}) if ends else fleet


def _present(fleet: Fleet, exchange: Exchange, now: int) -> Fleet:
    who = exchange.instance
    fleet = replace(fleet, sequences={**fleet.sequences, who: exchange.sequence})
    if 0 <= now - fleet.seen.get(who, now - REFRESH) < REFRESH:
        return fleet
    names = {name: heard for name, heard in fleet.names.items() if heard.at > now - _DAY}
    fleet = replace(fleet, names=names, seen={**fleet.seen, who: now}, roles={**fleet.roles, who: exchange.role})
    return _forgotten(fleet, {other for other, seen in fleet.seen.items() if seen <= now - FORGET})


def _heard(before: Heard | None, question: Question, service: str, now: int) -> Heard:
    if before is not None and not question.title:
        return replace(before, at=now)
    return Heard(question.title, service, now)


def _forgotten(fleet: Fleet, gone: set[str]) -> Fleet:
    if not gone:
        return fleet
    return replace(fleet, sequences=_without(fleet.sequences, *gone), seen=_without(fleet.seen, *gone), roles=_without(fleet.roles, *gone))


def _without(values: Mapping[str, V], *gone: str) -> dict[str, V]:
    return {key: value for key, value in values.items() if key not in gone}
