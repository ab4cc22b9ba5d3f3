"""One call that makes a service part of the fleet: ``connect(url, service)``, then a breaker for each dependency."""

from __future__ import annotations

import json
import os
import random
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.clock import SystemClock
from backend.errors import StorageUnavailable
from backend.resilience.breaker import Breaker
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy, from_document
from backend.resilience.fleet import FleetSync, SyncView
from backend.resilience.listener import Listener
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Classifier
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisFeed, RedisState, Script
from backend.resilience.shared_state import FleetState, OrderFeed

if TYPE_CHECKING:
    import redis

_CONNECT_SECONDS, _READ_SECONDS = 0.1, 0.25  # nobody's call waits for these, only the thread of the exchange does
_FOLLOW_SECONDS = 2.5


def connect(url: str, service: str, *, instance: str | None = None, role: str = "") -> Fleet:
    """Take part in the fleet at this Valkey or Redis; ``instance`` names this process and is made up where it is not given.

    Nothing is raised when the store is away: breakers then go by what this process sees, and join when it is back.
    """
    store = _Store(url)
    return Fleet(RedisState(store), RedisFeed(store), service, instance or _instance(service), role=role, close=store.close)


class Fleet:
    """This process's part: its breakers, and the thread that keeps them in step with all others."""

    def __init__(
        self, state: FleetState, feed: OrderFeed, service: str, instance: str, *, role: str = "", close: Callable[[], None] | None = None
    ) -> None:
        self._clock = SystemClock()
        self._breakers: dict[str, Breaker] = {}
        self._close = close
        self._sync = FleetSync(state, instance, self._clock, random.random, role=role, service=service, feed=feed)
        self._sync.start()

    def breaker(
        self,
        name: str,
        policy: Policy | None = None,
        *,
        title: str = "",
        listener: Listener | None = None,
        classify: Classifier | None = None,
        on_order: Callable[[Slot, Order], None] | None = None,
    ) -> Breaker:
        """A breaker for one dependency, shared with every process that names it so. An isolation is known before the first call.

        Without ``on_order`` it goes by the figures that an operator orders for the circuit.
        """
        given = policy or Policy()
        breaker = Breaker(
            name,
            given,
            self._clock,
            random.random,
            listener=listener,
            classify=classify,
            on_order=on_order or (lambda slot, order: _follow(breaker, given, slot, order)),
        )
        return self._joined(breaker, title)

    def dependency(
        self,
        name: str,
        policy: DependencyPolicy | None = None,
        *,
        title: str = "",
        listener: Listener | None = None,
        classify: Classifier | None = None,
    ) -> Dependency:
        """All protections of one dependency around such a breaker; they too follow the policies and faults that an operator orders."""
        given = policy or DependencyPolicy()
        breaker = Breaker(
            name,
            given.circuit,
            self._clock,
            random.random,
            listener=listener,
            classify=classify,
            on_order=lambda slot, order: dependency.on_order(slot, order),
        )
        dependency = Dependency(name, given, breaker, self._clock, random.random)
        self._joined(breaker, title)
        return dependency

    def _joined(self, breaker: Breaker, title: str) -> Breaker:
        """In step with the fleet, and told of what it has decided so far."""
        if breaker.name in self._breakers:
            raise ValueError(f"this process has a breaker {breaker.name!r} already")
        self._breakers[breaker.name] = self._sync.register(breaker, title or breaker.name)
        self._sync.exchange_now()
        return breaker

    def view(self) -> SyncView:
        return self._sync.view()

    def close(self) -> None:
        """Tell what is left and take leave; calls through the breakers go on by what they know."""
        self._sync.stop()
        if self._close is not None:
            self._close()

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Store:
    """Two connections of one client library: one that hurries, and one that waits for orders."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._parents: list[redis.Redis] = []
        self._begin()

    def script(self, name: str, text: str) -> Script:  # noqa: ARG002 - the library knows scripts by their text alone
        script = self._quick.register_script(text)

        def call(keys: Sequence[str], args: Sequence[Any]) -> Any:
            self._begin_in_a_child()
            with _translated():
                return script(keys=keys, args=args, client=self._quick)

        return call

    def newest(self, stream: str) -> str:
        self._begin_in_a_child()
        with _translated():
            entries: Any = self._patient.xrevrange(stream, count=1)
        return str(entries[0][0]) if entries else "0-0"

    def after(self, stream: str, entry: str, wait_seconds: float) -> list[tuple[str, dict[str, str]]]:
        with _translated():
            answer: Any = self._patient.xread({stream: entry}, block=max(1, round(wait_seconds * 1000)))
        return [(str(number), dict(fields)) for _, entries in answer for number, fields in entries]

    def close(self) -> None:
        self._patient.close()
        self._quick.close()

    def _begin(self) -> None:
        self._quick = _client(self._url, _READ_SECONDS)
        self._patient = _client(self._url, _FOLLOW_SECONDS)
        self._process = os.getpid()

    def _begin_in_a_child(self) -> None:
        """The parent's clients may have been locked by a thread that is not here; they are kept, and never touched again."""
        if os.getpid() != self._process:
            self._parents += [self._quick, self._patient]
            self._begin()


def _client(url: str, read_seconds: float) -> redis.Redis:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(
        url, socket_connect_timeout=_CONNECT_SECONDS, socket_timeout=read_seconds, retry=once, decode_responses=True, protocol=2
    )


@contextmanager
def _translated() -> Iterator[None]:
    """The library's errors as our own, without their text, which may carry the URL."""
    from redis.exceptions import RedisError

    try:
        yield
    except RedisError as error:
        raise StorageUnavailable("valkey") from error


def _follow(breaker: Breaker, given: Policy, slot: Slot, order: Order) -> None:
    """Go by the ordered figures; without an order, by the given ones. InvalidRequest, and no change, where they make no sense."""
    if slot is Slot.POLICY:
        ordered = from_document(json.loads(order.body), DependencyPolicy(circuit=given)).circuit if order.body else given
        breaker.use(ordered)


def _instance(service: str) -> str:
    return f"{service}-{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
