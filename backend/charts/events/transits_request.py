"""What a search for transits is asked: a chart, or points by their longitudes, and which aspects of which bodies to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.events.asked import FRAME_FIELDS, PERIOD_FIELDS, PLANETS, Frame, Period, read_bodies, read_frame, read_period, reader_of
from backend.charts.reading import Reader
from backend.charts.vocabulary import PTOLEMAIC_ASPECTS, AspectKind, Body, Center

LONGEST_YEARS = 100
MOST_POINTS = 50
DEFAULT_ASPECTS: tuple[AspectKind, ...] = tuple(kind for kind in AspectKind if kind in PTOLEMAIC_ASPECTS)
_NATAL_FIELDS = frozenset({"natal", "angles", "house_ingresses"})


class Angle(StrEnum):
    """The angles of a chart that transits may be made to."""

    ASCENDANT = "ascendant"
    MIDHEAVEN = "midheaven"
    DESCENDANT = "descendant"
    IMUM_COELI = "imum_coeli"
    VERTEX = "vertex"
    EQUATORIAL_ASCENDANT = "equatorial_ascendant"


DEFAULT_ANGLES = (Angle.ASCENDANT, Angle.MIDHEAVEN)


class Point(NamedTuple):
    """Something in the zodiac to make aspects to."""

    name: str
    longitude_degrees: float


@dataclass(frozen=True, slots=True)
class TransitsRequest:
    """Either ``natal`` or ``points``."""

    period: Period
    frame: Frame
    bodies: tuple[Body, ...]
    aspects: tuple[AspectKind, ...]
    natal: ChartRequest | None = None
    angles: tuple[Angle, ...] = ()
    house_ingresses: bool = False
    points: tuple[Point, ...] = ()


def parse(body: Mapping[str, Any]) -> TransitsRequest:
    reader = reader_of(body, PERIOD_FIELDS, FRAME_FIELDS, _NATAL_FIELDS, "bodies", "aspects", "points")
    period, bodies = read_period(reader, longest_years=LONGEST_YEARS), read_bodies(reader, PLANETS)
    aspects = reader.choices("aspects", AspectKind, DEFAULT_ASPECTS)
    natal, points = _natal(reader), read_points(reader) if reader.has("points") else ()
    angles = reader.choices("angles", Angle, DEFAULT_ANGLES)
    houses = reader.flag("house_ingresses", default=False)
    _agree(reader, natal, houses=houses)
    frame = frame_of(natal) if natal else read_frame(reader)
    reader.settle()
    assert period is not None
    return TransitsRequest(period, frame, bodies, aspects, natal, angles if natal else (), houses, points)


def frame_of(natal: ChartRequest) -> Frame:
    """The chart's own zodiac and theory."""
    return Frame(natal.zodiac, natal.ayanamsa, natal.custom_ayanamsa, natal.ephemeris)


def _natal(reader: Reader) -> ChartRequest | None:
    if reader.has("points"):
        if reader.has("natal"):
            reader.wrong("points", "conflict", "give either a natal chart or points, not both")
        return None
    return reader.part("natal", parse_request)


def _agree(reader: Reader, natal: ChartRequest | None, *, houses: bool) -> None:
    """What the choice of a chart or of points makes of the other fields."""
    if natal is None:
        for field in ("angles", "house_ingresses"):
            if reader.has(field):
                reader.wrong(field, "not_applicable", "belongs to a natal chart")
        return
    for field in sorted(FRAME_FIELDS):
        if reader.has(field):
            reader.wrong(field, "not_applicable", f"is the natal chart's own: give it as natal.{field}")
    if natal.center is Center.HELIOCENTRIC:
        reader.wrong("natal.center", "not_applicable", "transits are those of the sky seen from the Earth")
    if houses and not natal.has_houses:
        reader.wrong("house_ingresses", "not_applicable", "this chart has no houses")


def read_points(reader: Reader) -> tuple[Point, ...]:
    """``points``: a list of names and longitudes, no name twice."""
    items = reader.value("points")
    if not isinstance(items, list) or not items or len(items) > MOST_POINTS:
        reader.wrong("points", "wrong_type", f"must be a list with 1 to {MOST_POINTS} entries")
        return ()
    read = (reader.within(f"points.{index}", item, _point) for index, item in enumerate(items))
    found = [point for point in read if point is not None]
    if len({point.name for point in found}) != len(found):
        reader.wrong("points", "repeated", "must not name anything twice")
    return tuple(found)


def _point(body: Any) -> Point:
    reader = Reader(body, {"name", "longitude_degrees"})
    name, longitude = reader.text("name"), reader.number("longitude_degrees", 0, 360)
    for field in ("name", "longitude_degrees"):
        if not reader.has(field):
            reader.wrong(field, "required", "is required")
    reader.settle()
    assert name is not None and longitude is not None
    return Point(name, longitude % 360)
