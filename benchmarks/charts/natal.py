"""A natal chart against the raw library: 13 bodies and Placidus houses with files, the same dates and places.

The floor is one call per body and one for the houses: no validation, no aspects, no dignities, no provenance, no hand-over between
threads. Ours does all of that. Both count CPU time of all threads, in short interleaved rounds, so that a busy machine slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from backend.charts.document import to_json
from benchmarks.charts.sample import Birth, births, ours, request_of

_FLOOR_BODIES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15)
_FILES_AND_SPEED = 2 | 256
Figures = tuple[dict[str, Any], dict[str, Any]]


def over_floor(*, quick: bool) -> Figures:
    """Ratios `typed` (validated request to typed chart) and `json` (the same to bytes), medians over the rounds."""
    rounds, charts = (3, 40) if quick else (41, 200)
    data = births(charts)
    bodies = [request_of(birth) for birth in data]
    with ours() as own:
        cost: dict[str, Callable[[], object]] = {
            "floor": lambda: own.ephemeris.run(lambda _sky: _floor(data)),
            "typed": lambda: _each(bodies, own.typed),
            "json": lambda: _each(bodies, lambda body: to_json(own.typed(body))),
        }
        seconds = _interleaved(cost, rounds)
    ratios = {name: round(median(a / b for a, b in zip(seconds[name], seconds["floor"], strict=True)), 2) for name in ("typed", "json")}
    raw = {f"{name}_ms_per_chart": round(median(values) / charts * 1e3, 4) for name, values in seconds.items()}
    return ratios, raw | {"charts_per_round": charts, "rounds": rounds}


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
    """One after the other, and none is kept: two hundred charts alive would be work for the collector that no caller has."""
    for body in bodies:
        work(body)


def _floor(data: list[Birth]) -> None:
    """The raw library, on the thread that owns it."""
    import swisseph

    for moment, latitude, longitude in data:
        day = swisseph.julday(moment.year, moment.month, moment.day, moment.hour + moment.minute / 60)
        [swisseph.calc_ut(day, body, _FILES_AND_SPEED) for body in _FLOOR_BODIES]
        swisseph.houses_ex(day, latitude, longitude, b"P")
