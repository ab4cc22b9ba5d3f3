"""What people are told of one circuit's record, pure; the script that reads follows the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.resilience.fleet_record import FleetCircuit
from backend.resilience.orders import Slot
from backend.resilience.policy import Policy
from backend.resilience.readings import CircuitReading
from backend.resilience.wire import milliseconds, policy_document, reading


def reading_of(circuit: FleetCircuit, roles: Mapping[str, str], now: int) -> CircuitReading:
    """The circuit as it is now."""
    return reading(
        {
            "known": circuit.known,
            "state": circuit.state,
            "epoch": circuit.epoch,
            "age": circuit.age(now),
            "cause": circuit.cause,
            "left": circuit.left(now),
            "rounds": circuit.rounds,
            "good": circuit.good,
            "orders": {slot: _order(circuit, slot, now) for slot in circuit.orders},
            "bars": [] if circuit.policy is None else _bars(circuit, circuit.policy, now),
            "policy": None if circuit.policy is None else policy_document(circuit.policy),
            "instances": _instances(circuit, roles, now),
        }
    )


def _bars(circuit: FleetCircuit, policy: Policy, now: int) -> list[list[int]]:
    """Slots of another size, as a process of other figures counted them, fall into the one that holds their beginning."""
    size = milliseconds(policy.slot_seconds)
    bars: list[list[int]] = [[] for _ in range(policy.slots)]
    for start, counts in circuit.shown.items():
        place = start // size - now // size + policy.slots - 1
        if 0 <= place < policy.slots:
            bar = bars[place]
            bar.extend([0] * (len(counts) - len(bar)))
            for index, count in enumerate(counts):
                bar[index] += count
    return bars


def _order(circuit: FleetCircuit, slot: Slot, now: int) -> dict[str, Any]:
    order = circuit.orders[slot]
    return {"epoch": order.epoch, "act": order.act, "body": order.body, "age": max(0, now - order.at), "left": order.left(now)}


def _instances(circuit: FleetCircuit, roles: Mapping[str, str], now: int) -> list[dict[str, Any]]:
    present = sorted(circuit.present.items(), key=lambda item: (item[1], item[0]))
    return [{"id": who, "role": roles.get(who, ""), "age": now - seen, "ack": circuit.acks[who]} for who, seen in present]
