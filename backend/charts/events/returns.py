"""Returns: when a body comes back to where it stood in a chart, each with a chart cast for that instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document, circle, to_document
from backend.charts.engine.almanac import longitude_of
from backend.charts.engine.chart import Chart
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at, instant_document
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.events import schemas
from backend.charts.events.asked import PERIOD_FIELDS, Frame, Period, Site, read_period, read_site, reader_of, require_few
from backend.charts.events.crossings import Pass, Targets, count_pass, hits
from backend.charts.events.findings import Findings, Search, answer, document, frame_document, origin_of, pass_document
from backend.charts.events.pace import SEARCHABLE, pace_of
from backend.charts.events.track import Track
from backend.charts.events.transits_request import frame_of
from backend.charts.reading import Reader
from backend.charts.relations.nested import natal_part, problems_under, union
from backend.charts.schemas import FIRST as NATAL
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import Ayanamsa, Body, Calendar, Center, Zodiac
from backend.errors import InvalidRequest

KIND = "returns"
LONGEST_YEARS = 100
MOST_CHARTS = 100
_FIXED_ZODIAC = Ayanamsa.FAGAN_BRADLEY  # any that goes with precession alone: what counts is how far it went between two instants


@dataclass(frozen=True, slots=True)
class ReturnsRequest:
    """``site``: where the charts are cast; None: at the place of birth."""

    period: Period
    natal: ChartRequest
    body: Body
    precession_corrected: bool = False
    site: Site | None = None
    charts: bool = True


@dataclass(frozen=True, slots=True)
class Aim:
    """What to look for; it may travel to another process."""

    period: Period
    shown_in: Frame
    searched_in: Frame
    body: Body
    natal_julian_day_tt: float


class Comeback(NamedTuple):
    """One return; ``longitude_degrees`` is the body's in the chart's own zodiac, ``chart`` what was cast for the instant."""

    when: Instant
    longitude_degrees: float
    motion: str
    passing: Pass | None
    chart: Answer[Chart] | None = None


Returns = Search[ReturnsRequest, Comeback]


def parse(body: Mapping[str, Any]) -> ReturnsRequest:
    reader = reader_of(body, PERIOD_FIELDS, "latitude", "longitude", "natal", "body", "precession_corrected", "charts")
    period, natal, site = read_period(reader, longest_years=LONGEST_YEARS), reader.part("natal", parse_request), read_site(reader)
    which = reader.choice("body", Body, Body.SUN)
    if which and which not in SEARCHABLE:
        reader.wrong("body", "not_applicable", "has no place in the sky seen from the Earth")
    corrected, charts = reader.flag("precession_corrected", default=False), reader.flag("charts", default=True)
    if natal:
        _agree(reader, natal, corrected=corrected)
    reader.settle()
    assert period is not None and natal is not None and which is not None
    return ReturnsRequest(period, natal, which, corrected, site, charts)


def _agree(reader: Reader, natal: ChartRequest, *, corrected: bool) -> None:
    if not natal.time_known:
        reader.wrong("natal.time_known", "not_applicable", "a return needs the exact time of the chart")
    if natal.center is not Center.GEOCENTRIC:
        reader.wrong("natal.center", "not_applicable", "returns are those of the geocentric sky")
    if corrected and natal.zodiac is Zodiac.SIDEREAL:
        reader.wrong("precession_corrected", "not_applicable", "a sidereal zodiac has no precession to correct")


def find(sky: Sky, budget: Budget, aim: Aim) -> Findings[Comeback]:
    """Every passage of the body over the longitude it had."""
    aim.shown_in.set_up(sky)
    start, end = aim.period.days_tt(sky)
    origin = origin_of((aim.body,), min(start, aim.natal_julian_day_tt), max(end, aim.natal_julian_day_tt), sky)
    if not origin.available:
        return Findings((), origin)
    shown = longitude_of(aim.body, sky)
    aim.searched_in.set_up(sky)
    motion = longitude_of(aim.body, sky)
    track = Track(motion, pace_of(aim.body), budget, start, end)
    found = []
    for hit in hits(track, motion, Targets([(motion(aim.natal_julian_day_tt)[0], None)])):
        budget.check()
        found.append(Comeback(instant_at(hit.time, sky), shown(hit.time)[0], hit.motion, count_pass(track, hit)))
    require_few(len(found))
    return Findings(tuple(found), origin)


def compute(request: ReturnsRequest, workbench: Workbench) -> Answer[Returns]:
    """The natal chart, the search from it, and a chart for each return."""
    natal = natal_part("natal", request.natal, workbench)
    frame = frame_of(request.natal)
    searched_in = frame._replace(zodiac=Zodiac.SIDEREAL, ayanamsa=_FIXED_ZODIAC) if request.precession_corrected else frame
    found = workbench.search(find, Aim(request.period, frame, searched_in, request.body, natal.value.moment.julian_day_tt))
    lesser = natal.degraded
    if request.charts:
        if len(found.events) > MOST_CHARTS:
            detail = f"more than {MOST_CHARTS} returns lie in this range; ask for a shorter one, or without charts"
            raise InvalidRequest.of("end", "too_many_events", detail)
        charts = [_chart(request, natal.value, comeback.when, workbench) for comeback in found.events]
        lesser = union(lesser, *(chart.degraded for chart in charts))
        events = tuple(event._replace(chart=chart) for event, chart in zip(found.events, charts, strict=True))
        found = Findings(events, found.origin)
    return answer(request, KIND, found, workbench, lesser)


def _chart(request: ReturnsRequest, natal: Chart, when: Instant, workbench: Workbench) -> Answer[Chart]:
    """The chart of the exact instant; the clock in it shows the nearest second."""
    latitude, longitude = natal.place.latitude_degrees, natal.place.longitude_degrees
    if request.site:
        latitude, longitude, _ = request.site
    asked = replace(
        request.natal,
        local=when.clock,
        calendar=Calendar.GREGORIAN,
        time_zone="UTC",
        latitude_degrees=latitude,
        longitude_degrees=longitude,
        place=None,
        fold=None,
    )
    with problems_under("natal"):
        return workbench.natal(asked, when.julian_day_tt)


def document_of(answer: Answer[Returns]) -> Document:
    request = answer.value.request
    settings = {
        "body": request.body,
        "precession_corrected": request.precession_corrected,
        "place": _place(request.site),
        **frame_document(frame_of(request.natal)),
    }
    return document(KIND, answer, request.period, settings, [_comeback(event) for event in answer.value.events])


def _place(site: Site | None) -> Document | None:
    return {"latitude_degrees": site.latitude_degrees, "longitude_degrees": site.longitude_degrees} if site else None


def _comeback(event: Comeback) -> Document:
    return {
        **instant_document(event.when),
        "longitude_degrees": circle(event.longitude_degrees),
        "motion": event.motion,
        **pass_document(event.passing),
        "chart": to_document(event.chart) if event.chart else None,
    }


TECHNIQUE = Technique(
    name=KIND,
    title="Returns",
    summary="When the Sun, the Moon or a planet comes back to its natal place, with a chart cast for each return",
    parse=parse,
    compute=compute,
    document=document_of,
    request_schema=schemas.thing(
        {
            **schemas.PERIOD,
            "natal": schemas.NATAL,
            "body": schemas.one_of(SEARCHABLE, "which body comes back", Body.SUN),
            "precession_corrected": schemas.flag("back to the same place among the stars, not to the same tropical degree", default=False),
            "charts": schemas.flag(f"cast a chart for each return (at most {MOST_CHARTS})", default=True),
            "latitude": schemas.number("where the charts are cast; at the place of birth where left out", -90, 90),
            "longitude": schemas.number("degrees, east positive", -180, 180),
        },
        ("start", "end", "natal"),
    )
    | schemas.COORDINATES_TOGETHER,
    answer_schema=schemas.answer(
        KIND,
        {
            "body": schemas.BODY,
            "precession_corrected": {"type": "boolean"},
            "place": schemas.nullable({"type": "object"}),
            **schemas.FRAME_SETTINGS,
        },
        {
            "longitude_degrees": schemas.LONGITUDE,
            "motion": schemas.MOTION,
            **schemas.PASS,
            "chart": schemas.nullable(schemas.CHART),
        },
    ),
    examples={
        "the solar return of a year": {"start": "2026-01-01", "end": "2027-01-01", "natal": NATAL},
        "lunar returns without charts": {"start": "2026-01-01", "end": "2026-07-01", "natal": NATAL, "body": "moon", "charts": False},
        "in another town": {"start": "2026-01-01", "end": "2027-01-01", "natal": NATAL, "latitude": 48.8566, "longitude": 2.3522},
    },
    searches=True,
)
