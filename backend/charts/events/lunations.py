"""Lunations: new moon, first quarter, full moon and last quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document, circle
from backend.charts.engine.almanac import elongation, longitude_of
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.engine.zodiac import sign_of
from backend.charts.events import schemas
from backend.charts.events.asked import FRAME_FIELDS, PERIOD_FIELDS, Frame, Period, read_frame, read_period, reader_of, require_few
from backend.charts.events.crossings import Targets, hits
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of
from backend.charts.events.pace import MOON_FROM_SUN
from backend.charts.events.track import Track
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import Body, Sign

KIND = "lunations"
LONGEST_YEARS = 200


class Phase(StrEnum):
    """The Moon is 0, 90, 180 or 270 degrees ahead of the Sun in longitude."""

    NEW = "new"
    FIRST_QUARTER = "first_quarter"
    FULL = "full"
    LAST_QUARTER = "last_quarter"


ELONGATIONS: dict[Phase, float] = {phase: 90.0 * number for number, phase in enumerate(Phase)}


@dataclass(frozen=True, slots=True)
class LunationsRequest:
    period: Period
    frame: Frame
    phases: tuple[Phase, ...]


class Lunation(NamedTuple):
    when: Instant
    phase: Phase
    moon_longitude_degrees: float
    moon_sign: Sign
    sun_longitude_degrees: float


def parse(body: Mapping[str, Any]) -> LunationsRequest:
    reader = reader_of(body, PERIOD_FIELDS, FRAME_FIELDS, "phases")
    period, frame = read_period(reader, longest_years=LONGEST_YEARS), read_frame(reader)
    phases = reader.choices("phases", Phase, tuple(Phase))
    reader.settle()
    assert period is not None
    return LunationsRequest(period, frame, phases)


def find(sky: Sky, budget: Budget, request: LunationsRequest) -> Findings[Lunation]:
    """Every phase in the range: the roots of the Moon's elongation from the Sun, in apparent longitude."""
    request.frame.set_up(sky)
    start, end = request.period.days_tt(sky)
    origin = origin_of((Body.SUN, Body.MOON), start, end, sky)
    motion, sun, moon = elongation(Body.MOON, Body.SUN, sky), longitude_of(Body.SUN, sky), longitude_of(Body.MOON, sky)
    track = Track(motion, MOON_FROM_SUN, budget, start, end)
    found = []
    for hit in hits(track, motion, Targets((ELONGATIONS[phase], phase) for phase in request.phases)):
        longitude, (sun_longitude, _) = moon(hit.time)[0], sun(hit.time)
        found.append(Lunation(instant_at(hit.time, sky), hit.target, longitude, sign_of(longitude), sun_longitude))
        budget.check()
    require_few(len(found))
    return Findings(tuple(found), origin)


def compute(request: LunationsRequest, workbench: Workbench) -> Answer[Search[LunationsRequest, Lunation]]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[Search[LunationsRequest, Lunation]]) -> Document:
    request = answer.value.request
    settings = {"phases": list(request.phases), **frame_document(request.frame)}
    return document(KIND, answer, request.period, settings, [_lunation(event) for event in answer.value.events])


def _lunation(event: Lunation) -> Document:
    return {
        **instant_document(event.when),
        "phase": event.phase,
        "moon_longitude_degrees": circle(event.moon_longitude_degrees),
        "moon_sign": event.moon_sign,
        "sun_longitude_degrees": circle(event.sun_longitude_degrees),
    }


_PHASES = schemas.some_of(Phase, "which phases", Phase)
TECHNIQUE = Technique(
    name=KIND,
    title="Lunations",
    summary="New and full moons and the quarters between them",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing({**schemas.PERIOD, "phases": _PHASES, **schemas.FRAME}, ("start", "end")),
    answer_schema=schemas.answer(
        KIND,
        {"phases": schemas.rows(schemas.one_of(Phase)), **schemas.FRAME_SETTINGS},
        {
            "phase": schemas.one_of(Phase),
            "moon_longitude_degrees": schemas.LONGITUDE,
            "moon_sign": schemas.SIGN,
            "sun_longitude_degrees": schemas.LONGITUDE,
        },
    ),
    examples={"the full moons of a year": {"start": "2026-01-01", "end": "2027-01-01", "phases": ["full"]}},
    searches=True,
)
