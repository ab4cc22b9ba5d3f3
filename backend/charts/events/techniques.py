"""The techniques of this package, as the API offers them."""

from __future__ import annotations

from typing import Any

from backend.charts.events import eclipses, ephemeris_table, ingresses, lunations, rise_set, stations, transits
from backend.charts.technique import Technique

TECHNIQUES: tuple[Technique[Any, Any], ...] = (
    transits.TECHNIQUE,
    ingresses.TECHNIQUE,
    stations.TECHNIQUE,
    lunations.TECHNIQUE,
    eclipses.TECHNIQUE,
    rise_set.TECHNIQUE,
    ephemeris_table.TECHNIQUE,
)
