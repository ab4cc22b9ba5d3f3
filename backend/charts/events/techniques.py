"""The techniques of this package, as the API offers them."""

from __future__ import annotations

from typing import Any

from backend.charts.events import eclipses, ingresses, lunations, stations, transits
from backend.charts.technique import Technique

TECHNIQUES: tuple[Technique[Any, Any], ...] = (
    transits.TECHNIQUE,
    ingresses.TECHNIQUE,
    stations.TECHNIQUE,
    lunations.TECHNIQUE,
    eclipses.TECHNIQUE,
)
