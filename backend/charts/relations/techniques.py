"""The techniques of this package, as the API offers them."""

from __future__ import annotations

from typing import Any

from backend.charts.relations.composite_document import COMPOSITE
from backend.charts.relations.davison import DAVISON
from backend.charts.relations.progressions_document import PROGRESSIONS
from backend.charts.relations.solar_arc_document import SOLAR_ARC
from backend.charts.relations.synastry import SYNASTRY
from backend.charts.technique import Technique

TECHNIQUES: tuple[Technique[Any, Any], ...] = (SYNASTRY, COMPOSITE, DAVISON, PROGRESSIONS, SOLAR_ARC)
