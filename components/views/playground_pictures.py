"""Which pictures an answer has, drawn by the same functions as the API's own, and what each shows in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from backend.charts.drawing.aspect_grid import draw_grid
from backend.charts.drawing.charts_in import charts_in
from backend.charts.drawing.ephemeris_graph import draw_ephemeris
from backend.charts.drawing.looks import Look
from backend.charts.drawing.timeline import draw_timeline
from backend.charts.drawing.wheel import alternative, draw_wheel

TOLD = frozenset(
    {
        "moment",
        "place",
        "settings",
        "bodies",
        "unavailable",
        "angles",
        "houses",
        "aspects",
        "sect",
        "name",
        "time_known",
        "natal",
        "first",
        "second",
    }
)
"""Parts of a chart's document that the page shows in places of their own."""

CIRCLES = (90, 45, 30, 360)
_DESCRIPTION = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """An SVG, its name for a file, and its words."""

    name: str
    svg: str
    words: str


def main_picture(document: Mapping[str, Any], look: str, circle: int = CIRCLES[0]) -> Picture | None:
    """The picture of the whole answer, if it has one; a graphical ephemeris folds the zodiac to so many degrees."""
    kind = document.get("kind")
    if kind == "wheel":
        return Picture("wheel", str(document.get("svg", "")), str(document.get("alternative", "")))
    if kind == "transits" and document.get("events"):
        return _described("timeline", draw_timeline(document, Look(look)))
    if kind == "ephemeris" and document.get("rows"):
        return _described("ephemeris", draw_ephemeris(document, Look(look), circle))
    charts = charts_in(document)
    return Picture("wheel", draw_wheel(charts, Look(look)), alternative(charts)) if charts else None


def inner_charts(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The charts cast for the events of an answer, by their instant."""
    events = document.get("events") or []
    charts = ((str(one.get("utc", number)), one.get("chart")) for number, one in enumerate(events) if isinstance(one, Mapping))
    return {when.replace("T", " ").removesuffix("Z") + " UTC": chart for when, chart in charts if isinstance(chart, Mapping)}


def is_round(document: Mapping[str, Any]) -> bool:
    """Whether the answer is a wheel with tables beside it; else its picture and tables take the whole width."""
    return document.get("kind") == "wheel" or bool(charts_in(document))


def grid(document: Mapping[str, Any], look: str) -> Picture | None:
    """Each point against each; the same aspects stand in the table below."""
    if not charts_in(document) or not (document.get("aspects") or document.get("aspects_to_natal")):
        return None
    return _described("aspects", draw_grid(document, Look(look)))


def _described(name: str, svg: str) -> Picture:
    """A picture with the words that it carries itself."""
    words = _DESCRIPTION.search(svg)
    return Picture(name, svg, unescape(words[1]) if words else name)
