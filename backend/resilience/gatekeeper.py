"""Lets calls in or refuses them, counts how they ended, and moves this process's own circuit: the part of a breaker behind its lock.

While nothing stands against a call, ``gate`` holds the admission that all calls share, and is read without the lock. Whoever changes what
a call meets calls ``settle``, which opens or shuts it.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime

from backend.clock import Clock
from backend.errors import CallRefused, CircuitIsolated, CircuitOpen
from backend.resilience import circuit_state
from backend.resilience.admission import FOR_DISPLAY, Admission, refusal
from backend.resilience.circuit_state import Circuit, State
from backend.resilience.counts import Counts
from backend.resilience.fleet_view import FleetView
from backend.resilience.latency import BOUNDS_SECONDS
from backend.resilience.listener import Happened, Listener
from backend.resilience.membership import Adopted, Membership
from backend.resilience.orders import OverrideKind
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import UNKNOWN_EPOCH, LocalMove
from backend.resilience.teller import News, Teller

_NEVER = float("-inf")
_UNHINDERED = (OverrideKind.DISABLED, OverrideKind.METRICS_ONLY)  # every call goes through, and no circuit moves


class Gatekeeper:
    """Methods without an underscore that take the lock say so; all others are called with it held."""

    def __init__(self, name: str, policy: Policy, clock: Clock, random: Callable[[], float], listener: Listener) -> None:
        self.name = name
        self.policy = policy
        self.monotonic = clock.monotonic
        self.lock = threading.Lock()
        self.gate: Admission | None = None
        self.counts = Counts(policy)
        self.member = Membership(name, policy, random)
        self.local = Circuit()
        self.local_since: datetime | None = None
        self.kind = OverrideKind.NONE
        self.shown = State.CLOSED.value
        self.refused: Counter[str] = Counter()
        self.abandoned: deque[Admission] = deque()  # of calls whose end nobody saw; added to without the lock
        self.teller = Teller(name, listener)
        self._clock = clock
        self._random = random
        self._plain = Admission(self.local.epoch, UNKNOWN_EPOCH)
        self._closed_at = _NEVER
        self._quiet_until = _NEVER
        self._slow_seconds = policy.slow_seconds
        self._way: _Way = Gatekeeper._plainly
        self.counts.enter(self.monotonic(), UNKNOWN_EPOCH)
        self.settle(self.monotonic())

    # -- the call path: these take the lock ------------------------------------------------------------------------

    def admit(self, now: float) -> Admission:
        """Where the gate is shut; takes the lock. CircuitOpen or CircuitIsolated when the call may not be made."""
        with self.lock:
            if self.abandoned:
                self.give_back(now)
            answer = self._way(self, now)
            if not isinstance(answer, Admission):
                self.refused[answer.code] += 1
        if self.teller.news:
            self.teller.tell()
        if isinstance(answer, Admission):
            return answer
        raise answer

    def succeeded(self, admission: Admission, began: float) -> None:
        """A good end; takes the lock. By far the most calls end here, so this does as little as can be."""
        now = self.monotonic()
        seconds = now - began
        with self.lock:
            if admission is self.gate and now < self._quiet_until and seconds < self._slow_seconds:
                counts = self.counts
                counts.sums[0] += 1
                counts.durations[bisect_left(BOUNDS_SECONDS, seconds)] += 1
                counts.seconds += seconds
                return
            self._finish(admission, Outcome.OK, now, seconds)
        if self.teller.news:
            self.teller.tell()

    def finished(self, admission: Admission, began: float, outcome: Outcome) -> None:
        """Any end; takes the lock."""
        now = self.monotonic()
        with self.lock:
            self._finish(admission, outcome, now, now - began)
        if self.teller.news:
            self.teller.tell()

    # -- letting in -------------------------------------------------------------------------------------------------

    def _plainly(self, now: float) -> Admission | CallRefused:  # noqa: ARG002 - one of the ways
        return self._plain

    def _overridden(self, now: float) -> Admission | CallRefused:
        if self.member.view.override_kind(now) is not self.kind:
            self.settle(now, "expired")
            return self._way(self, now)
        left = self.member.view.override_left(now)
        match self.kind:
            case OverrideKind.ISOLATED:
                return refusal(CircuitIsolated, self.name, f"{self.name} is isolated by an operator", left)
            case OverrideKind.FORCED_OPEN:
                return refusal(CircuitOpen, self.name, f"{self.name} is held open by an operator", left)
            case OverrideKind.DISABLED:
                return FOR_DISPLAY
            case _:
                return self._plain

    def _for_the_fleet(self, now: float) -> Admission | CallRefused:
        member = self.member
        permit = member.take_permit(now)
        if permit is not None:
            return Admission(self._plain.local_epoch, permit.epoch, None, permit)
        return refusal(CircuitOpen, self.name, f"{self.name} failed too often; all processes wait", max(0.0, member.view.until - now))

    def _by_itself(self, now: float) -> Admission | CallRefused:
        local, member = self.local, self.member
        if now < local.until or (local.state is State.OPEN and member.view.adrift and not member.may_probe_alone(now)):
            member.demand(now)
            return refusal(CircuitOpen, self.name, f"{self.name} failed too often; this process waits", max(0.0, local.until - now))
        after, lease = circuit_state.admit(local, self.policy, now)
        self._move(after, "wait_over", now)
        if lease is None:
            member.demand(now)
            return refusal(CircuitOpen, self.name, f"{self.name} is being tried by others", max(0.0, min(after.leases) - now))
        return Admission(self._plain.local_epoch, self._plain.fleet_epoch, lease)

    def _ramping(self, now: float) -> Admission | CallRefused:
        share = self.share(now)
        if share >= 1.0:
            self.settle(now)
        elif self._random() >= share:
            left = circuit_state.ramp_step_left(self.policy, now - self._closed_at)
            return refusal(CircuitOpen, self.name, f"{self.name} is recovering; a growing share of calls is made", left)
        return self._plain

    def share(self, now: float) -> float:
        """Of the calls, how many are let in after closing."""
        return circuit_state.ramp_share(self.policy, now - self._closed_at)

    # -- counting ---------------------------------------------------------------------------------------------------

    def _finish(self, admission: Admission, outcome: Outcome, now: float, seconds: float) -> None:
        slow = seconds >= self._slow_seconds
        present = admission.is_of(self._plain.local_epoch, self._plain.fleet_epoch)
        if outcome is Outcome.IGNORED:
            self.counts.ignored += 1
        elif present:
            self.counts.record(now, ok=outcome is Outcome.OK, slow=slow, seconds=seconds)
        else:
            self.counts.record_late(now, admission.fleet_epoch, ok=outcome is Outcome.OK, slow=slow, seconds=seconds)
        if admission.permit is not None:
            self.member.finish_probe(admission.permit, _of_probe(outcome, slow))
        elif present and admission.lease is not None:
            self._judge_probe(admission.lease, _of_probe(outcome, slow), now)
        elif present and self.local.state is State.CLOSED and self.counts.troubled:
            health = self.counts.health(now)
            self._move(circuit_state.after_call(self.local, self.policy, health, outcome, now, self._random()), "window", now)
        self._quiet_until = self.counts.quiet_until

    def _judge_probe(self, lease: float, outcome: Outcome, now: float) -> None:
        after = circuit_state.after_probe(self.local, self.policy, lease, outcome, now, self._random())
        self._move(after, "probe_failed" if after.state is State.OPEN else "probes_succeeded", now)

    def give_back(self, now: float) -> None:
        """Calls that were dropped say nothing about the dependency."""
        while self.abandoned:
            self._finish(self.abandoned.popleft(), Outcome.IGNORED, now, 0.0)

    # -- moving -----------------------------------------------------------------------------------------------------

    def _move(self, after: Circuit, cause: str, now: float) -> None:
        before = self.local
        if after.epoch == before.epoch:
            self.local = after
        elif self.kind in _UNHINDERED:
            self._would_move(after)
        else:
            self.local, self.local_since = after, self._clock.now()
            self.member.moves.append(LocalMove(before.state, after.state, f"process_{cause}", after.epoch))
            if after.state is State.CLOSED:
                self.counts.clear()
                self._closed_at = now
            self.settle(now, f"process_{cause}")

    def _would_move(self, after: Circuit) -> None:
        """Told once, as an opening would be: the window begins anew."""
        if after.state is State.OPEN and self.kind is OverrideKind.METRICS_ONLY:
            self.member.note(Happened.WOULD_OPEN, "process")
        self.counts.clear()

    def hold_open(self, until: float, rounds: int) -> None:
        """Open until an instant that the fleet had decided."""
        self.local, self.local_since = circuit_state.held_open(self.local, until, rounds), self._clock.now()

    def start_afresh(self) -> None:
        """Forget what was counted and how it was judged."""
        self.local = circuit_state.closed(self.local)
        self.counts.clear()

    def heard(self, before: FleetView, adopted: Adopted, now: float) -> None:
        """What the fleet's word changes here."""
        view = self.member.view
        if adopted.afresh:
            self.start_afresh()
        if view.closed_at is not None and view.circuit.epoch != before.circuit.epoch:
            self.counts.clear()  # what came before says nothing now
            self._closed_at = view.closed_at
        kind = view.override_kind(now)
        if kind is OverrideKind.NONE and self.kind is not kind:
            cause = "released" if view.kind is kind else "expired"
        else:
            cause = view.circuit.cause if kind is OverrideKind.NONE else kind.value
        self.settle(now, cause)

    def use(self, policy: Policy, now: float) -> None:
        """Other figures; the window goes on when its shape is the same."""
        if not policy.same_window(self.policy):
            self.counts.use(policy, self._plain.fleet_epoch)
        self.policy = self.member.policy = policy
        self._slow_seconds = policy.slow_seconds
        self.settle(now)

    def settle(self, now: float, cause: str = "") -> None:
        """Find out anew what a call meets."""
        view, local = self.member.view, self.local
        self.kind = view.override_kind(now)
        if self._plain[:2] != (local.epoch, view.circuit.epoch):
            self._plain = Admission(local.epoch, view.circuit.epoch)
            self.counts.enter(now, view.circuit.epoch)
        state: str = view.circuit.state if view.governs else local.state
        if self.kind is not OverrideKind.NONE:
            self._way, state = Gatekeeper._overridden, self.kind
        elif view.governs:
            self._way = Gatekeeper._for_the_fleet
        elif local.state is not State.CLOSED:
            self._way = Gatekeeper._by_itself
        else:
            self._way = Gatekeeper._plainly if self.share(now) >= 1.0 else Gatekeeper._ramping
        self.gate = self._plain if self._way is Gatekeeper._plainly else None
        self._quiet_until = self.counts.quiet_until
        if state != self.shown:
            self.shown = str(state)
            self.teller.news.append(News(self.shown, cause))

    def renew_after_fork(self) -> None:
        """In a child process: nobody holds the lock here, and what was owed to the fleet is the parent's to tell."""
        self.lock = threading.Lock()
        self.member.disown()
        self.counts.taken(self.monotonic(), 0.0)
        self.settle(self.monotonic())


def _of_probe(outcome: Outcome, slow: bool) -> Outcome:
    """A slow probe is a bad one: what opened for slowness must not close on it."""
    return Outcome.BAD if outcome is Outcome.OK and slow else outcome


_Way = Callable[[Gatekeeper, float], Admission | CallRefused]
