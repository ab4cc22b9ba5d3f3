"""A table of positions at equal steps of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document, circle, cut
from backend.charts.engine.civil_time import civil_from_seconds, civil_seconds
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_document
from backend.charts.engine.positions import Position
from backend.charts.engine.time_scale import moment_of
from backend.charts.events import schemas
from backend.charts.events.asked import FRAME_FIELDS, PERIOD_FIELDS, PLANETS, Frame, Period, read_bodies, read_frame, read_period, reader_of
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of
from backend.charts.reading import Reader
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import Body

KIND = "ephemeris"
LONGEST_YEARS = 5000
MOST_POSITIONS = 50_000
SHORTEST_STEP, LONGEST_STEP, DEFAULT_STEP = 1, 366 * 1440, 1440


@dataclass(frozen=True, slots=True)
class EphemerisRequest:
    period: Period
    frame: Frame
    bodies: tuple[Body, ...]
    step_minutes: int


class Row(NamedTuple):
    """One instant and where the bodies are then, in the order of the request."""

    when: Instant
    positions: tuple[Position, ...]


def parse(body: Mapping[str, Any]) -> EphemerisRequest:
    reader = reader_of(body, PERIOD_FIELDS, FRAME_FIELDS, "bodies", "step_minutes")
    period, frame = read_period(reader, longest_years=LONGEST_YEARS), read_frame(reader)
    bodies, step = read_bodies(reader, PLANETS), _step(reader)
    if period and step and _count(period, step) * len(bodies) > MOST_POSITIONS:
        reader.wrong("step_minutes", "too_many_rows", f"gives more than {MOST_POSITIONS} positions; take a longer step or fewer bodies")
    reader.settle()
    assert period is not None and step is not None
    return EphemerisRequest(period, frame, bodies, step)


def _step(reader: Reader) -> int | None:
    step = reader.number("step_minutes", SHORTEST_STEP, LONGEST_STEP, default=DEFAULT_STEP, unit="minutes")
    if step is not None and step != int(step):
        reader.wrong("step_minutes", "wrong_type", "must be a whole number of minutes")
        return None
    return None if step is None else int(step)


def _count(period: Period, step_minutes: int) -> int:
    return -((civil_seconds(period.start) - civil_seconds(period.end)) // (step_minutes * 60))


def find(sky: Sky, budget: Budget, request: EphemerisRequest) -> Findings[Row]:
    """A row for the start and for each step after it, the end excluded; steps are of the clock, without leap seconds."""
    request.frame.set_up(sky)
    origin = origin_of(request.bodies, *request.period.days_tt(sky), sky)
    begin, rows = civil_seconds(request.period.start), []
    for number in range(_count(request.period, request.step_minutes)):
        budget.check()
        utc = civil_from_seconds(begin + number * request.step_minutes * 60)
        day = moment_of(utc, sky).julian_day_tt
        found, _ = sky.positions(day, origin.available)
        rows.append(Row(Instant(day, utc), tuple(found)))
    return Findings(tuple(rows), origin)


def compute(request: EphemerisRequest, workbench: Workbench) -> Answer[Search[EphemerisRequest, Row]]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[Search[EphemerisRequest, Row]]) -> Document:
    request = answer.value.request
    settings = {"bodies": list(request.bodies), "step_minutes": request.step_minutes, **frame_document(request.frame)}
    return document(KIND, answer, request.period, settings, [_row(row) for row in answer.value.events], "rows")


def _row(row: Row) -> Document:
    return {**instant_document(row.when), "positions": [_position(position) for position in row.positions]}


def _position(position: Position) -> Document:
    return {
        "body": position.body,
        "longitude_degrees": circle(position.longitude_degrees),
        "latitude_degrees": cut(position.latitude_degrees),
        "declination_degrees": cut(position.declination_degrees),
        "speed_degrees_per_day": cut(position.speed_degrees_per_day),
    }


_POSITION = schemas.whole(
    {
        "body": schemas.BODY,
        "longitude_degrees": schemas.LONGITUDE,
        "latitude_degrees": schemas.number("degrees, tropical of date"),
        "declination_degrees": schemas.number("degrees, of date"),
        "speed_degrees_per_day": schemas.number("in longitude"),
    }
)
_STEP = {
    "type": "integer",
    "minimum": SHORTEST_STEP,
    "maximum": LONGEST_STEP,
    "default": DEFAULT_STEP,
    "description": "minutes of the clock",
}
TECHNIQUE = Technique(
    name=KIND,
    title="Ephemeris",
    summary="Positions at equal steps of time",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing(
        {**schemas.PERIOD, "step_minutes": _STEP, "bodies": schemas.bodies("which bodies", PLANETS), **schemas.FRAME}, ("start", "end")
    ),
    answer_schema=schemas.answer(
        KIND,
        {"bodies": schemas.rows(schemas.BODY), "step_minutes": _STEP, **schemas.FRAME_SETTINGS},
        {"positions": schemas.rows(_POSITION)},
        "rows",
    ),
    examples={"a month at midnight": {"start": "2026-06-01", "end": "2026-07-01"}},
    searches=True,
)
