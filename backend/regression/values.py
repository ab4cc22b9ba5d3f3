"""Two values beside each other: in which unit they differ, by how much, and whether that is within a tolerance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import radians
from typing import Any

from backend.regression.instants import instant_seconds

DAY_SECONDS = 86400.0
_LONGEST = 200


class Unit(StrEnum):
    """What a difference is told in."""

    ARCSECONDS = "arcseconds"
    SPEED = "arcseconds of speed"
    SECONDS = "seconds"
    SHARE = "share"
    WORDS = "words"
    PRESENCE = "presence"


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same: ``amount`` is right minus left in ``unit``; None for words and for what only one side has."""

    path: str
    unit: Unit
    left: Any
    right: Any
    amount: float | None = None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far values may differ: angles (and shares, as the angle they are of a radius) and instants; words must be the same."""

    arcseconds: float = 0.01
    seconds: float = 1.0

    def allows(self, difference: Difference) -> bool:
        """Whether the difference is small enough to be none."""
        if difference.amount is None:
            return False
        size = abs(difference.amount)
        match difference.unit:
            case Unit.ARCSECONDS | Unit.SPEED:
                return size <= self.arcseconds
            case Unit.SECONDS:
                return size <= self.seconds
            case _:
                return size <= radians(self.arcseconds / 3600)


_RANK = {Unit.PRESENCE: 0, Unit.ARCSECONDS: 1, Unit.SECONDS: 3, Unit.SPEED: 4, Unit.SHARE: 5, Unit.WORDS: 6}
_COMES_AND_GOES = 2  # the rank of an aspect that is there or not, as its orb passes a limit: it follows from the angles


def ranked(differences: Sequence[Difference], tolerance: Tolerance) -> list[Difference]:
    """Those beyond the tolerance first, then by kind (missing, angles, instants, speeds, shares, words), the largest first."""
    return sorted(differences, key=lambda one: (tolerance.allows(one), _rank(one), -abs(one.amount or 0.0), one.path))


def _rank(one: Difference) -> int:
    return _COMES_AND_GOES if one.unit is Unit.PRESENCE and "aspects" in one.path else _RANK[one.unit]


def largest_arcseconds(differences: Sequence[Difference]) -> float:
    """The largest difference of an angle; 0 where none differs."""
    return max((abs(one.amount or 0.0) for one in differences if one.unit is Unit.ARCSECONDS), default=0.0)


def difference(path: str, name: str, left: Any, right: Any) -> Difference | None:
    """How the values that stand under this name differ; None where they do not."""
    if left == right and type(left) is type(right):
        return None
    if is_number(left) and is_number(right):
        return _of_numbers(path, name, left, right)
    seconds = _between_instants(left, right)
    if seconds is not None:
        return Difference(path, Unit.SECONDS, left, right, seconds)
    return Difference(path, Unit.WORDS, brief(left), brief(right))


def _of_numbers(path: str, name: str, left: float, right: float) -> Difference | None:
    if left == right:
        return None
    unit = _unit_of(name)
    if unit is Unit.ARCSECONDS:
        return Difference(path, unit, left, right, around_circle(right - left) * 3600)
    if unit is not None:
        return Difference(path, unit, left, right, (right - left) * _scale_of(name, unit))
    if isinstance(left, int) and isinstance(right, int):
        return Difference(path, Unit.WORDS, left, right)
    return Difference(path, Unit.SHARE, left, right, (right - left) / max(abs(left), abs(right)))


def _unit_of(name: str) -> Unit | None:
    if "_degrees_per_" in name:
        return Unit.SPEED
    if "degrees" in name:
        return Unit.ARCSECONDS
    return Unit.SECONDS if name.startswith("julian_day") or name.endswith(("_seconds", "hours")) else None


def _scale_of(name: str, unit: Unit) -> float:
    """What one of the value's own units is in the difference's."""
    if unit is Unit.SPEED or name.endswith("hours"):
        return 3600.0
    return DAY_SECONDS if name.startswith("julian_day") else 1.0


def around_circle(degrees: float) -> float:
    """The shorter way, from -180 up to 180."""
    return (degrees + 180.0) % 360.0 - 180.0


def _between_instants(left: Any, right: Any) -> float | None:
    if not (isinstance(left, str) and isinstance(right, str)):
        return None
    begun, ended = instant_seconds(left), instant_seconds(right)
    return None if begun is None or ended is None else ended - begun


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def brief(value: Any) -> Any:
    """A value in one line: of an object its own words alone."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items() if isinstance(item, str | int | float))[:_LONGEST]
    if isinstance(value, list):
        return ", ".join(str(brief(item)) for item in value)[:_LONGEST]
    return value[:_LONGEST] if isinstance(value, str) else value
