"""What one breaker knows of the fleet and owes to it. Not thread-safe: the breaker's lock guards it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.resilience.circuit_state import State
from backend.resilience.fleet_view import FleetView, Permit
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Batch, Happening, LocalMove, ProbeReport, Question, Reply, Tally

_DEMAND_SECONDS = 5.0  # a refused call this recent makes a probe worth asking for
_ASK_WITHIN_SECONDS = 0.1  # each process waits up to this long of its own before it asks for the first probe
_TELL_EVERY_SECONDS = 1.0  # what happened around calls is told so often
_MOST_HAPPENINGS = 64
_MOST_MOVES = 32
_NO_SLOTS: frozenset[Slot] = frozenset()  # one for all: each takes 200 bytes


@dataclass(frozen=True)
class Adopted:
    """What a reply changes for the breaker: whether its own circuit begins afresh, and the orders that are new."""

    afresh: bool = False
    news: Mapping[Slot, Order] = field(default_factory=dict)


class Membership:
    """The fleet's word as last heard, the probes this process may make, and what is still to be told."""

    def __init__(self, name: str, policy: Policy, random: Callable[[], float]) -> None:
        self._name = name
        self.policy = policy
        self._random = random
        self.view = FleetView()
        self._moves: list[LocalMove] = []
        self.live_instances = 1  # processes that guard this circuit, as last heard
        self._permits: dict[str, Permit] = {}
        self._released: list[str] = []
        self._reports: list[ProbeReport] = []
        self._happenings: dict[tuple[str, str], int] = {}
        self._told_at = float("-inf")
        self._demanded = float("-inf")
        self._ask_from = float("-inf")
        self._gave_back_at = float("-inf")
        self._lacking = _NO_SLOTS
        self._dice_until = float("-inf")

    # -- the call path ----------------------------------------------------------------------------------------------

    def demand(self, now: float) -> None:
        """Somebody would call, now or a little earlier: a probe is worth asking for."""
        self._demanded = max(now, self._demanded)

    def take_permit(self, now: float) -> Permit | None:
        """The leave to make one probe now, if this process has it."""
        self._demanded = now
        for permit in self._permits.values():
            if permit.usable(now):
                self._permits[permit.token] = permit.used(now)
                return permit
        return None

    def finish_probe(self, permit: Permit, outcome: Outcome) -> None:
        """What the probe found; one that says nothing gives its leave back."""
        if outcome is not Outcome.IGNORED:
            self._reports.append(ProbeReport(permit.token, permit.epoch, outcome is Outcome.OK))
            self._permits.pop(permit.token, None)
        elif permit.token in self._permits:
            self._permits[permit.token] = self._permits[permit.token].unused()

    def may_probe_alone(self, now: float) -> bool:
        """Whether this process is to probe while nobody can be heard: one of those last known, by chance, once a wait."""
        self._demanded = now
        if now < self._dice_until:
            return False
        if self._random() * self.live_instances < 1.0:
            return True
        self._dice_until = now + self.policy.wait_seconds
        return False

    def moved(self, move: LocalMove) -> None:
        """This process's own circuit moved; the latest moves are told."""
        self._moves.append(move)
        del self._moves[:-_MOST_MOVES]

    def note(self, kind: str, detail: str, count: int = 1) -> None:
        """Something happened around a call; what is one kind too many is summed without its detail."""
        key = (kind, detail) if (kind, detail) in self._happenings or len(self._happenings) < _MOST_HAPPENINGS else (kind, "")
        self._happenings[key] = self._happenings.get(key, 0) + count

    # -- the exchange -----------------------------------------------------------------------------------------------

    def take_batch(self, now: float, tallies: tuple[Tally, ...], *, last: bool = False) -> Batch:
        """Everything to tell since the last time; the caller now owns its delivery."""
        batch = Batch(tallies, tuple(self._reports), tuple(self._moves), self._happened(now, last))
        self._reports.clear()
        self._moves.clear()
        return batch

    def question(self, batch: Batch, local: State, now: float) -> Question:
        """What to tell and ask in the next exchange."""
        self._give_back(now)
        released, self._released = tuple(self._released), []
        known, orders = self.view.told(now)
        return Question(
            self._name,
            self.policy,
            batch,
            known,
            orders,
            local,
            wants_probe=self._wants(now, frees_one=bool(batch.reports)),
            held=tuple(self._permits),
            released=released,
            chance=self._random(),
            lacking=self._lacking,
        )

    def adopt(self, reply: Reply, asked_at: float, now: float, wall: datetime) -> Adopted:
        """Take the fleet's word. A permit counts from when it was asked for, so that it ends here before it ends there."""
        before, news = self.view, self.view.news_in(reply.orders)
        self.view = before.after(reply, now, wall)
        self.live_instances = reply.live_instances or self.live_instances
        self._lacking = reply.lacks
        self._adopt_permits(reply, asked_at)
        was, present = before.circuit, self.view.circuit
        moved = before.adrift or (was.epoch, was.state) != (present.epoch, present.state)
        if moved or reply.circuit.state is State.HALF_OPEN:
            self._ask_from = self._next_ask(reply, now)
        afresh = moved and self.view.circuit.state is not State.CLOSED
        return Adopted(afresh or Slot.RESET in news, news)

    def instruct(self, orders: Mapping[Slot, Order], now: float, wall: datetime) -> Adopted:
        """Take orders that another than the fleet tells; an older one than is held is no news."""
        news = self.view.news_in(orders)
        self.view = self.view.with_orders(news, now, wall)
        return Adopted(news=news)

    def disown(self) -> None:
        """In a fork's child: what is still to be told is the parent's to tell, and so is its leave to probe."""
        self.lost()
        for owed in (self._moves, self._reports, self._released, self._happenings):
            owed.clear()

    def lost(self) -> None:
        """The fleet cannot be heard: its last word is kept, its leave to probe is not."""
        self.view = self.view.lost()
        self._permits.clear()
        self._dice_until = float("-inf")

    def _adopt_permits(self, reply: Reply, asked_at: float) -> None:
        reported = {report.token for report in self._reports}  # the probe ended while this was on its way
        held, self._permits = self._permits, {}
        for token in reply.tokens:
            permit = held.get(token)
            if permit is None:
                ends = asked_at + self.policy.lease_seconds
                renewed: Permit | None = Permit(token, reply.circuit.epoch, asked_at, ends)
            else:
                renewed = permit.renewed(asked_at, self.policy.lease_seconds)
            if renewed is not None and token not in reported:
                self._permits[token] = renewed

    def _next_ask(self, reply: Reply, now: float) -> float:
        """The first probe is asked for at a moment of one's own; where all leases are taken, when the first may come free."""
        if reply.circuit.state is State.OPEN:
            return now + reply.circuit.left_seconds + self._random() * _ASK_WITHIN_SECONDS
        return now + reply.quiet_seconds

    def _wants(self, now: float, frees_one: bool) -> bool:
        if self.view.circuit.state is State.CLOSED or self._demanded <= max(now - _DEMAND_SECONDS, self._gave_back_at):
            return False
        if now < self._ask_from and not frees_one:
            return False
        return not any(permit.usable(now) for permit in self._permits.values())

    def _happened(self, now: float, last: bool) -> tuple[Happening, ...]:
        if not self._happenings or not (last or now - self._told_at >= _TELL_EVERY_SECONDS):
            return ()
        told = tuple(Happening(kind, detail, count) for (kind, detail), count in self._happenings.items())
        self._happenings.clear()
        self._told_at = now
        return told

    def _give_back(self, now: float) -> None:
        for permit in list(self._permits.values()):
            if permit.idle(now):
                del self._permits[permit.token]
                self._released.append(permit.token)
                self._gave_back_at = now
