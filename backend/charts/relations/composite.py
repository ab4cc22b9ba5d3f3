"""Composite: one chart of two, each point half way between the charts' own along the shorter arc (R. Hand, Planets in Composite)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.analysis.midpoints import middle, undecided
from backend.charts.analysis.points import Point
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.houses import house_finder
from backend.charts.reading import Reader
from backend.charts.relations.aspects_between import CrossAspect, aspects_among
from backend.charts.relations.composite_houses import HousesMethod, by_midheaven, cusp_midpoints, used_by
from backend.charts.relations.derived_houses import DerivedHouses
from backend.charts.relations.nested import made_with, problems_under
from backend.charts.relations.orbs import SYNASTRY_ORBS, Orbs, orbs_text, read_orbs
from backend.charts.relations.pair import PAIR_FIELDS, Charts, Pair, compute_pair, read_pair
from backend.charts.technique import Workbench
from backend.charts.vocabulary import Body
from backend.errors import InvalidRequest

FIELDS = (*PAIR_FIELDS, "houses_method", "latitude", "orbs")


@dataclass(frozen=True, slots=True)
class CompositeRequest:
    """``latitude_degrees``: where the houses are for; None: half way between the two."""

    pair: Pair
    houses_method: HousesMethod
    latitude_degrees: float | None
    orbs: Orbs


class CompositeBody(NamedTuple):
    """``undecided``: the two stand opposite each other and the other middle is as near; ``house`` None without houses."""

    body: Body
    longitude_degrees: float
    undecided: bool
    house: int | None


@dataclass(frozen=True, slots=True)
class Composite:
    """Houses are None where either time of birth is unknown."""

    charts: Charts
    orbs: Orbs
    latitude_degrees: float | None
    bodies: tuple[CompositeBody, ...]
    houses: DerivedHouses | None
    aspects: tuple[CrossAspect, ...]
    provenance: Provenance


def parse(body: Mapping[str, Any]) -> CompositeRequest:
    reader = Reader(body, FIELDS)
    pair = read_pair(reader, alike=("house_system", "beyond_polar_circle"))
    method = reader.choice("houses_method", HousesMethod, HousesMethod.CUSP_MIDPOINTS)
    latitude = reader.number("latitude", -90, 90)
    if method is HousesMethod.CUSP_MIDPOINTS and reader.has("latitude"):
        reader.wrong("latitude", "not_applicable", "belongs to the houses method midheaven")
    orbs = read_orbs(reader, "orbs", SYNASTRY_ORBS)
    reader.settle()
    assert pair is not None
    assert method is not None
    return CompositeRequest(pair, method, latitude, orbs)


def compute(request: CompositeRequest, workbench: Workbench) -> Answer[Composite]:
    charts = compute_pair(request.pair, workbench)
    first, second = charts.first.value, charts.second.value
    latitude = _latitude(request, first, second)
    houses = _houses(first, second, latitude, workbench)
    bodies = composite_bodies(first, second, houses)
    settings = f"composite|{charts.settings}|{request.houses_method}|{latitude}|{orbs_text(request.orbs)}"
    composite = Composite(
        charts,
        request.orbs,
        latitude,
        bodies,
        houses,
        aspects_among(_points(bodies, houses), request.orbs),
        made_with(settings, workbench, first, second),
    )
    return Answer(composite, charts.first.source, degraded=charts.degraded)


def composite_bodies(first: Chart, second: Chart, houses: DerivedHouses | None) -> tuple[CompositeBody, ...]:
    """Every body that both charts have."""
    ones = {each.body: each.longitude_degrees for each in first.bodies}
    others = {each.body: each.longitude_degrees for each in second.bodies}
    house_of = house_finder(houses.cusps) if houses else None
    found = []
    for body in Body:
        if body in ones and body in others:
            longitude = middle(ones[body], others[body])
            house = house_of(longitude) if house_of else None
            found.append(CompositeBody(body, longitude, undecided(ones[body], others[body]), house))
    return tuple(found)


def _latitude(request: CompositeRequest, first: Chart, second: Chart) -> float | None:
    if request.houses_method is HousesMethod.CUSP_MIDPOINTS:
        return None
    if request.latitude_degrees is not None:
        return request.latitude_degrees
    return (first.place.latitude_degrees + second.place.latitude_degrees) / 2


def _houses(first: Chart, second: Chart, latitude: float | None, workbench: Workbench) -> DerivedHouses | None:
    if not first.cusps or not second.cusps:
        return None
    if latitude is None:
        _require_one_system(first, second)
        return cusp_midpoints(first, second)
    with problems_under("first"):
        return workbench.run(lambda sky: by_midheaven(first, second, latitude, sky))


def _require_one_system(first: Chart, second: Chart) -> None:
    """Cusps of two systems have no midpoint; asked for is one, but something may stand in for it beyond the polar circle."""
    if used_by(first) is not used_by(second):
        raise InvalidRequest.of("second.house_system", "conflict", "both charts need houses of one system: choose one that both have")


def _points(bodies: tuple[CompositeBody, ...], houses: DerivedHouses | None) -> list[Point]:
    """What composite aspects are made of; nothing of a composite moves."""
    points = [Point(each.body, each.longitude_degrees, 0.0) for each in bodies]
    if houses:
        points += [Point("ascendant", houses.ascendant, 0.0), Point("midheaven", houses.midheaven, 0.0)]
    return points
