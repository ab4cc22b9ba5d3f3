"""The threads of an API process, by what is done in them; so that none who wait keep out those who compute."""

from __future__ import annotations

from typing import NamedTuple

from backend.api.parts import ApiParts
from backend.api.threads import COMPUTING_THREADS, SEARCHING_THREADS, Threads
from backend.telemetry.api_metrics import POOL_IN_USE, POOL_LIMIT
from backend.telemetry.definitions import Reading, Row

LOOKUP_SECONDS = 2.0
MOST_SEARCHES = 16  # under way and waiting; who comes after them is told to come back


class Pools(NamedTuple):
    """``lookups``: for keys that are not in memory, apart from those who are known, for when the store hangs. ``service``: for
    questions about the service, which are answered while charts are waiting in line."""

    computing: Threads
    waiting: Threads
    searching: Threads
    lookups: Threads
    service: Threads

    @classmethod
    def of(cls, parts: ApiParts) -> Pools:
        return cls(
            Threads(parts.request_seconds, parts.clock, parts.most_waiting, COMPUTING_THREADS),
            Threads(parts.request_seconds, parts.clock, parts.most_waiting),
            Threads(parts.request_seconds, parts.clock, MOST_SEARCHES, SEARCHING_THREADS),
            Threads(LOOKUP_SECONDS, parts.clock, most_waiting=256, threads=8),
            for_service(parts),
        )

    def readings(self) -> list[Reading]:
        """How full each is."""
        pools = self._asdict().items()
        return [
            Reading(POOL_IN_USE, [Row((name,), pool.inside) for name, pool in pools]),
            Reading(POOL_LIMIT, [Row((name,), pool.most) for name, pool in pools]),
        ]


def for_service(parts: ApiParts) -> Threads:
    return Threads(parts.request_seconds, parts.clock, most_waiting=64, threads=2)
