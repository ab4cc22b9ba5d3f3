"""Lets calls in or refuses them, and counts how they ended: the part of a breaker behind its lock.

While nothing stands against a call, ``gate`` holds the admission that all calls share, and is read without the lock; while nothing can let
one in, ``shut`` says so in the same way. Whoever changes what a call meets calls ``settle``, which finds both anew.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable

from backend.clock import Clock
from backend.errors import CallRefused, CircuitIsolated, CircuitOpen
from backend.resilience.admission import FOR_DISPLAY, Admission, Refused, Shut
from backend.resilience.circuit_state import State
from backend.resilience.counts import Counts
from backend.resilience.fleet_view import FleetView
from backend.resilience.latency import BOUNDS_SECONDS
from backend.resilience.listener import Listener
from backend.resilience.membership import Membership
from backend.resilience.orders import OverrideKind
from backend.resilience.outcome import Outcome
from backend.resilience.own_circuit import OwnCircuit, probe_outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import UNKNOWN_EPOCH
from backend.resilience.teller import News, Teller

_NEVER = float("-inf")


class Gatekeeper:
    """``admit``, ``succeeded`` and ``finished`` take the lock themselves where they must; all others are called with it held."""

    __slots__ = (
        "_isolated",
        "_plain",
        "_quiet_until",
        "_refused",
        "_shut",
        "_way",
        "abandoned",
        "counts",
        "gate",
        "kind",
        "lock",
        "member",
        "monotonic",
        "name",
        "own",
        "shown",
        "slow_seconds",
        "teller",
    )

    def __init__(self, name: str, policy: Policy, clock: Clock, random: Callable[[], float], listener: Listener) -> None:
        self.name = name
        self.monotonic = clock.monotonic
        self.lock = threading.RLock()  # a finalizer or a signal's handler may call while its own thread is in here
        self.counts = Counts(policy)
        self.member = Membership(name, policy, random)
        self.own = OwnCircuit(policy, self.counts, self.member, clock, random)
        self.teller = Teller(name, listener)
        self.abandoned: list[Admission] = []  # of calls whose end nobody saw; added to without the lock
        self._refused = Refused()
        self._isolated = Refused()
        self.kind = OverrideKind.NONE
        self.shown = State.CLOSED.value
        self.gate: Admission | None = None
        self._shut: Shut | None = None
        self._way: _Way = Gatekeeper._plainly
        self._plain = Admission(self.own.circuit.epoch, UNKNOWN_EPOCH)
        self.slow_seconds = policy.slow_seconds
        self.counts.enter(self.monotonic(), UNKNOWN_EPOCH)
        self.settle(self.monotonic())

    # -- the call path ----------------------------------------------------------------------------------------------

    def admit(self, now: float) -> Admission:
        """Where there is no gate to go through. CircuitOpen or CircuitIsolated when the call may not be made."""
        shut = self._shut
        if shut is not None and now < shut.until:
            next(shut.refused.steps)
            raise shut.refusal(now)
        with self.lock:
            answer = self._way(self, now)
            if not isinstance(answer, Admission):
                next(self._counter(type(answer)).steps)
        if self.teller.news:
            self.teller.tell()
        if isinstance(answer, Admission):
            return answer
        raise answer

    def succeeded(self, admission: Admission, began: float) -> None:
        """A good end. By far the most calls end here, so this does as little as can be."""
        now = self.monotonic()
        seconds = now - began
        with self.lock:
            if admission is self.gate and now < self._quiet_until and seconds < self.slow_seconds:
                counts = self.counts
                counts.sums[0] += 1
                counts.durations[bisect_left(BOUNDS_SECONDS, seconds)] += 1
                counts.seconds += seconds
                if counts.by_number is not None:
                    counts.by_number.record(now, ok=True, slow=False)
                return
            self._finish(admission, Outcome.OK, now, seconds)
        if self.teller.news:
            self.teller.tell()

    def finished(self, admission: Admission, began: float, outcome: Outcome) -> None:
        """Any end."""
        now = self.monotonic()
        with self.lock:
            self._finish(admission, outcome, now, now - began)
        if self.teller.news:
            self.teller.tell()

    # -- letting in -------------------------------------------------------------------------------------------------

    def _plainly(self, now: float) -> Admission | CallRefused:  # noqa: ARG002 - one of the ways
        return self._plain

    def _overridden(self, now: float) -> Admission | CallRefused:
        if self.member.view.override_kind(now) is self.kind:
            return FOR_DISPLAY if self.kind is OverrideKind.DISABLED else self._plain
        self.settle(now, "expired")
        return self._shut.refusal(now) if self._shut is not None and now < self._shut.until else self._way(self, now)

    def _for_the_fleet(self, now: float) -> Admission | CallRefused:
        self.give_back(now)
        permit = self.member.take_permit(now)
        if permit is not None:
            return Admission(self._plain.local_epoch, permit.epoch, None, permit)
        return CircuitOpen(self.name, f"{self.name} is being tried by another process", 0.0)

    def _by_itself(self, now: float) -> Admission | CallRefused:
        self.give_back(now)
        if self.own.circuit.state is State.OPEN and self.member.view.adrift and not self.member.may_probe_alone(now):
            return CircuitOpen(self.name, f"{self.name} failed too often; another process may try it", 0.0)
        lease, cause = self.own.probe(now)
        if cause:
            self.settle(now, cause)
        if lease is not None:
            return Admission(self._plain.local_epoch, self._plain.fleet_epoch, lease)
        self.member.demand(now)
        return CircuitOpen(self.name, f"{self.name} is being tried", max(0.0, min(self.own.circuit.leases) - now))

    def _ramping(self, now: float) -> Admission | CallRefused:
        left = self.own.ramp_refuses(now)
        if left is not None:
            return CircuitOpen(self.name, f"{self.name} is recovering; a growing share of calls is made", left)
        if self.own.share(now) >= 1.0:
            self.settle(now)
        return self._plain

    # -- counting ---------------------------------------------------------------------------------------------------

    def _finish(self, admission: Admission, outcome: Outcome, now: float, seconds: float) -> None:
        slow = seconds >= self.slow_seconds
        present = admission.is_of(self._plain.local_epoch, self._plain.fleet_epoch)
        if outcome is Outcome.IGNORED:
            self.counts.ignored += 1
        elif present:
            self.counts.record(now, ok=outcome is Outcome.OK, slow=slow, seconds=seconds)
        else:
            self.counts.record_late(now, admission.fleet_epoch, ok=outcome is Outcome.OK, slow=slow, seconds=seconds)
        cause = ""
        if admission.permit is not None:
            self.member.finish_probe(admission.permit, probe_outcome(outcome, slow))
        elif present and admission.lease is not None:
            cause = self.own.probed(admission.lease, outcome, slow, now, self.kind)
        elif present and outcome is not Outcome.IGNORED:
            cause = self.own.called(outcome, now, self.kind)
        if cause:
            self.settle(now, cause)
        else:
            self._be_quiet(now)

    def give_back(self, now: float) -> None:
        """Calls that were dropped say nothing about the dependency."""
        while self.abandoned:
            self._finish(self.abandoned.pop(0), Outcome.IGNORED, now, 0.0)

    def _be_quiet(self, now: float) -> None:
        """Until the slot ends, one more good and quick call through the gate can change nothing but the sums."""
        loud = self.gate is None or self.own.trips_on_good_calls(now)
        self._quiet_until = _NEVER if loud else self.counts.slot_ends

    # -- what a call meets ------------------------------------------------------------------------------------------

    def settle(self, now: float, cause: str = "") -> None:
        """Find out anew what a call meets."""
        view, circuit = self.member.view, self.own.circuit
        self.kind = view.override_kind(now)
        if not self._plain.is_of(circuit.epoch, view.circuit.epoch):
            self._plain = Admission(circuit.epoch, view.circuit.epoch)
            self.counts.enter(now, view.circuit.epoch)
        state = self._found(view, now)
        self.gate = self._plain if self._way is Gatekeeper._plainly else None
        self._be_quiet(now)
        if state != self.shown:
            self.shown = state
            self.teller.news.append(News(state, cause))

    def _found(self, view: FleetView, now: float) -> str:
        """Sets the way in and what shuts it; the state in a word."""
        circuit, name = self.own.circuit, self.name
        self.pass_demand_on(now)
        self._shut = None
        if self.kind is not OverrideKind.NONE:
            self._way = Gatekeeper._overridden
            if self.kind is OverrideKind.ISOLATED:
                self._shut_by(CircuitIsolated, f"{name} is isolated by an operator", view.kind_ends)
            elif self.kind is OverrideKind.FORCED_OPEN:
                self._shut_by(CircuitOpen, f"{name} is held open by an operator", view.kind_ends)
            return self.kind.value
        if view.governs:
            self._way = Gatekeeper._for_the_fleet
            if view.circuit.state is State.OPEN:
                self._shut_by(CircuitOpen, f"{name} failed too often; all processes wait", view.until)
            return view.circuit.state.value
        if circuit.state is State.CLOSED:
            self._way = Gatekeeper._plainly if self.own.share(now) >= 1.0 else Gatekeeper._ramping
        else:
            self._way = Gatekeeper._by_itself
            if circuit.state is State.OPEN:
                self._shut_by(CircuitOpen, f"{name} failed too often; this process waits", circuit.until)
        return circuit.state.value

    def refusals(self) -> dict[str, int]:
        """Calls refused since the start, by error code."""
        return {CircuitOpen.code: self._refused.read(), CircuitIsolated.code: self._isolated.read()}

    def pass_demand_on(self, now: float) -> None:
        """Calls refused since this was last done make a probe worth asking for, unless an operator refused them."""
        if self._shut is not None and self._way is not Gatekeeper._overridden and self._shut.refused.grew():
            self.member.demand(now)

    def _counter(self, kind: type[CallRefused]) -> Refused:
        return self._isolated if kind is CircuitIsolated else self._refused

    def _shut_by(self, kind: type[CallRefused], detail: str, until: float) -> None:
        self._shut = Shut(kind, self.name, detail, until, self._counter(kind))


_Way = Callable[[Gatekeeper, float], Admission | CallRefused]
