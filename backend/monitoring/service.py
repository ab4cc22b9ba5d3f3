"""Running processes and the newest requests: for the worker's jobs and the console's pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from backend.actor import Actor, Permission
from backend.clock import Clock
from backend.errors import NotFound
from backend.monitoring.records import Instance, RequestRecord
from backend.monitoring.requests.store import RequestStore
from backend.monitoring.store import MonitoringStore
from backend.storage.database import Database

ALIVE = timedelta(seconds=15)
FORGOTTEN = timedelta(minutes=10)
READINGS_KEPT = timedelta(hours=1)
REQUESTS_KEPT = timedelta(hours=24)
MOST_REQUESTS = 50_000


class MonitoringService:
    """Heartbeats and request records over the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def announce(self, instance: Instance) -> None:
        """This process is alive; every process says so each 5 s."""
        with self._database.transaction() as connection:
            MonitoringStore(connection).seen(instance, self._clock.now())

    def withdraw(self, instance_id: str) -> None:
        """This process stops."""
        with self._database.transaction() as connection:
            MonitoringStore(connection).gone(instance_id)

    def instances(self) -> list[Instance]:
        """The processes that were heard of in the last 15 s."""
        with self._database.reading() as connection:
            return MonitoringStore(connection).seen_since(self._clock.now() - ALIVE)

    def purge(self) -> int:
        """Forget what is too old; how many rows. (A job.)"""
        now = self._clock.now()
        with self._database.transaction() as connection:
            store = MonitoringStore(connection)
            return (
                store.forget_readings(now - READINGS_KEPT)
                + store.forget_instances(now - FORGOTTEN)
                + RequestStore(connection).forget(now - REQUESTS_KEPT, MOST_REQUESTS)
            )

    def record_requests(self, batch: Sequence[RequestRecord]) -> None:
        with self._database.transaction() as connection:
            RequestStore(connection).keep(batch)

    def request(self, actor: Actor, request_id: str) -> RequestRecord:
        actor.require(Permission.VIEW_REQUESTS)
        with self._database.reading() as connection:
            found = RequestStore(connection).request(request_id)
        if found is None:
            raise NotFound("no request of the last 24 h has this id")
        return found

    def requests(self, actor: Actor, limit: int = 50) -> list[RequestRecord]:
        """The newest requests first."""
        actor.require(Permission.VIEW_REQUESTS)
        with self._database.reading() as connection:
            return RequestStore(connection).newest(max(1, min(limit, 500)))
