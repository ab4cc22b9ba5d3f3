"""Secondary progressions: the sky of as many days after birth as years have passed (R. Davison, The Technique of Prediction)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.analysis.points import Point, points_of
from backend.charts.engine.casting import look
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.houses import house_finder
from backend.charts.engine.instants import read_instant
from backend.charts.engine.positions import Position, Unavailable
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.reading import Reader
from backend.charts.relations.aspects_between import CrossAspect, aspects_among, aspects_between
from backend.charts.relations.derived_houses import DerivedHouses, Frame, houses_by_armc
from backend.charts.relations.nested import made_with, natal_part, problems_under, union
from backend.charts.relations.orbs import DIRECTED_ORBS, Orbs, orbs_text, read_orbs
from backend.charts.relations.progressed_angles import AngleMethod, Progress, progressed_armc
from backend.charts.relations.progressed_sky import ProgressedSky, later_degradations, progressed_sky, sun_at
from backend.charts.relations.time_key import Age, YearLength, age_at, read_year
from backend.charts.technique import Workbench

_A_DEGREE_A_YEAR = 1.0  # the angles' motion, for applying and separating: all methods move them forwards


@dataclass(frozen=True, slots=True)
class ProgressionsRequest:
    natal: ChartRequest
    moment: CivilTime
    year: YearLength
    angles: AngleMethod
    orbs: Orbs


class ProgressedBody(NamedTuple):
    """A body on its progressed day; its speed in degrees a day of life is its speed in degrees a year."""

    position: Position
    natal_house: int | None
    progressed_house: int | None


@dataclass(frozen=True, slots=True)
class Progressions:
    """Houses are None where the natal chart has none."""

    request: ProgressionsRequest
    natal: Answer[Chart]
    age: Age
    bodies: tuple[ProgressedBody, ...]
    unavailable: tuple[Unavailable, ...]
    houses: DerivedHouses | None
    aspects: tuple[CrossAspect, ...]
    aspects_to_natal: tuple[CrossAspect, ...]
    provenance: Provenance


def parse(body: Mapping[str, Any]) -> ProgressionsRequest:
    reader = Reader(body, ("natal", "moment", "year", "angles", "orbs"))
    natal = reader.part("natal", parse_request)
    moment = read_instant(reader, "moment")
    year = read_year(reader)
    angles = reader.choice("angles", AngleMethod, AngleMethod.SOLAR_ARC_RIGHT_ASCENSION)
    orbs = read_orbs(reader, "orbs", DIRECTED_ORBS)
    reader.settle()
    assert natal is not None and moment is not None and year is not None and angles is not None
    return ProgressionsRequest(natal, moment, year, angles, orbs)


def compute(request: ProgressionsRequest, workbench: Workbench) -> Answer[Progressions]:
    answer = natal_part("natal", request.natal, workbench)
    natal = answer.value
    age, later, houses = workbench.run(lambda sky: _progress(request, natal, sky))
    points = _points(later, houses)
    settings = f"progressions|{natal.provenance.settings_sha256}|{request.year}|{request.angles}|{orbs_text(request.orbs)}"
    progressions = Progressions(
        request,
        answer,
        age,
        _placed(later, natal, houses),
        later.unavailable,
        houses,
        aspects_among(points, request.orbs),
        aspects_between(points, points_at_rest(natal), request.orbs),
        made_with(settings, workbench, natal),
    )
    return Answer(progressions, answer.source, degraded=union(answer.degraded, later_degradations(answer, later)))


def points_at_rest(natal: Chart) -> tuple[Point, ...]:
    """The natal points as those that move find them: where they were at birth, for good."""
    return tuple(point._replace(speed_degrees_per_day=0.0) for point in points_of(natal))


def _progress(request: ProgressionsRequest, natal: Chart, sky: Sky) -> tuple[Age, ProgressedSky, DerivedHouses | None]:
    look(natal.request, natal.place, sky)
    age = age_at(request.moment, natal, request.year, sky)
    later = progressed_sky(natal, age.progressed.julian_day_tt, sky)
    return age, later, _houses(request.angles, natal, age, later, sky)


def _houses(method: AngleMethod, natal: Chart, age: Age, later: ProgressedSky, sky: Sky) -> DerivedHouses | None:
    before = sun_at(natal.moment.julian_day_tt, natal.request.center, sky)
    after = sun_at(age.progressed.julian_day_tt, natal.request.center, sky)
    if natal.armc_degrees is None or before is None or after is None:
        return None
    progress = Progress(
        natal.armc_degrees,
        natal.angles["midheaven"].longitude_degrees,
        age.years,
        (after.right_ascension_degrees - before.right_ascension_degrees) % 360,
        (after.longitude_degrees - before.longitude_degrees) % 360,
    )
    frame = Frame(
        natal.place.latitude_degrees,
        later.obliquity,
        later.ayanamsa,
        natal.request.house_system,
        natal.request.beyond_polar_circle,
        after.declination_degrees,
    )
    with problems_under("natal"):
        return houses_by_armc(progressed_armc(method, progress, frame), frame, method, sky)


def _placed(later: ProgressedSky, natal: Chart, houses: DerivedHouses | None) -> tuple[ProgressedBody, ...]:
    natal_house = house_finder([cusp.longitude_degrees for cusp in natal.cusps]) if natal.cusps else None
    own_house = house_finder(houses.cusps) if houses else None
    return tuple(
        ProgressedBody(
            each,
            natal_house(each.longitude_degrees) if natal_house else None,
            own_house(each.longitude_degrees) if own_house else None,
        )
        for each in later.positions
    )


def _points(later: ProgressedSky, houses: DerivedHouses | None) -> list[Point]:
    points = [Point(each.body, each.longitude_degrees, each.speed_degrees_per_day) for each in later.positions]
    if houses:
        points += [Point("ascendant", houses.ascendant, _A_DEGREE_A_YEAR), Point("midheaven", houses.midheaven, _A_DEGREE_A_YEAR)]
    return points
