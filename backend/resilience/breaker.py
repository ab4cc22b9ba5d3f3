"""The breaker around one dependency: this process's own window and the fleet's word decide, without leaving the process."""

from __future__ import annotations

import threading
from collections import deque
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
from backend.resilience.outcome import Outcome, outcome_of
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Batch, LocalMove, ProbeReport, Question, Reply
from backend.resilience.tallies import Tallies
from backend.resilience.window import TimeWindow

T = TypeVar("T")

ISOLATED = "isolated"
_DEMAND_SECONDS = 5.0  # a refused call this recent makes a probe worth asking for


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
        self._fleet = FleetView()
        self._permit: Permit | None = None
        self._released = ""
        self._report: ProbeReport | None = None
        self._demanded = float("-inf")
        self._tallies = Tallies(policy)
        self._moves: deque[LocalMove] = deque(maxlen=32)
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
            fleet, circuit = self._fleet, self._fleet.circuit
            isolated = fleet.isolated(now)
            since = fleet.override_since if isolated else fleet.since if fleet.governs else self._local_since
            local, state = self._local.state, self._state(now)
        return BreakerView(self.name, state, since, local, circuit.state, circuit.epoch, fleet.override.epoch, isolated, not fleet.adrift)

    # -- the sync thread's side -------------------------------------------------------------------------------------

    def take_batch(self) -> Batch:
        """Everything to tell since the last time; the caller now owns its delivery."""
        now = self._clock.monotonic()
        with self._lock:
            batch = Batch(self._tallies.taken(now), self._report, tuple(self._moves))
            self._report = None
            self._moves.clear()
            return batch

    def question(self, batch: Batch) -> Question:
        """What to tell and ask in the next exchange."""
        now = self._clock.monotonic()
        with self._lock:
            self._give_back(now)
            wants = self._permit is None and self._fleet.circuit.state is not State.CLOSED and now - self._demanded <= _DEMAND_SECONDS
            held = self._permit.token if self._permit else ""
            released, self._released = self._released, ""
            known, override = self._fleet.told(now)
            return Question(self.name, self.policy, batch, known, override, self._local.state, wants, held, released, self._random())

    def adopt(self, reply: Reply, asked_at: float) -> None:
        """Take the fleet's word; a permit counts from when it was asked for, so that it ends here before it ends there."""
        now = self._clock.monotonic()
        with self._lock:
            before, self._fleet = self._fleet, self._fleet.after(reply, now, self._clock.now())
            if self._fleet.circuit.epoch != before.circuit.epoch and self._fleet.circuit.state is not State.CLOSED:
                self._start_afresh()  # the fleet's circuit governs now; ours begins anew when it closes
            elif before.adrift and self._fleet.circuit.state is not State.CLOSED:
                self._start_afresh()
            reported = self._report is not None and self._report.token == reply.token  # the probe ended while this was on its way
            renewed = Permit.renewed(self._permit, reply, self._fleet.circuit.epoch, asked_at, self.policy.lease_seconds)
            self._permit = None if reported else renewed
        self._tell()

    def drift(self) -> None:
        """The fleet cannot be heard: the last known override stays, an open circuit stays open for its time, then we probe by ourselves."""
        with self._lock:
            if self._fleet.adrift:
                return
            self._fleet = self._fleet.lost()
            circuit = self._fleet.circuit
            if circuit.state is not State.CLOSED:
                self._local = circuit_state.held_open(self._local, self._fleet.until, circuit.rounds)
                self._local_since = self._clock.now()
            self._permit = None
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
        fleet = self._fleet
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
            self._demanded = now
            raise CircuitOpen(self.name, f"{self.name} failed too often; this process waits", max(0.0, self._local.until - now))
        return _Admission(now, self._local.epoch, fleet.circuit.epoch, None, True)

    def _probe(self, fleet: FleetView, now: float) -> _Admission:
        permit = self._permit
        self._demanded = now
        if permit is None or not permit.usable(now):
            raise CircuitOpen(self.name, f"{self.name} failed too often; all processes wait", max(0.0, fleet.until - now))
        self._permit = permit.used(now)
        return _Admission(now, self._local.epoch, permit.epoch, permit, True)

    def _finish(self, admission: _Admission, outcome: Outcome) -> None:
        now = self._clock.monotonic()
        seconds = now - admission.began
        slow = seconds >= self.policy.slow_seconds
        with self._lock:
            if outcome is not Outcome.IGNORED:
                self._tallies.add(now, admission.fleet_epoch, outcome is Outcome.OK, slow, seconds)
            if admission.permit is not None:
                self._finish_probe(admission.permit, outcome)
            else:
                self._finish_local(admission, outcome, slow, now)
            moved = self._local.epoch != admission.local_epoch
        self._listener.call_finished(self.name, outcome, seconds)
        if moved:
            self._tell()

    def _finish_probe(self, permit: Permit, outcome: Outcome) -> None:
        ours = self._permit is not None and self._permit.token == permit.token
        if outcome is not Outcome.IGNORED:
            self._report = ProbeReport(permit.token, permit.epoch, outcome is Outcome.OK)
            self._permit = None if ours else self._permit
        elif ours and self._permit is not None:
            self._permit = self._permit.unused()

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
        self._moves.append(LocalMove(before.state, self._local.state, f"process_{cause}", self._local.epoch))
        if self._local.state is State.CLOSED:
            self._window.clear()

    def _start_afresh(self) -> None:
        self._local = circuit_state.closed(self._local)
        self._window.clear()

    def _give_back(self, now: float) -> None:
        permit = self._permit
        if permit is not None and permit.idle_while_others_wait(now):
            self._permit, self._released = None, permit.token

    def _state(self, now: float) -> str:
        if self._fleet.isolated(now):
            return ISOLATED
        return self._fleet.circuit.state.value if self._fleet.governs else self._local.state.value

    def _tell(self) -> None:
        now = self._clock.monotonic()
        with self._lock:
            state = self._state(now)
        if state != self._shown:
            self._shown = state
            self._listener.state_changed(self.name, state)
