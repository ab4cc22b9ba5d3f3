"""What the shared store has to do: trips and commands that a call costs in every state, and the price of an exchange and of a lease."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

from backend.errors import CallRefused, DependencyFailed
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.policy import Policy
from backend.storage.shared import SharedState
from benchmarks.circuits.subjects import NAME, Ours, answer
from benchmarks.circuits.timing import interleaved_wall

Figures = tuple[dict[str, Any], dict[str, Any]]
_WAITING = Policy(minimum_calls=4, wait_seconds=3600.0, longest_wait_seconds=3600.0)
_OVERRIDES = (OverrideKind.ISOLATED, OverrideKind.FORCED_OPEN, OverrideKind.DISABLED, OverrideKind.METRICS_ONLY)
_LEASES = Policy(minimum_calls=1, wait_seconds=0.0, longest_wait_seconds=0.0, lease_seconds=0.001)


@dataclass(frozen=True)
class _Spent:
    """Reads from clients are trips; commands count those inside scripts, too."""

    trips: int
    commands: int


def commands_per_call(url: str, seconds: float) -> Figures:
    """Trips during a burst of calls, less those of an equally long time without a call, per call, in every state."""
    found: dict[str, float] = {}
    raw: dict[str, Any] = {}
    for state in ("closed", "open", *_OVERRIDES):
        _forget_all(url)
        with Ours.running(url, _WAITING) as ours:
            _bring(ours, str(state))
            calls, quiet, busy = _compared(ours, seconds)
            found[str(state)] = round(max(0, busy.trips - quiet.trips) / calls, 4)
            raw[f"commands_{state}"] = {"calls": calls, "trips": busy.trips, "trips_when_quiet": quiet.trips, "commands": busy.commands}
    return {"redis_commands_per_call": found}, raw


def _forget_all(url: str) -> None:
    shared = SharedState(url)
    shared.client.flushall()
    shared.close()


def _bring(ours: Ours, state: str) -> None:
    if state == "open":
        for _ in range(_WAITING.minimum_calls):
            _call(ours, _fail)
    elif state != "closed":
        ours.state.control(NAME, Slot.OVERRIDE, Order(state, 1, "bench"), state)
    ends = time.monotonic() + 5.0
    while ours.breaker.view().state != state:
        if time.monotonic() > ends:
            raise RuntimeError(f"the circuit is not {state} after 5 s")
        time.sleep(0.01)
    time.sleep(0.5)  # the fleet has heard it, too


def _compared(ours: Ours, seconds: float) -> tuple[int, _Spent, _Spent]:
    before = _spent(ours)
    time.sleep(seconds)
    between = _spent(ours)
    calls = _burst(ours, seconds)
    after = _spent(ours)
    return calls, _less(between, before), _less(after, between)


def _burst(ours: Ours, seconds: float) -> int:
    ends = time.monotonic() + seconds
    return next(calls for calls in itertools.count(1) if _call(ours, answer) or time.monotonic() > ends)


def _call(ours: Ours, function: Callable[[], int]) -> None:
    with suppress(CallRefused, DependencyFailed):
        ours.breaker.call(function)


def _fail() -> int:
    raise DependencyFailed(NAME, "it is dead", transient=True)


def _spent(ours: Ours) -> _Spent:
    statistics = ours.shared.client.info("stats")
    commands = ours.shared.client.info("commandstats")
    return _Spent(int(statistics["total_reads_processed"]), sum(each["calls"] for each in commands.values()))


def _less(after: _Spent, before: _Spent) -> _Spent:
    return _Spent(after.trips - before.trips, after.commands - before.commands)


def exchange_over_ping(url: str, rounds: int) -> Figures:
    """An exchange that brings nothing new, and one that is granted a lease, over PING on the same connection.

    A lease comes with an exchange that is due anyway; ``lease_more_over_ping`` is what it adds to that.
    """
    _forget_all(url)
    ours = Ours(url, _LEASES)
    _call(ours, _fail)
    ours.sync.step()
    time.sleep(0.4)  # nobody else calls
    ours.sync.step()

    def granted() -> None:
        _call(ours, answer)  # refused: it makes a probe worth asking for
        ours.sync.step()

    taken = interleaved_wall({"ping": ours.shared.client.ping, "exchange": ours.sync.step, "lease": granted}, rounds)
    ours.shared.close()
    ping = median(taken["ping"])
    exchange, lease = median(taken["exchange"]), median(taken["lease"])
    more = median(with_lease - without for with_lease, without in zip(taken["lease"], taken["exchange"], strict=True))
    ratios = {"exchange_over_ping": exchange / ping, "lease_over_ping": lease / ping, "lease_more_over_ping": more / ping}
    return {name: round(ratio, 2) for name, ratio in ratios.items()}, {"ping_us": round(ping / 1000, 1)}
