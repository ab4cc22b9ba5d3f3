"""The techniques of this package, as the API offers them: the wheel of one, two or three charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.answer import Answer
from backend.charts.document import Document, degradations, provenance, to_document
from backend.charts.drawing.looks import Look
from backend.charts.drawing.wheel import alternative, draw_wheel
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.reading import Reader
from backend.charts.relations.nested import natal_part, union
from backend.charts.schemas import FIRST, NATAL, SECOND, answer_schema, request_schema
from backend.charts.technique import Technique, Workbench

MOST_CHARTS = 3
_FRAME = ("zodiac", "ayanamsa", "custom_ayanamsa", "center")
_TEXT = {"type": "string"}
_FIELDS = {
    "charts": {"type": "array", "minItems": 1, "maxItems": MOST_CHARTS, "items": NATAL, "description": "Natal requests, innermost first."},
    "look": {"enum": [look.value for look in Look], "default": Look.LIGHT.value},
}


@dataclass(frozen=True, slots=True)
class WheelRequest:
    """Natal charts, innermost first, and how the picture looks."""

    charts: tuple[ChartRequest, ...]
    look: Look


@dataclass(frozen=True, slots=True)
class Wheel:
    """The computed charts of a wheel."""

    charts: tuple[Answer[Chart], ...]
    look: Look
    provenance: Provenance


def parse(body: Mapping[str, Any]) -> WheelRequest:
    reader = Reader(body, _FIELDS)
    look = reader.choice("look", Look, Look.LIGHT)
    charts = _charts(reader)
    reader.settle()
    assert look is not None
    return WheelRequest(charts, look)


def _charts(reader: Reader) -> tuple[ChartRequest, ...]:
    """Each request, with its problems under ``charts.0`` and so on; all in one zodiac, as they share one circle."""
    value = reader.value("charts")
    if not reader.has("charts"):
        reader.wrong("charts", "required", "is required")
    elif not isinstance(value, list) or not 1 <= len(value) <= MOST_CHARTS:
        reader.wrong("charts", "wrong_type", f"must be a list of one to {MOST_CHARTS} chart requests")
    else:
        found = [reader.within(f"charts.{index}", each, parse_request) for index, each in enumerate(value)]
        read = tuple(each for each in found if each is not None)
        if len(read) == len(value):
            _same_circle(reader, read)
        return read
    return ()


def _same_circle(reader: Reader, charts: tuple[ChartRequest, ...]) -> None:
    for index, chart in enumerate(charts[1:], 1):
        for field in _FRAME:
            if getattr(chart, field) != getattr(charts[0], field):
                reader.wrong(f"charts.{index}.{field}", "conflict", f"must be the same {field} as in the first chart")


def compute(request: WheelRequest, workbench: Workbench) -> Answer[Wheel]:
    charts = tuple(natal_part(f"charts.{index}", each, workbench) for index, each in enumerate(request.charts))
    settings = "|".join(("wheel", request.look, *(chart.value.provenance.settings_sha256 for chart in charts)))
    wheel = Wheel(charts, request.look, workbench.provenance(settings))
    return Answer(wheel, charts[0].source, degraded=union(*(chart.degraded for chart in charts)))


def document(answer: Answer[Wheel]) -> Document:
    wheel = answer.value
    charts = [to_document(chart) for chart in wheel.charts]
    return {
        "kind": "wheel",
        "degraded": degradations(answer),
        "svg": draw_wheel(charts, wheel.look),
        "alternative": alternative(charts),
        "provenance": provenance(wheel.provenance),
    }


WHEEL: Technique[WheelRequest, Wheel] = Technique(
    name="wheel",
    title="Wheel",
    summary="The picture of one, two or three charts as SVG, with the same in words.",
    parse=parse,
    compute=compute,
    document=document,
    request_schema=request_schema(("charts",), _FIELDS),
    answer_schema=answer_schema("wheel", {"svg": _TEXT, "alternative": _TEXT}),
    examples={"one": {"charts": [FIRST]}, "two": {"charts": [FIRST, SECOND], "look": Look.PRINT.value}},
)
TECHNIQUES: tuple[Technique[Any, Any], ...] = (WHEEL,)
