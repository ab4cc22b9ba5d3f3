"""A composite chart as a document, and as a resource."""

from __future__ import annotations

from backend.answer import Answer
from backend.charts.document import Document, cut, degradations, provenance
from backend.charts.relations.aspects_between import still_aspect
from backend.charts.relations.composite import Composite, CompositeBody, compute, parse
from backend.charts.relations.composite_houses import HousesMethod
from backend.charts.relations.derived_houses import angles_document, houses_document, place_document
from backend.charts.relations.orbs import SYNASTRY_ORBS, orbs_schema
from backend.charts.relations.pair import PAIR_FIELDS, origin
from backend.charts.relations.schemas import FIRST, NATAL, NULLABLE_OBJECT, OBJECT, OBJECTS, SECOND, answer_schema, request_schema
from backend.charts.technique import Technique


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
            "orbs_degrees": dict(composite.orbs),
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
        **place_document(body.longitude_degrees),
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
            "houses_method": {
                "type": "string",
                "enum": [method.value for method in HousesMethod],
                "default": HousesMethod.CUSP_MIDPOINTS.value,
                "description": "cusp_midpoints: each cusp half way between both charts' own. midheaven: the Midheaven half way between, "
                "and the houses that belong to it at a latitude.",
            },
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
            "first": OBJECT,
            "second": OBJECT,
            "settings": OBJECT,
            "bodies": OBJECTS,
            "angles": NULLABLE_OBJECT,
            "houses": NULLABLE_OBJECT,
            "aspects": OBJECTS,
        },
    ),
    examples={
        "two people": {"first": FIRST, "second": SECOND},
        "houses for a place": {"first": FIRST, "second": SECOND, "houses_method": "midheaven", "latitude": 48.2},
    },
)
