"""Probes of a dead dependency by a whole fleet: never more at once than permitted, and a killed prober costs one lease."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from backend.resilience.policy import Policy
from tests.scenarios.crew import Crew, crew_of
from tests.scenarios.log import Event
from tests.scenarios.part import Part
from tests.scenarios.readings import named, peak, probes, stopped_at
from tests.support.figures import note
from tests.support.processes import TRIALS, until
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
ROUNDS = max(1, TRIALS // 3)
POLICY = Policy(minimum_calls=5, wait_seconds=1.0, lease_seconds=2.0)
WATCHED_SECONDS = 4.0 if FULL else 2.5
ANSWER_SECONDS = 0.15
FLUSH_SECONDS = 0.1


SIZES = [(2, 1), (4, 1), (8, 1), (16, 1), (32, 1), (8, 3)] if FULL else [(8, 1)]


@pytest.mark.parametrize(("processes", "permitted"), SIZES)
def test_probes_at_once_are_those_permitted_whatever_the_fleets_size(
    own_valkey: TestServer, tmp_path: Path, processes: int, permitted: int
) -> None:
    peaks, admitted = [], []
    for number in range(ROUNDS):
        own_valkey.patient().client.flushall()
        folder = tmp_path / str(number)
        folder.mkdir()
        events = _herd(own_valkey, folder, processes, permitted)
        begun = stopped_at(events, processes)
        spans = [span for span in probes(events) if span[0] <= begun + WATCHED_SECONDS]
        peaks.append(peak(spans))
        admitted.append(len(spans))
    figures = {"probes_at_once": sorted(peaks), f"admitted_in_{WATCHED_SECONDS:g}_s": sorted(admitted)}
    note(f"herd of {processes} processes, {permitted} permitted at once", **figures)
    assert set(peaks) == {permitted}
    assert max(admitted) <= 4 * permitted


def _herd(server: TestServer, folder: Path, processes: int, permitted: int) -> list[Event]:
    policy = replace(POLICY, concurrent_probes=permitted)
    parts = [Part(index, server.url, folder, policy, work_seconds=ANSWER_SECONDS) for index in range(processes)]
    with crew_of(parts, dead=True) as crew:
        assert until(lambda: len({event.process for event in _told_open(crew.events())}) == processes), "not all were told to stop"
        time.sleep(WATCHED_SECONDS)
        return crew.finish()


def test_a_prober_that_is_killed_costs_one_lease(own_valkey: TestServer, tmp_path: Path) -> None:
    policy = POLICY if FULL else replace(POLICY, wait_seconds=0.3, lease_seconds=0.8)
    cost = []
    for number in range(ROUNDS):
        own_valkey.patient().client.flushall()
        folder = tmp_path / str(number)
        folder.mkdir()
        with crew_of([Part(index, own_valkey.url, folder, policy) for index in range(4)], dead=True) as crew:
            cost.append(_seconds_to_replace_a_killed_prober(crew))
    note("prober killed", lease=policy.lease_seconds, seconds_until_another_probed=[round(one, 2) for one in sorted(cost)])
    assert median(cost) <= policy.lease_seconds + (FLUSH_SECONDS if FULL else 1.0)
    assert max(cost) <= policy.lease_seconds + 1.0  # a busy machine's share


def _seconds_to_replace_a_killed_prober(crew: Crew) -> float:
    assert until(lambda: len({event.process for event in _told_open(crew.events())}) == len(crew.processes))
    crew.signals.hangs.value = 1
    assert until(lambda: bool(_probing(crew))), "nobody probed"
    gone = crew.kill(int(_probing(crew)[0].process.removeprefix("p-")))
    crew.signals.hangs.value = crew.signals.dead.value = 0
    assert until(lambda: bool(_served_after(crew, gone))), "nobody else got to probe"
    crew.finish()
    return float(_served_after(crew, gone)[0]["asked"]) - gone


def _told_open(events: list[Event]) -> list[Event]:
    return [event for event in named(events, "told") if event["state"] == "open"]


def _probing(crew: Crew) -> list[Event]:
    """Calls that hang in the dependency since it hangs."""
    events = crew.events()
    ended = {(event.process, event["asked"]) for event in named(events, "called")}
    return [event for event in named(events, "calls") if (event.process, event["asked"]) not in ended]


def _served_after(crew: Crew, instant: float) -> list[Event]:
    return [event for event in named(crew.events(), "called") if event["result"] == "ok" and event["asked"] > instant]
