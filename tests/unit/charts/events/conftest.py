"""Asking a technique as the API does, and a sky to compare with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.charts.document import Document
from backend.charts.engine.almanac import longitude_of
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.service import ChartService
from backend.charts.techniques import TECHNIQUES
from backend.charts.vocabulary import Body

Ask = Callable[..., Document]
NATAL = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}


@pytest.fixture
def ask(service: ChartService) -> Ask:
    """The document of a technique; the range is the year 2026 where a test does not say otherwise."""

    def document(name: str, **body: Any) -> Document:
        return asked(service, name, {"start": "2026-01-01", "end": "2027-01-01", **body})

    return document


@pytest.fixture
def longitude(ephemeris: Ephemeris) -> Callable[[str, float], float]:
    """The tropical longitude of a body at a Julian day in TT."""
    return lambda body, day: ephemeris.run(lambda sky: longitude_of(Body(body), sky)(day)[0])


def asked(service: ChartService, name: str, body: dict[str, Any]) -> Document:
    technique = TECHNIQUES[name]
    return technique.document(technique.compute(technique.parse(body), service))


def apart(first: float, second: float) -> float:
    """Degrees between two longitudes along the shorter arc."""
    return abs((first - second + 180) % 360 - 180)
