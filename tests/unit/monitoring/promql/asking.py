"""Queries over a few series written as in Prometheus's own scripts: ``a{b="c"} 0+10x5``, ``_`` for none, ``stale``."""

from __future__ import annotations

import math
import re

from backend.errors import QueryProblem
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.parsing import parse_selector
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.promql.samples import STALE
from tests.support.clock import ManualClock
from tests.support.samples import MemorySamples

_RUN = re.compile(r"^(?P<first>[^x+]+?)(?:(?P<step>[+-][0-9.]+))?x(?P<times>[0-9]+)$")


def loaded(every_ms: int, *series: str) -> MemorySamples:
    samples = MemorySamples(series_per_block=3)  # so that every query sees several blocks
    return load(samples, every_ms, *series)


def load(samples: MemorySamples, every_ms: int, *series: str) -> MemorySamples:
    for line in series:
        name, brace, rest = line.partition("}")
        selector, _, values = (name + brace, "", rest) if brace else line.partition(" ")
        labels = {matcher.name: matcher.value for matcher in parse_selector(selector)}
        written = [value for word in values.split() for value in _values(word)]
        samples.add(labels, [(place * every_ms, value) for place, value in enumerate(written) if value is not None])
    return samples


def _values(word: str) -> list[float | None]:
    match = _RUN.match(word)
    if match is None:
        return [_value(word)]
    first, step, times = _value(match["first"]), float(match["step"] or 0), int(match["times"])
    return [None if first is None else first + step * place for place in range(times + (first is not None))]


def _value(word: str) -> float | None:
    return {"_": None, "stale": STALE}.get(word, math.nan) if word in ("_", "stale") else float(word)


def engine(samples: MemorySamples, limits: Limits = Limits()) -> Engine:  # noqa: B008 - frozen
    return Engine(samples, limits, ManualClock())


def instant(samples: MemorySamples, query: str, at_ms: int = 0) -> dict[str, float]:
    """Values by series, written as in an answer."""
    result = engine(samples).query(query, at_ms)
    return {written(curve.labels): float(curve.values[0]) for curve in result.curves}


def over(samples: MemorySamples, query: str, start_ms: int, end_ms: int, step_ms: int) -> dict[str, dict[int, float]]:
    """Values by series and time."""
    result = engine(samples).query_range(query, start_ms, end_ms, step_ms)
    return {written(curve.labels): dict(zip(curve.times.tolist(), curve.values.tolist(), strict=True)) for curve in result.curves}


def written(labels: object) -> str:
    pairs = dict(labels)  # type: ignore[call-overload]
    name = pairs.pop("__name__", "")
    return name + "{" + ",".join(f"{label}={value}" for label, value in sorted(pairs.items())) + "}"


def problem(samples: MemorySamples, query: str, at_ms: int = 0) -> QueryProblem:
    try:
        answer: QueryResult = engine(samples).query(query, at_ms)
    except QueryProblem as error:
        return error
    raise AssertionError(f"{query} was answered: {answer}")


__all__ = ["engine", "instant", "labels_of", "load", "loaded", "over", "problem", "written"]
