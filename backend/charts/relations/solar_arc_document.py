"""Solar arc directions as a document, and as a resource."""

from __future__ import annotations

from backend.answer import Answer
from backend.charts.document import Document, circle, degradations, provenance, to_document
from backend.charts.document_frame import place_of
from backend.charts.relations.aspects_between import moving_aspect
from backend.charts.relations.orbs import DIRECTED_ORBS, orbs_document, orbs_schema
from backend.charts.relations.schemas import AGE, KEY, MOMENT, YEAR
from backend.charts.relations.solar_arc import ArcKind, SolarArc, compute, parse
from backend.charts.relations.time_key import YEAR_DAYS, age_document
from backend.charts.schemas import (
    CHART,
    DEGREES,
    FIRST,
    MOVING_ASPECTS,
    NAME,
    NATAL,
    ORBS,
    PLACE,
    SECOND,
    answer_schema,
    one_of,
    request_schema,
    rows,
    whole,
)
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
            "orbs_degrees": orbs_document(request.orbs),
        },
        "arc_degrees": circle(found.arc_degrees),
        "directed": [{"point": point.name, **place_of(point.longitude_degrees)} for point in found.directed],
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
            "moment": MOMENT,
            "year": YEAR,
            "arc": one_of(
                ArcKind,
                "true: how far the progressed Sun has come in longitude. naibod: 0° 59' 08.33\" for each year.",
                ArcKind.TRUE,
            ),
            "orbs": orbs_schema(DIRECTED_ORBS),
        },
    ),
    answer_schema=answer_schema(
        "solar-arc",
        {
            "natal": CHART,
            **AGE,
            "settings": whole({**KEY, "arc": one_of(ArcKind), "orbs_degrees": ORBS}),
            "arc_degrees": DEGREES,
            "directed": rows(whole({"point": NAME, **PLACE})),
            "aspects_to_natal": MOVING_ASPECTS,
        },
    ),
    examples={
        "a day of this century": {"natal": FIRST, "moment": "2026-11-25"},
        "Naibod's arc": {"natal": SECOND, "moment": "2028-02-29", "arc": "naibod", "orbs": {"conjunction": 0.5, "opposition": 0.5}},
    },
)
