"""A panel as a table: a row for each value of a label, a column for each query. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.monitoring.dashboards.asking import Asked
from backend.monitoring.dashboards.record import Panel, Threshold
from backend.monitoring.dashboards.service import PanelAnswer
from backend.monitoring.promql.result import Curve
from components.views import curves, panels, units

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cell:
    """One value of a table: in words, with the state it is in and what it was over the span."""

    words: str
    tone: str
    values: tuple[float | None, ...]


def table(answer: PanelAnswer) -> tuple[list[str], list[tuple[str, list[Cell]]]]:
    """The columns' names, and a row for each value of the label, the largest of the first column first."""
    panel = answer.panel
    found: dict[str, dict[int, Curve]] = {}
    for place, one in enumerate(answer.asked):
        for curve in one.result.curves if one.result else ():
            found.setdefault(dict(curve.labels).get(panel.rows, ""), {})[place] = curve
    rows = [
        (name, [_cell(panel, place, by.get(place), answer.asked[place]) for place in range(len(panel.queries))])
        for name, by in found.items()
    ]
    rows.sort(key=lambda row: (-_first(found[row[0]]), row[0]))
    return [query.legend or panel.title for query in panel.queries], rows


def _first(by: dict[int, Curve]) -> float:
    value = curves.last(by[0].values) if 0 in by else None
    return value if value is not None else float("-inf")


def _cell(panel: Panel, place: int, curve: Curve | None, asked: Asked) -> Cell:
    query = panel.queries[place]
    limit: Threshold | None = query.threshold or (panel.threshold if len(panel.queries) == 1 else None)
    if curve is None or not len(curve.times) or not panels.is_current(panels.instant(int(curve.times[-1])), asked):
        return Cell("–", "neutral", ())
    value = curves.last(curve.values)
    tone = limit.tone(value) if limit else "info"
    return Cell(units.words(value, query.unit or panel.unit), tone, spark(curve, asked))


def spark(curve: Curve, asked: Asked, points: int = 30) -> tuple[float | None, ...]:
    """The curve in so many equal parts, None where there is nothing: the newest value of each part."""
    begins = (asked.start - _EPOCH) / timedelta(milliseconds=1)
    whole = max(1.0, (asked.end - asked.start) / timedelta(milliseconds=1))
    found: list[float | None] = [None] * points
    for at, value in zip(curve.times.tolist(), curve.values.tolist(), strict=True):
        place = min(points - 1, max(0, int((at - begins) / whole * points)))
        found[place] = value if value == value and abs(value) != float("inf") else found[place]
    return tuple(found)
