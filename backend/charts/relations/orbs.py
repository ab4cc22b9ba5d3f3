"""Orbs of a request: how far from exact each aspect still counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.charts.engine.chart_settings import WIDEST_ORB
from backend.charts.reading import Reader
from backend.charts.vocabulary import DEFAULT_ORBS, AspectKind

Orbs = Mapping[AspectKind, float]
SYNASTRY_ORBS: Orbs = DEFAULT_ORBS
DIRECTED_ORBS: Orbs = dict.fromkeys(AspectKind, 1.0)
"""Progressions and directions move about a degree a year: with 1° an aspect holds for a year before and after."""


def read_orbs(reader: Reader, field: str, default: Orbs) -> Orbs:
    """``{aspect: degrees}``: all of ``default``, but for the aspects named here."""
    return {**default, **dict(reader.numbers(field, AspectKind, 0, WIDEST_ORB))}


def orbs_text(orbs: Orbs) -> str:
    """For the digest of the settings."""
    return ",".join(f"{kind}={orb}" for kind, orb in orbs.items())


def orbs_document(orbs: Orbs) -> dict[str, float]:
    return {kind.value: orb for kind, orb in orbs.items()}


def orbs_schema(default: Orbs) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "description": "Degrees by aspect, where they differ from the defaults.",
        "properties": {
            kind.value: {"type": "number", "minimum": 0, "maximum": WIDEST_ORB, "description": f"Default {default[kind]:g}."}
            for kind in AspectKind
        },
    }
