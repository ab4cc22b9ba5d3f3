"""A process's sign of life survives faults and stores that are away, and is withdrawn at the end."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import pytest

from backend.errors import StorageUnavailable
from backend.monitoring.heartbeat import Heartbeat, Repeater
from backend.monitoring.records import Instance
from backend.telemetry.logging import configure
from tests.support.clock import START

INSTANCE = Instance("i", "worker", 1, "host", "0", START)


class Register:
    def __init__(self) -> None:
        self.alive: set[str] = set()
        self.announced = threading.Event()
        self.away = False

    def announce(self, instance: Instance) -> None:
        self.alive.add(instance.id)
        self.announced.set()

    def withdraw(self, instance_id: str) -> None:
        if self.away:
            raise StorageUnavailable("sql")
        self.alive.discard(instance_id)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure("info", "worker", "i", stream)
    yield stream


def test_it_announces_at_once_and_withdraws_at_the_end() -> None:
    register = Register()
    heartbeat = Heartbeat(register, INSTANCE, seconds=60)
    heartbeat.start()
    assert register.announced.wait(5) and register.alive == {"i"}
    heartbeat.stop()
    assert register.alive == set()


def test_a_store_that_is_away_at_the_end_does_not_keep_the_process(log: io.StringIO) -> None:
    register = Register()
    heartbeat = Heartbeat(register, INSTANCE, seconds=60)
    heartbeat.start()
    register.away = True
    heartbeat.stop()
    assert "instance_not_withdrawn" in log.getvalue()


def test_a_store_that_is_away_is_said_once_until_it_is_back(log: io.StringIO) -> None:
    outcomes: list[Exception | None] = [StorageUnavailable("sql"), StorageUnavailable("sql"), None, StorageUnavailable("sql")]

    def act() -> None:
        if error := outcomes.pop(0):
            raise error

    repeater = Repeater("heartbeat", 60, act)
    for _ in range(4):
        repeater.once()
    assert log.getvalue().count("store_away") == 2


def test_any_other_fault_is_logged_and_the_next_turn_comes(log: io.StringIO) -> None:
    turns = threading.Semaphore(0)

    def act() -> None:
        turns.release()
        raise ZeroDivisionError("secret")

    repeater = Repeater("task", 0.001, act)
    repeater.start()
    assert all(turns.acquire(timeout=5) for _ in range(3))
    repeater.stop()
    assert "ZeroDivisionError" in log.getvalue() and "secret" not in log.getvalue()
