"""What one breaker knows of the fleet and owes to it. Not thread-safe: the breaker's lock guards it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime

from backend.resilience.circuit_state import State
from backend.resilience.fleet_view import FleetView, Permit
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Batch, LocalMove, ProbeReport, Question, Reply
from backend.resilience.tallies import Tallies

_DEMAND_SECONDS = 5.0  # a refused call this recent makes a probe worth asking for


class Membership:
    """The fleet's word as last heard, the probe this process may make, and what is still to be told."""

    def __init__(self, name: str, policy: Policy, random: Callable[[], float]) -> None:
        self._name = name
        self.policy = policy
        self._random = random
        self.view = FleetView()
        self.tallies = Tallies(policy)
        self.moves: deque[LocalMove] = deque(maxlen=32)
        self._permit: Permit | None = None
        self._released = ""
        self._report: ProbeReport | None = None
        self._demanded = float("-inf")

    # -- the call path ----------------------------------------------------------------------------------------------

    def demand(self, now: float) -> None:
        """Somebody would call: a probe is worth asking for."""
        self._demanded = now

    def take_permit(self, now: float) -> Permit | None:
        """The leave to make one probe now, if this process has it."""
        self._demanded = now
        permit = self._permit
        if permit is None or not permit.usable(now):
            return None
        self._permit = permit.used(now)
        return permit

    def finish_probe(self, permit: Permit, outcome: Outcome) -> None:
        """What the probe found; one that says nothing gives its leave back."""
        ours = self._permit is not None and self._permit.token == permit.token
        if outcome is not Outcome.IGNORED:
            self._report = ProbeReport(permit.token, permit.epoch, outcome is Outcome.OK)
            self._permit = None if ours else self._permit
        elif ours and self._permit is not None:
            self._permit = self._permit.unused()

    # -- the exchange -----------------------------------------------------------------------------------------------

    def take_batch(self, now: float) -> Batch:
        """Everything to tell since the last time; the caller now owns its delivery."""
        batch = Batch(self.tallies.taken(now), self._report, tuple(self.moves))
        self._report = None
        self.moves.clear()
        return batch

    def question(self, batch: Batch, local: State, now: float) -> Question:
        """What to tell and ask in the next exchange."""
        self._give_back(now)
        wants = self._permit is None and self.view.circuit.state is not State.CLOSED and now - self._demanded <= _DEMAND_SECONDS
        held = self._permit.token if self._permit else ""
        released, self._released = self._released, ""
        known, override = self.view.told(now)
        return Question(self._name, self.policy, batch, known, override, local, wants, held, released, self._random())

    def adopt(self, reply: Reply, asked_at: float, now: float, wall: datetime) -> bool:
        """Take the fleet's word; whether its circuit governs anew, so that this process's own is to begin afresh.

        A permit counts from when it was asked for, so that it ends here before it ends there.
        """
        before, self.view = self.view, self.view.after(reply, now, wall)
        reported = self._report is not None and self._report.token == reply.token  # the probe ended while this was on its way
        renewed = Permit.renewed(self._permit, reply, self.view.circuit.epoch, asked_at, self.policy.lease_seconds)
        self._permit = None if reported else renewed
        governs = self.view.circuit.state is not State.CLOSED
        return governs and (before.adrift or self.view.circuit.epoch != before.circuit.epoch)

    def lost(self) -> None:
        """The fleet cannot be heard: its last word is kept, its leave to probe is not."""
        self.view = self.view.lost()
        self._permit = None

    def _give_back(self, now: float) -> None:
        permit = self._permit
        if permit is not None and permit.idle_while_others_wait(now):
            self._permit, self._released = None, permit.token
