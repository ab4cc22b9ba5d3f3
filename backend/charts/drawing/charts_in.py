"""Which charts a document holds: a natal, composite or Davison chart is one, a synastry has two, a progression a natal and a later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.charts.drawing.rings import AXES

Document = Mapping[str, Any]
_AXES = frozenset(name for name, _ in AXES)


def charts_in(document: Document) -> list[Document]:
    """The charts to draw on one wheel, innermost first; of several returns the first; empty if the document holds no chart."""
    if document.get("kind") == "synastry":
        return [document["first"], document["second"]]
    if document.get("natal") and document.get("directed"):
        return [document["natal"], _directed(document)]
    if document.get("natal") and document.get("bodies"):
        return [document["natal"], {**document, "title": _title(document)}]
    if document.get("kind") == "returns":
        return [event["chart"] for event in document["events"][:1] if event.get("chart")]
    return [document] if document.get("bodies") else []


def _directed(document: Document) -> Document:
    points = {point["point"]: point for point in document["directed"]}
    return {
        "kind": document["kind"],
        "title": _title(document),
        "degraded": document.get("degraded"),
        "bodies": [{"body": name, **place} for name, place in points.items() if name not in _AXES],
        "angles": {name: place for name, place in points.items() if name in _AXES},
    }


def _title(document: Document) -> str:
    kind = str(document["kind"]).replace("-", " ").replace("_", " ").capitalize()
    name = document["natal"].get("name")
    return f"{kind} of {name}" if name else kind
