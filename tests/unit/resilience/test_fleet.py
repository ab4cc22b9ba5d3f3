"""The exchange with a fleet that is at hand, away, or talks nonsense."""

from __future__ import annotations

import os
import threading

import pytest

from backend.errors import DependencyFailed, StorageUnavailable
from backend.resilience.breaker import Breaker
from backend.resilience.fleet import FleetSync
from backend.resilience.listener import Happened
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Exchange, Reply, SharedCircuit
from tests.support.clock import ManualClock
from tests.unit.resilience.fleets import eventually


class Fleet:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[Exchange] = []
        self.left: list[tuple[str, tuple[str, ...], bool]] = []
        self.trouble: Exception | None = None
        self.fails_from = 0  # of the exchanges from now on, the first that fails while there is trouble

    def exchange(self, exchange: Exchange) -> dict[str, Reply]:
        self.heard.append(exchange)
        self.fails_from -= 1
        if self.trouble and self.fails_from < 0:
            raise self.trouble
        return {question.name: Reply(SharedCircuit(epoch=0)) for question in exchange.questions}

    def leave(self, instance: str, names: tuple[str, ...], *, ends: bool = True) -> None:
        if self.trouble:
            raise self.trouble
        self.left.append((instance, names, ends))


class Feed:
    """Speaks when the test does."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.trouble: Exception | None = None
        self.closed = False
        self.begun = 0
        self._changed = threading.Condition()

    def newest(self) -> str:
        self.begun += 1
        if self.trouble:
            raise self.trouble
        return str(len(self.orders))

    def after(self, cursor: str, wait_seconds: float) -> tuple[str, frozenset[str]]:
        with self._changed:
            self._changed.wait_for(lambda: self.closed or self.trouble or len(self.orders) > int(cursor), wait_seconds)
            if self.closed or self.trouble:
                raise self.trouble or StorageUnavailable("valkey")
            return str(len(self.orders)), frozenset(self.orders[int(cursor) :])

    def say(self, name: str) -> None:
        with self._changed:
            self.orders.append(name)
            self._changed.notify_all()

    def break_with(self, trouble: Exception | None) -> None:
        with self._changed:
            self.trouble = trouble
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return Breaker("geocoder", Policy(), clock, lambda: 0.5)


@pytest.fixture
def sync(fleet: Fleet, breaker: Breaker, clock: ManualClock) -> FleetSync:
    sync = FleetSync(fleet, "api-1", clock, lambda: 0.5, role="api", interval_seconds=0.01)
    sync.register(breaker, "Geocoder")
    return sync


def told_bad(fleet: Fleet) -> int:
    return sum(tally.bad for exchange in fleet.heard for question in exchange.questions for tally in question.batch.tallies)


def fail(breaker: Breaker) -> None:
    with pytest.raises(DependencyFailed), breaker.guard():
        raise DependencyFailed("geocoder", "it broke", transient=True)


def test_what_was_not_heard_is_told_again_unchanged(sync: FleetSync, fleet: Fleet, breaker: Breaker, clock: ManualClock) -> None:
    fleet.trouble = StorageUnavailable("valkey")
    breaker.call(lambda: "ok")
    assert not sync.step()
    breaker.call(lambda: "ok")
    clock.advance(2)
    assert not sync.step()
    fleet.trouble = None
    assert sync.step()
    assert sync.step()
    first, again, heard, later = fleet.heard
    assert first.questions[0].batch == again.questions[0].batch == heard.questions[0].batch
    assert first.sequence == again.sequence == heard.sequence == later.sequence - 1
    assert (first.delay_seconds, heard.delay_seconds) == (0.0, 2.0)
    assert sum(tally.ok for tally in later.questions[0].batch.tallies) == 1


def test_its_view_says_how_it_goes(sync: FleetSync, fleet: Fleet, clock: ManualClock) -> None:
    assert sync.view().lag_seconds is None
    sync.step()
    clock.advance(3)
    assert sync.view().connected
    fleet.trouble = StorageUnavailable("valkey")
    sync.step()
    view = sync.view()
    assert (view.connected, view.lag_seconds, view.failures, view.fault) == (False, 3.0, 1, "StorageUnavailable")


@pytest.mark.parametrize("trouble", [ValueError("not JSON"), RuntimeError("a listener's fault"), KeyError("name"), StorageUnavailable("x")])
def test_the_thread_outlives_whatever_goes_wrong_in_it(sync: FleetSync, fleet: Fleet, breaker: Breaker, trouble: Exception) -> None:
    fleet.trouble = trouble
    sync.start()
    eventually(lambda: len(fleet.heard) > 2)
    assert sync.view().fault == type(trouble).__name__
    fleet.trouble = None
    eventually(lambda: breaker.view().connected)
    sync.stop()
    assert fleet.left == [("api-1", ("geocoder",), True)]


def test_stopping_tells_what_is_left(sync: FleetSync, fleet: Fleet, breaker: Breaker) -> None:
    sync.start()
    sync.start()
    fail(breaker)
    breaker.note(Happened.RETRIED)
    eventually(lambda: told_bad(fleet) == 1)
    breaker.note(Happened.RETRIED)  # less than a second after the last ones
    sync.stop()
    happenings = [one for exchange in fleet.heard for question in exchange.questions for one in question.batch.happenings]
    assert sum(one.count for one in happenings) == 2


def test_stopping_without_the_fleet_is_no_trouble(sync: FleetSync, fleet: Fleet) -> None:
    fleet.trouble = StorageUnavailable("valkey")
    sync.start()
    sync.stop()
    assert fleet.left == []


def test_the_first_exchange_is_over_when_start_returns(sync: FleetSync, breaker: Breaker) -> None:
    sync.start()
    assert breaker.view().connected
    sync.stop()


def test_happenings_are_told_about_once_a_second(sync: FleetSync, fleet: Fleet, breaker: Breaker, clock: ManualClock) -> None:
    for _ in range(30):
        breaker.note(Happened.RETRIED)
        sync.step()
        clock.advance(0.1)
    told = [one.count for exchange in fleet.heard for one in exchange.questions[0].batch.happenings]
    assert told == [1, 10, 10]


def test_breakers_come_and_go_while_it_runs(sync: FleetSync, fleet: Fleet, clock: ManualClock) -> None:
    sync.step()
    late = sync.register(Breaker("mail", Policy(), clock, lambda: 0.5), "Mail")
    sync.step()
    assert [(question.name, question.title) for question in fleet.heard[-1].questions] == [("geocoder", "Geocoder"), ("mail", "Mail")]
    assert late.view().connected
    fail(late)
    sync.unregister("mail")
    sync.unregister("nobody")
    sync.step()
    assert told_bad(fleet) == 1  # what it still had to tell
    assert fleet.left == [("api-1", ("mail",), False)]
    sync.step()
    assert [question.name for question in fleet.heard[-1].questions] == ["geocoder"]


def test_who_leaves_while_the_fleet_is_away_leaves_when_it_is_back(sync: FleetSync, fleet: Fleet, breaker: Breaker) -> None:
    fleet.trouble = StorageUnavailable("valkey")
    fail(breaker)
    sync.unregister("geocoder")
    sync.step()
    sync.step()
    fleet.trouble = None
    sync.step()
    sync.step()
    assert fleet.left == [("api-1", ("geocoder",), False)]
    assert fleet.heard[-1].questions == ()


@pytest.mark.parametrize("name", ["", "Geocoder", "a b", "a:b", "{r}", "x" * 65, "1st", "é"])
def test_a_name_that_may_not_become_a_key_is_refused(sync: FleetSync, clock: ManualClock, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        sync.register(Breaker(name, Policy(), clock, lambda: 0.5))


def test_many_breakers_are_told_in_parts_and_each_part_once(fleet: Fleet, clock: ManualClock) -> None:
    sync = FleetSync(fleet, "api-1", clock, lambda: 0.5)
    breakers = [sync.register(Breaker(f"tenant-{number}", Policy(), clock, lambda: 0.5)) for number in range(450)]
    for breaker in breakers:
        fail(breaker)
    fleet.trouble, fleet.fails_from = StorageUnavailable("valkey"), 1  # the second part is lost
    assert not sync.step()
    fleet.trouble = None
    assert sync.step()
    parts = [(exchange.sequence, len(exchange.questions)) for exchange in fleet.heard]
    assert parts == [(1, 200), (2, 200), (2, 200), (3, 50)]
    assert fleet.heard[1].questions[0].batch == fleet.heard[2].questions[0].batch


def test_an_order_wakes_the_exchange_of_those_whom_it_is_for(fleet: Fleet, clock: ManualClock) -> None:
    feed = Feed()
    sync = FleetSync(fleet, "api-1", clock, lambda: 0.5, interval_seconds=60, feed=feed)
    sync.register(Breaker("geocoder", Policy(), clock, lambda: 0.5))
    sync.start()
    eventually(lambda: len(fleet.heard) == 2)  # as it starts, and once more when it began to listen
    feed.say("another")
    feed.say("geocoder")
    eventually(lambda: len(fleet.heard) == 3)
    assert sync.view().hears_orders
    feed.break_with(AttributeError("a fault of the client library"))
    eventually(lambda: feed.begun > 1)
    assert (sync.view().hears_orders, sync.view().deaf_from) == (False, "AttributeError")
    feed.break_with(None)
    eventually(lambda: len(fleet.heard) == 4)  # it may have missed one
    feed.say("geocoder")
    eventually(lambda: len(fleet.heard) == 5)
    sync.stop()
    assert feed.closed
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("circuit-")]


def test_idle_breakers_are_asked_for_now_and_then_and_busy_ones_each_time(fleet: Fleet, clock: ManualClock) -> None:
    feed = Feed()
    sync = FleetSync(fleet, "api-1", clock, lambda: 0.5, interval_seconds=60, feed=feed)
    busy, _ = (sync.register(Breaker(name, Policy(), clock, lambda: 0.5)) for name in ("busy", "idle"))
    sync.start()
    eventually(lambda: len(fleet.heard) == 2)
    clock.advance(3.0)
    del fleet.heard[:]
    for _ in range(10):
        busy.call(lambda: "ok")
        sync.step()
        clock.advance(0.1)
    asked = [question.name for exchange in fleet.heard for question in exchange.questions]
    assert (asked.count("busy"), asked.count("idle")) == (10, 2)
    feed.say("idle")
    eventually(lambda: fleet.heard[-1].questions[-1].name == "idle")  # an order is for it
    feed.break_with(StorageUnavailable("valkey"))
    eventually(lambda: feed.begun > 1)
    clock.advance(3.0)
    for _ in range(2):
        sync.step()
        assert [question.name for question in fleet.heard[-1].questions] == ["busy", "idle"]  # it might miss one
    sync.stop()


class Broken(Breaker):
    def adopt(self, reply: Reply, asked_at: float) -> None:
        raise RuntimeError("it broke")


def test_one_breakers_fault_keeps_no_other_from_the_fleet(sync: FleetSync, fleet: Fleet, breaker: Breaker, clock: ManualClock) -> None:
    sync.unregister("geocoder")
    sync.register(Broken("broken", Policy(), clock, lambda: 0.5))
    sync.register(breaker)
    assert sync.step()
    assert breaker.view().connected
    assert (sync.view().connected, sync.view().fault) == (True, "RuntimeError")
    assert sync.step()
    assert [exchange.sequence for exchange in fleet.heard] == [1, 2]


def test_a_forks_child_takes_no_part_until_it_starts_and_then_as_another(sync: FleetSync, fleet: Fleet, breaker: Breaker) -> None:
    fail(breaker)
    breaker.note(Happened.RETRIED)
    sync.start()
    fleet.trouble = StorageUnavailable("valkey")
    fail(breaker)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        alone = not [thread for thread in threading.enumerate() if thread.name.startswith("circuit-")]
        fleet.trouble, fleet.heard = None, []
        sync.step(last=True)
        told = fleet.heard[0]
        fine = alone and told.instance == f"api-1-{os.getpid()}" and told.sequence == 1 and not told_bad(fleet)
        os.write(write, b"fine" if fine and not told.questions[0].batch.happenings else repr(told).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 10_000) == b"fine"
    fleet.trouble = None
    sync.stop()
    heard = {exchange.sequence: exchange for exchange in fleet.heard}
    assert sum(tally.bad for exchange in heard.values() for tally in exchange.questions[0].batch.tallies) == 2
