"""A panel's samples to take along: every one of the span, with the query that gave them. Pure."""

from __future__ import annotations

import csv
import io
import json
import math

from backend.answer import Failed, Stale
from backend.monitoring.dashboards.asking import Asked
from backend.monitoring.dashboards.service import PanelAnswer
from components.views import panels
from components.views.ranges import written

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


def as_csv(answer: PanelAnswer) -> str:
    """A line for each sample; above them, as comments, what was asked."""
    text = io.StringIO()
    for one in answer.asked:
        text.write("".join(f"# {line}\n" for line in _said(one)))
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["time", "curve", "value"])
    for query, one in zip(answer.panel.queries, answer.asked, strict=True):
        for curve in one.result.curves if one.result else ():
            name = _plain(panels.legend(query, curve.labels))
            for at, value in zip(curve.times.tolist(), curve.values.tolist(), strict=True):
                out.writerow([written(panels.instant(at)), name, _number(value)])
    return text.getvalue()


def as_json(answer: PanelAnswer) -> str:
    """One object: the panel, and for each query its text, span, state and curves."""
    queries = [
        {
            "query": one.text,
            "start": written(one.start),
            "end": written(one.end),
            "step_seconds": one.step_seconds,
            "state": _state(one),
            "warnings": list(one.result.warnings) if one.result else [],
            "curves": [
                {
                    "labels": dict(curve.labels),
                    "times": [written(panels.instant(at)) for at in curve.times.tolist()],
                    "values": [_number(value) for value in curve.values.tolist()],
                }
                for curve in (one.result.curves if one.result else ())
            ],
        }
        for one in answer.asked
    ]
    return json.dumps({"panel": answer.panel.id, "title": answer.panel.title, "unit": answer.panel.unit, "queries": queries}, indent=2)


def _said(one: Asked) -> list[str]:
    query = " ".join(one.text.split())
    return [f"query: {query}", f"span: {written(one.start)} to {written(one.end)}, step {one.step_seconds:g} s, {_state(one)}"]


def _state(one: Asked) -> str:
    if one.problem is not None:
        return f"refused: {one.problem.detail}"
    match one.reading:
        case Failed(why=why):
            return f"not answered: {why}"
        case Stale(at=at, why=why):
            return f"stale, from {written(at)}: {why}"
    return "fresh"


def _number(value: float) -> float | str:
    """JSON and spreadsheets have no words for what is no number."""
    return value if math.isfinite(value) else ("NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
