"""Charts of random requests equal what Swiss Ephemeris's own program prints, to the last digit it prints."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.library_numbers import NEEDS_ASTEROIDS
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.charts.vocabulary import NOT_SEEN_FROM, Ayanamsa, Body, Center, HouseSystem, Mode
from tests.contract.swetest import ask, differences
from tests.support.clock import ManualClock
from tests.support.figures import note
from tests.unit.charts.places import FakePlaces

REQUESTS = int(os.environ.get("ASTROLABE_TRIALS", "60"))
SEED = 20030721


@pytest.fixture(scope="module")
def service() -> Iterator[ChartService]:
    ephemeris = Ephemeris(DATA / "ephemeris")
    yield ChartService(ephemeris, ZoneFolder(DATA / "zoneinfo"), FakePlaces(), ManualClock())
    ephemeris.close()


def test_charts_equal_the_librarys_own_program_to_the_printed_digit(service: ChartService) -> None:
    chance, wrong = random.Random(SEED), []
    seen: Counter[str] = Counter()
    for number in range(REQUESTS):
        body = some_request(chance, number)
        chart = service.natal(parse_request(body)).value
        printed = ask(chart)
        wrong += [f"{body}: {difference}" for difference in differences(chart, printed)]
        seen.update(charts=1, bodies=len(chart.bodies), cusps=len(chart.cusps), replaced=printed.replaced)
    note("charts equal to swetest", **seen, house_systems=len(HouseSystem), differences=len(wrong))
    assert wrong == []


def some_request(chance: random.Random, number: int) -> dict[str, Any]:
    """A request from 1800 to 2399; house systems take turns, and beyond the polar circle Porphyry may stand in, as it does there.

    Told to use Moshier, the program does not look for the asteroids' file.
    """
    center = chance.choices(tuple(Center), (8, 1, 2))[0]
    ephemeris = chance.choices(tuple(Mode), (9, 1))[0]
    left_out = NOT_SEEN_FROM[center] | (NEEDS_ASTEROIDS if ephemeris is Mode.MOSHIER else frozenset())
    body: dict[str, Any] = {
        "date": f"{chance.randint(1800, 2399)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        "time": f"{chance.randint(0, 23):02d}:{chance.randint(0, 59):02d}:{chance.randint(0, 59):02d}",
        "time_zone": "UTC",
        "latitude": round(chance.uniform(-89.9, 89.9), 4),
        "longitude": round(chance.uniform(-180, 180), 4),
        "center": center.value,
        "bodies": [body.value for body in Body if body not in left_out],
        "ephemeris": ephemeris.value,
    }
    if center is not Center.HELIOCENTRIC:
        systems = tuple(HouseSystem)
        body |= {"house_system": systems[number % len(systems)].value, "beyond_polar_circle": "porphyry"}
    if center is Center.TOPOCENTRIC:
        body["altitude_metres"] = chance.randint(0, 4000)
    return body | some_zodiac(chance)


def some_zodiac(chance: random.Random) -> dict[str, Any]:
    kind = chance.choices(("tropical", "named", "custom"), (5, 4, 1))[0]
    if kind == "tropical":
        return {}
    if kind == "named":
        return {"zodiac": "sidereal", "ayanamsa": chance.choice(tuple(Ayanamsa)).value}
    return {
        "zodiac": "sidereal",
        "custom_ayanamsa": {"julian_day_tt": float(chance.randint(2378497, 2597641)), "degrees": round(chance.uniform(0, 30), 4)},
    }
