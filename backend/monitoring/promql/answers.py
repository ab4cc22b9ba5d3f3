"""An answer as the ``data`` member of Prometheus's HTTP API, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.result import Curve, QueryResult


def number_text(value: float) -> str:
    """As Prometheus writes it: the shortest decimal that reads back as the same number, ``NaN``, ``+Inf``, ``-Inf``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    return text.removesuffix(".0")


def data_of(result: QueryResult, at_ms: int = 0) -> dict[str, Any]:
    """``{"resultType", "result"}``; values are texts, times are seconds. ``at_ms`` is when a string was asked for."""
    match result.kind:
        case "string":
            return {"resultType": "string", "result": [at_ms / 1000, result.text]}
        case "scalar":
            return {"resultType": "scalar", "result": _points(result.curves[0])[0]}
        case "vector":
            found = [{"metric": dict(curve.labels), "value": _points(curve)[0]} for curve in result.curves]
        case _:
            found = [{"metric": dict(curve.labels), "values": _points(curve)} for curve in result.curves]
    return {"resultType": result.kind, "result": found}


def _points(curve: Curve) -> list[list[Any]]:
    seconds = (curve.times / 1000).tolist()
    return [[moment, number_text(value)] for moment, value in zip(seconds, curve.values.tolist(), strict=True)]


def result_of(data: Mapping[str, Any], warnings: tuple[str, ...] = (), infos: tuple[str, ...] = ()) -> QueryResult:
    """What another server answered; ValueError, KeyError, TypeError or IndexError where it is not of this form."""
    kind, found = data["resultType"], data["result"]
    match kind:
        case "string":
            return QueryResult("string", (), str(found[1]), warnings, infos)
        case "scalar":
            return QueryResult("scalar", (_curve({}, [found]),), "", warnings, infos)
        case "vector":
            curves = tuple(_curve(item["metric"], [item["value"]]) for item in found if "value" in item)
            return QueryResult("vector", curves, "", warnings, infos)
        case "matrix":
            curves = tuple(_curve(item["metric"], item["values"]) for item in found if "values" in item)
            return QueryResult("matrix", curves, "", warnings, infos)
    raise ValueError(f"unknown type of answer {kind!r}")


def _curve(metric: Mapping[str, str], points: list[Any]) -> Curve:
    times = np.array([round(float(moment) * 1000) for moment, _ in points], dtype=np.int64)
    values = np.array([float(value) for _, value in points], dtype=np.float64)
    return Curve(labels_of(dict(metric)), times, values)
