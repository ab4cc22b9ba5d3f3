"""Synastry: two charts laid over each other; the aspects between them, and whose points fall into whose houses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from backend.answer import Answer
from backend.charts.analysis.points import points_of
from backend.charts.document import Document, degradations, provenance, to_document
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.houses import house_finder
from backend.charts.reading import Reader
from backend.charts.relations.aspects_between import CrossAspect, aspects_between, still_aspect
from backend.charts.relations.nested import made_with
from backend.charts.relations.orbs import SYNASTRY_ORBS, Orbs, orbs_document, orbs_schema, orbs_text, read_orbs
from backend.charts.relations.pair import PAIR_FIELDS, Charts, Pair, compute_pair, read_pair
from backend.charts.schemas import (
    CHART,
    FIRST,
    HOUSE,
    NAME,
    NATAL,
    ORBS,
    SECOND,
    STILL_ASPECTS,
    answer_schema,
    nullable,
    request_schema,
    rows,
    whole,
)
from backend.charts.technique import Technique, Workbench


@dataclass(frozen=True, slots=True)
class SynastryRequest:
    pair: Pair
    orbs: Orbs


class Overlay(NamedTuple):
    """A point of one chart and the house of the other in which it falls."""

    point: str
    house: int


@dataclass(frozen=True, slots=True)
class Synastry:
    """An overlay is None where the chart whose houses are asked for has no time of birth."""

    charts: Charts
    orbs: Orbs
    aspects: tuple[CrossAspect, ...]
    first_in_second: tuple[Overlay, ...] | None
    second_in_first: tuple[Overlay, ...] | None
    provenance: Provenance


def parse(body: Mapping[str, Any]) -> SynastryRequest:
    reader = Reader(body, (*PAIR_FIELDS, "orbs"))
    pair, orbs = read_pair(reader), read_orbs(reader, "orbs", SYNASTRY_ORBS)
    reader.settle()
    assert pair is not None
    return SynastryRequest(pair, orbs)


def compute(request: SynastryRequest, workbench: Workbench) -> Answer[Synastry]:
    charts = compute_pair(request.pair, workbench)
    first, second = charts.first.value, charts.second.value
    synastry = Synastry(
        charts,
        request.orbs,
        aspects_between(points_of(first), points_of(second), request.orbs),
        overlays(first, second),
        overlays(second, first),
        made_with(f"synastry|{charts.settings}|{orbs_text(request.orbs)}", workbench, first, second),
    )
    return Answer(synastry, charts.first.source, degraded=charts.degraded)


def overlays(guest: Chart, host: Chart) -> tuple[Overlay, ...] | None:
    """The guest's points in the host's houses."""
    if not host.cusps:
        return None
    house_of = house_finder([cusp.longitude_degrees for cusp in host.cusps])
    return tuple(Overlay(point.name, house_of(point.longitude_degrees)) for point in points_of(guest))


def document(answer: Answer[Synastry]) -> Document:
    synastry = answer.value
    return {
        "kind": "synastry",
        "degraded": degradations(answer),
        "first": to_document(synastry.charts.first),
        "second": to_document(synastry.charts.second),
        "settings": {"orbs_degrees": orbs_document(synastry.orbs)},
        "aspects": [still_aspect(aspect) for aspect in synastry.aspects],
        "overlays": {
            "first_in_second": _overlays(synastry.first_in_second),
            "second_in_first": _overlays(synastry.second_in_first),
        },
        "provenance": provenance(synastry.provenance),
    }


def _overlays(found: tuple[Overlay, ...] | None) -> list[Document] | None:
    return None if found is None else [overlay._asdict() for overlay in found]


_OVERLAY = nullable(rows(whole({"point": NAME, "house": HOUSE})))
SYNASTRY = Technique(
    name="synastry",
    title="Synastry",
    summary="Aspects between two charts, and each one's points in the other's houses",
    parse=parse,
    compute=compute,
    document=document,
    request_schema=request_schema(PAIR_FIELDS, {"first": NATAL, "second": NATAL, "orbs": orbs_schema(SYNASTRY_ORBS)}),
    answer_schema=answer_schema(
        "synastry",
        {
            "first": CHART,
            "second": CHART,
            "settings": whole({"orbs_degrees": ORBS}),
            "aspects": STILL_ASPECTS,
            "overlays": whole({"first_in_second": _OVERLAY, "second_in_first": _OVERLAY}),
        },
    ),
    examples={
        "two people": {"first": FIRST, "second": SECOND},
        "narrow orbs": {"first": FIRST, "second": SECOND, "orbs": {"conjunction": 3, "square": 2, "trine": 2, "opposition": 3}},
    },
)
