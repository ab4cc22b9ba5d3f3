"""The techniques of this package, as the API offers them."""

from __future__ import annotations

from typing import Any

from backend.charts.events import eclipses, ephemeris_table, ingresses, lunations, returns, rise_set, stations, transits, void_of_course
from backend.charts.technique import Technique

TECHNIQUES: tuple[Technique[Any, Any], ...] = (
    transits.TECHNIQUE,
    returns.TECHNIQUE,
    ingresses.TECHNIQUE,
    stations.TECHNIQUE,
    lunations.TECHNIQUE,
    eclipses.TECHNIQUE,
    void_of_course.TECHNIQUE,
    rise_set.TECHNIQUE,
    ephemeris_table.TECHNIQUE,
)
