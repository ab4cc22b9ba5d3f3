"""Eclipses of the Sun and of the Moon: kind, magnitude, gamma, contacts, and what is seen of them from a place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document, cut
from backend.charts.engine.eclipses import Eclipse, SeenEclipse, lunar_eclipses, lunar_eclipses_seen, solar_eclipses, solar_eclipses_seen
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import Instant, instant_at_ut1, instant_document
from backend.charts.engine.time_scale import moment_of
from backend.charts.events import schemas
from backend.charts.events.asked import PERIOD_FIELDS, PLACE_FIELDS, Frame, Period, Site, read_period, read_site, reader_of, require_few
from backend.charts.events.eclipse_schema import EVENT
from backend.charts.events.findings import Findings, Search, answer, document, origin_of
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import Body, Mode

KIND = "eclipses"
LONGEST_YEARS = 200
_SAME_DAYS = 0.5  # an eclipse is seen within so many hours of its greatest moment


class Light(StrEnum):
    """Which of the two is eclipsed."""

    SOLAR = "solar"
    LUNAR = "lunar"


@dataclass(frozen=True, slots=True)
class EclipsesRequest:
    period: Period
    lights: tuple[Light, ...]
    site: Site | None = None
    ephemeris: Mode = Mode.FILES


class Seen(NamedTuple):
    """What a place sees; ``contacts`` in the order of time."""

    maximum: Instant
    about: SeenEclipse
    contacts: tuple[tuple[str, Instant], ...]


class EclipseEvent(NamedTuple):
    """``seen``: None where no place was given or nothing is seen from it."""

    when: Instant
    light: Light
    about: Eclipse
    contacts: tuple[tuple[str, Instant], ...]
    seen: Seen | None


def parse(body: Mapping[str, Any]) -> EclipsesRequest:
    reader = reader_of(body, PERIOD_FIELDS, PLACE_FIELDS, "eclipses", "ephemeris")
    period, site = read_period(reader, longest_years=LONGEST_YEARS), read_site(reader)
    lights = reader.choices("eclipses", Light, tuple(Light))
    ephemeris = reader.choice("ephemeris", Mode, Mode.FILES)
    reader.settle()
    assert period is not None and ephemeris is not None
    return EclipsesRequest(period, lights, site, ephemeris)


_WORLDWIDE = {Light.SOLAR: solar_eclipses, Light.LUNAR: lunar_eclipses}
_FROM_A_PLACE = {Light.SOLAR: solar_eclipses_seen, Light.LUNAR: lunar_eclipses_seen}


def find(sky: Sky, budget: Budget, request: EclipsesRequest) -> Findings[EclipseEvent]:
    """Every eclipse whose greatest moment lies in the range."""
    Frame(ephemeris=request.ephemeris).set_up(sky)
    start, end = (moment_of(each, sky) for each in request.period)
    origin = origin_of((Body.SUN, Body.MOON), start.julian_day_tt, end.julian_day_tt, sky)
    found: list[EclipseEvent] = []
    for light in request.lights:
        seen = _seen(light, start.julian_day_ut1, end.julian_day_ut1, request.site, sky, budget)
        for eclipse in _WORLDWIDE[light](start.julian_day_ut1, end.julian_day_ut1, sky):
            budget.check()
            found.append(_event(light, eclipse, seen, sky))
    require_few(len(found))
    return Findings(tuple(sorted(found, key=lambda event: event.when.julian_day_tt)), origin)


def _seen(light: Light, start: float, end: float, site: Site | None, sky: Sky, budget: Budget) -> list[SeenEclipse]:
    if site is None:
        return []
    found = []
    place = (site.longitude_degrees, site.latitude_degrees, site.altitude_metres)
    for each in _FROM_A_PLACE[light](start - _SAME_DAYS, end + _SAME_DAYS, place, sky):
        budget.check()
        found.append(each)
    return found


def _event(light: Light, eclipse: Eclipse, seen: list[SeenEclipse], sky: Sky) -> EclipseEvent:
    here = next((each for each in seen if abs(each.maximum_ut1 - eclipse.maximum_ut1) < _SAME_DAYS), None)
    local = Seen(instant_at_ut1(here.maximum_ut1, sky), here, _contacts(here.contacts, sky)) if here else None
    return EclipseEvent(instant_at_ut1(eclipse.maximum_ut1, sky), light, eclipse, _contacts(eclipse.contacts, sky), local)


def _contacts(contacts: dict[str, float], sky: Sky) -> tuple[tuple[str, Instant], ...]:
    return tuple((name, instant_at_ut1(day, sky)) for name, day in sorted(contacts.items(), key=lambda pair: pair[1]))


def compute(request: EclipsesRequest, workbench: Workbench) -> Answer[Search[EclipsesRequest, EclipseEvent]]:
    return answer(request, KIND, workbench.search(find, request), workbench)


def to_document(answer: Answer[Search[EclipsesRequest, EclipseEvent]]) -> Document:
    request = answer.value.request
    place = request.site._asdict() if request.site else None
    settings = {"eclipses": list(request.lights), "place": place, "ephemeris": request.ephemeris}
    return document(KIND, answer, request.period, settings, list(_rows(answer)))


def _rows(answer: Answer[Search[EclipsesRequest, EclipseEvent]]) -> Iterator[Document]:
    placed = answer.value.request.site is not None
    for event in answer.value.events:
        yield _eclipse(event) | {"local": _local(event.seen) if placed else None}


def _eclipse(event: EclipseEvent) -> Document:
    about, lunar = event.about, event.light is Light.LUNAR
    return {
        **instant_document(event.when),
        "eclipse": event.light,
        "kind": about.kind,
        "central": about.central,
        "gamma": round(about.gamma, 5),
        "magnitude": None if lunar else round(about.magnitude, 4),
        "umbral_magnitude": round(about.magnitude, 4) if lunar else None,
        "penumbral_magnitude": None if about.penumbral_magnitude is None else round(about.penumbral_magnitude, 4),
        "saros": about.saros,
        "saros_member": about.saros_member,
        "greatest_at": _place(about.greatest_at),
        "contacts": _named(event.contacts),
    }


def _place(place: tuple[float, float] | None) -> Document | None:
    return {"latitude_degrees": cut(place[0]), "longitude_degrees": cut(place[1])} if place else None


def _named(contacts: tuple[tuple[str, Instant], ...]) -> list[Document]:
    return [{"contact": name, **instant_document(when)} for name, when in contacts]


def _local(seen: Seen | None) -> Document:
    if seen is None:
        return {"visible": False, "maximum": None, "magnitude": None, "obscuration": None, "altitude_degrees": None, "contacts": []}
    about = seen.about
    return {
        "visible": True,
        "maximum": instant_document(seen.maximum),
        "magnitude": round(about.magnitude, 4),
        "obscuration": None if about.obscuration is None else round(about.obscuration, 4),
        "altitude_degrees": cut(about.altitude_degrees),
        "contacts": _named(seen.contacts),
    }


TECHNIQUE = Technique(
    name=KIND,
    title="Eclipses",
    summary="Solar and lunar eclipses with kind, magnitude, gamma and contacts, and what a place sees of them",
    parse=parse,
    compute=compute,
    document=to_document,
    request_schema=schemas.thing(
        {
            **schemas.PERIOD,
            "eclipses": schemas.some_of(Light, "of which light", Light),
            **schemas.SITE,
            "ephemeris": schemas.FRAME["ephemeris"],
        },
        ("start", "end"),
    )
    | schemas.SITE_IN_FULL,
    answer_schema=schemas.answer(
        KIND,
        {
            "eclipses": schemas.rows(schemas.one_of(Light)),
            "place": schemas.nullable({"type": "object"}),
            "ephemeris": schemas.one_of(Mode),
        },
        EVENT,
    ),
    examples={
        "two years": {"start": "2026-01-01", "end": "2028-01-01"},
        "as seen from Madrid": {"start": "2026-01-01", "end": "2028-01-01", "latitude": 40.4168, "longitude": -3.7038},
    },
    searches=True,
)
