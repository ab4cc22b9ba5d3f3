"""What the fleet's figures and SQL's orders make of a card: pure, no clock, no store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.operations.circuit_view import ActiveFault, Bar, CircuitView, EffectivePolicy, Guarded, InstanceView, Standing, Transition
from backend.operations.happenings import answered, summed
from backend.operations.order_record import OrderRecord
from backend.resilience.circuit_state import State
from backend.resilience.dependency_policy import to_document
from backend.resilience.orders import Order, Slot
from backend.resilience.readings import CircuitReading, HappeningReading, InstanceReading, Moved, Named

Newest = Mapping[Slot, OrderRecord]


@dataclass(frozen=True)
class Around:
    """What happened around the calls of all circuits, newest first; nothing is known of what was before ``known_since``."""

    happenings: Sequence[HappeningReading]
    known_since: float = 0.0

    @classmethod
    def of_page(cls, page: Sequence[HappeningReading], limit: int) -> Around:
        """A page that is full may have left out older ones, and some of the same instant as its last."""
        return cls(page, page[-1].at_seconds + 0.001 if page and len(page) >= limit else 0.0)

    def of(self, circuit: str) -> list[HappeningReading]:
        return [one for one in self.happenings if one.circuit == circuit]


def circuit_view(
    named: Named, guarded: Guarded | None, reading: CircuitReading, newest: Newest, around: Around, now: datetime
) -> CircuitView:
    """The card of one circuit; its ratios are None before the first call in the window."""
    instances = tuple(_instance(instance, newest) for instance in reading.instances)
    live = [instance for instance in instances if instance.is_live]
    ok, bad, slow = (sum(bar[index] for bar in reading.bars) for index in range(3))
    calls, circuit, window = ok + bad, reading.circuit, _window_seconds(guarded, reading)
    sums = summed(around.of(named.name), window, now, around.known_since)
    return CircuitView(
        name=named.name,
        title=guarded.title if guarded else named.title or named.name,
        service=named.service,
        state=circuit.state.value if reading.known and live else "unknown",
        since=now - timedelta(seconds=circuit.age_seconds) if reading.known else None,
        override=shown(newest.get(Slot.OVERRIDE), now),
        calls=calls,
        failed_ratio=bad / calls if calls else None,
        slow_ratio=slow / calls if calls else None,
        p95_seconds=reading.p95_seconds,
        bars=tuple(Bar(*counts) for counts in reading.bars),
        window_seconds=window,
        next_probe_at=now + timedelta(seconds=circuit.left_seconds) if circuit.state is State.OPEN else None,
        instances=instances,
        policy=effective_policy(guarded, reading, newest.get(Slot.POLICY)),
        applied=(sum(instance.applied for instance in live), len(live)),
        fault=shown(newest.get(Slot.FAULT), now),
        standings=tuple(_standing(record, live, now) for record in newest.values()),
        happenings=sums,
        answered=answered(ok, sums, window),
        ramp_left_seconds=reading.ramp_left_seconds,
        configured=guarded is not None,
    )


def shown(newest: OrderRecord | None, now: datetime) -> OrderRecord | None:
    """An order in force, or any act of which the fleet has not been told yet."""
    if newest is None or not (newest.in_force(now) or newest.applied_at is None):
        return None
    return newest


def effective_policy(guarded: Guarded | None, reading: CircuitReading, newest: OrderRecord | None) -> EffectivePolicy:
    settings = to_document(guarded.policy) if guarded else None
    if newest is not None and newest.body:
        return EffectivePolicy(newest.document, "operator", newest.epoch, newest.actor_name, newest.reason, newest.created_at, settings)
    epoch = newest.epoch if newest else 0
    if settings is not None:
        return EffectivePolicy(settings, "settings", epoch, settings=settings)
    return EffectivePolicy({"circuit": dict(reading.policy)} if reading.policy else None, "service", epoch)


def transition(moved: Moved) -> Transition:
    at = datetime.fromtimestamp(moved.at_seconds, UTC)
    return Transition(at, moved.circuit, moved.source, moved.target, moved.cause, moved.instance, moved.epoch, moved.id, moved.slot)


def fault_of_record(record: OrderRecord, title: str) -> ActiveFault:
    return ActiveFault(record.circuit, title, record.document, record.expires_at, record.actor_name, record.reason, record.created_at)


def fault_of_fleet(name: str, title: str, order: Order, now: datetime) -> ActiveFault:
    ends = None if order.left_seconds is None else now + timedelta(seconds=order.left_seconds)
    return ActiveFault(name, title, json.loads(order.body), ends, since=now - timedelta(seconds=order.age_seconds))


def _window_seconds(guarded: Guarded | None, reading: CircuitReading) -> float:
    """As the processes count it now; before any told, as the settings say."""
    if reading.policy is not None:
        return float(reading.policy["window_seconds"])
    return guarded.policy.circuit.window_seconds if guarded else 0.0


def _standing(record: OrderRecord, live: list[InstanceView], now: datetime) -> Standing:
    known = sum(instance.epochs.get(record.slot, 0) >= record.epoch for instance in live)
    return Standing(record.slot, record, record.in_force(now), known, len(live))


def _instance(reading: InstanceReading, newest: Newest) -> InstanceView:
    override = newest.get(Slot.OVERRIDE)
    applied = reading.epochs.get(Slot.OVERRIDE, 0) >= (override.epoch if override else 0)
    return InstanceView(reading.id, reading.role, reading.state, reading.lag_seconds, applied, dict(reading.epochs))
