"""Rise and set, meridian passages and twilights at a place, and on which days there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.horizon import TWILIGHTS, Disc, Horizon, HorizonEvent
from backend.charts.engine.instants import Instant, instant_at_ut1, instant_document
from backend.charts.engine.time_scale import moment_of
from backend.charts.events import schemas
from backend.charts.events.asked import (
    PERIOD_FIELDS,
    PLACE_FIELDS,
    Frame,
    Period,
    read_bodies,
    read_period,
    read_site,
    reader_of,
    require_few,
)
from backend.charts.events.findings import Findings, Search, answer, document, origin_of
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import NOT_SEEN_FROM, Body, Center, Mode

KIND = "rise-set"
LONGEST_YEARS = 10
CHOICES: tuple[Body, ...] = tuple(
    body for body in Body if body not in NOT_SEEN_FROM[Center.GEOCENTRIC] and body not in NOT_SEEN_FROM[Center.HELIOCENTRIC] - {Body.SUN}
)
DEFAULT_EVENTS = (HorizonEvent.RISE, HorizonEvent.SET)
_BEFORE_DAYS, _AFTER_DAYS = 0.01, 0.02
_CLOCKS_APART_DAYS = 1e-4  # UTC and UT1 drift apart by a second or two within the longest range
_HORIZON_CIRCLES = (HorizonEvent.RISE, HorizonEvent.SET, *TWILIGHTS)


@dataclass(frozen=True, slots=True)
class RiseSetRequest:
    period: Period
    horizon: Horizon
    bodies: tuple[Body, ...]
    events: tuple[HorizonEvent, ...]
    ephemeris: Mode = Mode.FILES


class Passage(NamedTuple):
    """A body touches a circle."""

    when: Instant
    body: Body
    event: HorizonEvent


class Absence(NamedTuple):
    """No such event from ``when`` to ``end``, whole days counted from the range's start.

    ``why``: always_above or always_below the circle, or not_in_this_day (the Moon rises 50 minutes later each day, and skips one).
    """

    when: Instant
    end: Instant
    body: Body
    event: HorizonEvent
    why: str


Event = Passage | Absence
RiseSet = Search[RiseSetRequest, Event]


def parse(body: Mapping[str, Any]) -> RiseSetRequest:
    reader = reader_of(body, PERIOD_FIELDS, PLACE_FIELDS, "bodies", "events", "disc", "refraction", "ephemeris")
    period, site = read_period(reader, longest_years=LONGEST_YEARS), read_site(reader)
    for field in ("latitude", "longitude"):
        if not reader.has("latitude") and not reader.has("longitude"):
            reader.wrong(field, "required", "is required")
    bodies = read_bodies(reader, (Body.SUN,), CHOICES)
    events = reader.choices("events", HorizonEvent, DEFAULT_EVENTS)
    if Body.SUN not in bodies and any(event in TWILIGHTS for event in events):
        reader.wrong("events", "not_applicable", "twilights are the Sun's")
    disc, refraction = reader.choice("disc", Disc, Disc.UPPER_LIMB), reader.flag("refraction", default=True)
    ephemeris = reader.choice("ephemeris", Mode, Mode.FILES)
    reader.settle()
    assert period is not None and site is not None and disc is not None and ephemeris is not None
    return RiseSetRequest(period, Horizon(*site, disc, refraction), bodies, events, ephemeris)


def find(sky: Sky, budget: Budget, request: RiseSetRequest) -> Findings[Event]:
    """Every passage in the range, and the days without one."""
    Frame(ephemeris=request.ephemeris).set_up(sky)
    start, end = (moment_of(each, sky) for each in request.period)
    origin = origin_of(request.bodies, start.julian_day_tt, end.julian_day_tt, sky)
    found: list[Event] = []
    for body in origin.available:
        for event in request.events:
            if body is Body.SUN or event not in TWILIGHTS:
                search = _Search(request.horizon, body, event, sky, budget)
                found += search.between(start.julian_day_ut1, end.julian_day_ut1)
                require_few(len(found))
    return Findings(tuple(sorted(found, key=lambda each: each.when.julian_day_tt)), origin)


class _Search(NamedTuple):
    """One body and one kind of event at one place."""

    horizon: Horizon
    body: Body
    event: HorizonEvent
    sky: Sky
    budget: Budget

    def between(self, start: float, end: float) -> list[Event]:
        times = list(self._times(start, end))
        passages = [Passage(self._instant(time), self.body, self.event) for time in times]
        return [*passages, *self._absences(times, start, end)]

    def _times(self, start: float, end: float) -> Iterator[float]:
        day = start - _BEFORE_DAYS
        while day < end:
            self.budget.check()
            time = self.horizon.next(self.event, self.body, day, self.sky)
            if time is not None and start <= time < end:
                yield time
            day = day + 1 if time is None else max(time, day) + _AFTER_DAYS

    def _absences(self, times: list[float], start: float, end: float) -> Iterator[Absence]:
        """The days without an event; neighbouring ones for the same reason are one stretch."""
        busy = {int(time - start) for time in times}
        begin, before = start, ""
        for number in range(ceil(end - start - _CLOCKS_APART_DAYS)):
            why = "" if number in busy else self._why(start + number)
            if why != before:
                if before:
                    yield self._absence(begin, start + number, before)
                begin, before = start + number, why
        if before:
            yield self._absence(begin, end, before)

    def _why(self, day: float) -> str:
        self.budget.check()
        if self.event not in _HORIZON_CIRCLES or self.horizon.next(self.event, self.body, day, self.sky) is not None:
            return "not_in_this_day"
        above = self.horizon.altitude(self.body, day, self.sky) > TWILIGHTS.get(self.event, -0.8)
        return "always_above" if above else "always_below"

    def _absence(self, begin: float, end: float, why: str) -> Absence:
        return Absence(self._instant(begin), self._instant(end), self.body, self.event, why)

    def _instant(self, day_ut1: float) -> Instant:
        return instant_at_ut1(day_ut1, self.sky)


def compute(request: RiseSetRequest, workbench: Workbench) -> Answer[RiseSet]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[RiseSet]) -> Document:
    request, horizon = answer.value.request, answer.value.request.horizon
    settings = {
        "bodies": list(request.bodies),
        "events": list(request.events),
        **horizon._asdict(),
        "ephemeris": request.ephemeris,
    }
    events = [_passage(each) for each in answer.value.events if isinstance(each, Passage)]
    none = [_absence(each) for each in answer.value.events if isinstance(each, Absence)]
    return document(KIND, answer, request.period, settings, events, none=none)


def _passage(event: Passage) -> Document:
    return {**instant_document(event.when), "body": event.body, "event": event.event}


def _absence(absence: Absence) -> Document:
    return {
        "body": absence.body,
        "event": absence.event,
        "start": absence.when.text,
        "end": absence.end.text,
        "why": absence.why,
    }


_EVENT = schemas.one_of(HorizonEvent)
_NONE = schemas.whole(
    {
        "body": schemas.BODY,
        "event": _EVENT,
        "start": schemas.WHEN["utc"],
        "end": schemas.WHEN["utc"],
        "why": schemas.one_of(("always_above", "always_below", "not_in_this_day")),
    }
)
_SETTINGS = {
    "bodies": schemas.rows(schemas.one_of(CHOICES)),
    "events": schemas.rows(_EVENT),
    "latitude_degrees": schemas.SITE["latitude"],
    "longitude_degrees": schemas.SITE["longitude"],
    "altitude_metres": schemas.SITE["altitude_metres"],
    "disc": schemas.one_of(Disc),
    "refraction": {"type": "boolean"},
    "ephemeris": schemas.one_of(Mode),
}
TECHNIQUE = Technique(
    name=KIND,
    title="Rise and set",
    summary="Risings, settings, meridian passages and twilights at a place; polar day and night read 'none'",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing(
        {
            **schemas.PERIOD,
            **schemas.SITE,
            "bodies": schemas.bodies("which bodies", (Body.SUN,), CHOICES),
            "events": schemas.some_of(HorizonEvent, "which events; twilights are the Sun's", DEFAULT_EVENTS),
            "disc": schemas.one_of(Disc, "which part of the body touches the horizon", Disc.UPPER_LIMB),
            "refraction": schemas.flag("with the refraction of a standard atmosphere at 15 degrees Celsius", default=True),
            "ephemeris": schemas.FRAME["ephemeris"],
        },
        ("start", "end", "latitude", "longitude"),
    ),
    answer_schema=schemas.answer(
        KIND,
        _SETTINGS,
        {"body": schemas.one_of(CHOICES), "event": _EVENT},
        none=schemas.rows(_NONE, "days, counted from the start of the range, without such an event"),
    ),
    examples={
        "the Sun over Berlin for a week": {"start": "2026-06-01", "end": "2026-06-08", "latitude": 52.52, "longitude": 13.405},
        "polar day": {"start": "2026-06-01", "end": "2026-06-08", "latitude": 78.2232, "longitude": 15.6267},
    },
    searches=True,
)
