"""Another service's way into the fleet."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from backend.clock import SystemClock
from backend.errors import CallRefused, DependencyFailed, StorageUnavailable
from backend.resilience.breaker import Breaker
from backend.resilience.connection import Fleet, _Store, connect
from backend.resilience.fleet import FleetSync
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.storage.shared import SharedState
from tests.support.valkey import TestServer
from tests.unit.resilience.fleets import eventually

QUICK = Policy(minimum_calls=4, wait_seconds=30.0)
Join = Callable[..., Fleet]


@pytest.fixture
def join(shared: SharedState, valkey_server: TestServer) -> Iterator[Join]:
    joined: list[Fleet] = []

    def join(service: str = "billing", **words: str) -> Fleet:
        joined.append(connect(valkey_server.url, service, **words))
        return joined[-1]

    yield join
    for fleet in joined:
        fleet.close()


def _fail() -> str:
    raise DependencyFailed("mail", "it broke", transient=True)


def code_of(call: Callable[[], str]) -> str:
    try:
        return call()
    except CallRefused as refusal:
        return refusal.code
    except DependencyFailed:
        return "failed"


def test_its_breakers_are_the_fleets_and_known_by_name(join: Join, shared: SharedState) -> None:
    join().breaker("mail", QUICK, title="Mail")
    state = RedisState(shared)
    ((name, title, service),) = [(named.name, named.title, named.service) for named in state.names()]
    assert (name, title, service) == ("mail", "Mail", "billing")
    (instance,) = state.read("mail").instances
    assert instance.id.startswith("billing-")


def test_two_services_share_what_they_see(join: Join) -> None:
    first, second = (join(service).breaker("mail", QUICK) for service in ("billing", "orders"))
    for breaker in (first, second):
        for _ in range(3):
            code_of(lambda breaker=breaker: breaker.call(_fail))
    eventually(lambda: first.view().fleet == second.view().fleet == "open")


def test_an_isolation_is_known_before_the_first_call(join: Join, shared: SharedState) -> None:
    RedisState(shared).control("mail", Slot.OVERRIDE, Order("isolated", 1, "act", 60.0), "isolated")
    breaker = join().breaker("mail", QUICK)
    assert code_of(lambda: breaker.call(lambda: "ok")) == "circuit_isolated"


def test_it_goes_by_the_figures_that_an_operator_orders(join: Join, shared: SharedState) -> None:
    breaker = join().breaker("mail", QUICK)
    state = RedisState(shared)
    state.control("mail", Slot.POLICY, Order(json.dumps({"circuit": {"minimum_calls": 77}}), 1, "a"), "policy")
    eventually(lambda: breaker.policy.minimum_calls == 77)
    assert breaker.policy.wait_seconds == QUICK.wait_seconds
    state.control("mail", Slot.POLICY, Order('{"circuit": {"minimum_calls": -1}}', 2, "b"), "policy")
    state.control("mail", Slot.POLICY, Order("", 3, "c"), "policy")
    eventually(lambda: breaker.policy == QUICK)


def test_without_the_store_it_protects_by_itself_and_joins_later(own_valkey: TestServer) -> None:
    own_valkey.kill()
    with connect(own_valkey.url, "billing") as fleet:
        breaker = fleet.breaker("mail", QUICK)
        for _ in range(QUICK.minimum_calls):
            assert code_of(lambda: breaker.call(_fail)) == "failed"
        assert code_of(lambda: breaker.call(_fail)) == "circuit_open"
        own_valkey.start()
        eventually(lambda: fleet.view().connected)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("circuit-")]


def test_who_closes_leaves(join: Join, shared: SharedState) -> None:
    fleet = join()
    breaker = fleet.breaker("mail", QUICK)
    fleet.close()
    assert RedisState(shared).read("mail").instances == ()
    assert breaker.call(lambda: "ok") == "ok"


def test_one_name_is_one_breaker(join: Join) -> None:
    fleet = join()
    fleet.breaker("mail")
    with pytest.raises(ValueError, match="already"):
        fleet.breaker("mail")


def test_a_server_that_forgot_the_scripts_is_sent_them_again(join: Join, shared: SharedState) -> None:
    fleet = join()
    shared.client.script_flush()
    before = fleet.view()
    fleet.breaker("mail")
    assert fleet.view().failures == before.failures == 0


def test_its_errors_say_nothing_of_the_address() -> None:
    with pytest.raises(StorageUnavailable) as away:
        _Store("redis://:secret@127.0.0.1:1/0").newest("x")
    assert "secret" not in str(away.value)


def test_the_client_library_is_not_needed_until_then() -> None:
    asked = "import sys, backend.resilience.connection; raise SystemExit('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


class Parrot(threading.Thread):
    """A server that answers the same to whatever it is told."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(daemon=True)
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._socket.getsockname()[1]}"

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, suppress(OSError):
                    while connection.recv(65536):
                        connection.sendall(self._answer)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"-LOADING Valkey is loading the dataset in memory\r\n",
        b"-READONLY You can't write against a read only replica.\r\n",
        b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
        b"-BUSY a script is running\r\n",
        b"-NOPERM no\r\n",
        b"-NOSCRIPT No matching script.\r\n",
        b"?!\r\n",
        b"$3\r\nabc\r\n",
    ],
)
@pytest.mark.parametrize("open_store", [_Store, SharedState])
def test_whatever_a_store_answers_callers_never_meet_it(answer: bytes, open_store: Callable[[str], _Store | SharedState]) -> None:
    server = Parrot(answer)
    server.start()
    breaker = Breaker("mail", QUICK, SystemClock(), lambda: 0.5)
    sync = FleetSync(RedisState(open_store(server.url)), "api-1", SystemClock(), lambda: 0.5)
    sync.register(breaker)
    assert not sync.exchange_now()
    assert breaker.call(lambda: "ok") == "ok"
    assert sync.view().fault
    server.close()
