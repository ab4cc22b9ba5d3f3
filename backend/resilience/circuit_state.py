"""The states of a circuit as values, and the moves between them: no clock, no lock, no I/O.

CLOSED --trouble--> OPEN --wait over--> HALF_OPEN --good probes--> CLOSED
                     ^                      |
                     +-----bad probe--------+        (waits longer each round)

Each move adds one to ``epoch``. A call carries the epoch it was admitted under; its result counts only while that epoch lasts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.window import Health


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Circuit:
    """``until`` is a monotonic second: OPEN waits for it; in HALF_OPEN the probe under way is given up then."""

    state: State = State.CLOSED
    epoch: int = 0
    until: float = 0.0
    rounds: int = 0
    successes: int = 0
    probing: bool = False


def admit(circuit: Circuit, policy: Policy, now: float) -> tuple[Circuit, bool]:
    """The circuit after somebody asked to call, and whether they may; one probe at a time when it is not closed."""
    match circuit.state:
        case State.CLOSED:
            return circuit, True
        case State.OPEN if now >= circuit.until:
            return _probing(_half_open(circuit), policy, now), True
        case State.HALF_OPEN if not circuit.probing or now >= circuit.until:
            return _probing(circuit, policy, now), True
        case _:
            return circuit, False


def after_call(circuit: Circuit, policy: Policy, health: Health, outcome: Outcome, admitted_in: int, now: float, chance: float) -> Circuit:
    """What a result makes of the circuit; ``health`` already counts it. Late results never move it."""
    if admitted_in != circuit.epoch:
        return circuit
    match circuit.state:
        case State.CLOSED if outcome is not Outcome.IGNORED and policy.tripped_by(health):
            return opened(circuit, policy, now, chance)
        case State.HALF_OPEN:
            return _after_probe(circuit, policy, outcome, now, chance)
        case _:
            return circuit


def _after_probe(circuit: Circuit, policy: Policy, outcome: Outcome, now: float, chance: float) -> Circuit:
    match outcome:
        case Outcome.BAD:
            return opened(replace(circuit, rounds=circuit.rounds + 1), policy, now, chance)
        case Outcome.OK if circuit.successes + 1 >= policy.probes:
            return closed(circuit)
        case Outcome.OK:
            return replace(circuit, successes=circuit.successes + 1, probing=False)
        case Outcome.IGNORED:
            return replace(circuit, probing=False)


def opened(circuit: Circuit, policy: Policy, now: float, chance: float) -> Circuit:
    until = now + policy.wait_after(circuit.rounds, chance)
    return Circuit(State.OPEN, circuit.epoch + 1, until, circuit.rounds)


def closed(circuit: Circuit) -> Circuit:
    return Circuit(State.CLOSED, circuit.epoch + 1)


def held_open(circuit: Circuit, until: float, rounds: int) -> Circuit:
    """Open until an instant decided elsewhere."""
    return Circuit(State.OPEN, circuit.epoch + 1, until, rounds)


def _half_open(circuit: Circuit) -> Circuit:
    return Circuit(State.HALF_OPEN, circuit.epoch + 1, rounds=circuit.rounds)


def _probing(circuit: Circuit, policy: Policy, now: float) -> Circuit:
    return replace(circuit, probing=True, until=now + policy.lease_seconds)
