"""How two documents of the API differ: pure, in arcseconds and seconds, lists matched by what their items are about.

- A number whose name has ``degrees`` in it differs by the shorter way around the circle, in arcseconds; a speed
  (``…_degrees_per_day``, ``…_per_year``) in arcseconds of its own unit of time, not around the circle.
- Instants differ in seconds: by the Julian day where one stands beside the text, else by the text.
- Every other number with a fraction differs by its share (a distance by 1e-6 of itself); whole numbers, words, yes and no are the same or
  they are not.
- ``sign`` and ``degrees_in_sign`` that follow from the longitude beside them are not told a second time.
- What was asked for (settings, moment, place) and what it was computed with (versions) stand apart from the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.regression.identity import matched
from backend.regression.values import DAY_SECONDS, Difference, Unit, brief, difference, is_number

Document = Mapping[str, Any]
_ASKED = frozenset({"name", "settings", "moment", "place"})
_ASKED_AMONG_FIGURES = frozenset({"houses.system", "houses.requested"})
_APART = frozenset({"provenance", "degraded"})
_SIGNS = ("aries", "taurus", "gemini", "cancer", "leo", "virgo", "libra", "scorpio", "sagittarius", "capricorn", "aquarius", "pisces")
_AS_CUT = 2e-7  # documents cut degrees at 1e-7


@dataclass(frozen=True)
class Comparison:
    """Two documents beside each other; ``compared`` counts the values that both have."""

    asked: tuple[Difference, ...]
    figures: tuple[Difference, ...]
    made_with: tuple[Difference, ...]
    compared: int

    @property
    def all(self) -> tuple[Difference, ...]:
        """What was asked for and what came of it; not the versions."""
        return (*self.asked, *self.figures)


def compare(left: Document, right: Document) -> Comparison:
    """How ``right`` differs from ``left``."""
    walk = _Walk()
    found = [
        (name in _ASKED or one.path in _ASKED_AMONG_FIGURES, one)
        for name in _names(left, right)
        if name not in _APART
        for one in walk.named(name, left, right, name)
    ]
    asked, figures = (tuple(one for is_asked, one in found if is_asked is wanted) for wanted in (True, False))
    return Comparison(asked, figures, tuple(_Walk().named("provenance", left, right, "provenance")), walk.compared)


class _Walk:
    """Goes through two values side by side and counts what it compares."""

    def __init__(self) -> None:
        self.compared = 0

    def named(self, path: str, left: Document, right: Document, name: str) -> Iterator[Difference]:
        """The values under one name of two objects; nothing where neither has it."""
        if name in left and name in right:
            yield from self._pair(path, name, left[name], right[name])
        elif name in left or name in right:
            yield Difference(path, Unit.PRESENCE, brief(left.get(name)), brief(right.get(name)))

    def _pair(self, path: str, name: str, left: Any, right: Any) -> Iterator[Difference]:
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            yield from self._objects(path, left, right)
        elif _has_items(left) and _has_items(right):
            yield from self._lists(path, left, right)
        else:
            self.compared += 1
            found = difference(path, name, left, right)
            if found is not None:
                yield found

    def _objects(self, path: str, left: Document, right: Document) -> Iterator[Difference]:
        told = _told_otherwise(left, right)
        if "utc" in told:
            self.compared += 1
            yield from _same_clock(path, left, right)
        for name in _names(left, right):
            if name not in told:
                yield from self.named(f"{path}.{name}", left, right, name)

    def _lists(self, path: str, left: Sequence[Any], right: Sequence[Any]) -> Iterator[Difference]:
        for label, one, other in matched(left, right):
            at = f"{path}[{label}]"
            if one is None or other is None:
                yield Difference(at, Unit.PRESENCE, brief(one), brief(other))
            else:
                yield from self._objects(at, one, other)


def _names(left: Document, right: Document) -> list[str]:
    return list(dict.fromkeys([*left, *right]))


def _has_items(value: Any) -> bool:
    """Whether it is a list of objects; a list of words is one value."""
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _told_otherwise(left: Document, right: Document) -> set[str]:
    """The names whose values are told with another: the text of an instant with its Julian day, the sign with the longitude."""
    told: set[str] = set()
    day = _day_of(left, right)
    if day:
        told |= {"utc", day}
    if _follows_from_longitude(left) and _follows_from_longitude(right):
        told |= {"sign", "degrees_in_sign"}
    return told


def _day_of(left: Document, right: Document) -> str | None:
    """The Julian day that both have beside a UTC text."""
    if "utc" not in left or "utc" not in right:
        return None
    return next((name for name in ("julian_day_ut1", "julian_day_tt") if is_number(left.get(name)) and is_number(right.get(name))), None)


def _same_clock(path: str, left: Document, right: Document) -> Iterator[Difference]:
    """The texts of an instant, with the difference of its Julian day, which is finer."""
    day = _day_of(left, right)
    seconds = (right[day] - left[day]) * DAY_SECONDS if day else 0.0
    if seconds or left["utc"] != right["utc"]:
        yield Difference(f"{path}.utc", Unit.SECONDS, left["utc"], right["utc"], seconds)


def _follows_from_longitude(place: Document) -> bool:
    longitude, sign, inside = place.get("longitude_degrees"), place.get("sign"), place.get("degrees_in_sign")
    if not isinstance(longitude, int | float) or not isinstance(inside, int | float):
        return False
    number = min(int(longitude // 30), 11)
    return sign == _SIGNS[number] and abs(longitude - 30 * number - inside) <= _AS_CUT
