"""What the tests of charts share: one ephemeris, the pinned zones, a service and a request to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.actor import Actor, ActorKind, Permission
from backend.answer import Answer
from backend.charts.engine.chart import Chart
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris, Mode
from backend.charts.engine.files import DATA
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from tests.support.clock import ManualClock
from tests.unit.charts.places import FakePlaces

LONDON = {
    "date": "1990-06-15",
    "time": "14:30:00",
    "time_zone": "Europe/London",
    "latitude": 51.5,
    "longitude": -0.1,
    "house_system": "placidus",
    "zodiac": "tropical",
}
CALLER = Actor(ActorKind.API_KEY, "key:test", "test", frozenset({Permission.COMPUTE_CHARTS}))

Compute = Callable[..., Answer[Chart]]


@pytest.fixture(scope="session")
def zones() -> ZoneFolder:
    return ZoneFolder(DATA / "zoneinfo")


@pytest.fixture(scope="session")
def ephemeris() -> Iterator[Ephemeris]:
    opened = Ephemeris(DATA / "ephemeris")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def moshier() -> Iterator[Ephemeris]:
    opened = Ephemeris(DATA / "ephemeris", Mode.MOSHIER)
    yield opened
    opened.close()


@pytest.fixture
def places() -> FakePlaces:
    return FakePlaces()


@pytest.fixture
def service(ephemeris: Ephemeris, zones: ZoneFolder, places: FakePlaces, clock: ManualClock) -> ChartService:
    return ChartService(ephemeris, zones, places, clock)


@pytest.fixture
def compute(service: ChartService) -> Compute:
    """A chart of the London request with some fields changed; None leaves a field out."""

    def answer(**changes: Any) -> Answer[Chart]:
        return service.compute(CALLER, parse_request(body(**changes)))

    return answer


def body(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**LONDON, **changes}.items() if value is not None}
