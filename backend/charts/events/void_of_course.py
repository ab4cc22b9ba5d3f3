"""Void of course: from the Moon's last exact major aspect in a sign until she leaves it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document
from backend.charts.engine.almanac import Motion, ahead_of, longitude_of, remembered
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.events import schemas
from backend.charts.events.asked import FRAME_FIELDS, PERIOD_FIELDS, PLANETS, Frame, Period, read_frame, read_period, reader_of, require_few
from backend.charts.events.crossings import Targets, hits
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of
from backend.charts.events.ingresses import CUSPS
from backend.charts.events.pace import MOON_FROM_OTHERS
from backend.charts.events.track import Track
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import ASPECT_ANGLES, CLASSICAL_PLANETS, PTOLEMAIC_ASPECTS, SIGNS, AspectKind, Body, Sign

KIND = "void-of-course"
LONGEST_YEARS = 20
DEFINITION = "from the Moon's last exact major aspect (0, 60, 90, 120, 180 degrees) in a sign until she enters the next one"
MAJOR: tuple[AspectKind, ...] = tuple(kind for kind in AspectKind if kind in PTOLEMAIC_ASPECTS)
_ELONGATIONS = Targets(
    (side * ASPECT_ANGLES[kind], kind) for kind in MAJOR for side in ((1, -1) if 0 < ASPECT_ANGLES[kind] < 180 else (1,))
)
_LONGEST_STAY_DAYS = 3.0  # the Moon passes a sign in 2.0 to 2.6 days


class AspectsTo(StrEnum):
    """The bodies whose major aspects keep the Moon from being void."""

    TRADITIONAL = "traditional"
    MODERN = "modern"


BODIES: dict[AspectsTo, tuple[Body, ...]] = {
    AspectsTo.TRADITIONAL: tuple(body for body in CLASSICAL_PLANETS if body is not Body.MOON),
    AspectsTo.MODERN: tuple(body for body in PLANETS if body is not Body.MOON),
}


@dataclass(frozen=True, slots=True)
class VoidOfCourseRequest:
    period: Period
    frame: Frame
    aspects_to: AspectsTo


class LastAspect(NamedTuple):
    when: Instant
    body: Body
    aspect: AspectKind


class Void(NamedTuple):
    """``last``: None where the Moon made no aspect in the whole sign; she is then void from its beginning.

    ``under_way``: it began before the range.
    """

    when: Instant
    ends: Instant
    sign: Sign
    next_sign: Sign
    last: LastAspect | None
    under_way: bool = False


Voids = Search[VoidOfCourseRequest, Void]


def parse(body: Mapping[str, Any]) -> VoidOfCourseRequest:
    reader = reader_of(body, PERIOD_FIELDS, FRAME_FIELDS, "aspects_to")
    period, frame = read_period(reader, longest_years=LONGEST_YEARS), read_frame(reader)
    aspects_to = reader.choice("aspects_to", AspectsTo, AspectsTo.MODERN)
    reader.settle()
    assert period is not None and aspects_to is not None
    return VoidOfCourseRequest(period, frame, aspects_to)


def find(sky: Sky, budget: Budget, request: VoidOfCourseRequest) -> Findings[Void]:
    """Every void that begins in the range, and before them the one that is under way at its start, if any."""
    request.frame.set_up(sky)
    start, end = request.period.days_tt(sky)
    bodies = BODIES[request.aspects_to]
    origin = origin_of((Body.MOON, *bodies), start, end, sky)
    moon = remembered(longitude_of(Body.MOON, sky))
    early, late = start - _LONGEST_STAY_DAYS, end + _LONGEST_STAY_DAYS
    track = Track(moon, MOON_FROM_OTHERS, budget, early, late)
    ingresses = [hit.time for hit in hits(track, moon, CUSPS)]
    exact = sorted(hit for body in bodies for hit in _aspects(body, moon, early, late, sky, budget))
    voids = (_void(entered, left, exact, moon, sky) for entered, left in pairwise(ingresses))
    overlapping = (void for void in voids if void.ends.julian_day_tt > start and void.when.julian_day_tt < end)
    found = [void._replace(under_way=void.when.julian_day_tt < start) for void in overlapping]
    require_few(len(found))
    return Findings(tuple(found), origin)


def _aspects(body: Body, moon: Motion, start: float, end: float, sky: Sky, budget: Budget) -> Iterator[tuple[float, Body, AspectKind]]:
    motion = ahead_of(moon, longitude_of(body, sky))
    track = Track(motion, MOON_FROM_OTHERS, budget, start, end)
    for hit in hits(track, motion, _ELONGATIONS):
        budget.check()
        yield hit.time, body, hit.target


def _void(entered: float, left: float, exact: list[tuple[float, Body, AspectKind]], moon: Motion, sky: Sky) -> Void:
    """The end of one stay in a sign."""
    index = bisect_left(exact, left, key=lambda aspect: aspect[0]) - 1
    last = None
    if index >= 0 and exact[index][0] >= entered:
        time, body, kind = exact[index]
        last = LastAspect(instant_at(time, sky), body, kind)
    begins = last.when if last else instant_at(entered, sky)
    sign = SIGNS[round(moon(left)[0] / 30) % 12 - 1]
    return Void(begins, instant_at(left, sky), sign, SIGNS[(SIGNS.index(sign) + 1) % 12], last)


def compute(request: VoidOfCourseRequest, workbench: Workbench) -> Answer[Voids]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[Voids]) -> Document:
    request = answer.value.request
    settings = {"aspects_to": request.aspects_to, "bodies": list(BODIES[request.aspects_to]), **frame_document(request.frame)}
    begun = [_document(void) for void in answer.value.events if not void.under_way]
    before = [_document(void) for void in answer.value.events if void.under_way]
    return document(KIND, answer, request.period, settings, begun, definition=DEFINITION, at_start=before[0] if before else None)


def _document(void: Void) -> Document:
    last = void.last and {**instant_document(void.last.when), "body": void.last.body, "aspect": void.last.aspect}
    return {
        **instant_document(void.when),
        "ends": instant_document(void.ends),
        "hours": round((void.ends.julian_day_tt - void.when.julian_day_tt) * 24, 4),
        "sign": void.sign,
        "next_sign": void.next_sign,
        "last_aspect": last,
    }


_LAST = schemas.whole({**schemas.WHEN, "body": schemas.BODY, "aspect": schemas.one_of(MAJOR)})
_VOID = {
    "ends": schemas.whole(schemas.WHEN, "when the Moon enters the next sign"),
    "hours": schemas.number("from beginning to end"),
    "sign": schemas.SIGN,
    "next_sign": schemas.SIGN,
    "last_aspect": schemas.nullable(_LAST),
}
TECHNIQUE = Technique(
    name=KIND,
    title="Void of course",
    summary="When the Moon has made her last major aspect in a sign and has not left it yet",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing(
        {
            **schemas.PERIOD,
            "aspects_to": schemas.one_of(AspectsTo, "traditional: Sun to Saturn; modern: Uranus, Neptune and Pluto too", AspectsTo.MODERN),
            **schemas.FRAME,
        },
        ("start", "end"),
    ),
    answer_schema=schemas.answer(
        KIND,
        {"aspects_to": schemas.one_of(AspectsTo), "bodies": schemas.rows(schemas.BODY), **schemas.FRAME_SETTINGS},
        _VOID,
        definition={"const": DEFINITION},
        at_start=schemas.nullable(schemas.whole({**schemas.WHEN, **_VOID}, "the void that is under way when the range begins")),
    ),
    examples={"a month": {"start": "2026-06-01", "end": "2026-07-01"}},
    searches=True,
)
