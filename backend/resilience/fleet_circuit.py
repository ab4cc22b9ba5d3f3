"""The fleet's rules for one circuit, pure: what an exchange or an order makes of the record. The scripts follow the same rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import floor
from typing import TypeVar

from backend.resilience.circuit_state import State
from backend.resilience.fleet_record import Asking, Counts, FleetCircuit, KeptOrder
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.shared_state import UNKNOWN_EPOCH, ProbeReport, Question, Reply
from backend.resilience.wire import ack_text, is_told, milliseconds

K = TypeVar("K")
V = TypeVar("V")

FORGET = 60_000
REFRESH = 500
_HEARING = 300  # the others get three of their exchanges to say that they call, too


def exchanged(circuit: FleetCircuit, asking: Asking) -> tuple[FleetCircuit, Reply]:
    """The record after one breaker told and asked, and its answer."""
    forgotten_reset = circuit.order(Slot.RESET).epoch > _told_epoch(asking.question, Slot.RESET)
    circuit, lacks = _recalled_orders(circuit, asking)
    circuit = _limited(_recalled(circuit, asking, forgotten_reset), asking)
    if asking.fresh:
        circuit = _heard(circuit, asking)
    circuit, tokens, quiet = _leased(circuit, asking)
    circuit, live = _present(circuit, asking)
    return circuit, Reply(circuit.told(asking.now), _news(circuit, asking), tokens, quiet / 1000, live, lacks)


def ordered(circuit: FleetCircuit, slot: Slot, order: Order, cause: str, now: int) -> tuple[FleetCircuit, str]:
    """The record after an operator's order: idempotent by act, fenced by epoch."""
    held = circuit.order(slot)
    if held.epoch >= order.epoch:
        return circuit, "same" if held.epoch == order.epoch and held.act == order.act else "stale"
    after = circuit.with_order(slot, KeptOrder.of(order, now))
    if slot is Slot.OVERRIDE:
        after = after.with_event(circuit.word(now), after.word(now), cause, "", order.epoch, slot)
    if slot is Slot.RESET:
        after = replace(after, shown={}).moved(State.CLOSED, cause, "", now)
    return after, "applied"


# -- what was forgotten -------------------------------------------------------------------------------------------------


def _recalled_orders(circuit: FleetCircuit, asking: Asking) -> tuple[FleetCircuit, frozenset[Slot]]:
    """Orders of which this process knows newer ones than are kept; a long body is asked for before it is sent."""
    lacks = set()
    for slot, order in asking.question.orders.items():
        if order.epoch <= circuit.order(slot).epoch:
            continue
        if is_told(slot, order, asking.question.lacking):
            circuit = circuit.with_order(slot, KeptOrder.of(order, asking.now))
        else:
            lacks.add(slot)
    return circuit, frozenset(lacks)


def _recalled(circuit: FleetCircuit, asking: Asking, forgotten_reset: bool) -> FleetCircuit:
    """The circuit as this process remembers it, when it was forgotten (a higher epoch can only have come from there)."""
    known, now = asking.question.known, asking.now
    if known.epoch <= circuit.epoch and (circuit.known or known.epoch == UNKNOWN_EPOCH):
        return circuit if circuit.known else replace(circuit, known=True, at=now)
    source = str(circuit.state) if circuit.known else "forgotten"
    state = State.OPEN if known.state is State.HALF_OPEN else known.state
    at, until = now - milliseconds(known.age_seconds), now + milliseconds(known.left_seconds)
    after = replace(
        circuit.begun_anew(), known=True, state=state, epoch=known.epoch, rounds=known.rounds, at=at, until=until, good=0, cause="reseeded"
    )
    if forgotten_reset:
        after = replace(after, state=State.CLOSED, epoch=known.epoch + 1, rounds=0, at=now, until=0)
    return after.with_event(source, after.state, "reseeded", asking.who, after.epoch)


def _limited(circuit: FleetCircuit, asking: Asking) -> FleetCircuit:
    """A wait longer than any was begun before the clock went back."""
    longest = asking.now + floor(milliseconds(asking.policy.longest_wait_seconds) * (1 + asking.policy.jitter))
    return replace(circuit, until=longest) if circuit.state is State.OPEN and circuit.until > longest else circuit


# -- what was seen ------------------------------------------------------------------------------------------------------


def _heard(circuit: FleetCircuit, asking: Asking) -> FleetCircuit:
    batch = asking.question.batch
    circuit = _counted(circuit, asking) if batch.tallies else circuit
    for report in batch.reports:
        circuit = _probed(circuit, asking, report)
    circuit = _decided(circuit, asking)
    if circuit.state is State.CLOSED:
        for own in batch.moves:
            circuit = circuit.with_event(own.source, own.target, own.cause, asking.who, own.epoch)
    return circuit


def _counted(circuit: FleetCircuit, asking: Asking) -> FleetCircuit:
    """Calls made while a circuit is disabled are shown, and decide nothing."""
    shown, decisive = dict(circuit.shown), dict(circuit.decisive)
    decides, called, trouble = circuit.override(asking.now) != OverrideKind.DISABLED, False, False
    for tally in asking.question.batch.tallies:
        start = (asking.now - milliseconds(tally.age_seconds) - asking.delay) // asking.slot * asking.slot
        if start < asking.oldest:
            continue
        counts = (tally.ok, tally.bad, tally.slow)
        shown[start] = _sum(shown.get(start, ()), (*counts, *tally.durations))
        if decides and tally.epoch in (circuit.epoch, UNKNOWN_EPOCH):
            decisive[start] = _sum(decisive.get(start, ()), counts)
            called, trouble = True, trouble or tally.bad > 0 or tally.slow > 0
    callers = {**circuit.callers, asking.who: asking.now} if called else circuit.callers
    reporters = {**circuit.reporters, asking.who: asking.now} if trouble else circuit.reporters
    after = replace(circuit, shown=shown, decisive=decisive, callers=callers, reporters=reporters)
    is_new = any(len(getattr(after, part)) > len(getattr(circuit, part)) for part in ("shown", "decisive", "callers", "reporters"))
    return _trimmed(after, asking) if is_new else after


def _trimmed(circuit: FleetCircuit, asking: Asking) -> FleetCircuit:
    """What left the window goes when a slot or a caller is new, not at each exchange."""
    return replace(
        circuit,
        shown=_kept_if(circuit.shown, lambda start, _: asking.oldest <= start <= asking.now),
        decisive=_kept_if(circuit.decisive, lambda start, _: asking.oldest <= start <= asking.now),
        callers=_seen(circuit.callers, asking),
        reporters=_seen(circuit.reporters, asking),
    )


def _seen(instances: Mapping[str, int], asking: Asking) -> dict[str, int]:
    return _kept_if(instances, lambda _, seen: asking.now - asking.window < seen <= asking.now)


def _probed(circuit: FleetCircuit, asking: Asking, report: ProbeReport) -> FleetCircuit:
    deadline = circuit.leases.get(report.token, 0)
    if circuit.state is not State.HALF_OPEN or circuit.epoch != report.epoch or deadline <= asking.now:
        return circuit
    circuit = replace(circuit, leases=_kept_if(circuit.leases, lambda token, _: token != report.token))
    if not report.ok:
        return _opened(replace(circuit, rounds=circuit.rounds + 1), asking, "probe_failed")
    if circuit.good + 1 >= asking.policy.probes:
        return circuit.moved(State.CLOSED, "probes_succeeded", asking.who, asking.now)
    return replace(circuit, good=circuit.good + 1)


def _opened(circuit: FleetCircuit, asking: Asking, cause: str) -> FleetCircuit:
    return circuit.moved(State.OPEN, cause, asking.who, asking.now, asking.wait_ends(circuit.rounds))


def _decided(circuit: FleetCircuit, asking: Asking) -> FleetCircuit:
    """Under 'metrics only' it is told once a wait that the circuit would have opened, and nothing moves."""
    only_told = circuit.override(asking.now) == OverrideKind.METRICS_ONLY
    wait_ends = asking.now + milliseconds(asking.policy.wait_seconds)
    if circuit.state is not State.CLOSED or (only_told and asking.now < circuit.would <= wait_ends):
        return circuit
    if not asking.question.batch.tallies and not circuit.alone:
        return circuit
    circuit, tripped = _tripped(circuit, asking)
    if not tripped:
        return circuit
    if not only_told:
        return _opened(circuit, asking, "window")
    told = replace(circuit.begun_anew(), would=wait_ends)
    return told.with_event(State.CLOSED, State.OPEN, "would_open", asking.who, circuit.epoch)


def _tripped(circuit: FleetCircuit, asking: Asking) -> tuple[FleetCircuit, bool]:
    reporters = _seen(circuit.reporters, asking)
    slots = [counts for start, counts in circuit.decisive.items() if asking.oldest <= start <= asking.now]
    ok, bad, slow = (sum(counts[index] for counts in slots) for index in range(3))
    calls, policy = ok + bad, asking.policy
    if not reporters or calls < policy.minimum_calls or (bad < policy.failure_ratio * calls and slow < policy.slow_ratio * calls):
        return circuit, False
    if len(reporters) >= policy.minimum_reporters:
        return circuit, True
    if len(_seen(circuit.callers, asking)) > 1:
        return replace(circuit, alone=0), False
    since = circuit.alone if 0 < circuit.alone <= asking.now else asking.now
    circuit = replace(circuit, alone=since)  # one caller's trouble is enough where nobody else calls
    return circuit, asking.now - circuit.alone >= _HEARING


# -- leave to probe -----------------------------------------------------------------------------------------------------


def _leased(circuit: FleetCircuit, asking: Asking) -> tuple[FleetCircuit, tuple[str, ...], int]:
    """The leases this process holds, and for how long none can come free."""
    question, now = asking.question, asking.now
    if circuit.state is State.OPEN and question.wants_probe and now >= circuit.until:
        circuit = circuit.moved(State.HALF_OPEN, "wait_over", asking.who, now)
    if circuit.state is not State.HALF_OPEN:
        return circuit, (), 0
    longest = now + 2 * milliseconds(asking.policy.lease_seconds)
    leases = _kept_if(circuit.leases, lambda token, ends: now < ends <= longest and token not in question.released)
    mine = [token for token in question.held if token in leases]
    leases |= dict.fromkeys(mine, asking.lease_ends())
    if question.wants_probe and len(leases) < asking.policy.concurrent_probes:
        circuit = replace(circuit, leased=circuit.leased + 1)
        mine.append(f"{asking.who}:{circuit.epoch}:{circuit.leased}")
        leases[mine[-1]] = asking.lease_ends()
    quiet = 0 if len(leases) < asking.policy.concurrent_probes else min(leases.values()) - now
    return replace(circuit, leases=leases), tuple(mine), quiet


# -- what is answered ---------------------------------------------------------------------------------------------------


def _news(circuit: FleetCircuit, asking: Asking) -> dict[Slot, Order]:
    """The orders that differ from what the process says it holds."""
    told = {slot: (order.epoch, order.act) for slot, order in asking.question.orders.items()}
    news = {}
    for slot, kept in circuit.orders.items():
        epoch, act = told.get(slot, (0, ""))
        if kept.epoch > epoch or (kept.epoch == epoch and kept.act != act):
            news[slot] = kept.told(asking.now)
    return news


def _present(circuit: FleetCircuit, asking: Asking) -> tuple[FleetCircuit, int]:
    """Who is there is written down twice a second, and at once when it holds another state or order; 0: it was not counted."""
    ack, who, now = ack_text(asking.question), asking.who, asking.now
    if circuit.acks.get(who) == ack and 0 <= now - circuit.present[who] < REFRESH and circuit.policy == asking.policy:
        return circuit, 0
    present = _kept_if({**circuit.present, who: now}, lambda _, seen: seen > now - FORGET)
    acks = _kept_if({**circuit.acks, who: ack}, lambda who, _: who in present)
    after = replace(circuit, acks=acks, present=present, policy=asking.policy)
    return after, after.live(now)


def _told_epoch(question: Question, slot: Slot) -> int:
    return question.orders[slot].epoch if slot in question.orders else 0


def _sum(kept: Counts, more: Counts) -> Counts:
    longest = max(len(kept), len(more))
    return tuple((kept[i] if i < len(kept) else 0) + (more[i] if i < len(more) else 0) for i in range(longest))


def _kept_if(values: Mapping[K, V], keep: Callable[[K, V], bool]) -> dict[K, V]:
    return {key: value for key, value in values.items() if keep(key, value)}
