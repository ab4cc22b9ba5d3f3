"""Secondary progressions as a document, and as a resource."""

from __future__ import annotations

from backend.answer import Answer
from backend.charts.document import Document, cut, degradations, provenance, to_document
from backend.charts.document_frame import place_of
from backend.charts.relations.aspects_between import moving_aspect
from backend.charts.relations.derived_houses import angles_document, houses_document
from backend.charts.relations.orbs import DIRECTED_ORBS, orbs_document, orbs_schema
from backend.charts.relations.progressed_angles import AngleMethod
from backend.charts.relations.progressions import ProgressedBody, Progressions, compute, parse
from backend.charts.relations.schemas import AGE, KEY, MOMENT, YEAR
from backend.charts.relations.time_key import YEAR_DAYS, age_document
from backend.charts.schemas import (
    ANGLES,
    BODY,
    CHART,
    FIRST,
    FLAG,
    HOUSE,
    HOUSES,
    MOVING_ASPECTS,
    NATAL,
    NUMBER,
    ORBS,
    PLACE,
    SECOND,
    SOURCE,
    UNAVAILABLE,
    answer_schema,
    one_of,
    request_schema,
    rows,
    whole,
)
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
            "orbs_degrees": orbs_document(request.orbs),
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
        **place_of(position.longitude_degrees),
        "latitude_degrees": cut(position.latitude_degrees),
        "declination_degrees": cut(position.declination_degrees),
        "speed_degrees_per_year": cut(position.speed_degrees_per_day),
        "retrograde": position.speed_degrees_per_day < 0,
        "house": body.progressed_house,
        "natal_house": body.natal_house,
        "source": position.source,
    }


_BODY = {
    "body": BODY,
    **PLACE,
    "latitude_degrees": NUMBER,
    "declination_degrees": NUMBER,
    "speed_degrees_per_year": NUMBER,
    "retrograde": FLAG,
    "house": HOUSE,
    "natal_house": HOUSE,
    "source": SOURCE,
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
            "moment": MOMENT,
            "year": YEAR,
            "angles": one_of(
                AngleMethod,
                "How the Midheaven moves: by the Sun's true arc in right ascension or in longitude, by Naibod's mean arc in "
                "right ascension, or with the turning of the Earth (once round and a degree in a year).",
                AngleMethod.SOLAR_ARC_RIGHT_ASCENSION,
            ),
            "orbs": orbs_schema(DIRECTED_ORBS),
        },
    ),
    answer_schema=answer_schema(
        "progressions",
        {
            "natal": CHART,
            **AGE,
            "settings": whole({**KEY, "angles": one_of(AngleMethod), "orbs_degrees": ORBS}),
            "bodies": rows(whole(_BODY)),
            "unavailable": UNAVAILABLE,
            "angles": ANGLES,
            "houses": HOUSES,
            "aspects": MOVING_ASPECTS,
            "aspects_to_natal": MOVING_ASPECTS,
        },
    ),
    examples={
        "a day of this century": {"natal": FIRST, "moment": "2026-11-25"},
        "born on 29 February, angles by Naibod": {"natal": SECOND, "moment": "2027-02-28T12:00:00Z", "angles": "naibod_right_ascension"},
    },
)
