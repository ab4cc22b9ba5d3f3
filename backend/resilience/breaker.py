"""The breaker around one dependency: this process's own window and the fleet's word decide, without leaving the process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple, TypeVar

from backend.clock import Clock
from backend.errors import CircuitIsolated, CircuitOpen
from backend.resilience import circuit_state
from backend.resilience.circuit_state import Circuit, State
from backend.resilience.fleet_view import BreakerView, FleetView, Permit
from backend.resilience.listener import Listener, Silent
from backend.resilience.membership import Membership
from backend.resilience.outcome import Outcome, outcome_of
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Batch, LocalMove, Question, Reply
from backend.resilience.window import TimeWindow

T = TypeVar("T")

ISOLATED = "isolated"


class _Admission(NamedTuple):
    began: float
    local_epoch: int
    fleet_epoch: int
    permit: Permit | None
    probes: bool = False


class Breaker:
    """Guards calls to one dependency. Thread-safe; no lock is held during a call."""

    def __init__(self, name: str, policy: Policy, clock: Clock, random: Callable[[], float], *, listener: Listener | None = None) -> None:
        self.name = name
        self.policy = policy
        self._clock = clock
        self._random = random
        self._listener = listener or Silent()
        self._lock = threading.Lock()
        self._window = TimeWindow(policy.slot_seconds, policy.slots)
        self._local = Circuit()
        self._local_since: datetime | None = None
        self._member = Membership(name, policy, random)
        self._shown = State.CLOSED.value

    def call(self, function: Callable[[], T], classify: Callable[[BaseException], Outcome] = outcome_of) -> T:
        """Call it, unless the circuit says no: CircuitOpen or CircuitIsolated, at once."""
        admission = self._admit()
        try:
            result = function()
        except BaseException as error:
            self._finish(admission, classify(error))
            raise
        self._finish(admission, Outcome.OK)
        return result

    @contextmanager
    def guard(self, classify: Callable[[BaseException], Outcome] = outcome_of) -> Iterator[None]:
        """The same around a block; what it raises is classified and raised on."""
        admission = self._admit()
        try:
            yield
        except BaseException as error:
            self._finish(admission, classify(error))
            raise
        self._finish(admission, Outcome.OK)

    def view(self) -> BreakerView:
        """How it is now, as this process sees it."""
        now = self._clock.monotonic()
        with self._lock:
            fleet = self._member.view
            circuit = fleet.circuit
            isolated = fleet.isolated(now)
            since = fleet.override_since if isolated else fleet.since if fleet.governs else self._local_since
            local, state = self._local.state, self._state(now)
        return BreakerView(self.name, state, since, local, circuit.state, circuit.epoch, fleet.override.epoch, isolated, not fleet.adrift)

    # -- the sync thread's side -------------------------------------------------------------------------------------

    def take_batch(self) -> Batch:
        """Everything to tell since the last time; the caller now owns its delivery."""
        with self._lock:
            return self._member.take_batch(self._clock.monotonic())

    def question(self, batch: Batch) -> Question:
        """What to tell and ask in the next exchange."""
        with self._lock:
            return self._member.question(batch, self._local.state, self._clock.monotonic())

    def adopt(self, reply: Reply, asked_at: float) -> None:
        """Take the fleet's word."""
        with self._lock:
            if self._member.adopt(reply, asked_at, self._clock.monotonic(), self._clock.now()):
                self._start_afresh()  # the fleet's circuit governs now; ours begins anew when it closes
        self._tell()

    def drift(self) -> None:
        """The fleet cannot be heard: the last known override stays, an open circuit stays open for its time, then we probe by ourselves."""
        with self._lock:
            fleet = self._member.view
            if fleet.adrift:
                return
            self._member.lost()
            if fleet.circuit.state is not State.CLOSED:
                self._local = circuit_state.held_open(self._local, fleet.until, fleet.circuit.rounds)
                self._local_since = self._clock.now()
        self._tell()

    # -- the call path ----------------------------------------------------------------------------------------------

    def _admit(self) -> _Admission:
        now = self._clock.monotonic()
        try:
            with self._lock:
                admission = self._admitted(now)
        except (CircuitOpen, CircuitIsolated) as refusal:
            self._listener.call_refused(self.name, refusal.code)
            raise
        if admission.probes:
            self._tell()
        return admission

    def _admitted(self, now: float) -> _Admission:
        fleet = self._member.view
        if fleet.isolated(now):
            raise CircuitIsolated(self.name, f"{self.name} is isolated by an operator", fleet.isolation_left(now))
        if fleet.governs:
            return self._probe(fleet, now)
        before = self._local
        if before.state is State.CLOSED:
            return _Admission(now, before.epoch, fleet.circuit.epoch, None)
        self._local, admitted = circuit_state.admit(before, self.policy, now)
        self._note_move(before, "wait_over")
        if not admitted:
            self._member.demand(now)
            raise CircuitOpen(self.name, f"{self.name} failed too often; this process waits", max(0.0, self._local.until - now))
        return _Admission(now, self._local.epoch, fleet.circuit.epoch, None, True)

    def _probe(self, fleet: FleetView, now: float) -> _Admission:
        permit = self._member.take_permit(now)
        if permit is None:
            raise CircuitOpen(self.name, f"{self.name} failed too often; all processes wait", max(0.0, fleet.until - now))
        return _Admission(now, self._local.epoch, permit.epoch, permit, True)

    def _finish(self, admission: _Admission, outcome: Outcome) -> None:
        now = self._clock.monotonic()
        seconds = now - admission.began
        slow = seconds >= self.policy.slow_seconds
        with self._lock:
            if outcome is not Outcome.IGNORED:
                self._member.tallies.add(now, admission.fleet_epoch, outcome is Outcome.OK, slow, seconds)
            if admission.permit is not None:
                self._member.finish_probe(admission.permit, outcome)
            else:
                self._finish_local(admission, outcome, slow, now)
            moved = self._local.epoch != admission.local_epoch
        self._listener.call_finished(self.name, outcome, seconds)
        if moved:
            self._tell()

    def _finish_local(self, admission: _Admission, outcome: Outcome, slow: bool, now: float) -> None:
        before = self._local
        if admission.local_epoch != before.epoch:
            return  # admitted under another epoch: it says nothing about this one
        if outcome is not Outcome.IGNORED:
            self._window.record(now, ok=outcome is Outcome.OK, slow=slow)
        if before.state is State.CLOSED and not self._window.troubled:
            return  # by far the most calls end here
        health = self._window.health(now)
        self._local = circuit_state.after_call(before, self.policy, health, outcome, admission.local_epoch, now, self._random())
        cause = {State.OPEN: "probe_failed" if before.state is State.HALF_OPEN else "window", State.CLOSED: "probes_succeeded"}
        self._note_move(before, cause.get(self._local.state, ""))

    # -- inside the lock --------------------------------------------------------------------------------------------

    def _note_move(self, before: Circuit, cause: str) -> None:
        if before.epoch == self._local.epoch:
            return
        self._local_since = self._clock.now()
        self._member.moves.append(LocalMove(before.state, self._local.state, f"process_{cause}", self._local.epoch))
        if self._local.state is State.CLOSED:
            self._window.clear()

    def _start_afresh(self) -> None:
        self._local = circuit_state.closed(self._local)
        self._window.clear()

    def _state(self, now: float) -> str:
        if self._member.view.isolated(now):
            return ISOLATED
        fleet = self._member.view
        return fleet.circuit.state.value if fleet.governs else self._local.state.value

    def _tell(self) -> None:
        now = self._clock.monotonic()
        with self._lock:
            state = self._state(now)
        if state != self._shown:
            self._shown = state
            self._listener.state_changed(self.name, state)
