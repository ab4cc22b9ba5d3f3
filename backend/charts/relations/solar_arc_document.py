"""Solar arc directions as a document, and as a resource."""

from __future__ import annotations

from backend.answer import Answer
from backend.charts.document import Document, circle, degradations, provenance, to_document
from backend.charts.relations.aspects_between import moving_aspect
from backend.charts.relations.derived_houses import place_document
from backend.charts.relations.orbs import DIRECTED_ORBS, orbs_schema
from backend.charts.relations.schemas import CHART, FIRST, NATAL, OBJECT, OBJECTS, SECOND, answer_schema, request_schema
from backend.charts.relations.solar_arc import ArcKind, SolarArc, compute, parse
from backend.charts.relations.time_key import MOMENT_SCHEMA, YEAR_DAYS, YEAR_SCHEMA, age_document
from backend.charts.technique import Technique


def document(answer: Answer[SolarArc]) -> Document:
    found = answer.value
    request = found.request
    return {
        "kind": "solar-arc",
        "degraded": degradations(answer),
        "natal": to_document(found.natal),
        **age_document(found.age),
        "settings": {
            "year": request.year,
            "year_days": YEAR_DAYS[request.year],
            "arc": request.arc,
            "orbs_degrees": dict(request.orbs),
        },
        "arc_degrees": circle(found.arc_degrees),
        "directed": [{"point": point.name, **place_document(point.longitude_degrees)} for point in found.directed],
        "aspects_to_natal": [moving_aspect(aspect) for aspect in found.aspects_to_natal],
        "provenance": provenance(found.provenance),
    }


SOLAR_ARC = Technique(
    name="solar-arc",
    title="Solar arc directions",
    summary="Every natal point moved on by one arc, and the aspects it makes to the natal chart",
    parse=parse,
    compute=compute,
    document=document,
    request_schema=request_schema(
        ("natal", "moment"),
        {
            "natal": NATAL,
            "moment": MOMENT_SCHEMA,
            "year": YEAR_SCHEMA,
            "arc": {
                "type": "string",
                "enum": [kind.value for kind in ArcKind],
                "default": ArcKind.TRUE.value,
                "description": "true: how far the progressed Sun has come in longitude. naibod: 0° 59' 08.33\" for each year.",
            },
            "orbs": orbs_schema(DIRECTED_ORBS),
        },
    ),
    answer_schema=answer_schema(
        "solar-arc",
        {
            "natal": CHART,
            "moment": OBJECT,
            "progressed": OBJECT,
            "settings": OBJECT,
            "arc_degrees": {"type": "number", "minimum": 0, "exclusiveMaximum": 360},
            "directed": OBJECTS,
            "aspects_to_natal": OBJECTS,
        },
    ),
    examples={
        "a day of this century": {"natal": FIRST, "moment": "2026-11-25"},
        "Naibod's arc": {"natal": SECOND, "moment": "2028-02-29", "arc": "naibod", "orbs": {"conjunction": 0.5, "opposition": 0.5}},
    },
)
