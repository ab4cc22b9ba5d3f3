"""Orbs of a request: how far from exact each aspect still counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.charts.reading import Reader
from backend.charts.vocabulary import DEFAULT_ORBS, AspectKind

Orbs = Mapping[AspectKind, float]
WIDEST = 15.0
SYNASTRY_ORBS: Orbs = DEFAULT_ORBS
DIRECTED_ORBS: Orbs = dict.fromkeys(AspectKind, 1.0)
"""Progressions and directions move about a degree a year: with 1° an aspect holds for a year before and after."""


def read_orbs(reader: Reader, field: str, default: Orbs) -> Orbs:
    """``{aspect: degrees}``: these aspects only, each with its orb; all of ``default`` where the field is left out."""
    given = reader.part(field, _orbs, required=False)
    return default if given is None else given


def _orbs(body: Any) -> Orbs:
    reader = Reader(body, tuple(AspectKind))
    orbs = {kind: reader.number(kind, 0.0, WIDEST) for kind in AspectKind if reader.has(kind)}
    reader.settle()
    return {kind: orb for kind, orb in orbs.items() if orb is not None}


def orbs_text(orbs: Orbs) -> str:
    """For the digest of the settings."""
    return ",".join(f"{kind}={orb}" for kind, orb in orbs.items())


def orbs_schema(default: Orbs) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "description": "Degrees by aspect; only the aspects named here are looked for. Left out: all, with the default orbs.",
        "properties": {
            kind.value: {"type": "number", "minimum": 0, "maximum": WIDEST, "description": f"Default {default[kind]:g}."}
            for kind in AspectKind
        },
    }
