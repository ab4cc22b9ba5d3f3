"""What is known of keys: who sends a known one never waits, and a revoked one dies while the store answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend.accounts.key_memory import PATIENCE_SECONDS, KeyMemory
from backend.accounts.operator import ApiKey
from backend.errors import StorageUnavailable
from tests.support.clock import START, ManualClock
from tests.support.processes import until

KEY = ApiKey("id", "partner", "12345678", ("charts",), "ada", START, None, None)


class Store:
    """Answers, refuses or says nothing, and counts the questions."""

    def __init__(self) -> None:
        self.keys = {"known": KEY, "new": KEY}
        self.refuses = False
        self.asked: list[str] = []
        self.answers = threading.Event()
        self.answers.set()

    def ask(self, key_hash: str) -> ApiKey | None:
        self.asked.append(key_hash)
        self.answers.wait(10)
        if self.refuses:
            raise StorageUnavailable("sql")
        return self.keys.get(key_hash)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store()
    yield made
    made.answers.set()


@pytest.fixture
def memory(store: Store, clock: ManualClock) -> Iterator[KeyMemory]:
    made = KeyMemory(store.ask, clock)
    assert made.learn("known") == KEY
    yield made
    made.close()


def test_a_key_in_use_is_confirmed_before_it_grows_old_and_nobody_waits(memory: KeyMemory, store: Store, clock: ManualClock) -> None:
    for _ in range(20):
        clock.advance(1)
        assert memory.recall("known") == KEY
        assert until(lambda: not memory._again._asked)
    assert 4 <= len(store.asked) <= 8


def test_a_key_out_of_use_is_asked_for_again_after_five_seconds(memory: KeyMemory, store: Store, clock: ManualClock) -> None:
    store.keys["known"] = ApiKey(**{**KEY.__dict__, "revoked_at": START + timedelta(seconds=1)})
    clock.advance(5)
    assert memory.recall("known") is None
    learned = memory.learn("known")
    assert learned is not None and learned.revoked_at is not None


def test_a_store_that_refuses_leaves_what_was_known_for_five_minutes(memory: KeyMemory, store: Store, clock: ManualClock) -> None:
    store.refuses = True
    clock.advance(299)
    assert memory.learn("known") == KEY
    assert memory.recall("known") == KEY
    clock.advance(1)
    with pytest.raises(StorageUnavailable):
        memory.learn("known")
    with pytest.raises(StorageUnavailable):
        memory.learn("new")


def test_a_store_that_hangs_costs_one_wait_and_then_none(memory: KeyMemory, store: Store, clock: ManualClock) -> None:
    store.answers.clear()
    clock.advance(6)
    assert memory.learn("known") == KEY
    began = time.monotonic()
    assert all(memory.recall("known") == KEY for _ in range(100))
    with pytest.raises(StorageUnavailable):
        memory.learn("new")
    for _ in range(100):
        with pytest.raises(StorageUnavailable):
            memory.learn("new")
    assert time.monotonic() - began < 2 * PATIENCE_SECONDS
    store.answers.set()
    assert until(lambda: not memory._first._asked and not memory._again._asked)
    assert memory.learn("new") == KEY


def test_a_long_absence_is_forgotten_when_nobody_asked_for_a_second(memory: KeyMemory, store: Store, clock: ManualClock) -> None:
    store.refuses = True
    clock.advance(6)
    memory.learn("known")
    store.refuses = False
    store.keys.clear()
    clock.advance(1)
    assert memory.recall("known") is None
    assert until(lambda: not memory._again._asked)
    assert memory.learn("known") is None


def test_an_answer_from_before_a_change_is_not_kept(memory: KeyMemory, store: Store, clock: ManualClock) -> None:
    store.answers.clear()
    clock.advance(3)
    assert memory.recall("known") == KEY
    assert until(lambda: len(store.asked) == 2)
    memory.forget()
    store.answers.set()
    assert until(lambda: not memory._again._asked)
    assert memory.recall("known") is None


def test_unknown_keys_in_masses_are_refused_beyond_a_bound(memory: KeyMemory, store: Store) -> None:
    store.answers.clear()
    refused = 0
    for number in range(300):
        try:
            memory._first._question(f"unknown {number}")
        except StorageUnavailable:
            refused += 1
    assert refused == 300 - 256
    assert memory.recall("known") == KEY
