"""The key of progressions and directions: how many years after birth a moment is, and which day of life stands for it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from backend.charts.document import Document
from backend.charts.engine.chart import Chart
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.engine.time_scale import moment_of
from backend.charts.reading import Reader
from backend.errors import InvalidRequest


class YearLength(StrEnum):
    TROPICAL = "tropical"
    SIDEREAL = "sidereal"
    JULIAN = "julian"
    GREGORIAN = "gregorian"


YEAR_DAYS: dict[YearLength, float] = {
    YearLength.TROPICAL: 365.24219,
    YearLength.SIDEREAL: 365.256363,
    YearLength.JULIAN: 365.25,
    YearLength.GREGORIAN: 365.2425,
}
"""Days; tropical and sidereal for J2000 (Explanatory Supplement to the Astronomical Almanac)."""


class Age(NamedTuple):
    """A moment as an age, and the moment of the days after birth that stands for it: as many days as the age has years."""

    moment: Instant
    years: float
    progressed: Instant


def read_year(reader: Reader) -> YearLength | None:
    return reader.choice("year", YearLength, YearLength.TROPICAL)


def age_at(moment: CivilTime, natal: Chart, year: YearLength, sky: Sky) -> Age:
    """The age by the calendar of days, not of birthdays: someone born on 29 February ages like everybody else."""
    birth = natal.moment.julian_day_tt
    then = moment_of(moment, sky).julian_day_tt
    if then < birth:
        raise InvalidRequest.of("moment", "before_birth", "must not lie before the birth")
    years = (then - birth) / YEAR_DAYS[year]
    return Age(Instant(then, moment), years, instant_at(birth + years, sky))


def age_document(age: Age) -> Document:
    return {
        "moment": instant_document(age.moment),
        "progressed": {"age_years": round(age.years, 9), **instant_document(age.progressed)},
    }
