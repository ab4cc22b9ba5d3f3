"""Secondary progressions as a document, and as a resource."""

from __future__ import annotations

from backend.answer import Answer
from backend.charts.document import Document, cut, degradations, provenance, to_document
from backend.charts.relations.aspects_between import moving_aspect
from backend.charts.relations.derived_houses import angles_document, houses_document, place_document
from backend.charts.relations.orbs import DIRECTED_ORBS, orbs_schema
from backend.charts.relations.progressed_angles import AngleMethod
from backend.charts.relations.progressions import ProgressedBody, Progressions, compute, parse
from backend.charts.relations.schemas import CHART, FIRST, NATAL, NULLABLE_OBJECT, OBJECT, OBJECTS, SECOND, answer_schema, request_schema
from backend.charts.relations.time_key import MOMENT_SCHEMA, YEAR_DAYS, YEAR_SCHEMA, age_document
from backend.charts.technique import Technique


def document(answer: Answer[Progressions]) -> Document:
    found = answer.value
    request = found.request
    return {
        "kind": "progressions",
        "degraded": degradations(answer),
        "natal": to_document(found.natal),
        **age_document(found.age),
        "settings": {
            "year": request.year,
            "year_days": YEAR_DAYS[request.year],
            "angles": request.angles,
            "orbs_degrees": dict(request.orbs),
        },
        "bodies": [_body(body) for body in found.bodies],
        "unavailable": [{"body": missing.body, "why": missing.why} for missing in found.unavailable],
        "angles": angles_document(found.houses),
        "houses": houses_document(found.houses),
        "aspects": [moving_aspect(aspect) for aspect in found.aspects],
        "aspects_to_natal": [moving_aspect(aspect) for aspect in found.aspects_to_natal],
        "provenance": provenance(found.provenance),
    }


def _body(body: ProgressedBody) -> Document:
    position = body.position
    return {
        "body": position.body,
        **place_document(position.longitude_degrees),
        "latitude_degrees": cut(position.latitude_degrees),
        "declination_degrees": cut(position.declination_degrees),
        "speed_degrees_per_year": cut(position.speed_degrees_per_day),
        "retrograde": position.speed_degrees_per_day < 0,
        "house": body.progressed_house,
        "natal_house": body.natal_house,
        "source": position.source,
    }


PROGRESSIONS = Technique(
    name="progressions",
    title="Secondary progressions",
    summary="The sky of as many days after birth as years have passed, and its aspects to the natal chart",
    parse=parse,
    compute=compute,
    document=document,
    request_schema=request_schema(
        ("natal", "moment"),
        {
            "natal": NATAL,
            "moment": MOMENT_SCHEMA,
            "year": YEAR_SCHEMA,
            "angles": {
                "type": "string",
                "enum": [method.value for method in AngleMethod],
                "default": AngleMethod.SOLAR_ARC_RIGHT_ASCENSION.value,
                "description": "How the Midheaven moves: by the Sun's true arc in right ascension or in longitude, by Naibod's mean arc in "
                "right ascension, or with the turning of the Earth (once round and a degree in a year).",
            },
            "orbs": orbs_schema(DIRECTED_ORBS),
        },
    ),
    answer_schema=answer_schema(
        "progressions",
        {
            "natal": CHART,
            "moment": OBJECT,
            "progressed": OBJECT,
            "settings": OBJECT,
            "bodies": OBJECTS,
            "unavailable": OBJECTS,
            "angles": NULLABLE_OBJECT,
            "houses": NULLABLE_OBJECT,
            "aspects": OBJECTS,
            "aspects_to_natal": OBJECTS,
        },
    ),
    examples={
        "a day of this century": {"natal": FIRST, "moment": "2026-11-25"},
        "born on 29 February, angles by Naibod": {"natal": SECOND, "moment": "2027-02-28T12:00:00Z", "angles": "naibod_right_ascension"},
    },
)
