"""The fleet's state with every invocation and every return written down, for the history's checker."""

from __future__ import annotations

import itertools

from backend.errors import StorageUnavailable
from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import Exchange, Question, Reply
from tests.scenarios.log import Log


class Recorded:
    """Fulfils ``FleetState`` over another one."""

    def __init__(self, state: RedisState, log: Log) -> None:
        self._state = state
        self._log = log
        self._numbers = itertools.count(1)

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
            self._log.write("told", number=number, sequence=exchange.sequence, circuit=name, **_told(reply))
        return replies

    def leave(self, instance: str, names: tuple[str, ...]) -> None:
        self._log.write("leaves")
        self._state.leave(instance, names)

    def control(self, name: str, slot: Slot, order: Order, cause: str) -> str:
        facts = {"circuit": name, "slot": slot, "epoch": order.epoch, "act": order.act, "body": order.body, "left": order.left_seconds}
        self._log.write("orders", **facts)
        result = self._state.control(name, slot, order, cause)
        self._log.write("ordered", **facts, result=result)
        return result


def _asked(question: Question) -> dict[str, object]:
    batch, report = question.batch, question.batch.report
    return {
        "circuit": question.name,
        "state": question.known.state,
        "epoch": question.known.epoch,
        "held": question.held_token,
        "released": question.released_token,
        "reported": report.token if report else "",
        "calls": sum(tally.ok + tally.bad for tally in batch.tallies),
        "lease": question.policy.lease_seconds,
    }


def _told(reply: Reply) -> dict[str, object]:
    return {
        "state": reply.circuit.state,
        "epoch": reply.circuit.epoch,
        "token": reply.token,
        "override": reply.override.kind,
        "override_epoch": reply.override.epoch,
    }
