"""Counts over time as bars on one another, the gravest lowest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.colours import Theme, tint
from components.views import plots
from components.views.plots import Plot

HEIGHT = 96
Row = tuple[datetime, Mapping[str, int]]  # the beginning of a bucket, and its counts by name


def bars(rows: Sequence[Row], width: timedelta, tones: Mapping[str, str], plot: Plot) -> Any:
    """``tones``: each name's kind of state, the gravest first."""
    places: Any = plots.axis(np.array([plots.milliseconds(at) for at, _ in rows]), plot) if rows else []
    long = width / timedelta(milliseconds=1)
    shown = {name: kind for name, kind in tones.items() if any(counts.get(name) for _, counts in rows)}
    data = [_trace(name, kind, rows, places, long, plot.colours) for name, kind in shown.items()]
    layout = plots.layout(plot, {"rangemode": "tozero", "nticks": 3, "tickformat": "~s"})
    layout.update(barmode="stack", bargap=0.12)
    layout["margin"].update(t=8)
    return go.Figure({"data": data, "layout": layout})


def _trace(name: str, kind: str, rows: Sequence[Row], places: Any, long: float, colours: Theme) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": plots.plain(name),
        "x": places,
        "y": [counts.get(name, 0) for _, counts in rows],
        "width": long * 0.88,
        "offset": long * 0.06,
        "marker": {"color": tint(kind, colours), "line": {"width": 0}},
        "hovertemplate": "%{y:,}",
    }


def words(rows: Sequence[Row], names: Sequence[str]) -> str:
    """What the bars show, for whoever does not see them."""
    totals = {name: sum(counts.get(name, 0) for _, counts in rows) for name in names}
    told = ", ".join(f"{total:,} × {name}" for name, total in totals.items() if total)
    return told or "nothing"
