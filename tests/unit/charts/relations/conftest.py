"""What these tests share: a workbench with the real ephemeris, techniques by name, and people to compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.answer import Answer
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.relations.techniques import TECHNIQUES
from backend.charts.service import ChartService
from backend.charts.technique import Technique
from tests.support.clock import ManualClock
from tests.unit.charts.places import FakePlaces

BY_NAME: dict[str, Technique[Any, Any]] = {technique.name: technique for technique in TECHNIQUES}
ANNA = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
LEAP = {"date": "1988-02-29", "time": "06:05", "time_zone": "Europe/Lisbon", "latitude": 38.7167, "longitude": -9.1333}

Ask = Callable[..., Answer[Any]]


@pytest.fixture(scope="session")
def bench(ephemeris: Ephemeris, zones: ZoneFolder) -> ChartService:
    return ChartService(ephemeris, zones, FakePlaces(), ManualClock())


@pytest.fixture(scope="session")
def ask(bench: ChartService) -> Ask:
    """The answer of a technique to a body."""

    def answer(name: str, **body: Any) -> Answer[Any]:
        technique = BY_NAME[name]
        return technique.compute(technique.parse(body), bench)

    return answer


def document(name: str, answer: Answer[Any]) -> dict[str, Any]:
    return BY_NAME[name].document(answer)
