"""Solar arc directions: every natal point moved on by one arc, the Sun's own since birth or Naibod's mean one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.answer import Answer, Degradation
from backend.charts.analysis.points import Point, points_of
from backend.charts.engine.casting import look
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import read_instant
from backend.charts.engine.positions import Source
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.reading import Reader
from backend.charts.relations.aspects_between import CrossAspect, aspects_between
from backend.charts.relations.nested import made_with, natal_part, union
from backend.charts.relations.orbs import DIRECTED_ORBS, Orbs, orbs_text, read_orbs
from backend.charts.relations.progressed_angles import NAIBOD_DEGREES
from backend.charts.relations.progressed_sky import beyond_files, sun_at
from backend.charts.relations.progressions import points_at_rest
from backend.charts.relations.time_key import Age, YearLength, age_at, read_year
from backend.charts.rounding import around
from backend.charts.technique import Workbench
from backend.charts.vocabulary import Center


class ArcKind(StrEnum):
    """The progressed Sun's true arc in longitude, or as many times 0° 59' 08.33" as there are years."""

    TRUE = "true"
    NAIBOD = "naibod"


@dataclass(frozen=True, slots=True)
class SolarArcRequest:
    natal: ChartRequest
    moment: CivilTime
    year: YearLength
    arc: ArcKind
    orbs: Orbs


@dataclass(frozen=True, slots=True)
class SolarArc:
    """``directed``: bodies, then Ascendant and Midheaven where the time is known; all by the one arc."""

    request: SolarArcRequest
    natal: Answer[Chart]
    age: Age
    arc_degrees: float
    directed: tuple[Point, ...]
    aspects_to_natal: tuple[CrossAspect, ...]
    provenance: Provenance


def parse(body: Mapping[str, Any]) -> SolarArcRequest:
    reader = Reader(body, ("natal", "moment", "year", "arc", "orbs"))
    natal = reader.part("natal", parse_request)
    moment = read_instant(reader, "moment")
    year, arc = read_year(reader), reader.choice("arc", ArcKind, ArcKind.TRUE)
    orbs = read_orbs(reader, "orbs", DIRECTED_ORBS)
    if natal and natal.center is Center.HELIOCENTRIC:
        reader.wrong("natal.center", "not_applicable", "a sky seen from the Sun has no solar arc")
    reader.settle()
    assert natal is not None and moment is not None and year is not None and arc is not None
    return SolarArcRequest(natal, moment, year, arc, orbs)


def compute(request: SolarArcRequest, workbench: Workbench) -> Answer[SolarArc]:
    answer = natal_part("natal", request.natal, workbench)
    natal = answer.value
    age, arc, lesser = workbench.run(lambda sky: _arc(request, natal, sky))
    directed = direct(points_of(natal), arc)
    settings = f"solar-arc|{natal.provenance.settings_sha256}|{request.year}|{request.arc}|{orbs_text(request.orbs)}"
    found = SolarArc(
        request,
        answer,
        age,
        arc,
        directed,
        aspects_between(directed, points_at_rest(natal), request.orbs),
        made_with(settings, workbench, natal),
    )
    return Answer(found, answer.source, degraded=union(answer.degraded, lesser))


def direct(points: tuple[Point, ...], arc_degrees: float) -> tuple[Point, ...]:
    """Every point moved on by the arc; its motion now is the arc's, close to a degree a year."""
    return tuple(Point(point.name, around(point.longitude_degrees + arc_degrees), NAIBOD_DEGREES) for point in points)


def _arc(request: SolarArcRequest, natal: Chart, sky: Sky) -> tuple[Age, float, tuple[Degradation, ...]]:
    look(natal.request, natal.place, sky)
    age = age_at(request.moment, natal, request.year, sky)
    if request.arc is ArcKind.NAIBOD:
        return age, around(NAIBOD_DEGREES * age.years), ()
    before = sun_at(natal.moment.julian_day_tt, natal.request.center, sky)
    after = sun_at(age.progressed.julian_day_tt, natal.request.center, sky)
    assert before is not None and after is not None
    lesser = ("sun",) if after.source is Source.MOSHIER and before.source is not Source.MOSHIER else ()
    return age, around(after.longitude_degrees - before.longitude_degrees), beyond_files(lesser)
