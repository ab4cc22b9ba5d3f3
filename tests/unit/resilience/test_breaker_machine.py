"""One process's breaker under any order of calls, ends, losses and time: its moves are legal and nothing gets lost."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.errors import CircuitOpen
from backend.resilience.breaker import Breaker
from backend.resilience.calls import Guard
from backend.resilience.circuit_state import State
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from tests.support.clock import ManualClock

LEGAL = {(State.CLOSED, State.OPEN), (State.OPEN, State.HALF_OPEN), (State.HALF_OPEN, State.OPEN), (State.HALF_OPEN, State.CLOSED)}
POLICY = Policy(window_seconds=6.0, slots=3, minimum_calls=3, wait_seconds=2, probes=2, lease_seconds=4, slow_seconds=3, ramp_seconds=1)


class OneBreaker(RuleBasedStateMachine):
    """Calls are guards that stay open for as long as the rules like."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.open: list[Guard] = []
        self.asked = 0
        self.told: dict[str, int] = {"ok": 0, "bad": 0}
        self.at, self.epoch = State.CLOSED, 0

    @initialize(window=st.sampled_from(["time", "count"]), probes=st.integers(1, 3), seed=st.integers(0, 99))
    def made(self, window: str, probes: int, seed: int) -> None:
        policy = replace(POLICY, window=window, window_calls=5, concurrent_probes=probes)  # type: ignore[arg-type]
        self.breaker = Breaker("geocoder", policy, self.clock, random.Random(seed).random)

    @rule()
    def begin(self) -> None:
        self.asked += 1
        guard = self.breaker.guard()
        try:
            guard.__enter__()
        except CircuitOpen:
            return
        self.open.append(guard)

    @rule(outcomes=st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=6))
    def call_at_once(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self.asked += 1
            try:
                with self.breaker.guard() as guard:
                    guard.report(outcome)
            except CircuitOpen:
                continue

    @precondition(lambda self: self.open)
    @rule(outcome=st.sampled_from(list(Outcome)), which=st.integers(0, 99))
    def end(self, outcome: Outcome, which: int) -> None:
        guard = self.open.pop(which % len(self.open))
        guard.report(outcome)
        guard.__exit__(None, None, None)

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 99))
    def drop(self, which: int) -> None:
        del self.open[which % len(self.open)]

    @rule(seconds=st.floats(0, 5))
    def time_goes_by(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def tell(self) -> None:
        """Each move is legal, follows on the one before, and adds one to the epoch."""
        batch = self.breaker.take_batch()
        for tally in batch.tallies:
            self.told["ok"] += tally.ok
            self.told["bad"] += tally.bad
        for move in batch.moves:
            assert (move.source, move.target) in LEGAL
            assert (move.source, move.epoch) == (self.at, self.epoch + 1)
            self.at, self.epoch = move.target, move.epoch

    def teardown(self) -> None:
        if hasattr(self, "breaker"):
            self.tell()
            circuit = self.breaker._gatekeeper.own.circuit
            assert (circuit.state, circuit.epoch) == (self.at, self.epoch)

    @invariant()
    def no_more_probes_than_permitted(self) -> None:
        if hasattr(self, "breaker"):
            circuit = self.breaker._gatekeeper.own.circuit
            assert len(circuit.leases) <= self.breaker.policy.concurrent_probes
            assert not circuit.leases or circuit.state is State.HALF_OPEN

    @invariant()
    def every_call_is_under_way_refused_or_counted(self) -> None:
        if not hasattr(self, "breaker"):
            return
        totals, dropped = self.breaker.totals(), len(self.breaker._gatekeeper.abandoned)
        ended = totals.ok + totals.bad + totals.ignored + totals.refused["circuit_open"] + dropped
        assert ended + len(self.open) == self.asked
        assert self.told["ok"] <= totals.ok
        assert self.told["bad"] <= totals.bad
        assert sum(totals.buckets) == totals.ok + totals.bad


OneBreaker.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOneBreaker = OneBreaker.TestCase
