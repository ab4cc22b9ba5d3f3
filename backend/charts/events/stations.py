"""Stations: when bodies stand still and turn, seen from the Earth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document, circle
from backend.charts.engine.almanac import longitude_of
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.engine.zodiac import sign_of
from backend.charts.events import schemas
from backend.charts.events.asked import (
    FRAME_FIELDS,
    PERIOD_FIELDS,
    Frame,
    Period,
    read_bodies,
    read_frame,
    read_period,
    reader_of,
    require_few,
)
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of
from backend.charts.events.pace import SEARCHABLE, pace_of
from backend.charts.events.track import Track
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import Body, Sign

KIND = "stations"
LONGEST_YEARS = 200
DEFAULT: tuple[Body, ...] = (*tuple(Body)[2:10], Body.CHIRON)
TURNING: tuple[Body, ...] = tuple(body for body in SEARCHABLE if pace_of(body).turns)


@dataclass(frozen=True, slots=True)
class StationsRequest:
    period: Period
    frame: Frame
    bodies: tuple[Body, ...]


class Station(NamedTuple):
    """``turns``: the motion that begins here, direct or retrograde."""

    when: Instant
    body: Body
    turns: str
    longitude_degrees: float
    sign: Sign


def parse(body: Mapping[str, Any]) -> StationsRequest:
    reader = reader_of(body, PERIOD_FIELDS, FRAME_FIELDS, "bodies")
    period, frame = read_period(reader, longest_years=LONGEST_YEARS), read_frame(reader)
    bodies = read_bodies(reader, DEFAULT, TURNING)
    reader.settle()
    assert period is not None
    return StationsRequest(period, frame, bodies)


def find(sky: Sky, budget: Budget, request: StationsRequest) -> Findings[Station]:
    """Every station in the range: the roots of the speed in longitude."""
    request.frame.set_up(sky)
    start, end = request.period.days_tt(sky)
    origin = origin_of(request.bodies, start, end, sky)
    found = [station for body in origin.available for station in _of(body, start, end, sky, budget)]
    require_few(len(found))
    return Findings(tuple(sorted(found, key=lambda station: station.when.julian_day_tt)), origin)


def _of(body: Body, start: float, end: float, sky: Sky, budget: Budget) -> list[Station]:
    pace = pace_of(body)
    track = Track(longitude_of(body, sky), pace, budget, start, end)
    track.look_beyond(pace.step_days)
    found = []
    for _, leg in pairwise(track.legs()):
        node = leg.begin
        if start <= node.time < end:
            turns = "direct" if leg.direct else "retrograde"
            found.append(Station(instant_at(node.time, sky), body, turns, node.degrees % 360, sign_of(node.degrees)))
    return found


def compute(request: StationsRequest, workbench: Workbench) -> Answer[Search[StationsRequest, Station]]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[Search[StationsRequest, Station]]) -> Document:
    request = answer.value.request
    settings = {"bodies": list(request.bodies), **frame_document(request.frame)}
    return document(KIND, answer, request.period, settings, [_station(event) for event in answer.value.events])


def _station(event: Station) -> Document:
    return {
        **instant_document(event.when),
        "body": event.body,
        "turns": event.turns,
        "longitude_degrees": circle(event.longitude_degrees),
        "sign": event.sign,
    }


_BODIES = schemas.bodies("which bodies; the Sun, the Moon and the mean points never stand still", DEFAULT, TURNING)
TECHNIQUE = Technique(
    name=KIND,
    title="Stations",
    summary="When bodies stand still and turn retrograde or direct",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing({**schemas.PERIOD, "bodies": _BODIES, **schemas.FRAME}, ("start", "end")),
    answer_schema=schemas.answer(
        KIND,
        {"bodies": schemas.rows(schemas.BODY), **schemas.FRAME_SETTINGS},
        {"body": schemas.BODY, "turns": schemas.MOTION, "longitude_degrees": schemas.LONGITUDE, "sign": schemas.SIGN},
    ),
    examples={"the stations of Mercury in a year": {"start": "2026-01-01", "end": "2027-01-01", "bodies": ["mercury"]}},
    searches=True,
)
