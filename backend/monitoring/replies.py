"""What Prometheus's HTTP API answers, read strictly (https://prometheus.io/docs/prometheus/latest/querying/api/).

ValueError for what does not have its form: half a matrix must not pass for a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson

from backend.errors import QueryProblem
from backend.monitoring.promql import answers
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.source import Exemplar

ASKERS_FAULT = frozenset({"bad_data", "execution", "timeout", "canceled"})  # error types that say nothing against the server
_PARAMETER = re.compile(r'^invalid parameter "[^"]*": ')
_PLACE = re.compile(r"^(\d+):(\d+): (?:parse error: )?")


def problem_in(body: bytes, query: str = "") -> QueryProblem | None:
    """The problem that an error document tells of a question; None: it is none, or the server's own. The place is of ``query``."""
    try:
        document = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict) or document.get("errorType") not in ASKERS_FAULT:
        return None
    text = _PARAMETER.sub("", str(document.get("error") or "the query was refused"))
    return QueryProblem(str(document["errorType"]), _PLACE.sub("", text), position=position_of(text, query))


def position_of(text: str, query: str) -> int | None:
    """The offset into ``query`` of the place with which a parser's message begins, ``line:column``, counted in bytes from 1."""
    place = _PLACE.match(text)
    if place is None:
        return None
    lines = query.encode().split(b"\n")
    line, column = int(place[1]), int(place[2])
    if not 1 <= line <= len(lines):
        return None
    before = b"\n".join([*lines[: line - 1], lines[line - 1][: column - 1]])
    return len(before.decode(errors="replace"))


def result_of(data: Any, warnings: tuple[str, ...] = (), infos: tuple[str, ...] = ()) -> QueryResult:
    """The ``data`` of a query's answer; native histograms, which our own metrics never are, are left out, and a warning says so."""
    try:
        result = answers.result_of(_object(data), warnings, infos)
    except (LookupError, TypeError, OverflowError) as error:
        raise ValueError("a part of the answer is missing, or of another kind") from error
    rows = [_object(row) for row in _list(data["result"])] if result.kind in ("vector", "matrix") else []
    for row in rows:
        strings(row.get("metric"))
    if any((np.diff(curve.times) <= 0).any() for curve in result.curves):
        raise ValueError("times do not ascend")
    skipped = _without_values(rows)
    told = (f"{skipped} series are native histograms, which are not shown",) if skipped else ()
    return replace(result, warnings=(*result.warnings, *told), samples=_samples_of(data.get("stats")))


def _without_values(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many series have histograms instead of values; one with neither is half a series."""
    found = [row for row in rows if "value" not in row and "values" not in row]
    if not all("histogram" in row or "histograms" in row for row in found):
        raise ValueError("a series has no values")
    return len(found)


def strings(value: Any) -> dict[str, str]:
    """An object whose values are texts."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValueError("labels are no object of texts")
    return value


def texts(value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("no list of texts")
    return value


def label_sets(value: Any) -> list[dict[str, str]]:
    return [strings(row) for row in _list(value)]


def metadata_of(value: Any) -> dict[str, tuple[str, str]]:
    """Type and help by the metric's name; of several the first."""
    if not isinstance(value, dict):
        raise ValueError("no object")
    first = {name: rows[0] for name, rows in value.items() if isinstance(rows, list) and rows and isinstance(rows[0], dict)}
    return {name: (str(row.get("type") or "unknown"), str(row.get("help") or "")) for name, row in first.items()}


def exemplars_of(value: Any) -> list[Exemplar]:
    found = []
    for row in _list(value):
        series = strings(_object(row).get("seriesLabels"))
        for one in _list(_object(row).get("exemplars")):
            given = _object(one)
            at = datetime.fromtimestamp(float(given["timestamp"]), UTC)
            found.append(Exemplar(strings(given.get("labels")), series, float(given["value"]), at))
    return found


def objects(value: Any, member: str) -> list[dict[str, Any]]:
    """The objects listed under that member."""
    rows = _list(_object(value).get(member))
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("no list of objects")
    return rows


def version_of(value: Any) -> str:
    return str(_object(value).get("version") or "unknown")


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return value


def _samples_of(stats: Any) -> int | None:
    """Where the server was asked to count them, and did."""
    try:
        return int(stats["samples"]["totalQueryableSamples"])
    except (TypeError, LookupError, ValueError):
        return None
