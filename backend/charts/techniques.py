"""Every technique by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.charts.document import to_document
from backend.charts.drawing.techniques import TECHNIQUES as DRAWING
from backend.charts.engine.chart import Chart
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.events.techniques import TECHNIQUES as EVENTS
from backend.charts.natal_request_schema import EXAMPLES, REQUEST
from backend.charts.natal_schema import CHART
from backend.charts.relations.techniques import TECHNIQUES as RELATIONS
from backend.charts.technique import Technique

TECHNIQUES: Mapping[str, Technique[Any, Any]] = {technique.name: technique for technique in (*RELATIONS, *EVENTS, *DRAWING)}

NATAL: Technique[ChartRequest, Chart] = Technique(
    name="natal",
    title="Natal chart",
    summary="The chart of a moment and a place.",
    parse=parse_request,
    compute=lambda request, workbench: workbench.natal(request),
    document=to_document,
    request_schema=REQUEST,
    answer_schema=CHART,
    examples={example["summary"]: example["value"] for example in EXAMPLES.values()},
)
"""The technique that all others build on."""

RESOURCES: Mapping[str, Technique[Any, Any]] = {"charts": NATAL, **TECHNIQUES}
"""Every technique by the name of its address: ``POST /v1/<name>``."""
