"""How many failing calls reach a dead dependency before a fleet has stopped, and that one sick process stops nobody else."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from backend.resilience.policy import Policy
from tests.scenarios.crew import crew_of
from tests.scenarios.log import Event
from tests.scenarios.part import Part
from tests.scenarios.readings import named
from tests.support.figures import note
from tests.support.processes import TRIALS
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
POLICY = Policy(minimum_calls=20, failure_ratio=0.5, wait_seconds=60.0)
ROUNDS = max(1, TRIALS // 3)
LEAKED_AT_MOST = 1.5 * POLICY.minimum_calls


def parts(server: TestServer, folder: Path, rates: list[float], **facts: bool) -> list[Part]:
    return [Part(index, server.url, folder, POLICY, rate, stops_when_refused=True, **facts) for index, rate in enumerate(rates)]


@pytest.mark.parametrize(("shape", "rates"), [("balanced", [10.0] * 8), ("skewed", [10.0] + [2.0] * 7)])
def test_a_fleet_stops_after_little_more_than_the_minimum_of_calls(
    own_valkey: TestServer, tmp_path: Path, shape: str, rates: list[float]
) -> None:
    leaked, seconds = [], []
    for number in range(ROUNDS):
        own_valkey.patient().client.flushall()
        folder = tmp_path / str(number)
        folder.mkdir()
        with crew_of(parts(own_valkey, folder, rates), dead=True) as crew:
            assert crew.wait(15.0), "not every process was stopped"
            events = crew.finish()
        leaked.append(len(named(events, "calls")))
        seconds.append(_span(events))
    note(f"fidelity, {shape}", failing_calls=sorted(leaked), median=median(leaked), seconds_until_all_stopped=round(median(seconds), 2))
    assert median(leaked) <= LEAKED_AT_MOST


def test_one_sick_process_of_eight_stops_itself_and_nobody_else(own_valkey: TestServer, tmp_path: Path) -> None:
    crowd = [
        Part(index, own_valkey.url, tmp_path, POLICY, 20.0 if TRIALS <= 3 else 10.0, at_fault=index == 0, notes_refusals=True)
        for index in range(8)
    ]
    with crew_of(crowd) as crew:
        crew.signals.over.wait(2.0 if TRIALS <= 3 else 10.0)
        events = crew.finish()
    rejected = [event for event in named(events, "refused") if event.process != "p-0"]
    sick, healthy = named(events, "calls", "p-0"), [event for event in named(events, "calls") if event.process != "p-0"]
    note("poison node", healthy_calls=len(healthy), healthy_rejected=len(rejected), calls_of_the_sick=len(sick))
    assert rejected == []
    assert named(events, "refused", "p-0")
    assert len(sick) == POLICY.minimum_calls


def _span(events: list[Event]) -> float:
    return max(event.at for event in named(events, "refused")) - min(event.at for event in named(events, "calls"))
