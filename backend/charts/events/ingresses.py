"""Ingresses: when bodies pass from one sign into the next, or back into the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document
from backend.charts.engine.almanac import longitude_of
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.events import schemas
from backend.charts.events.asked import (
    FRAME_FIELDS,
    PERIOD_FIELDS,
    PLANETS,
    Frame,
    Period,
    read_bodies,
    read_frame,
    read_period,
    reader_of,
    require_few,
)
from backend.charts.events.crossings import Pass, Targets, count_pass, hits
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of, pass_document
from backend.charts.events.pace import pace_of
from backend.charts.events.track import Track
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import SIGNS, Body, Sign

KIND = "ingresses"
LONGEST_YEARS = 200
CUSPS = Targets((30.0 * number, number) for number in range(12))


@dataclass(frozen=True, slots=True)
class IngressesRequest:
    period: Period
    frame: Frame
    bodies: tuple[Body, ...]


class Ingress(NamedTuple):
    """A passage over 0 degrees of a sign; ``passing``: which pass over this cusp of how many, where that can be known."""

    when: Instant
    body: Body
    from_sign: Sign
    to_sign: Sign
    motion: str
    passing: Pass | None


def parse(body: Mapping[str, Any]) -> IngressesRequest:
    reader = reader_of(body, PERIOD_FIELDS, FRAME_FIELDS, "bodies")
    period, frame = read_period(reader, longest_years=LONGEST_YEARS), read_frame(reader)
    bodies = read_bodies(reader, PLANETS)
    reader.settle()
    assert period is not None
    return IngressesRequest(period, frame, bodies)


def find(sky: Sky, budget: Budget, request: IngressesRequest) -> Findings[Ingress]:
    """Every ingress in the range, the re-entries of retrograde bodies among them."""
    request.frame.set_up(sky)
    start, end = request.period.days_tt(sky)
    origin = origin_of(request.bodies, start, end, sky)
    found: list[Ingress] = []
    for body in origin.available:
        found += ingresses_of(body, start, end, sky, budget)
        require_few(len(found))
    return Findings(tuple(sorted(found, key=lambda ingress: ingress.when.julian_day_tt)), origin)


def ingresses_of(body: Body, start: float, end: float, sky: Sky, budget: Budget) -> list[Ingress]:
    """One body's ingresses from ``start`` up to ``end`` (Julian days in TT)."""
    motion = longitude_of(body, sky)
    track = Track(motion, pace_of(body), budget, start, end)
    found = []
    for hit in hits(track, motion, CUSPS):
        ahead, behind = SIGNS[hit.target], SIGNS[hit.target - 1]
        signs = (behind, ahead) if hit.direct else (ahead, behind)
        found.append(Ingress(instant_at(hit.time, sky), body, *signs, hit.motion, count_pass(track, hit)))
    return found


def compute(request: IngressesRequest, workbench: Workbench) -> Answer[Search[IngressesRequest, Ingress]]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[Search[IngressesRequest, Ingress]]) -> Document:
    request = answer.value.request
    settings = {"bodies": list(request.bodies), **frame_document(request.frame)}
    return document(KIND, answer, request.period, settings, [_ingress(event) for event in answer.value.events])


def _ingress(event: Ingress) -> Document:
    return {
        **instant_document(event.when),
        "body": event.body,
        "from_sign": event.from_sign,
        "to_sign": event.to_sign,
        "motion": event.motion,
        **pass_document(event.passing),
    }


TECHNIQUE = Technique(
    name=KIND,
    title="Ingresses",
    summary="When bodies enter signs, retrograde re-entries included",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing({**schemas.PERIOD, "bodies": schemas.bodies("which bodies", PLANETS), **schemas.FRAME}, ("start", "end")),
    answer_schema=schemas.answer(
        KIND,
        {"bodies": schemas.rows(schemas.BODY), **schemas.FRAME_SETTINGS},
        {"body": schemas.BODY, "from_sign": schemas.SIGN, "to_sign": schemas.SIGN, "motion": schemas.MOTION, **schemas.PASS},
    ),
    examples={"the ingresses of the Sun in a year": {"start": "2026-01-01", "end": "2027-01-01", "bodies": ["sun"]}},
    searches=True,
)
