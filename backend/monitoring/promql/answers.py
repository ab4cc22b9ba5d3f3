"""An answer as the ``data`` member of Prometheus's HTTP API, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.result import Curve, QueryResult
from backend.monitoring.promql.samples import Values

_MANY = 8


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
            found: list[dict[str, Any]] = [{"metric": dict(curve.labels), "value": _points(curve)[0]} for curve in result.curves]
        case _:
            found = [{"metric": dict(curve.labels), "values": _points(curve)} for curve in result.curves]
    return {"resultType": result.kind, "result": found}


def _points(curve: Curve) -> list[tuple[float, str]]:
    return list(zip((curve.times / 1000).tolist(), texts_of(curve.values), strict=True))


def texts_of(values: Values) -> list[str]:
    """Each as ``number_text``; many are written all at once, as the answer to a panel has a hundred thousand."""
    if len(values) < _MANY or np.isinf(values).any():
        return [number_text(value) for value in values.tolist()]
    written = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY).decode()
    return (written[1:-1] + ",").replace(".0,", ",").replace("null", "NaN")[:-1].split(",")


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
