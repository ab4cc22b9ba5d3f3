"""Documents of charts made up from chance, formed like natal ones: no ephemeris is needed to try how they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from backend.charts.vocabulary import ASPECT_ANGLES, SIGNS, Body, HouseSystem, Lot

Document = dict[str, Any]
_BODIES = tuple(body for body in Body if body is not Body.EARTH)
_STARS = ("Regulus", "Spica", "Aldebaran", "Antares", "Sirius", "Algol", "Fomalhaut", "Vega")


def chart(chance: Random, *, bodies: int | None = None, houses: bool = True, **changes: Any) -> Document:
    """A chart with crowds of points, narrow houses, a meridian near the horizon, and whatever else a sky can have."""
    ascendant = chance.uniform(0, 360)
    count = bodies or chance.randint(5, len(_BODIES))
    centre = chance.uniform(0, 360)
    spread = chance.choice((4.0, 20.0, 60.0, 180.0))
    names = chance.sample(_BODIES, min(count, len(_BODIES)))
    placed = [_body(name, centre + chance.uniform(-spread, spread), chance) for name in names]
    document: Document = {
        "kind": "natal",
        "name": chance.choice(("Anna", "Chart of a very long name that nobody would ever give to a child", None)),
        "degraded": [],
        "moment": {"local": "1990-06-15T14:30:00", "utc": "1990-06-15T13:30:00Z", "utc_offset_seconds": 3600, "calendar": "gregorian"},
        "place": {"name": None, "country": None, "latitude_degrees": 38.72, "longitude_degrees": -9.13},
        "settings": {"zodiac": "tropical", "house_system": "placidus"},
        "bodies": placed,
        "angles": {},
        "houses": {"system": "placidus", "cusps": []},
        "lots": {lot.value: point(chance.uniform(0, 360)) for lot in chance.sample(tuple(Lot), chance.randint(0, 5))},
        "stars": [{"star": star, **point(chance.uniform(0, 360))} for star in chance.sample(_STARS, chance.randint(0, 3))],
        "aspects": aspects(placed),
    }
    return document | (_houses(ascendant, chance) if houses else {}) | changes


def point(longitude: float) -> Document:
    longitude %= 360
    return {"longitude_degrees": longitude, "sign": SIGNS[int(longitude // 30) % 12].value, "degrees_in_sign": longitude % 30}


def aspects(bodies: Sequence[Document]) -> list[Document]:
    found = []
    for index, one in enumerate(bodies):
        for other in bodies[index + 1 :]:
            apart = abs((one["longitude_degrees"] - other["longitude_degrees"] + 180) % 360 - 180)
            for kind, angle in ASPECT_ANGLES.items():
                if abs(apart - angle) <= 3:
                    orb = apart - angle
                    found.append(
                        {"first": one["body"], "second": other["body"], "aspect": kind.value, "orb_degrees": orb, "phase": "applying"}
                    )
    return found


def _body(name: str, longitude: float, chance: Random) -> Document:
    return {"body": str(name), **point(longitude), "retrograde": chance.random() < 0.3, "house": chance.randint(1, 12)}


def _houses(ascendant: float, chance: Random) -> Document:
    """Cusps of twelve houses of any width, of equal ones, or of Gauquelin's 36 sectors, which run against the signs."""
    midheaven = ascendant - chance.choice((90.0, chance.uniform(3, 177)))
    kind = chance.choice((HouseSystem.PLACIDUS, HouseSystem.WHOLE_SIGN, HouseSystem.GAUQUELIN))
    if kind is HouseSystem.GAUQUELIN:
        cusps = [ascendant - 10 * index for index in range(36)]
    elif kind is HouseSystem.WHOLE_SIGN:
        cusps = [ascendant // 30 * 30 + 30 * index for index in range(12)]
    else:
        cusps = _quadrants(ascendant, midheaven)
    axes = {"ascendant": ascendant, "midheaven": midheaven, "descendant": ascendant + 180, "imum_coeli": midheaven + 180}
    return {
        "angles": {name: point(longitude) for name, longitude in axes.items()},
        "houses": {"system": kind.value, "cusps": [{"house": number, **point(cusp)} for number, cusp in enumerate(cusps, 1)]},
    }


def _quadrants(ascendant: float, midheaven: float) -> list[float]:
    """Each quadrant in three: some are very narrow where the meridian lies near the horizon."""
    first = (midheaven + 180 - ascendant) % 360
    starts = (ascendant, ascendant + first, ascendant + 180, ascendant + 180 + first)
    widths = (first, 180 - first, first, 180 - first)
    return [start + width * third / 3 for start, width in zip(starts, widths, strict=True) for third in range(3)]
