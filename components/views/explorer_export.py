"""What was answered as a file: CSV with a line for each sample, JSON in the form of Prometheus's HTTP API. Pure."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from backend.monitoring.promql.result import Curve
from components.views.explorer_answers import MOST_LISTED, MOST_SAMPLES, Answered, duration_text, instant, kept


def as_csv(answers: Sequence[Answered]) -> str:
    """Columns: letter of the query, series, time (UTC, ISO 8601), value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("query", "series", "time", "value"))
    for one in kept(answers).series:
        writer.writerows((one.letter, _harmless(one.name), time, value) for time, value in _samples(one.curve))
    return text.getvalue()


def as_json(answers: Sequence[Answered]) -> str:
    """Every query as it was asked, with its answer; ``series_total`` says how many series there were when some are left out."""
    series = kept(answers).series
    asked = [_asked(one, [series.curve for series in series if series.letter == one.letter]) for one in answers if one.result]
    return json.dumps({"queries": asked, "limits": {"series": MOST_LISTED, "samples": MOST_SAMPLES}}, indent=1)


def value_text(value: float) -> str:
    """As the HTTP API writes it: the shortest digits that read back the same."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else repr(value)


def _asked(one: Answered, curves: Sequence[Curve]) -> dict[str, Any]:
    found = one.result
    assert found is not None
    times = {"start": one.start.isoformat(), "end": one.end.isoformat(), "step": duration_text(one.step_seconds)}
    return {
        "letter": one.letter,
        "query": one.query,
        **(times if one.kind == "range" else {"time": one.end.isoformat()}),
        "warnings": list(found.warnings),
        "infos": list(found.infos),
        "series_total": len(found.curves),
        "data": {
            "resultType": found.kind,
            "result": found.text if found.kind == "string" else [_series(curve, found.kind) for curve in curves],
        },
    }


def _series(curve: Curve, kind: str) -> dict[str, Any]:
    values = [[int(time) / 1000, value_text(float(value))] for time, value in zip(curve.times, curve.values, strict=True)]
    return {"metric": dict(curve.labels), **({"values": values} if kind == "matrix" else {"value": values[-1]})}


def _samples(curve: Curve) -> Iterable[tuple[str, str]]:
    for time, value in zip(curve.times.tolist(), curve.values.tolist(), strict=True):
        yield instant(time).isoformat(timespec="milliseconds").replace("+00:00", "Z"), value_text(value)


def _harmless(name: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one."""
    return f"'{name}" if name[:1] in "=+-@\t\r" else name
