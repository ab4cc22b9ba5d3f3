"""The store killed, paused, and stalled in every state: callers notice nothing, and stay protected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from statistics import median
from typing import Any

import pytest

from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisState
from tests.scenarios.crew import CONTEXT
from tests.scenarios.outage_part import CLOSED_POLICY, Met, Phase, take_part
from tests.support.figures import note
from tests.support.processes import TRIALS, until
from tests.support.tcp_proxy import Conduct, TcpProxy, tcp_proxy
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
ROUNDS = max(1, TRIALS // 3)
SECONDS = 3.0 if FULL else 0.7
ALLOWED = {
    "closed": {"ok"},
    "open": {"circuit_open"},
    "half_open": {"ok", "circuit_open"},
    "isolated": {"circuit_isolated"},
    "forced_open": {"circuit_open"},
    "disabled": {"ok"},
    "metrics_only": {"ok"},
}
STATES = tuple(ALLOWED)
OVERRIDES = ("isolated", "forced_open", "disabled", "metrics_only")
FRESH = "fresh"  # a closed one that nobody has called before the outage
ADDED_P99_SECONDS = 0.001 if FULL else 0.05


class Watched:
    """The process under test, at the other end of a pipe."""

    def __init__(self, orders: Connection) -> None:
        self._orders = orders

    def ask(self, order: Phase | str | None) -> Any:
        self._orders.send(order)
        return self._orders.recv()


@contextmanager
def watched(url: str) -> Iterator[Watched]:
    ours, theirs = Pipe()
    process = CONTEXT.Process(target=take_part, args=(url, (*STATES, FRESH), theirs), daemon=True)
    process.start()
    try:
        assert ours.poll(30), "the process did not get ready"
        assert ours.recv() == "ready"
        yield Watched(ours)
    finally:
        process.kill()
        process.join()


def kill(server: TestServer, _: TcpProxy) -> None:
    server.kill()


def pause(server: TestServer, _: TcpProxy) -> None:
    server.pause()


def stalled(conduct: Conduct) -> Callable[[TestServer, TcpProxy], None]:
    return lambda _, proxy: proxy.behave(conduct)


def mend(server: TestServer, proxy: TcpProxy) -> None:
    if server.running:
        server.go_on()
    else:
        server.start()
    proxy.behave(Conduct.WELL)


FAULTS = {
    "killed": kill,
    "paused": pause,
    **{str(conduct): stalled(conduct) for conduct in (Conduct.DRIP, Conduct.BLACK_HOLE, Conduct.DELAY, Conduct.RESET)},
}


@pytest.mark.parametrize("fault", FAULTS if FULL else ("killed", "paused", "drip", "reset"))
def test_callers_notice_nothing_of_the_stores_loss_in_any_state(own_valkey: TestServer, fault: str) -> None:
    added: dict[str, list[float]] = {state: [] for state in ALLOWED}
    for _ in range(ROUNDS):
        own_valkey.patient().client.flushall()
        with tcp_proxy(own_valkey.socket) as proxy, watched(proxy.url) as process:
            _order(own_valkey)
            assert until(lambda: _brought(process)), process.ask("states")
            before: dict[str, Met] = process.ask(Phase(SECONDS, STATES))
            FAULTS[fault](own_valkey, proxy)
            during: dict[str, Met] = process.ask(Phase(SECONDS, STATES))
            _all_as_allowed(during)
            assert until(lambda: not process.ask("connected"), 5.0)
            _still_protected(process)
            mend(own_valkey, proxy)
            assert until(lambda: process.ask("connected"), 10.0), "it did not heal"
            assert {override: process.ask("states")[override] for override in OVERRIDES} == {one: one for one in OVERRIDES}
        for state in ALLOWED:
            added[state].append(during[state].p99 - before[state].p99)
    note(f"store {fault}: added p99 in ms", **{state: round(median(values) * 1000, 3) for state, values in added.items()})
    assert {state: median(values) for state, values in added.items() if median(values) > ADDED_P99_SECONDS} == {}


def _order(server: TestServer) -> None:
    for override in OVERRIDES:
        assert RedisState(server.patient()).control(override, Slot.OVERRIDE, Order(override, 1, f"act-{override}"), override) == "applied"


def _all_as_allowed(met: dict[str, Met]) -> None:
    assert {state: set(one.results) - ALLOWED[state] for state, one in met.items()} == {state: set() for state in ALLOWED}


def _brought(process: Watched) -> bool:
    process.ask(Phase(0.05, ("half_open",)))  # somebody must want to call
    states: dict[str, str] = process.ask("states")
    return all(states[state] == state for state in STATES)


def _still_protected(process: Watched) -> None:
    """The dependency dies while the store is away: the process stops by itself, after no more than its own minimum of calls."""
    met: dict[str, Met] = process.ask(Phase(0.3, (FRESH, "half_open"), dead=True))
    assert met[FRESH].results["failed"] == CLOSED_POLICY.minimum_calls
    assert set(met[FRESH].results) == {"failed", "circuit_open"}
    assert met["half_open"].results["failed"] <= 4  # one probe after another, each after a wait
    assert set(met["half_open"].results) == {"failed", "circuit_open"}
