"""What is asked for most is counted for all, and ready when a process starts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.charts.caching.keys import Keys
from backend.charts.caching.popular import Popular
from backend.charts.caching.upkeep import COUNTED_EVERY_SECONDS, Upkeep
from tests.support.clock import ManualClock
from tests.unit.charts.caching.fakes import SECRET, FakeShelf, Maker, Process


@pytest.fixture
def shelf() -> FakeShelf:
    return FakeShelf()


@pytest.fixture
def process(clock: ManualClock, shelf: FakeShelf) -> Process:
    return Process(clock, shelf)


class Two:
    """A process that counts what is asked, and one that starts later."""

    def __init__(self, clock: ManualClock, shelf: FakeShelf) -> None:
        self.clock, self.shelf = clock, shelf

    def upkeep(self, process: Process, prepared: list[tuple[str, bytes]]) -> Upkeep:
        popular = Popular(self.shelf, Keys(SECRET, ["any"]), SECRET, lambda: datetime(2026, 1, 2, tzinfo=UTC))
        return Upkeep(process.memory, process.shared, popular, self.clock, lambda wanted: prepared.append(tuple(wanted)))


def test_what_is_asked_most_is_prepared_first_when_a_process_starts(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    two = Two(clock, shelf)
    upkeep = two.upkeep(process, [])
    for text, times in ((b"once", 1), (b"often", 9), (b"four times", 4)):
        for _ in range(times):
            process.ask(Maker(clock), text, text)
    clock.advance(COUNTED_EVERY_SECONDS)
    upkeep.turn()
    assert not any(text in repr(shelf.counts).encode() for text in (b"once", b"often", b"four times"))
    prepared: list[tuple[str, bytes]] = []
    assert two.upkeep(Process(clock, shelf), prepared).warm() == 2
    assert prepared == [("charts", b"often"), ("charts", b"four times")]


def test_warming_without_the_store_is_no_trouble(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    shelf.away = True
    assert Two(clock, shelf).upkeep(process, []).warm() == 0


def test_warming_stops_when_the_process_does(process: Process, shelf: FakeShelf, clock: ManualClock) -> None:
    two = Two(clock, shelf)
    for _ in range(5):
        process.ask(Maker(clock))
    two.upkeep(process, []).count()
    assert two.upkeep(process, []).warm(lambda: True) == 0
