"""One chart library in an interpreter of its own: ``worker.py NAME`` computes the batches that arrive on its input.

A line of input is a JSON list of charts ``[instant, latitude, longitude]``; the answer is the CPU seconds that they took. Each
library computes a natal chart with Placidus houses and aspects, with the settings that its documentation names for speed. This file
knows nothing of ours: it runs where only the library is installed.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

Work = Callable[[datetime, float, float], object]


def kerykeion() -> Work:
    """Thirteen bodies, Ascendant and Midheaven; no lunar phase, nothing fetched. Planets by its built-in theory: it has no files."""
    from kerykeion import AspectsFactory, AstrologicalSubjectFactory

    planets = ["Sun", "Moon", "Mercury", "Venus", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune", "Pluto"]
    points = [*planets, "Mean_North_Lunar_Node", "True_North_Lunar_Node", "Chiron", "Ascendant", "Medium_Coeli"]
    settled: Any = {"tz_str": "Etc/UTC", "online": False, "calculate_lunar_phase": False, "suppress_geonames_warning": True}

    def chart(at: datetime, latitude: float, longitude: float) -> object:
        parts = (at.year, at.month, at.day, at.hour, at.minute)
        subject = AstrologicalSubjectFactory.from_birth_data("x", *parts, lng=longitude, lat=latitude, active_points=points, **settled)
        return AspectsFactory.single_chart_aspects(subject)

    return chart


def immanuel() -> Work:
    """Its twenty objects, houses and aspects; neither patterns nor weightings, and the zone given, as looking for it costs most."""
    from immanuel import charts
    from immanuel.const import chart as kinds
    from immanuel.const import data
    from immanuel.settings import Config, FrozenConfig

    config = Config()
    config.chart_data[kinds.NATAL] = [data.OBJECTS, data.HOUSES, data.ASPECTS]
    frozen = FrozenConfig(config)
    return lambda at, latitude, longitude: charts.Natal(charts.Subject(at, latitude, longitude, timezone="UTC"), config=frozen).aspects


def flatlib() -> Work:
    """Its fifteen objects, houses, angles, and the five major aspects of each pair."""
    from flatlib import aspects, const
    from flatlib.chart import Chart
    from flatlib.datetime import Datetime
    from flatlib.geopos import GeoPos

    def chart(at: datetime, latitude: float, longitude: float) -> object:
        moment = Datetime(f"{at:%Y/%m/%d}", f"{at:%H:%M}", "+00:00")
        made = Chart(moment, GeoPos(latitude, longitude), IDs=const.LIST_OBJECTS, hsys=const.HOUSES_PLACIDUS)
        objects = list(made.objects)
        pairs = ((one, other) for place, one in enumerate(objects) for other in objects[:place])
        return [aspects.getAspect(one, other, const.MAJOR_ASPECTS) for one, other in pairs]

    return chart


def stellium() -> Work:
    """Its fourteen bodies and six points, houses and aspects."""
    from stellium import ChartBuilder, Native

    def chart(at: datetime, latitude: float, longitude: float) -> object:
        return ChartBuilder.from_native(Native(at.replace(tzinfo=UTC), (latitude, longitude))).with_aspects().calculate()

    return chart


def _batches() -> Iterator[list[tuple[datetime, float, float]]]:
    for line in sys.stdin:
        yield [(datetime.fromisoformat(at), latitude, longitude) for at, latitude, longitude in json.loads(line)]


def main(name: str) -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w", buffering=1)  # what a library prints is not an answer
    sys.stdout = sys.stderr
    work = {"kerykeion": kerykeion, "immanuel": immanuel, "flatlib": flatlib, "stellium": stellium}[name]()
    for batch in _batches():
        began = time.process_time()
        for chart in batch:
            work(*chart)
        print(time.process_time() - began, file=answers)


if __name__ == "__main__":
    main(sys.argv[1])
