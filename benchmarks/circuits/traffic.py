"""What the shared store has to do: commands a call costs in every state, the price of a lease, and the bytes at rest."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from backend.errors import CallRefused, DependencyFailed
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.policy import Policy
from benchmarks.circuits.subjects import NAME, Ours, answer
from benchmarks.circuits.timing import interleaved_wall

_WAITING = Policy(minimum_calls=4, wait_seconds=3600.0, longest_wait_seconds=3600.0)
_OVERRIDES = (OverrideKind.ISOLATED, OverrideKind.FORCED_OPEN, OverrideKind.DISABLED, OverrideKind.METRICS_ONLY)


def commands_per_call(url: str, seconds: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Commands during a burst of calls less those of an equally long quiet time, per call; the largest of all states is the figure."""
    found: dict[str, float] = {}
    raw: dict[str, Any] = {}
    for state in ("closed", "open", *_OVERRIDES):
        with Ours.running(url, _WAITING) as ours:
            ours.shared.client.flushall()
            _bring(ours, str(state))
            quiet = _commands_while(ours, partial(time.sleep, seconds))
            calls: list[int] = []
            busy = _commands_while(ours, lambda: calls.append(_burst(ours, seconds)))
            found[str(state)] = max(0, busy - quiet) / calls[0]
            raw[f"commands_{state}"] = {"calls": calls[0], "while_calling": busy, "while_quiet": quiet}
    return {"redis_commands_per_call": {state: round(value, 4) for state, value in found.items()}}, raw


def _bring(ours: Ours, state: str) -> None:
    if state == "open":
        for _ in range(_WAITING.minimum_calls):
            _call(ours, _fail)
    elif state != "closed":
        ours.state.control(NAME, Slot.OVERRIDE, Order(state, 1, "bench"), state)
    ends = time.monotonic() + 5.0
    while ours.breaker.view().state != state and state in ("open", "isolated", "forced_open"):
        if time.monotonic() > ends:
            raise RuntimeError(f"the circuit is not {state} after 5 s")
        time.sleep(0.01)
    time.sleep(0.5)


def _burst(ours: Ours, seconds: float) -> int:
    ends = time.monotonic() + seconds
    for calls in itertools.count(1):
        _call(ours, answer)
        if time.monotonic() > ends:
            return calls
    raise AssertionError


def _call(ours: Ours, function: Callable[[], int]) -> None:
    try:
        ours.breaker.call(function)
    except (CallRefused, DependencyFailed):
        pass


def _fail() -> int:
    raise DependencyFailed(NAME, "it is dead", transient=True)


def _commands_while(ours: Ours, act: Callable[[], object]) -> int:
    before = _commands(ours)
    act()
    return _commands(ours) - before


def _commands(ours: Ours) -> int:
    """Every command that came over a connection; those that a script runs inside the server are no trips, INFO is our own."""
    inside_scripts = ("cmdstat_evalsha", "cmdstat_ping", "cmdstat_script|load", "cmdstat_get", "cmdstat_xread")
    statistics = ours.shared.client.info("commandstats")
    return sum(statistics[name]["calls"] for name in inside_scripts if name in statistics)


def exchange_over_ping(url: str, rounds: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """An exchange of one process, idle, and one that is granted a lease, over PING on the same connection."""
    with_lease = Policy(minimum_calls=1, wait_seconds=0.0, longest_wait_seconds=0.0, lease_seconds=0.001)
    ours = Ours(url, with_lease)
    ours.shared.client.flushall()
    ours.sync.step()
    for _ in range(2):
        _call(ours, _fail)
        ours.sync.step()
        time.sleep(0.4)

    def granted() -> None:
        _call(ours, answer)  # refused: it makes a probe worth asking for
        ours.sync.step()

    taken = interleaved_wall({"ping": ours.shared.client.ping, "idle": ours.sync.step, "granted": granted}, rounds)
    ours.shared.close()
    ping = median(taken["ping"])
    return (
        {"exchange_over_ping": round(median(taken["idle"]) / ping, 2), "lease_over_ping": round(median(taken["granted"]) / ping, 2)},
        {"ping_us": round(ping / 1000, 1)},
    )
