"""The charts that the benchmark computes, and the service that computes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from backend.actor import Actor, ActorKind, Permission
from backend.answer import Answer
from backend.charts.engine.chart import Chart
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.clock import SystemClock

Birth = tuple[datetime, float, float]
ACTOR = Actor(ActorKind.SYSTEM, "system:benchmark", "benchmark", frozenset({Permission.COMPUTE_CHARTS}))


class Ours(NamedTuple):
    """The service over its ephemeris, with files."""

    ephemeris: Ephemeris
    service: ChartService

    def typed(self, body: dict[str, Any]) -> Answer[Chart]:
        """A request as it arrives, validated and computed."""
        return self.service.compute(ACTOR, parse_request(body))


@contextmanager
def ours() -> Iterator[Ours]:
    ephemeris, zones = Ephemeris(DATA / "ephemeris"), ZoneFolder(DATA / "zoneinfo")
    yield Ours(ephemeris, ChartService(ephemeris, zones, _NoPlaces(), SystemClock()))
    ephemeris.close()


def births(count: int, seed: int = 12345) -> list[Birth]:
    """Scattered dates 1920 to 2030 and places below the polar circles, the same for a seed."""
    found, state = [], seed
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        moment = datetime(1920, 1, 1) + timedelta(minutes=state % (110 * 365 * 1440))  # noqa: DTZ001
        state = (1103515245 * state + 12345) % 2**31
        latitude = (state % 120000) / 1000 - 60
        state = (1103515245 * state + 12345) % 2**31
        found.append((moment, latitude, (state % 360000) / 1000 - 180))
    return found


def request_of(birth: Birth, **more: Any) -> dict[str, Any]:
    moment, latitude, longitude = birth
    return {
        "date": moment.date().isoformat(),
        "time": f"{moment:%H:%M:%S}",
        "time_zone": "UTC",
        "latitude": latitude,
        "longitude": longitude,
        "house_system": "placidus",
        "zodiac": "tropical",
        **more,
    }


class _NoPlaces:
    """The benchmark asks by coordinates only."""

    def resolve(self, text: str) -> Any:
        raise LookupError(text)
