"""What is read from the sky: positions with their sources, stars and houses; no library in sight."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from backend.charts.vocabulary import Body


class Source(StrEnum):
    """Where one position came from; the last three need no ephemeris file."""

    FILES = "swiss_ephemeris_files"
    MOSHIER = "moshier"
    MEAN_ELEMENTS = "mean_elements"
    INTERPOLATED = "interpolated_series"
    STAR_CATALOGUE = "star_catalogue"


class Position(NamedTuple):
    """Apparent position of date as seen from the centre; longitude and its speed in the zodiac asked for, the rest tropical."""

    body: Body
    longitude_degrees: float
    latitude_degrees: float
    distance_au: float
    speed_degrees_per_day: float
    right_ascension_degrees: float
    declination_degrees: float
    source: Source


class Unavailable(NamedTuple):
    """A body or star that cannot be given, and why: files_missing, files_damaged, outside_file_range or not_in_this_sky."""

    body: str
    why: str


class Star(NamedTuple):
    """A fixed star, apparent, of date: its traditional name and its designation as the catalogue has them.

    ``magnitude`` is visual; None where the catalogue has none.
    """

    name: str
    designation: str
    longitude_degrees: float
    latitude_degrees: float
    speed_degrees_per_day: float
    right_ascension_degrees: float
    declination_degrees: float
    magnitude: float | None


class Houses(NamedTuple):
    """Cusps and angles in the zodiac asked for; ``armc`` is the right ascension of the Midheaven."""

    cusps: tuple[float, ...]
    ascendant: float
    midheaven: float
    armc: float
    vertex: float
    equatorial_ascendant: float
