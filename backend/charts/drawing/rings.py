"""A chart's document as one ring of a wheel: its points, cusps, angles and aspects, whatever kind of chart it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from backend.charts.drawing.canvas import width
from backend.charts.drawing.glyphs import STROKES
from backend.charts.vocabulary import BODY_TITLES, LOT_TITLES

Document = Mapping[str, Any]
AXES = (("ascendant", "AC"), ("midheaven", "MC"), ("descendant", "DC"), ("imum_coeli", "IC"))
WIDEST_LETTERS = 2.2
"""In parts of the font's size: wider ones would meet the degrees below them."""
_TITLES: dict[str, str] = {
    **{str(body): title for body, title in BODY_TITLES.items()},
    **{str(lot): title for lot, title in LOT_TITLES.items()},
}


class PointKind(StrEnum):
    BODY = "body"
    LOT = "lot"
    STAR = "star"
    ANGLE = "angle"


class Point(NamedTuple):
    """One point of a ring; ``glyph`` names its strokes and is empty where ``short`` stands instead; ``mark`` names those of its mark."""

    name: str
    kind: PointKind
    longitude: float
    degrees_in_sign: float
    retrograde: bool
    house: int | None
    glyph: str
    short: str
    mark: str

    @property
    def title(self) -> str:
        return title(self.name)


class Aspect(NamedTuple):
    """An aspect between two points by their names."""

    first: str
    second: str
    kind: str
    orb: float
    phase: str


@dataclass(frozen=True, slots=True)
class Ring:
    """What is drawn of one chart; ``moon_day``: where the Moon stood at the ends of the civil day, where the time is not known."""

    document: Document
    points: tuple[Point, ...]
    cusps: tuple[float, ...]
    angles: dict[str, Point]
    aspects: tuple[Aspect, ...]
    moon_day: tuple[float, float] | None = None

    @property
    def left(self) -> float:
        """The longitude that belongs at a wheel's left: the Ascendant; 0° Aries where there is none."""
        return self.angles["ascendant"].longitude if "ascendant" in self.angles else 0.0


def ring_of(document: Document) -> Ring:
    """The ring of a document that is formed like a natal chart's; parts that are absent or null are not drawn."""
    cusps = tuple(float(cusp["longitude_degrees"]) for cusp in (document.get("houses") or {}).get("cusps") or ())
    angles = {name: _point(name, PointKind.ANGLE, place, "") for name, place in (document.get("angles") or {}).items() if place}
    points = (*_bodies(document), *_lots(document), *_stars(document))
    return Ring(document, points, cusps, angles, tuple(_aspects(document)), _moon_day(document))


def _moon_day(document: Document) -> tuple[float, float] | None:
    moon = (document.get("day") or {}).get("moon")
    return (moon["from"]["longitude_degrees"], moon["to"]["longitude_degrees"]) if moon else None


def title(name: str) -> str:
    """What a point is called in words."""
    return _TITLES.get(name) or (name.replace("_", " ")[:1].upper() + name.replace("_", " ")[1:])


def _bodies(document: Document) -> Iterable[Point]:
    return (_point(body["body"], PointKind.BODY, body, body["body"]) for body in document.get("bodies") or ())


def _lots(document: Document) -> Iterable[Point]:
    found = document.get("lots") or {}
    named = found.items() if isinstance(found, Mapping) else ((lot["lot"], lot) for lot in found)
    return (_point(name, PointKind.LOT, place, name) for name, place in named)


def _stars(document: Document) -> Iterable[Point]:
    return (_point(str(star.get("star") or star.get("name")), PointKind.STAR, star, "") for star in document.get("stars") or ())


def _aspects(document: Document) -> Iterable[Aspect]:
    return (
        Aspect(each["first"], each["second"], each["aspect"], float(each["orb_degrees"]), each.get("phase") or "")
        for each in document.get("aspects") or ()
    )


def _point(name: str, kind: PointKind, place: Document, glyph: str) -> Point:
    longitude = float(place["longitude_degrees"]) % 360
    return Point(
        name,
        kind,
        longitude,
        float(place.get("degrees_in_sign", longitude % 30)),
        bool(place.get("retrograde")),
        place.get("house"),
        glyph if glyph in STROKES else "",
        short(name),
        "star" if kind is PointKind.STAR else "retrograde" if place.get("retrograde") else "",
    )


def short(name: str) -> str:
    """The letters that stand for a point without a sign of its own: AC, or Reg for Regulus."""
    known, letters = dict(AXES).get(name), name.replace("_", "")[:3].capitalize()
    return known or (letters if width(letters, 1) <= WIDEST_LETTERS else letters[:2])
