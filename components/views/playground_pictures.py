"""Which pictures an answer has, drawn by the same functions as the API's own, and what each shows in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components import chart_wheel
from components.views.playground_fields import found
from components.views.playground_records import is_chart
from components.wording import say


@dataclass(frozen=True)
class Picture:
    """An SVG, its name for a file, and its words."""

    name: str
    svg: str
    words: str


def main_picture(document: Mapping[str, Any], look: str) -> Picture | None:
    """The picture of the whole answer, if it has one."""
    if document.get("kind") == "wheel" and document.get("svg"):
        return Picture("wheel", str(document["svg"]), str(document.get("alternative", "")))
    if is_chart(document) and found(document, "angles.ascendant"):
        return Picture("wheel", chart_wheel.wheel(dict(document), look), chart_wheel.alternative(dict(document)))
    return None


def grid(document: Mapping[str, Any], look: str) -> Picture | None:
    """Each body against each; the same aspects stand in the table below."""
    if not is_chart(document) or not document.get("aspects"):
        return None
    return Picture("aspects", chart_wheel.aspect_grid(dict(document), look), say("playground.grid"))


TOLD = frozenset({"moment", "place", "settings", "bodies", "unavailable", "angles", "houses", "aspects", "sect", "name"})
"""Parts of a natal document that the page shows in places of their own."""
