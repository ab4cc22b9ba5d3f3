"""Figures, health and search."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from backend.actor import Actor, Permission
from backend.answer import Reading
from backend.monitoring.records import Instance, RequestRecord, Summary
from backend.operations.health import StoreHealth
from tests.console.fakes.sources import FakeClock, reading


class FakeMonitoring:
    def instances(self) -> list[Instance]:
        began = self.clock.now() - timedelta(hours=5)
        roles = (("api", "api-a"), ("api", "api-b"), ("worker", "worker-1"), ("console", "console-1"))
        return [Instance(name, role, 4000, "host", "0.1.0", began, None, self.clock.now() - timedelta(seconds=2)) for role, name in roles]

    def __init__(self, clock: FakeClock, state: str) -> None:
        self.clock, self.state = clock, state
        self.degraded = 0.002

    def summary(self, actor: Actor) -> Reading[Summary]:
        actor.require(Permission.VIEW_OPERATIONS)
        now = self.clock.now()
        wave = [40 + (index * 7) % 5 for index in range(30)]
        series = {
            "requests_per_second": tuple(float(value) for value in wave),
            "error_ratio": tuple(0.002 + (index % 4) / 2000 for index in range(30)),
            "p95_seconds": tuple(None if index < 4 else 0.05 + (index % 5) / 100 for index in range(30)),
            "degraded_ratio": tuple(self.degraded if index > 18 else 0.001 for index in range(30)),
        }
        value = Summary(now, 2, 41.2, 0.0042, 0.061, self.degraded, series, 3.0)
        return reading(self.state, value, now)

    def request(self, actor: Actor, request_id: str) -> RequestRecord:
        actor.require(Permission.VIEW_REQUESTS)
        return RequestRecord(request_id, self.clock.now(), "POST", "/v1/charts", 200, 0.0041, "0" * 32, "api-a", "key-1", ("place",), None)

    def requests(self, actor: Actor, limit: int = 50) -> list[RequestRecord]:
        return [self.request(actor, "req-01")]


class FakeHealth:
    def __init__(self, state: str) -> None:
        self.state = state

    def check(self) -> list[StoreHealth]:
        up = self.state != "failed"
        return [
            StoreHealth("sql", "Database", True, 0.0011, "SQLite, migrated", "sign-in, audit, operators", True),
            StoreHealth("valkey", "Shared state", up, 0.0004 if up else None, "answers" if up else "no answer within 1 s",
                        "the breakers' present state; isolation is recorded and applied later"),
            StoreHealth("places", "Place index", True, 0.0007, "33,902 places", "place search by name", True),
            StoreHealth("geocoder", "Geocoder", None, None, "no geocoder is configured", "nothing: the offline index answers"),
        ]  # fmt: skip


@dataclass(frozen=True)
class Hit:
    kind: str
    id: str
    title: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


class FakeSearch:
    def find(self, actor: Actor, text: str) -> list[Hit]:
        if text == "geocoder":
            return [Hit("circuit", "geocoder", "Breaker of the geocoder", "breakers", {"circuit": "geocoder"})]
        if text == "many":
            return [
                Hit("operator", "op-ana", "ana, admin", "operators"),
                Hit("audit", "rec-3", "keys.create by admin", "audit", {"record": "rec-3"}),
            ]
        return []
