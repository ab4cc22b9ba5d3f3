"""Searches: a year of transits, a century of eclipses and of Mercury's stations; processor time beside that of a bare look."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from backend.charts.budget import Budget
from backend.charts.engine.almanac import longitude_of
from backend.charts.engine.ephemeris import Ephemeris, Sky
from backend.charts.engine.files import DATA
from backend.charts.events import eclipses, stations, transits
from backend.charts.events.transits_request import parse as parse_transits
from backend.charts.vocabulary import Body

_CENTURY = {"start": "1900-01-01", "end": "2000-01-01"}
_LOOKS = 2000
_SECOND = 1 / 86400
Job = Callable[[Sky, Budget], Any]


def searched(*, quick: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Milliseconds of each search, the median over the rounds; the floor is one look at one body, in microseconds."""
    ephemeris = Ephemeris(DATA / "ephemeris")
    jobs = _jobs()
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(1 if quick else 7):
        for name, job in jobs.items():
            taken[name].append(ephemeris.run(lambda sky, job=job: _seconds(job, sky)))  # type: ignore[misc]
    events, off = ephemeris.run(_year)
    ephemeris.close()
    ratios = {f"{name}_ms": round(median(seconds) * 1e3, 1) for name, seconds in taken.items() if name != "look"}
    raw = {"look_us": round(median(taken["look"]) / _LOOKS * 1e6, 2), "transits_in_year": events, "transits_worst_seconds": round(off, 4)}
    return ratios, raw


def _jobs() -> dict[str, Job]:
    aim = _aim()
    light = eclipses.parse(_CENTURY)
    mercury = stations.parse({**_CENTURY, "bodies": ["mercury"]})
    return {
        "look": lambda sky, _budget: _look(sky),
        "transits_year": lambda sky, budget: transits.find(sky, budget, aim),
        "eclipses_century": lambda sky, budget: eclipses.find(sky, budget, light),
        "mercury_stations_century": lambda sky, budget: stations.find(sky, budget, mercury),
    }


def _aim() -> transits.Aim:
    """Ten bodies, twelve points, five aspects, a year."""
    points = [{"name": str(number), "longitude_degrees": (number * 47.3 + 11.9) % 360} for number in range(12)]
    request = parse_transits({"start": "2026-01-01", "end": "2027-01-01", "points": points})
    return transits.Aim(request.period, request.frame, request.bodies, request.aspects, request.points)


def _year(sky: Sky) -> tuple[int, float]:
    """How many transits there are, and by how many seconds the worst of them is off its root."""
    found = transits.find(sky, _endless(), _aim()).events
    worst = 0.0
    for event in found:
        place, speed = longitude_of(event.body, sky)(event.when.julian_day_tt)
        off = (place - event.longitude_degrees + 180) % 360 - 180
        worst = max(worst, abs(off / speed) / _SECOND)
    return len(found), worst


def _look(sky: Sky) -> None:
    motion = longitude_of(Body.MOON, sky)
    for day in range(_LOOKS):
        motion(2451545.0 + day)


def _seconds(job: Job, sky: Sky) -> float:
    sky.reset()
    began = time.process_time()
    job(sky, _endless())
    return time.process_time() - began


def _endless() -> Budget:
    return Budget(3600, time.monotonic)
