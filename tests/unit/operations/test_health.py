"""Health tells reachable, away and unknown apart, in bounded time, and is asked at most once a second."""

from __future__ import annotations

import threading

import pytest

from backend.errors import StorageUnavailable
from backend.operations.health import Check, HealthService, NotKnown
from tests.support.clock import ManualClock


def away() -> str:
    raise StorageUnavailable("valkey")


def unconfigured() -> str:
    raise NotKnown("no geocoder is configured")


def broken() -> str:
    raise ZeroDivisionError("secret text")


def test_each_state_is_told_apart_with_words() -> None:
    probes = {"good": lambda: "answers", "away": away, "none": unconfigured, "broken": broken}
    checks = [Check(name, name.title(), probe, f"hides {name}") for name, probe in probes.items()]
    found = {health.name: health for health in HealthService(checks, ManualClock()).check()}
    assert {name: health.reachable for name, health in found.items()} == {"good": True, "away": False, "none": None, "broken": False}
    assert found["away"].detail == "the valkey store did not answer"
    assert found["none"].detail == "no geocoder is configured"
    assert found["broken"].detail == "the check failed: ZeroDivisionError"
    assert found["good"].latency_seconds == 0.0 and found["good"].hides == "hides good"


def test_a_probe_that_hangs_is_away_and_not_started_twice() -> None:
    held, started = threading.Event(), []

    def hang() -> str:
        started.append(1)
        held.wait(10)
        return "at last"

    clock = ManualClock()
    health = HealthService([Check("slow", "Slow", hang, "much")], clock, probe_seconds=0.02)
    for _ in range(3):
        assert health.check()[0].reachable is False and "no answer within" in health.check()[0].detail
        clock.advance(2)
    held.set()
    assert len(started) == 1


def test_an_answer_is_good_for_one_second() -> None:
    asked: list[int] = []
    clock = ManualClock()
    health = HealthService([Check("sql", "SQL", lambda: str(asked.append(1)), "all", essential=True)], clock)
    health.check()
    health.check()
    assert len(asked) == 1
    clock.advance(1.5)
    health.check()
    assert len(asked) == 2


def test_while_one_asks_anew_others_are_told_what_was_known() -> None:
    clock, held, asking = ManualClock(), threading.Event(), threading.Event()
    held.set()

    def probe() -> str:
        asking.set()
        held.wait(10)
        return "well"

    health = HealthService([Check("sql", "SQL", probe, "all")], clock, probe_seconds=10)
    known = health.check()
    clock.advance(2)
    held.clear()
    asking.clear()
    one = threading.Thread(target=health.check)
    one.start()
    assert asking.wait(10)
    assert health.check() is known
    held.set()
    one.join(10)
    assert health.check() is not known


@pytest.mark.parametrize(("essential", "ready"), [(True, False), (False, True)])
def test_only_what_is_essential_makes_the_service_unready(essential: bool, ready: bool) -> None:
    assert HealthService([Check("x", "X", away, "y", essential)], ManualClock()).ready() is ready
