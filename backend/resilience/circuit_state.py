"""The states of a circuit as values, and the moves between them: no clock, no lock, no I/O.

CLOSED --trouble--> OPEN --wait over--> HALF_OPEN --good probes--> CLOSED
                     ^                      |
                     +-----bad probe--------+        (waits longer each round)

Each move adds one to ``epoch``. A call carries the epoch it was admitted under; its caller gives its result to these rules only while
that epoch lasts, and a bad or slow probe is a bad one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.window import Health

RAMP = (0.1, 0.25, 0.5, 1.0)  # of the calls, in equal steps of time after closing


class State(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Circuit:
    """``until`` is the monotonic second that OPEN waits for; ``leases`` are when each probe under way is given up."""

    state: State = State.CLOSED
    epoch: int = 0
    until: float = 0.0
    rounds: int = 0
    successes: int = 0
    leases: tuple[float, ...] = ()


def admit(circuit: Circuit, policy: Policy, now: float) -> tuple[Circuit, float | None]:
    """The circuit after somebody asked to probe one that is not closed, and their lease; None: they may not."""
    if circuit.state is State.OPEN and now >= circuit.until:
        circuit = Circuit(State.HALF_OPEN, circuit.epoch + 1, rounds=circuit.rounds)
    if circuit.state is not State.HALF_OPEN:
        return circuit, None
    under_way = tuple(lease for lease in circuit.leases if now < lease)
    if len(under_way) >= policy.concurrent_probes:
        return circuit, None
    lease = now + policy.lease_seconds
    return replace(circuit, leases=(*under_way, lease)), lease


def after_call(circuit: Circuit, policy: Policy, health: Health, outcome: Outcome, now: float, chance: float) -> Circuit:
    """What a call admitted by the closed circuit makes of it; ``health`` already counts it."""
    if circuit.state is State.CLOSED and outcome is not Outcome.IGNORED and policy.tripped_by(health):
        return opened(circuit, policy, now, chance)
    return circuit


def after_probe(circuit: Circuit, policy: Policy, lease: float, outcome: Outcome, now: float, chance: float) -> Circuit:
    """What a probe makes of it: one bad one opens it again, ``policy.probes`` good ones in a row close it."""
    if circuit.state is not State.HALF_OPEN:
        return circuit
    if outcome is Outcome.BAD:
        return opened(replace(circuit, rounds=circuit.rounds + 1), policy, now, chance)
    successes = circuit.successes + (outcome is Outcome.OK)
    if successes >= policy.probes:
        return closed(circuit)
    return replace(circuit, successes=successes, leases=_without(circuit.leases, lease))


def opened(circuit: Circuit, policy: Policy, now: float, chance: float) -> Circuit:
    until = now + policy.wait_after(circuit.rounds, chance)
    return Circuit(State.OPEN, circuit.epoch + 1, until, circuit.rounds)


def closed(circuit: Circuit) -> Circuit:
    return Circuit(State.CLOSED, circuit.epoch + 1)


def held_open(circuit: Circuit, until: float, rounds: int) -> Circuit:
    """Open until an instant decided elsewhere."""
    return Circuit(State.OPEN, circuit.epoch + 1, until, rounds)


def ramp_share(policy: Policy, since_closed: float) -> float:
    """The share of calls let in so long after closing."""
    since = max(0.0, since_closed)
    if since >= policy.ramp_seconds:
        return 1.0
    return RAMP[min(int(since * len(RAMP) / policy.ramp_seconds), len(RAMP) - 1)]


def ramp_step_left(policy: Policy, since_closed: float) -> float:
    """Seconds until the share grows."""
    step = policy.ramp_seconds / len(RAMP)
    return step - max(0.0, since_closed) % step


def _without(leases: tuple[float, ...], lease: float) -> tuple[float, ...]:
    """All but the first that is equal: which of two equal leases goes does not matter."""
    if lease not in leases:
        return leases
    index = leases.index(lease)
    return leases[:index] + leases[index + 1 :]
