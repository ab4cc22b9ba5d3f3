"""The fleet's state with every invocation and every return written down, for the history's checker."""

from __future__ import annotations

import itertools
import time

from backend.errors import StorageUnavailable
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import Exchange, Question, Reply
from tests.scenarios.log import Log


class Recorded:
    """Fulfils ``FleetState`` over another one."""

    def __init__(self, state: RedisState, log: Log) -> None:
        self._state = state
        self._log = log
        self._numbers = itertools.count(1)
        self._overrides: dict[str, dict[str, object]] = {}

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        number = next(self._numbers)
        for question in exchange.questions:
            self._log.write("asked", number=number, sequence=exchange.sequence, **_asked(question))
        try:
            replies = self._state.exchange(exchange)
        except StorageUnavailable:
            self._log.write("unheard", number=number, sequence=exchange.sequence)
            raise
        for name, reply in replies.items():
            facts = _told(reply) | self._override(name, reply)
            self._log.write("told", number=number, sequence=exchange.sequence, circuit=name, **facts)
        return replies

    def leave(self, instance: str, names: tuple[str, ...], *, ends: bool = True) -> None:
        self._log.write("leaves")
        self._state.leave(instance, names, ends=ends)

    def control(self, name: str, slot: Slot, order: Order, cause: str) -> str:
        facts = {"circuit": name, "slot": slot, "epoch": order.epoch, "act": order.act, "body": order.body, "left": order.left_seconds}
        self._log.write("orders", **facts)
        result = self._state.control(name, slot, order, cause)
        self._log.write("ordered", **facts, result=result)
        return result

    def _override(self, name: str, reply: Reply) -> dict[str, object]:
        """The override that the process now holds: a reply carries none that it holds already."""
        order = reply.orders.get(Slot.OVERRIDE)
        if order is not None:
            ends = None if order.left_seconds is None else time.monotonic() + order.left_seconds
            self._overrides[name] = {"override": order.body, "override_epoch": order.epoch, "override_ends": ends}
        return self._overrides.get(name, {"override": OverrideKind.NONE, "override_epoch": 0, "override_ends": None})


def _asked(question: Question) -> dict[str, object]:
    batch = question.batch
    return {
        "circuit": question.name,
        "state": question.known.state,
        "epoch": question.known.epoch,
        "held": question.held,
        "given_back": [*question.released, *(report.token for report in batch.reports)],
        "calls": sum(tally.ok + tally.bad for tally in batch.tallies),
        "lease": question.policy.lease_seconds,
    }


def _told(reply: Reply) -> dict[str, object]:
    return {"state": reply.circuit.state, "epoch": reply.circuit.epoch, "tokens": reply.tokens}
