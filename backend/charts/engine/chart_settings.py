"""What a chart shall show and how: everything that may be chosen but the moment and the place."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.charts.reading import Reader
from backend.charts.vocabulary import (
    DEFAULT_BODIES,
    DEFAULT_LOTS,
    NOT_SEEN_FROM,
    AspectKind,
    Ayanamsa,
    BeyondPolarCircle,
    Body,
    Center,
    HouseSystem,
    Lot,
    Mode,
    Section,
    Zodiac,
    bodies_seen_from,
)

MOST_STARS = 50
WIDEST_ORB = 15.0
LOWEST_METRES, HIGHEST_METRES = -500.0, 10000.0
FIRST_JULIAN_DAY, LAST_JULIAN_DAY = 625000.5, 2818000.5  # of the built-in (Moshier) theory; the files lie inside
_STAR = re.compile(r",?(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 .*+()'_-]{0,39}")
_OF_HOUSES = ("house_system", "beyond_polar_circle", "lots")


class CustomAyanamsa(NamedTuple):
    """A zodiac of one's own: the ayanamsa (mean, without nutation) at a Julian day in TT, carried on by precession."""

    julian_day_tt: float
    degrees: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSettings:
    """The choices behind a chart; ``orbs`` and ``body_orbs`` hold only what differs from the defaults, in the vocabulary's order."""

    house_system: HouseSystem = HouseSystem.PLACIDUS
    beyond_polar_circle: BeyondPolarCircle = BeyondPolarCircle.REFUSE
    zodiac: Zodiac = Zodiac.TROPICAL
    ayanamsa: Ayanamsa | None = None
    custom_ayanamsa: CustomAyanamsa | None = None
    center: Center = Center.GEOCENTRIC
    altitude_metres: float = 0.0
    ephemeris: Mode = Mode.FILES
    time_known: bool = True
    bodies: tuple[Body, ...] = DEFAULT_BODIES
    stars: tuple[str, ...] = ()
    lots: tuple[Lot, ...] = DEFAULT_LOTS
    orbs: tuple[tuple[AspectKind, float], ...] = ()
    body_orbs: tuple[tuple[Body, float], ...] = ()
    include: tuple[Section, ...] = ()

    @property
    def has_houses(self) -> bool:
        """Houses, angles and lots belong to a known time, and to a sky seen from the Earth."""
        return self.time_known and self.center is not Center.HELIOCENTRIC


SETTINGS_FIELDS = frozenset(ChartSettings.__dataclass_fields__)


def read_settings(reader: Reader) -> dict[str, Any]:
    """The settings that were given, as keyword arguments of ChartSettings; what is wrong is remembered by the reader."""
    found: dict[str, Any] = {
        "house_system": reader.choice("house_system", HouseSystem, HouseSystem.PLACIDUS),
        "zodiac": reader.choice("zodiac", Zodiac, Zodiac.TROPICAL),
    }
    found |= read_ayanamsa(reader, found["zodiac"])
    rest = [field for field in _READERS if reader.has(field)]
    for field in rest:
        found[field] = _READERS[field](reader)
    if rest:
        _agree(reader, found)
    return found


def read_ayanamsa(reader: Reader, zodiac: Zodiac | None) -> dict[str, Any]:
    """``ayanamsa`` or ``custom_ayanamsa``, which belong to the sidereal zodiac, as keyword arguments of a frame or of ChartSettings."""
    if zodiac is not Zodiac.SIDEREAL:
        for field in ("ayanamsa", "custom_ayanamsa"):
            if zodiac and reader.has(field):
                reader.wrong(field, "not_applicable", "belongs to the sidereal zodiac")
        return {}
    if not reader.has("custom_ayanamsa"):
        return {"ayanamsa": reader.choice("ayanamsa", Ayanamsa, Ayanamsa.LAHIRI)}
    if reader.has("ayanamsa"):
        reader.wrong("custom_ayanamsa", "conflict", "give either an ayanamsa by name or one of your own, not both")
    return {"custom_ayanamsa": reader.part("custom_ayanamsa", _custom)}


def _custom(body: Any) -> CustomAyanamsa:
    reader = Reader(body, CustomAyanamsa._fields)
    for field in CustomAyanamsa._fields:
        if not reader.has(field):
            reader.wrong(field, "required", "is required")
    day = reader.number("julian_day_tt", FIRST_JULIAN_DAY, LAST_JULIAN_DAY, unit="days")
    degrees = reader.number("degrees", -360, 360)
    reader.settle()
    assert day is not None and degrees is not None
    return CustomAyanamsa(day, degrees)


def _stars(reader: Reader) -> tuple[str, ...]:
    names = reader.texts("stars", MOST_STARS)
    for index, name in enumerate(names):
        if not _STAR.fullmatch(name):
            reader.wrong(f"stars.{index}", "unknown_star", "no star of this name in the catalogue")
    return names


_READERS: dict[str, Callable[[Reader], Any]] = {
    "beyond_polar_circle": lambda reader: reader.choice("beyond_polar_circle", BeyondPolarCircle, BeyondPolarCircle.REFUSE),
    "center": lambda reader: reader.choice("center", Center, Center.GEOCENTRIC),
    "altitude_metres": lambda reader: reader.number("altitude_metres", LOWEST_METRES, HIGHEST_METRES, default=0.0, unit="metres"),
    "ephemeris": lambda reader: reader.choice("ephemeris", Mode, Mode.FILES),
    "time_known": lambda reader: reader.flag("time_known", default=True) or reader.value("time_known") is not False,
    "bodies": lambda reader: reader.choices("bodies", Body, DEFAULT_BODIES),
    "stars": _stars,
    "lots": lambda reader: reader.choices("lots", Lot, DEFAULT_LOTS, least=0),
    "orbs": lambda reader: reader.numbers("orbs", AspectKind, 0, WIDEST_ORB),
    "body_orbs": lambda reader: reader.numbers("body_orbs", Body, 0, WIDEST_ORB),
    "include": lambda reader: reader.choices("include", Section, (), least=0),
}


def _agree(reader: Reader, found: dict[str, Any]) -> None:
    """What one choice makes of the others."""
    center = found.get("center") or Center.GEOCENTRIC
    if not reader.has("bodies"):
        found["bodies"] = bodies_seen_from(center)
    elif not NOT_SEEN_FROM[center].isdisjoint(found["bodies"]):
        absent = ", ".join(body for body in found["bodies"] if body in NOT_SEEN_FROM[center])
        reader.wrong("bodies", "not_applicable", f"{absent}: no place in a {center} sky")
    if reader.has("altitude_metres") and center is not Center.TOPOCENTRIC:
        reader.wrong("altitude_metres", "not_applicable", "belongs to the topocentric center")
    if found.get("time_known") is False:
        _without_houses(reader, "belongs to a chart with a known time")
    elif center is Center.HELIOCENTRIC:
        _without_houses(reader, "belongs to a chart as seen from the Earth")


def _without_houses(reader: Reader, why: str) -> None:
    for field in _OF_HOUSES:
        if reader.has(field):
            reader.wrong(field, "not_applicable", why)
