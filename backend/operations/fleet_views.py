"""What the fleet's figures make of a card: pure, no clock, no store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from backend.operations.overrides import Bar, CircuitView, InstanceView, Override, Transition
from backend.resilience.circuit_state import State
from backend.resilience.policy import Policy
from backend.resilience.redis_state import CircuitReading, InstanceReading, Moved


def circuit_view(name: str, title: str, policy: Policy, reading: CircuitReading, newest: Override | None, now: datetime) -> CircuitView:
    """The card of one circuit; its ratios are None before the first call in the window."""
    epoch = newest.epoch if newest else 0
    instances = tuple(_instance(instance, epoch) for instance in reading.instances)
    live = [instance for instance in instances if instance.is_live]
    ok, bad, slow = (sum(bar[index] for bar in reading.bars) for index in range(3))
    calls = ok + bad
    circuit = reading.circuit
    return CircuitView(
        name=name,
        title=title,
        state=circuit.state.value if reading.known and live else "unknown",
        since=now - timedelta(seconds=circuit.age_seconds) if reading.known else None,
        override=shown_override(newest, now),
        calls=calls,
        failed_ratio=bad / calls if calls else None,
        slow_ratio=slow / calls if calls else None,
        p95_seconds=reading.p95_seconds,
        bars=tuple(Bar(*counts) for counts in reading.bars),
        window_seconds=policy.window_seconds,
        next_probe_at=now + timedelta(seconds=circuit.left_seconds) if circuit.state is State.OPEN else None,
        instances=instances,
        policy=policy,
        applied=(sum(instance.applied for instance in live), len(live)),
    )


def shown_override(newest: Override | None, now: datetime) -> Override | None:
    """An isolation in force, or any act of which the fleet has not been told yet."""
    if newest is None or not (newest.isolates(now) or newest.applied_at is None):
        return None
    return newest


def transition(moved: Moved) -> Transition:
    at = datetime.fromtimestamp(moved.at_seconds, UTC)
    return Transition(at, moved.circuit, moved.source, moved.target, moved.cause, moved.instance, moved.epoch)


def _instance(reading: InstanceReading, epoch: int) -> InstanceView:
    return InstanceView(reading.id, reading.role, reading.state, reading.lag_seconds, reading.override_epoch >= epoch)
