"""Calls while the shared store is killed, paused, refuses or forgets: they go on, fast, under the last word heard."""

from __future__ import annotations

import faulthandler
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from redis.exceptions import OutOfMemoryError

from backend.resilience.connection import _Store
from backend.resilience.orders import Order, Slot
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.storage.shared import SharedState
from tests.support.valkey import TestServer
from tests.unit.resilience.fleets import QUICK, Instance, eventually


@pytest.fixture
def fleet(own_valkey: TestServer) -> Iterator[list[Instance]]:
    instances = [Instance(own_valkey.shared(), f"api-{number}", feed=RedisFeed(own_valkey.shared().following())) for number in range(2)]
    for instance in instances:
        instance.sync.start()
    eventually(lambda: all(instance.breaker.view().connected for instance in instances))
    yield instances
    own_valkey.go_on() if own_valkey._process else None
    for instance in instances:
        instance.sync.stop()


def calls_for(instance: Instance, seconds: float) -> tuple[set[str], float]:
    """What calls met, and the 99th percentile of their time."""
    met, times, until = set(), [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        met.add(instance.call())
        times.append(time.perf_counter() - began)
        time.sleep(0.001)
    return met, sorted(times)[int(len(times) * 0.99)]


def all_connected(fleet: list[Instance]) -> bool:
    return all(instance.sync.view().connected and instance.breaker.view().connected for instance in fleet)


def order(server: TestServer, epoch: int, body: str) -> None:
    assert RedisState(server.shared()).control("geocoder", Slot.OVERRIDE, Order(body, epoch, f"act-{epoch}", 600.0), body) == "applied"


def isolate(server: TestServer, epoch: int = 1) -> None:
    order(server, epoch, "isolated")


def release(server: TestServer, epoch: int = 2) -> None:
    order(server, epoch, "none")


@pytest.mark.parametrize("loss", ["kill", "pause"])
def test_calls_go_on_and_all_heals(own_valkey: TestServer, fleet: list[Instance], loss: str) -> None:
    getattr(own_valkey, loss)()
    met, p99 = calls_for(fleet[0], 0.8)
    assert met == {"ok"}
    assert p99 < 0.05
    assert not fleet[0].breaker.view().connected
    for _ in range(QUICK.minimum_calls):
        fleet[1].call(good=False)
    assert fleet[1].call() == "circuit_open"  # protection without the store
    own_valkey.go_on() if loss == "pause" else own_valkey.start()
    eventually(lambda: all_connected(fleet))


@pytest.mark.parametrize("loss", ["kill", "pause"])
def test_an_isolation_outlives_the_store(own_valkey: TestServer, fleet: list[Instance], loss: str) -> None:
    isolate(own_valkey)
    assert eventually(lambda: all(instance.call() == "circuit_isolated" for instance in fleet)) < 1.0
    getattr(own_valkey, loss)()
    assert calls_for(fleet[0], 0.6)[0] == {"circuit_isolated"}
    own_valkey.go_on() if loss == "pause" else own_valkey.start()
    eventually(lambda: all_connected(fleet))
    held = RedisState(own_valkey.shared()).read("geocoder").order(Slot.OVERRIDE)
    assert (held.body, held.act) == ("isolated", "act-1")  # told again by those who remember
    release(own_valkey)
    assert eventually(lambda: all(instance.call() == "ok" for instance in fleet)) < 1.0


def _read_only(server: TestServer) -> None:
    server.shared().client.replicaof("127.0.0.1", 1)


def _writable(server: TestServer) -> None:
    server.shared().client.replicaof("NO", "ONE")


def _full(server: TestServer) -> None:
    server.shared().client.config_set("maxmemory", 1)


def _roomy(server: TestServer) -> None:
    server.shared().client.config_set("maxmemory", 0)


def _stalled(server: TestServer) -> None:
    server.shared().client.client_pause(600, all=True)


def _nothing(server: TestServer) -> None:
    """It ends by itself."""


@pytest.mark.parametrize(("trouble", "end"), [(_read_only, _writable), (_full, _roomy), (_stalled, _nothing)])
def test_a_store_that_refuses_is_away_until_it_does_not(
    own_valkey: TestServer, fleet: list[Instance], trouble: Callable[[TestServer], None], end: Callable[[TestServer], None]
) -> None:
    trouble(own_valkey)
    eventually(lambda: not any(instance.breaker.view().connected for instance in fleet))
    assert calls_for(fleet[0], 0.1)[0] == {"ok"}
    end(own_valkey)
    eventually(lambda: all_connected(fleet))
    isolate(own_valkey)
    eventually(lambda: all(instance.call() == "circuit_isolated" for instance in fleet))


def _connections_killed(server: TestServer) -> None:
    client = server.shared().client
    for connection in client.client_list():
        if int(connection["id"]) != client.client_id():
            client.execute_command("CLIENT", "KILL", "ID", connection["id"])


def _scripts_flushed(server: TestServer) -> None:
    server.shared().client.script_flush()


def _all_flushed(server: TestServer) -> None:
    server.shared().client.flushall()


def _all_evicted(server: TestServer) -> None:
    client = server.shared().client
    client.config_set("maxmemory-policy", "allkeys-random")
    client.config_set("maxmemory", 1)
    with suppress(OutOfMemoryError):
        client.set("one", "more")
    assert client.dbsize() == 0
    client.config_set("maxmemory", 0)


@pytest.mark.parametrize("harm", [_connections_killed, _scripts_flushed, _all_flushed, _all_evicted])
def test_what_the_store_loses_is_made_good_within_an_exchange_or_two(
    own_valkey: TestServer, fleet: list[Instance], harm: Callable[[TestServer], None]
) -> None:
    isolate(own_valkey)
    eventually(lambda: all(instance.breaker.view().isolated for instance in fleet))
    harm(own_valkey)
    state = RedisState(own_valkey.shared())
    eventually(lambda: all_connected(fleet) and state.read("geocoder").order(Slot.OVERRIDE).body == "isolated")
    assert {instance.call() for instance in fleet} == {"circuit_isolated"}
    release(own_valkey)
    eventually(lambda: all(instance.call() == "ok" for instance in fleet))


def test_an_order_is_effective_at_once_and_again_after_the_store_was_away(own_valkey: TestServer, fleet: list[Instance]) -> None:
    assert _seconds_to_hear(own_valkey, fleet, 1) < 0.05
    own_valkey.kill()
    eventually(lambda: not any(instance.breaker.view().connected for instance in fleet))
    own_valkey.start()
    eventually(lambda: all_connected(fleet))
    eventually(lambda: int(own_valkey.shared().client.info("clients")["blocked_clients"]) == len(fleet))
    assert _seconds_to_hear(own_valkey, fleet, 30) < 0.05


def _seconds_to_hear(server: TestServer, fleet: list[Instance], epoch: int) -> float:
    """The middle of some orders, each given when the exchange was just over."""
    seconds = []
    for number in range(epoch, epoch + 9):
        order(server, number, "isolated" if number % 2 else "none")
        expected = "circuit_isolated" if number % 2 else "ok"
        seconds.append(eventually(lambda expected=expected: all(instance.call() == expected for instance in fleet)))
    return sorted(seconds)[len(seconds) // 2]


def test_a_thread_that_listens_ends_with_its_process_whatever_the_store_does(own_valkey: TestServer, fleet: list[Instance]) -> None:
    own_valkey.pause()
    began = time.monotonic()
    fleet[0].sync.stop()
    assert time.monotonic() - began < 2.0


@pytest.mark.parametrize("kind", [SharedState, _Store])
def test_a_forks_child_shares_no_connection_with_its_parent(own_valkey: TestServer, kind: type) -> None:
    """While the parent's threads are in the midst of exchanges, whose locks the child finds taken."""
    store = kind(own_valkey.url)
    first, *others = (Instance(own_valkey.shared(), f"api-{number}", state=RedisState(store)) for number in range(3))
    ended = threading.Event()
    busy = [threading.Thread(target=_exchange_until, args=(other, ended)) for other in others]
    for thread in busy:
        thread.start()
    answers = [_of_child(first) for _ in range(5)]
    ended.set()
    for thread in busy:
        thread.join()
    assert answers == [b"fine"] * 5
    eventually(first.sync.exchange_now)
    assert {one.id for one in RedisState(own_valkey.shared()).read("geocoder").instances} >= {"api-0", "api-1", "api-2"}


def _exchange_until(instance: Instance, ended: threading.Event) -> None:
    while not ended.is_set():
        instance.sync.exchange_now()


def _of_child(instance: Instance) -> bytes:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(20, exit=True, file=write)
        instance.sync.start()
        eventually(lambda: instance.sync.view().connected, 15)
        instance.sync.stop()
        os.write(write, b"fine")
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read, "rb") as answer:
        return answer.read()
