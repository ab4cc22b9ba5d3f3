"""What came back for each expression: which series are drawn, listed and counted, and how their numbers read. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from backend.answer import Fresh, Reading
from backend.errors import QueryProblem
from backend.monitoring.promql.labels import NAME, Labels
from backend.monitoring.promql.result import Curve, QueryResult
from components.views.readings import value_of

MOST_DRAWN, MOST_LISTED, MOST_SAMPLES, MOST_POINTS = 20, 1000, 2_000_000, 11_000
AUTO, FINE = "auto", "fine"
STEPS = (AUTO, FINE, "5s", "15s", "30s", "1m", "5m", "15m", "1h")
_POINTS = {AUTO: 250, FINE: 1000}
_NICE = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")


@dataclass(frozen=True)
class Answered:
    """One expression with what came of it: a reading, or what is wrong with the expression. ``took_seconds``: as this process waited."""

    letter: str
    query: str
    kind: str
    start: datetime
    end: datetime
    step_seconds: float
    reading: Reading[QueryResult] | None
    problem: QueryProblem | None
    took_seconds: float

    @property
    def result(self) -> QueryResult | None:
        """What is known, fresh or old."""
        found: QueryResult | None = value_of(self.reading) if self.reading is not None else None
        return found

    @property
    def is_fresh(self) -> bool:
        return isinstance(self.reading, Fresh)


@dataclass(frozen=True)
class Series:
    """One curve of one expression, ranked among all that were asked for."""

    letter: str
    curve: Curve

    @property
    def name(self) -> str:
        return series_name(self.curve.labels)


@dataclass(frozen=True)
class Kept:
    """The series worth showing, the largest mean first within each expression, and how many there were."""

    series: tuple[Series, ...]
    total: int

    @property
    def drawn(self) -> tuple[Series, ...]:
        """So many are drawn, shared out so that no expression hides another."""
        share = max(1, MOST_DRAWN // max(1, len({one.letter for one in self.series})))
        first = [one for place, one in _placed(self.series) if place < share]
        rest = [one for place, one in _placed(self.series) if place >= share]
        chosen = {id(one) for one in (*first, *rest)[:MOST_DRAWN]}
        return tuple(one for one in self.series if id(one) in chosen)


def kept(answers: Sequence[Answered]) -> Kept:
    """All series up to a bound of series and of samples."""
    all_of = [Series(one.letter, curve) for one in answers if one.result for curve in ranked(one.result.curves)]
    listed: list[Series] = []
    samples = 0
    for one in all_of:
        samples += len(one.curve.values)
        if len(listed) >= MOST_LISTED or samples > MOST_SAMPLES:
            break
        listed.append(one)
    return Kept(tuple(listed), len(all_of))


def ranked(curves: Sequence[Curve]) -> list[Curve]:
    """The largest mean of what is finite first; equals keep their order."""
    return sorted(curves, key=lambda curve: -_mean(curve))


def series_name(labels: Labels, without: frozenset[str] = frozenset()) -> str:
    """As PromQL writes it: ``up{job="api"}``, ``{}`` for a series without labels."""
    name = next((value for key, value in labels if key == NAME and key not in without), "")
    inside = ", ".join(f'{key}="{_escaped(value)}"' for key, value in labels if key != NAME and key not in without)
    return f"{name}{{{inside}}}" if inside or not name else name


def common(series: Sequence[Series]) -> Labels:
    """The labels that all of several series share; none of a single one."""
    if len(series) < 2:
        return ()
    return tuple(sorted(frozenset.intersection(*(frozenset(one.curve.labels) for one in series))))


def chosen_step(wanted: str, start: datetime, end: datetime) -> float:
    """Seconds: for 'auto' some 250 points and for 'fine' some 1,000, else the duration; never more points than the engine gives."""
    seconds = max(1.0, (end - start).total_seconds())
    least = seconds / (MOST_POINTS - 1)
    if wanted in _POINTS:
        wished = seconds / _POINTS[wanted]
        return float(next((nice for nice in _NICE if nice >= wished), math.ceil(wished / 86400) * 86400))
    asked = duration_seconds(wanted)
    return max(asked if asked is not None else seconds / _POINTS[AUTO], math.ceil(least) if least > 1 else least)


def duration_seconds(text: str) -> float | None:
    """'90', '1m30s', '250ms' in seconds; None for what is no positive duration."""
    flat = text.strip().lower()
    if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", flat):
        return float(flat) or None
    if len(flat) > 24 or not _DURATION.fullmatch(flat):
        return None
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)(ms|[smhdwy])", flat)) or None


def duration_text(seconds: float) -> str:
    """60 as '1m', 90 as '1m30s', 0.25 as '250ms'."""
    left, words = round(seconds * 1000), []
    for unit in ("d", "h", "m", "s", "ms"):
        size = round(_UNITS[unit] * 1000)
        if left >= size:
            words.append(f"{left // size}{unit}")
            left %= size
    return "".join(words) or "0s"


def number(value: float) -> str:
    """Six digits, thousands apart; what is no number by its name."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "−Inf"
    text = f"{value:,.0f}" if value == round(value) and abs(value) < 1e12 else f"{value:.6g}"
    return text.replace("-", "−")


def floor(series: Sequence[Series]) -> float | None:
    """Where the axis begins: at 0, unless all values lie so close together that nothing would be seen from there (None: where they do)."""
    told = [summary(one.curve) for one in series]
    least = min((one.least for one in told if one.least is not None), default=0.0)
    most = max((one.most for one in told if one.most is not None), default=0.0)
    return None if least > 0.8 * most > 0 else 0.0


def instant(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@dataclass(frozen=True)
class Summary:
    """One curve in five numbers; None where it has no finite value."""

    last: float
    at: datetime
    least: float | None
    mean: float | None
    most: float | None
    points: int


def summary(curve: Curve) -> Summary:
    finite = curve.values[np.isfinite(curve.values)]
    least, mean, most = (float(finite.min()), float(finite.mean()), float(finite.max())) if len(finite) else (None, None, None)
    return Summary(float(curve.values[-1]), instant(int(curve.times[-1])), least, mean, most, len(curve.values))


def _mean(curve: Curve) -> float:
    finite = curve.values[np.isfinite(curve.values)]
    return float(finite.mean()) if len(finite) else -math.inf


def _placed(series: Sequence[Series]) -> list[tuple[int, Series]]:
    """Each with its place within its own expression."""
    counts: dict[str, int] = {}
    found = []
    for one in series:
        found.append((counts.get(one.letter, 0), one))
        counts[one.letter] = counts.get(one.letter, 0) + 1
    return found


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
