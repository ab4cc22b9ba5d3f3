"""The circuit of this process alone: what its own calls make of it. Not thread-safe: the breaker's lock guards it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from backend.clock import Clock
from backend.resilience import circuit_state
from backend.resilience.circuit_state import Circuit, State
from backend.resilience.counts import Counts
from backend.resilience.listener import Happened
from backend.resilience.membership import Membership
from backend.resilience.orders import OverrideKind
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import LocalMove

_NEVER = float("-inf")
_UNHINDERED = (OverrideKind.DISABLED, OverrideKind.METRICS_ONLY)  # every call goes through, and no circuit moves


class OwnCircuit:
    """Methods that may move it return the cause of the move, '' when it stayed."""

    __slots__ = ("_clock", "_closed_at", "_counts", "_member", "_random", "circuit", "policy", "since")

    def __init__(self, policy: Policy, counts: Counts, member: Membership, clock: Clock, random: Callable[[], float]) -> None:
        self.circuit = Circuit()
        self.policy = policy
        self.since: datetime | None = None
        self._counts = counts
        self._member = member
        self._clock = clock
        self._random = random
        self._closed_at = _NEVER

    def share(self, now: float) -> float:
        """Of the calls, how many are let in after closing."""
        return circuit_state.ramp_share(self.policy, now - self._closed_at)

    def ramp_refuses(self, now: float) -> float | None:
        """Whether this call is one of those that wait for a greater share, and the seconds until then; None: it goes through."""
        if self._random() < self.share(now):
            return None
        return circuit_state.ramp_step_left(self.policy, now - self._closed_at)

    def probe(self, now: float) -> tuple[float | None, str]:
        """The lease of a probe that may be made now, if one may."""
        after, lease = circuit_state.admit(self.circuit, self.policy, now)
        return lease, self._move(after, "wait_over", now, OverrideKind.NONE)

    def probed(self, lease: float, outcome: Outcome, slow: bool, now: float, kind: OverrideKind) -> str:
        """A slow probe is a bad one: what opened for slowness must not close on it."""
        judged = probe_outcome(outcome, slow)
        after = circuit_state.after_probe(self.circuit, self.policy, lease, judged, now, self._random())
        return self._move(after, "probe_failed" if after.state is State.OPEN else "probes_succeeded", now, kind)

    def called(self, outcome: Outcome, now: float, kind: OverrideKind) -> str:
        """A call ended that the closed circuit had let in, and is counted."""
        if self.circuit.state is not State.CLOSED or not self._counts.troubled:
            return ""
        health = self._counts.health(now)
        if not self.policy.tripped_by(health):
            return ""
        after = circuit_state.after_call(self.circuit, self.policy, health, outcome, now, self._random())
        return self._move(after, "window", now, kind)

    def trips_on_good_calls(self, now: float) -> bool:
        """Whether one more good call may open it: there is trouble, and only the number of calls is still too small."""
        return self._counts.troubled and self._counts.health(now).calls < self.policy.minimum_calls

    def hold_open(self, until: float, rounds: int) -> None:
        """Open until an instant that the fleet had decided."""
        self.circuit, self.since = circuit_state.held_open(self.circuit, until, rounds), self._clock.now()

    def start_afresh(self) -> None:
        """Forget what was counted and how it was judged."""
        self.circuit = circuit_state.closed(self.circuit)
        self._counts.clear()

    def fleet_closed(self, at: float) -> None:
        """What came before says nothing now, and calls are let in by a growing share."""
        self._counts.clear()
        self._closed_at = at

    def _move(self, after: Circuit, cause: str, now: float, kind: OverrideKind) -> str:
        before = self.circuit
        if after.epoch == before.epoch:
            self.circuit = after
            return ""
        if kind in _UNHINDERED:
            self._would_move(after, kind)
            return ""
        self.circuit, self.since = after, self._clock.now()
        self._member.moved(LocalMove(before.state, after.state, f"process_{cause}", after.epoch))
        if after.state is State.CLOSED:
            self._counts.clear()
            self._closed_at = now
        return f"process_{cause}"

    def _would_move(self, after: Circuit, kind: OverrideKind) -> None:
        """Told once, as an opening would be: the window begins anew."""
        if after.state is State.OPEN and kind is OverrideKind.METRICS_ONLY:
            self._member.note(Happened.WOULD_OPEN, "process")
        self._counts.clear()


def probe_outcome(outcome: Outcome, slow: bool) -> Outcome:
    return Outcome.BAD if outcome is Outcome.OK and slow else outcome
