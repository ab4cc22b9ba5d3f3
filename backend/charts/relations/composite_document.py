"""A composite chart as a document, and as a resource."""

from __future__ import annotations

from backend.answer import Answer
from backend.charts.document import Document, cut, degradations, provenance
from backend.charts.document_frame import place_of
from backend.charts.relations.aspects_between import still_aspect
from backend.charts.relations.composite import Composite, CompositeBody, compute, parse
from backend.charts.relations.composite_houses import HousesMethod
from backend.charts.relations.derived_houses import angles_document, houses_document
from backend.charts.relations.orbs import SYNASTRY_ORBS, orbs_document, orbs_schema
from backend.charts.relations.pair import PAIR_FIELDS, origin
from backend.charts.schemas import (
    ANGLES,
    BODY,
    FIRST,
    FLAG,
    HOUSE,
    HOUSES,
    NATAL,
    NUMBER,
    ORBS,
    ORIGIN,
    PLACE,
    SECOND,
    STILL_ASPECTS,
    answer_schema,
    nullable,
    one_of,
    request_schema,
    rows,
    whole,
)
from backend.charts.technique import Technique
from backend.charts.vocabulary import Zodiac


def document(answer: Answer[Composite]) -> Document:
    composite = answer.value
    latitude = composite.latitude_degrees
    return {
        "kind": "composite",
        "degraded": degradations(answer),
        "first": origin(composite.charts.first.value),
        "second": origin(composite.charts.second.value),
        "settings": {
            "zodiac": composite.charts.first.value.request.zodiac,
            "orbs_degrees": orbs_document(composite.orbs),
            "latitude_degrees": None if latitude is None else cut(latitude),
        },
        "bodies": [_body(body) for body in composite.bodies],
        "angles": angles_document(composite.houses),
        "houses": houses_document(composite.houses),
        "aspects": [still_aspect(aspect) for aspect in composite.aspects],
        "provenance": provenance(composite.provenance),
    }


def _body(body: CompositeBody) -> Document:
    return {
        "body": body.body,
        **place_of(body.longitude_degrees),
        "house": body.house,
        "other_middle_as_near": body.undecided,
    }


COMPOSITE = Technique(
    name="composite",
    title="Composite",
    summary="One chart of two: each point half way between, along the shorter arc",
    parse=parse,
    compute=compute,
    document=document,
    request_schema=request_schema(
        PAIR_FIELDS,
        {
            "first": NATAL,
            "second": NATAL,
            "houses_method": one_of(
                HousesMethod,
                "cusp_midpoints: each cusp half way between both charts' own. midheaven: the Midheaven half way between, "
                "and the houses that belong to it at a latitude.",
                HousesMethod.CUSP_MIDPOINTS,
            ),
            "latitude": {
                "type": "number",
                "minimum": -90,
                "maximum": 90,
                "description": "Degrees; only with houses_method midheaven. Left out: the mean of both latitudes.",
            },
            "orbs": orbs_schema(SYNASTRY_ORBS),
        },
    ),
    answer_schema=answer_schema(
        "composite",
        {
            "first": ORIGIN,
            "second": ORIGIN,
            "settings": whole({"zodiac": one_of(Zodiac), "orbs_degrees": ORBS, "latitude_degrees": nullable(NUMBER)}),
            "bodies": rows(whole({"body": BODY, **PLACE, "house": HOUSE, "other_middle_as_near": FLAG})),
            "angles": ANGLES,
            "houses": HOUSES,
            "aspects": STILL_ASPECTS,
        },
    ),
    examples={
        "two people": {"first": FIRST, "second": SECOND},
        "houses for a place": {"first": FIRST, "second": SECOND, "houses_method": "midheaven", "latitude": 48.2},
    },
)
