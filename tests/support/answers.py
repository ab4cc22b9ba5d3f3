"""An API that answers what a test says: fulfils the calculator's port of regression sets."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.regression.calculator import Calculated

_CHART = json.loads((Path(__file__).resolve().parents[1] / "console" / "chart.json").read_text("utf-8"))
LESSER = {"what": "place", "why": "circuit_open", "detail": "The place comes from the offline index.", "since": None}


def chart() -> dict[str, Any]:
    """A real natal document, to be changed at will."""
    return copy.deepcopy(_CHART)


@dataclass
class StandInApi:
    """Each request is answered with the same chart, changed by ``shift`` (degrees of longitude by body)."""

    version: str = "1.0"
    library: str = ""
    shift: dict[str, float] = field(default_factory=dict)
    lesser: bool = False
    problem: str = ""
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def ask(self, technique: str, body: Mapping[str, Any]) -> Calculated:
        self.asked.append((technique, body))
        if self.problem:
            return Calculated(None, self.problem)
        document = chart()
        for place in document["bodies"]:
            moved(place, self.shift.get(place["body"], 0.0))
        if self.library:
            document["provenance"]["library"] = self.library
        if self.lesser:
            document["degraded"] = [LESSER]
        return Calculated(document)

    def product(self) -> str:
        return self.version


def moved(place: dict[str, Any], degrees: float) -> None:
    """A position further along the zodiac, with the sign that follows."""
    if degrees:
        longitude = (place["longitude_degrees"] + degrees) % 360
        place["longitude_degrees"], place["degrees_in_sign"] = longitude, longitude % 30
