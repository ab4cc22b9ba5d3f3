"""A fleet through a bad day, every exchange written down: nothing happened that the rules forbid."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from tests.scenarios.crew import Crew, crew_of
from tests.scenarios.history import History, Move, violations
from tests.scenarios.log import Log
from tests.scenarios.part import NAME, Part
from tests.scenarios.readings import named
from tests.scenarios.recorded import Recorded
from tests.support.figures import note
from tests.support.processes import TRIALS
from tests.support.tcp_proxy import Conduct, TcpProxy, tcp_proxy
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
ROUNDS = max(1, TRIALS // 3)
# The window outlasts the scenario, so that every call ever told must still stand in its slots.
POLICY = Policy(window_seconds=300.0, slots=30, minimum_calls=8, wait_seconds=0.2, longest_wait_seconds=0.4, lease_seconds=0.6, probes=2)
STEPS = 24 if FULL else 8


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_nothing_happens_that_the_rules_forbid(own_valkey: TestServer, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    state = Recorded(RedisState(own_valkey.patient()), Log(tmp_path / "console.jsonl", "console"))
    with tcp_proxy(own_valkey.socket) as proxy:
        parts = [Part(index, proxy.url, tmp_path, POLICY, calls_per_second=40.0, work_seconds=0.002) for index in range(6)]
        with crew_of([replace(part, at_fault=part.index == 5 and seed % 2 == 1) for part in parts]) as crew:
            for step in range(STEPS):
                _disturb(crew, proxy, state, chance, step)
                time.sleep(chance.uniform(0.1, 0.5))
            proxy.behave(Conduct.WELL)
            events = crew.finish()
    moves = _moves(own_valkey)
    bars = RedisState(own_valkey.patient()).read(NAME).bars
    found = violations(History(events, moves, counted=sum(bar[0] + bar[1] for bar in bars)))
    note(f"history, seed {seed}", events=len(events), moves=len(moves), calls=len(named(events, "called")), violations=len(found))
    assert found == []
    assert moves


def _disturb(crew: Crew, proxy: TcpProxy, state: Recorded, chance: random.Random, step: int) -> None:
    """One thing goes wrong, or right again; the first is that the dependency dies."""
    match "die" if step == 0 else chance.choice(["die", "mend", "mend", "reset", "stall", "well", "well", "isolate", "release", "kill"]):
        case "die":
            crew.signals.dead.value = 1
        case "mend":
            crew.signals.dead.value = 0
        case "reset":
            proxy.behave(Conduct.RESET)
            proxy.behave(Conduct.WELL)
        case "stall":
            proxy.behave(Conduct.BLACK_HOLE)
        case "well":
            proxy.behave(Conduct.WELL)
        case "isolate":
            state.control(NAME, Slot.OVERRIDE, Order("isolated", step, f"act-{step}", 0.3 if chance.random() < 0.5 else None), "isolated")
        case "release":
            state.control(NAME, Slot.OVERRIDE, Order("none", step, f"act-{step}"), "released")
        case "kill" if chance.random() < 0.3:
            crew.kill(4)


def _moves(server: TestServer) -> list[Move]:
    lines = reversed(RedisState(server.patient()).transitions(NAME, 10_000))
    fleets = [line for line in lines if not line.slot and not line.cause.startswith("process_")]
    return [Move(line.source, line.target, line.cause, line.epoch) for line in fleets]
