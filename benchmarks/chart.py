"""A natal chart against the raw library: 13 bodies and Placidus houses with files, the same dates and places.

The floor is one call per body and one for the houses, in a process of its own shape: no validation, no aspects, no
dignities, no provenance, no hand-over between threads. Ours does all of that. Both count CPU time of all threads,
in short interleaved rounds, so that a busy machine slows both; the ratio is the median over the rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from backend.actor import Actor, ActorKind, Permission
from backend.answer import Answer
from backend.charts.document import to_json
from backend.charts.engine.chart import Chart
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.clock import SystemClock

_FLOOR_BODIES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15)
_FILES_AND_SPEED = 2 | 256
_ACTOR = Actor(ActorKind.SYSTEM, "system:benchmark", "benchmark", frozenset({Permission.COMPUTE_CHARTS}))


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Ratios `typed` (validated request to typed chart) and `json` (the same to bytes) over the floor."""
    rounds, charts = (3, 40) if quick else (41, 200)
    ephemeris, zones = Ephemeris(DATA / "ephemeris"), ZoneFolder(DATA / "zoneinfo")
    service = ChartService(ephemeris, zones, _NoPlaces(), SystemClock())
    data = _instants(charts)
    bodies = [_body(*each) for each in data]

    def typed(body: dict[str, Any]) -> Answer[Chart]:
        return service.compute(_ACTOR, parse_request(body))

    cost: dict[str, Callable[[], object]] = {
        "floor": lambda: ephemeris.run(lambda _sky: _floor(data)),
        "typed": lambda: _each(bodies, typed),
        "json": lambda: _each(bodies, lambda body: to_json(typed(body))),
    }
    seconds = _interleaved(cost, rounds)
    ephemeris.close()
    return _result(seconds, charts, rounds)


def _result(seconds: dict[str, list[float]], charts: int, rounds: int) -> dict[str, Any]:
    ratios: dict[str, Any] = {
        name: round(median(ours / floor for ours, floor in zip(seconds[name], seconds["floor"], strict=True)), 2)
        for name in ("typed", "json")
    }
    ratios["faster_than_best_peer"] = None
    ratios["cache_hit_ms"] = None
    raw: dict[str, Any] = {f"{name}_ms_per_chart": round(median(values) / charts * 1e3, 4) for name, values in seconds.items()}
    raw |= {"charts_per_round": charts, "rounds": rounds}
    raw["faster_than_best_peer_why"] = "the peers are not installed beside this checkout; the figure counts only when all of them ran"
    raw["cache_hit_why"] = "there is no cache of charts"
    return {"ratios": ratios, "raw": raw}


def _interleaved(cost: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in cost}
    for work in cost.values():
        work()
    for _ in range(rounds):
        for name, work in cost.items():
            began = time.process_time()
            work()
            seconds[name].append(time.process_time() - began)
    return seconds


def _each(bodies: list[dict[str, Any]], work: Callable[[dict[str, Any]], object]) -> None:
    for body in bodies:
        work(body)


def _floor(data: list[tuple[datetime, float, float]]) -> None:
    """The raw library, on the thread that owns it."""
    import swisseph

    for moment, latitude, longitude in data:
        day = swisseph.julday(moment.year, moment.month, moment.day, moment.hour + moment.minute / 60)
        [swisseph.calc_ut(day, body, _FILES_AND_SPEED) for body in _FLOOR_BODIES]
        swisseph.houses_ex(day, latitude, longitude, b"P")


def _instants(count: int) -> list[tuple[datetime, float, float]]:
    """Scattered dates 1920 to 2030 and places below the polar circles, the same in every run."""
    found, state = [], 12345
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        moment = datetime(1920, 1, 1) + timedelta(minutes=state % (110 * 365 * 1440))  # noqa: DTZ001
        state = (1103515245 * state + 12345) % 2**31
        latitude = (state % 120000) / 1000 - 60
        state = (1103515245 * state + 12345) % 2**31
        found.append((moment, latitude, (state % 360000) / 1000 - 180))
    return found


def _body(moment: datetime, latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "date": moment.date().isoformat(),
        "time": f"{moment:%H:%M:%S}",
        "time_zone": "UTC",
        "latitude": latitude,
        "longitude": longitude,
        "house_system": "placidus",
        "zodiac": "tropical",
    }


class _NoPlaces:
    """The benchmark asks by coordinates only."""

    def resolve(self, text: str) -> Any:
        raise LookupError(text)
