"""Transits: when bodies in the sky make exact aspects to the points of a chart, or enter its houses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from backend.answer import Answer, Degradation
from backend.charts.budget import Budget
from backend.charts.document import Document, circle
from backend.charts.engine.almanac import longitude_of
from backend.charts.engine.chart import Chart
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.houses import house_finder
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.events import schemas
from backend.charts.events.asked import PLANETS, Frame, Period, require_few
from backend.charts.events.crossings import Hit, Pass, Targets, count_pass, hits
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of, pass_document
from backend.charts.events.pace import pace_of
from backend.charts.events.track import Track
from backend.charts.events.transits_request import DEFAULT_ANGLES, DEFAULT_ASPECTS, MOST_POINTS, Angle, Point, TransitsRequest, parse
from backend.charts.relations.nested import natal_part
from backend.charts.schemas import FIRST as NATAL
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import ASPECT_ANGLES, AspectKind, Body

KIND = "transits"
_BESIDE = 1e-7  # degrees to either side of a cusp: far enough to be in the house there


class Transit(NamedTuple):
    """One exact aspect of a body in the sky to a point."""

    when: Instant
    body: Body
    aspect: AspectKind
    point: str
    longitude_degrees: float
    motion: str
    passing: Pass | None


class HouseIngress(NamedTuple):
    """A body in the sky passes a cusp of the chart."""

    when: Instant
    body: Body
    from_house: int
    to_house: int
    longitude_degrees: float
    motion: str
    passing: Pass | None


Event = Transit | HouseIngress
Transits = Search[TransitsRequest, Event]


class ToPoint(NamedTuple):
    """A target: an aspect to a point."""

    aspect: AspectKind
    point: str


class Cusp(NamedTuple):
    """A target: the cusp between two houses, in the order of the zodiac."""

    below: int
    above: int


Target = ToPoint | Cusp


@dataclass(frozen=True, slots=True)
class Aim:
    """What to look for; it may travel to another process."""

    period: Period
    frame: Frame
    bodies: tuple[Body, ...]
    aspects: tuple[AspectKind, ...]
    points: tuple[Point, ...]
    cusps: tuple[float, ...] = ()

    def targets(self) -> Targets[Target]:
        """The degrees where something is exact, and what."""
        sides = [(kind, side) for kind in self.aspects for side in _sides(kind)]
        aspects = [(point.longitude_degrees + side, ToPoint(kind, point.name)) for point in self.points for kind, side in sides]
        return Targets([*aspects, *_cusps(self.cusps)])


def _sides(kind: AspectKind) -> tuple[float, ...]:
    """How far ahead of a point the aspect is exact: on both sides of it, but for the conjunction and the opposition."""
    angle = ASPECT_ANGLES[kind]
    return (angle, -angle) if 0 < angle < 180 else (angle,)


def _cusps(cusps: tuple[float, ...]) -> list[tuple[float, Target]]:
    """Each cusp once, with the houses on its two sides."""
    if not cusps:
        return []
    house_of = house_finder(cusps)
    return [(cusp, Cusp(house_of((cusp - _BESIDE) % 360), house_of((cusp + _BESIDE) % 360))) for cusp in dict.fromkeys(cusps)]


def find(sky: Sky, budget: Budget, aim: Aim) -> Findings[Event]:
    """Every passage of the bodies over the degrees aimed at."""
    aim.frame.set_up(sky)
    start, end = aim.period.days_tt(sky)
    origin = origin_of(aim.bodies, start, end, sky)
    targets = aim.targets()
    found: list[Event] = []
    for body in origin.available:
        motion = longitude_of(body, sky)
        track = Track(motion, pace_of(body), budget, start, end)
        for hit in hits(track, motion, targets):
            budget.check()
            found.append(_event(body, hit, instant_at(hit.time, sky), count_pass(track, hit)))
            require_few(len(found))
    return Findings(tuple(sorted(found, key=lambda event: event.when.julian_day_tt)), origin)


def _event(body: Body, hit: Hit[Target], when: Instant, passing: Pass | None) -> Event:
    if isinstance(hit.target, ToPoint):
        return Transit(when, body, *hit.target, hit.degrees % 360, hit.motion, passing)
    left, entered = hit.target if hit.direct else hit.target[::-1]
    return HouseIngress(when, body, left, entered, hit.degrees % 360, hit.motion, passing)


def compute(request: TransitsRequest, workbench: Workbench) -> Answer[Transits]:
    """The transits to a chart, which is computed first, or to points."""
    lesser: tuple[Degradation, ...] = ()
    cusps: tuple[float, ...] = ()
    if request.natal:
        natal = natal_part("natal", request.natal, workbench)
        request = replace(request, points=points_of(natal.value, request.angles))
        lesser = natal.degraded
        cusps = tuple(cusp.longitude_degrees for cusp in natal.value.cusps) if request.house_ingresses else ()
    aim = Aim(request.period, request.frame, request.bodies, request.aspects, request.points, cusps)
    return answer(request, KIND, workbench.search(find, aim), workbench, lesser)


def points_of(chart: Chart, angles: tuple[Angle, ...]) -> tuple[Point, ...]:
    """The bodies and angles of a chart."""
    bodies = [Point(body.body.value, body.longitude_degrees) for body in chart.bodies]
    return (*bodies, *(Point(name.value, chart.angles[name].longitude_degrees) for name in angles if name in chart.angles))


def to_document(answer: Answer[Transits]) -> Document:
    """Aspects are the events; house ingresses, where asked for, have a list of their own."""
    request = answer.value.request
    return document(
        KIND,
        answer,
        request.period,
        {"bodies": list(request.bodies), "aspects": list(request.aspects), **frame_document(request.frame)},
        [_transit(event) for event in answer.value.events if isinstance(event, Transit)],
        points=[{"point": point.name, "longitude_degrees": circle(point.longitude_degrees)} for point in request.points],
        house_ingresses=_houses(answer) if request.house_ingresses else None,
    )


def _houses(answer: Answer[Transits]) -> list[Document]:
    return [_house(event) for event in answer.value.events if isinstance(event, HouseIngress)]


def _transit(event: Transit) -> Document:
    named = {"body": event.body, "aspect": event.aspect, "point": event.point}
    return {**instant_document(event.when), **named, **_how(event)}


def _house(event: HouseIngress) -> Document:
    named = {"body": event.body, "from_house": event.from_house, "to_house": event.to_house}
    return {**instant_document(event.when), **named, **_how(event)}


def _how(event: Event) -> Document:
    return {"longitude_degrees": circle(event.longitude_degrees), "motion": event.motion, **pass_document(event.passing)}


_POINT = schemas.whole({"point": {"type": "string"}, "longitude_degrees": schemas.LONGITUDE})
_HOW = {"longitude_degrees": schemas.LONGITUDE, "motion": schemas.MOTION, **schemas.PASS}
_HOUSE = {"type": "integer", "minimum": 1, "maximum": 36}
_GIVEN = schemas.thing(
    {"name": {"type": "string", "maxLength": 200}, "longitude_degrees": schemas.number("in the zodiac asked for", 0, 360)},
    ("name", "longitude_degrees"),
)
TECHNIQUE = Technique(
    name=KIND,
    title="Transits",
    summary="When bodies make exact aspects to the points of a chart, each with its pass of the retrograde loop",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing(
        {
            **schemas.PERIOD,
            "natal": schemas.NATAL,
            "angles": schemas.some_of(Angle, "which angles of the natal chart, beside its bodies", DEFAULT_ANGLES),
            "house_ingresses": schemas.flag("also when bodies pass the cusps of the natal chart", default=False),
            "points": {
                **schemas.rows(_GIVEN, "longitudes to make aspects to, instead of a natal chart"),
                "minItems": 1,
                "maxItems": MOST_POINTS,
            },
            "bodies": schemas.bodies("which bodies move", PLANETS),
            "aspects": schemas.some_of(AspectKind, "which aspects", DEFAULT_ASPECTS),
            **schemas.FRAME,
        },
        ("start", "end"),
    )
    | {"oneOf": [{"required": ["natal"]}, {"required": ["points"]}]},
    answer_schema=schemas.answer(
        KIND,
        {"bodies": schemas.rows(schemas.BODY), "aspects": schemas.rows(schemas.one_of(AspectKind)), **schemas.FRAME_SETTINGS},
        {"body": schemas.BODY, "aspect": schemas.one_of(AspectKind), "point": {"type": "string"}, **_HOW},
        points=schemas.rows(_POINT),
        house_ingresses=schemas.nullable(
            schemas.rows(schemas.whole({**schemas.WHEN, "body": schemas.BODY, "from_house": _HOUSE, "to_house": _HOUSE, **_HOW}))
        ),
    ),
    examples={
        "the outer planets over a chart": {
            "start": "2026-01-01",
            "end": "2027-01-01",
            "natal": NATAL,
            "bodies": ["saturn", "uranus", "neptune", "pluto"],
        },
        "over a point": {
            "start": "2026-01-01",
            "end": "2027-01-01",
            "points": [{"name": "Regulus", "longitude_degrees": 150.2}],
            "bodies": ["mercury", "venus"],
        },
    },
    searches=True,
)
