"""Davison: a real chart for the middle of two births in time and place (R. Davison, Synastry)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend.answer import Answer
from backend.charts.analysis.midpoints import middle
from backend.charts.document import Document, degradations, to_document
from backend.charts.engine.chart import Chart
from backend.charts.engine.chart_settings import ChartSettings
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.instants import instant_at_ut1
from backend.charts.engine.request import ChartRequest
from backend.charts.natal_schema import CHART as NATAL_CHART
from backend.charts.reading import Reader
from backend.charts.relations.nested import problems_under, union
from backend.charts.relations.pair import PAIR_FIELDS, Charts, Pair, compute_pair, origin, read_pair
from backend.charts.schemas import FIRST, NATAL, ORIGIN, SECOND, answer_schema, request_schema
from backend.charts.technique import Technique, Workbench
from backend.charts.vocabulary import Calendar

_SETTINGS = tuple(name for name in ChartSettings.__dataclass_fields__ if name not in ("altitude_metres", "time_known"))
"""What both requests have to ask for alike, as the chart between them is computed by it."""


@dataclass(frozen=True, slots=True)
class Davison:
    charts: Charts
    between: Answer[Chart]


def parse(body: Mapping[str, Any]) -> Pair:
    reader = Reader(body, PAIR_FIELDS)
    pair = read_pair(reader, alike=_SETTINGS)
    for field, request in zip(PAIR_FIELDS, pair or (), strict=False):
        if not request.time_known:
            reader.wrong(f"{field}.time_known", "not_applicable", "a Davison chart needs both times of birth")
    reader.settle()
    assert pair is not None
    return pair


def compute(pair: Pair, workbench: Workbench) -> Answer[Davison]:
    charts = compute_pair(pair, workbench)
    first, second = charts.first.value, charts.second.value
    utc = workbench.run(lambda sky: middle_instant(first, second, sky))
    with problems_under("first"):  # the settings are those of the first
        between = workbench.natal(_request(pair, utc, first, second))
    return Answer(Davison(charts, between), between.source, degraded=union(charts.degraded, between.degraded))


def middle_instant(first: Chart, second: Chart, sky: Sky) -> CivilTime:
    """The middle of both Julian days in UT1, the Earth's own clock; as UTC, to the nearest second."""
    julian_day_ut1 = (first.moment.julian_day_ut1 + second.moment.julian_day_ut1) / 2
    return instant_at_ut1(julian_day_ut1, sky).clock


def middle_place(first: Chart, second: Chart) -> tuple[float, float]:
    """The mean latitude, and the longitude half way along the shorter arc, from -180 to 180."""
    latitude = (first.place.latitude_degrees + second.place.latitude_degrees) / 2
    longitude = middle(first.place.longitude_degrees, second.place.longitude_degrees)
    return latitude, longitude - 360 if longitude > 180 else longitude


def _request(pair: Pair, utc: CivilTime, first: Chart, second: Chart) -> ChartRequest:
    latitude, longitude = middle_place(first, second)
    return replace(
        pair.first,
        local=utc,
        calendar=Calendar.GREGORIAN,
        time_zone="UTC",
        latitude_degrees=latitude,
        longitude_degrees=longitude,
        altitude_metres=(pair.first.altitude_metres + pair.second.altitude_metres) / 2,
        place=None,
        fold=None,
        name=None,
    )


def document(answer: Answer[Davison]) -> Document:
    davison = answer.value
    chart = to_document(davison.between)
    return {
        "kind": "davison",
        "degraded": degradations(answer),
        "first": origin(davison.charts.first.value),
        "second": origin(davison.charts.second.value),
        **{name: part for name, part in chart.items() if name not in ("kind", "name", "degraded")},
    }


_PARTS = [name for name in NATAL_CHART["required"] if name not in ("kind", "name", "degraded", "provenance")]
DAVISON = Technique(
    name="davison",
    title="Davison",
    summary="The chart of the moment and the place half way between two births",
    parse=parse,
    compute=compute,
    document=document,
    request_schema=request_schema(PAIR_FIELDS, {"first": NATAL, "second": NATAL}),
    answer_schema=answer_schema(
        "davison",
        {
            "first": ORIGIN,
            "second": ORIGIN,
            **{name: part for name, part in NATAL_CHART["properties"].items() if name in _PARTS},
        },
    ),
    examples={"two people": {"first": FIRST, "second": SECOND}},
)
