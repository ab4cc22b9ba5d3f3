"""A whole API in this process, with fakes for the services and small builders for requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import httpx

from backend.actor import Actor, ActorKind, Permission
from backend.answer import Answer, Degradation
from backend.api.app import create_app
from backend.api.parts import ApiParts
from backend.charts.desk import ChartDesk
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.service import ChartService
from backend.charts.technique import Technique
from backend.charts.techniques import RESOURCES
from backend.errors import Conflict
from backend.monitoring.records import Instance, RequestRecord
from backend.operations.deploys.record import Deploy, NewDeploy
from backend.operations.health import StoreHealth
from backend.telemetry.series import Series
from tests.support.clock import START, ManualClock
from tests.unit.charts.caching.fakes import cache

KEY = "ak_test_" + "a" * 43
OPERATIONS_KEY = "ak_ops_" + "b" * 43
BODY = {
    "name": "A",
    "date": "1990-06-15",
    "time": "14:30:00",
    "latitude": 51.5,
    "longitude": -0.1,
    "time_zone": "Europe/London",
    "house_system": "placidus",
    "zodiac": "tropical",
}
PLACE = {"date": "1990-06-15", "time": "14:30", "place": "London"}
INSTANCE = Instance("01900000-0000-7000-8000-000000000001", "api", 1, "test", "0", START)
LONDON = SimpleNamespace(
    name="London", country="GB", admin="England", latitude=51.5, longitude=-0.1, zone="Europe/London", population=8_961_989
)


def key_actor(id: str, *permissions: Permission) -> Actor:
    return Actor(ActorKind.API_KEY, id, "a key", frozenset(permissions))


class FakeKeys:
    def __init__(self) -> None:
        self.actors = {
            KEY: key_actor("key-charts", Permission.COMPUTE_CHARTS, Permission.SEARCH_PLACES),
            OPERATIONS_KEY: key_actor("key-operations", Permission.VIEW_OPERATIONS, Permission.RECORD_DEPLOYS),
        }
        self.error: Exception | None = None

    def recall(self, text: str) -> Actor | None:
        return None

    def authenticate(self, text: str) -> Actor | None:
        if self.error:
            raise self.error
        return self.actors.get(text)


class KnownKeys(FakeKeys):
    """All keys are in memory."""

    def recall(self, text: str) -> Actor | None:
        return self.actors.get(text)


class FakeCharts:
    """Gives the request back; ``error`` is raised instead."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.degraded: tuple[Degradation, ...] = ()
        self.before: Callable[[], object] = lambda: None
        self.computed = 0

    def compute(self, _actor: Any, request: ChartRequest) -> Answer[ChartRequest]:
        self.before()
        self.computed += 1
        if self.error:
            raise self.error
        return Answer(request, "files", degraded=self.degraded)


class FakePlaces:
    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def search(self, text: str, limit: int = 8) -> Answer[list[Any]]:
        self.asked.append((text, limit))
        return Answer([LONDON], "offline index")


class FakeMonitoring:
    def __init__(self) -> None:
        self.batches: list[Sequence[RequestRecord]] = []
        self.alive: list[Instance] = []
        self.error: Exception | None = None

    def announce(self, instance: Instance) -> None:
        self.alive.append(instance)

    def withdraw(self, instance_id: str) -> None:
        self.alive = [instance for instance in self.alive if instance.id != instance_id]

    def record_requests(self, batch: Sequence[RequestRecord]) -> None:
        if self.error:
            raise self.error
        self.batches.append(batch)


class FakeHealth:
    def __init__(self) -> None:
        self.found = [StoreHealth("sql", "SQL database", True, 0.001, "answers", "everything", True)]

    def check(self) -> list[StoreHealth]:
        return self.found

    def ready(self) -> bool:
        return all(one.reachable is not False for one in self.found if one.essential)


def document(answer: Answer[ChartRequest]) -> dict[str, Any]:
    return {"kind": "natal", "name": answer.value.name, "latitude": answer.value.latitude_degrees}


def natal_of(charts: Any) -> Technique[ChartRequest, ChartRequest]:
    """Natal charts as ``charts`` computes them."""
    schema = {"type": "object"}
    return Technique(
        "natal", "Natal chart", "One.", parse_request, lambda request, _bench: charts.compute(None, request), document, schema, schema
    )


def desk_of(charts: Any, clock: Any, **techniques: Technique[Any, Any]) -> ChartDesk:
    """A desk for natal charts by ``charts``, and for ``techniques``."""
    bench: Any = None
    return ChartDesk({"charts": natal_of(charts), **techniques}, bench, cache(clock), clock)


def real_desk(ephemeris: Ephemeris, places: Any, clock: Any) -> ChartDesk:
    """Every technique, computed as in the product."""
    return ChartDesk(RESOURCES, ChartService(ephemeris, ZoneFolder(DATA / "zoneinfo"), places, clock), cache(clock), clock)


def client_of(parts: ApiParts) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=create_app(parts), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://api.test", headers={"Authorization": f"Bearer {KEY}"})


def told(answer: httpx.Response) -> tuple[int, str | None]:
    """The status, and whether the answer was kept."""
    return answer.status_code, answer.headers.get("astrolabe-cache")


class FakeDeploys:
    """Keeps what it is told; an id twice is a conflict unless it says the same."""

    def __init__(self) -> None:
        self.kept: dict[str, Deploy] = {}

    def record(self, actor: Actor, told: NewDeploy) -> tuple[Deploy, bool]:
        known = self.kept.get(told.id)
        if known is not None:
            if not known.says_the_same(told):
                raise Conflict("A deploy with this id and other contents is recorded already.")
            return known, False
        at = told.at or START
        self.kept[told.id] = Deploy(told.id, told.version, told.service, at, told.note, told.link, START, actor.id, actor.name)
        return self.kept[told.id], True


@dataclass
class Api:
    """The application with its fakes, and what it recorded."""

    keys: FakeKeys = field(default_factory=FakeKeys)
    charts: FakeCharts = field(default_factory=FakeCharts)
    places: FakePlaces = field(default_factory=FakePlaces)
    monitoring: FakeMonitoring = field(default_factory=FakeMonitoring)
    health: FakeHealth = field(default_factory=FakeHealth)
    deploys: FakeDeploys = field(default_factory=FakeDeploys)
    clock: ManualClock = field(default_factory=ManualClock)
    series: Series = field(default_factory=lambda: Series("0"))
    records: list[RequestRecord] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def parts(self) -> ApiParts:
        given: dict[str, Any] = {"body_seconds": 0.2, "version": "0", "source_url": "https://source.example/"}
        return ApiParts(
            charts=desk_of(self.charts, self.clock),
            places=self.places,
            keys=self.keys,
            monitoring=self.monitoring,
            health=self.health,
            deploys=self.deploys,
            series=self.series,
            instance=INSTANCE,
            clock=self.clock,
            **(given | self.changes),
        )

    def client(self, key: str | None = KEY) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=create_app(self.parts, self.records.append), raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=headers)


class FakeResolver:
    """Every place is London."""

    def resolve(self, text: str) -> Answer[Any]:
        return Answer(LONDON, "offline index")
