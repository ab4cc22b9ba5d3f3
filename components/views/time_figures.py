"""Figures over time: lines with bands, a heat map of buckets, states as bars; one style, whatever they show. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from backend.monitoring.promql.samples import Values
from components.colours import Theme, tint
from components.views import curves, plots, units
from components.views.buckets import Heat, tick_rows
from components.views.curves import Drawn, Line
from components.views.plots import Plot
from components.views.spans import Row

_THICK = {"ok": 0.3, "neutral": 0.3, "watch": 0.58, "pending": 0.58, "held": 0.58, "bypassed": 0.58, "bad": 0.82}
_SCALES = (
    ("#F1F6FC", "#DCE9F7", "#A3C5E7", "#5A93CE", "#1F5F9F", "#08305A"),
    ("#152131", "#1A2E47", "#254A77", "#3A70AE", "#6EA3DE", "#C6DFFB"),
)
_GLYPH_WIDTH = 7.0


def lines(drawn: Sequence[Line], plot: Plot) -> Any:
    """Curves over time."""
    scale = units.scale(plot.unit, curves.highest(drawn, plot.limit, plot.top))
    data = [_trace(line, curves.drawn(line, plot.step_seconds * 1000), plot, scale) for line in drawn]
    if plot.limit is not None:
        ends = plots.axis(np.array([plots.milliseconds(plot.start), plots.milliseconds(plot.end)]), plot)
        data.append(_limit(ends, plot.limit * scale.factor, plot.colours))
    layout = plots.layout(plot, data_y(plot, scale))
    return go.Figure({"data": data, "layout": layout})


def heat(found: Heat, plot: Plot) -> Any:
    """How many fell into which bucket, and when: the stronger the colour, the more."""
    dark = plot.colours["paper"] != "#FFFFFF"
    colours = _SCALES[dark]
    data = {
        "type": "heatmap",
        "x": plots.axis(found.times, plot),
        "y": list(range(len(found.names))),
        "z": found.values,
        "text": [_told(name, row, plot) for name, row in zip(found.names, found.values, strict=True)],
        "hovertemplate": "%{x}<br>%{text}<extra></extra>",
        "colorscale": [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)],
        "showscale": False,
        "ygap": 1,
        "hoverongaps": False,
    }
    rows = tick_rows(len(found.names), most=max(2, (plot.height - 44) // 11))
    axis = {
        "tickvals": rows,
        "ticktext": [found.names[row] for row in rows],
        "range": [-0.5, len(found.names) - 0.5],
        "tickfont": plots.tick_font(plot, 10),
    }
    return go.Figure({"data": [data], "layout": {**plots.layout(plot, axis), "hovermode": "closest"}})


def states(rows: Sequence[Row], plot: Plot) -> Any:
    """A bar for each row, as thick as what it tells is grave; a word where there is room for it."""
    upwards = list(reversed(rows))
    names = [_fitted(row.name) for row in upwards]
    axis = {"tickvals": list(range(len(names))), "ticktext": names, "range": [-0.6, max(0.6, len(names) - 0.4)], "showgrid": False}
    layout = plots.layout(plot, axis)
    layout["margin"].update(l=max(52, 16 + round(6.2 * max(map(len, names), default=0))), t=6)
    layout.update(barmode="overlay", hovermode="closest", height=max(plot.height, 34 + 28 * len(names)))
    return go.Figure({"data": [_bars(upwards, plot)], "layout": layout})


def data_y(plot: Plot, scale: units.Scale) -> dict[str, Any]:
    """The vertical axis of a chart of lines."""
    axis: dict[str, Any] = {
        "ticksuffix": scale.suffix,
        "hoverformat": ",.4~r",
        "nticks": 4,
        "rangemode": "tozero" if plot.bottom == 0.0 else "normal",
    }
    if plot.top is not None:
        axis["range"] = [(plot.bottom or 0.0) * scale.factor, plot.top * scale.factor]
    return axis


def _trace(line: Line, drawn: Drawn, plot: Plot, scale: units.Scale) -> dict[str, Any]:
    colour = tint(line.tone, plot.colours)
    trace = {
        "type": "scatter",
        "name": plots.plain(line.name),
        **_places(plots.axis(drawn.times, plot)),
        "y": drawn.values * scale.factor,
        "mode": "lines",
        "connectgaps": False,
        "line": {"color": colour, "width": line.width, **({"dash": line.dash} if line.dash else {})},
        "hovertemplate": f"{plots.plain(line.name)}: %{{y}}<extra></extra>",
    }
    if line.filled:
        trace.update(fill="tonexty", fillcolor=_faded(colour, 0.14))
    if drawn.alone:
        sizes = np.zeros(len(drawn.values))
        sizes[list(drawn.alone)] = 4
        trace.update(mode="lines+markers", marker={"size": sizes, "color": colour, "line": {"width": 0}})
    return trace


def _places(times: Values) -> dict[str, Any]:
    """Where points stand; equal steps are told in two numbers."""
    steps = np.diff(times)
    if len(steps) and (steps == steps[0]).all():
        return {"x0": float(times[0]), "dx": float(steps[0])}
    return {"x": times}


def _limit(ends: Any, value: float, colours: Theme) -> dict[str, Any]:
    line = {"color": colours["neutral"], "width": 1, "dash": "dash"}
    return {"type": "scatter", "x": ends, "y": [value, value], "mode": "lines", "line": line, "hoverinfo": "skip", "showlegend": False}


def _bars(rows: Sequence[Row], plot: Plot) -> dict[str, Any]:
    """All of them as one trace."""
    wide = 470 / max(1.0, (plot.end - plot.start).total_seconds())
    found = [(place, span) for place, row in enumerate(rows) for span in row.spans]
    calm = [span.kind in {"ok", "neutral"} for _, span in found]
    roomy = [(span.end - span.start).total_seconds() * wide > _GLYPH_WIDTH * len(span.word) + 8 for _, span in found]
    return {
        "type": "bar",
        "orientation": "h",
        "y": [place for place, _ in found],
        "base": plots.axis(np.array([plots.milliseconds(span.start) for _, span in found], dtype=np.int64), plot),
        "x": [(span.end - span.start).total_seconds() * 1000 for _, span in found],
        "width": [_THICK.get(span.kind, 0.3) for _, span in found],
        "marker": {
            "color": [tint(span.kind, plot.colours) for _, span in found],
            "opacity": [0.45 if quiet else 0.9 for quiet in calm],
            "line": {"width": 0},
        },
        "text": [span.word if fits and not quiet else "" for (_, span), fits, quiet in zip(found, roomy, calm, strict=True)],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "constraintext": "none",
        "textangle": 0,
        "insidetextfont": {"size": 11, "color": plot.colours["paper"]},
        "hovertext": [f"{span.word}, {plot.watch.bare(span.start)} – {plot.watch.bare(span.end)} {plot.watch.name}" for _, span in found],
        "hoverinfo": "text",
    }


def _told(name: str, values: Sequence[float], plot: Plot) -> list[str]:
    """What a cell says when one points at it."""
    return [f"{name}: {units.words(float(value), plot.unit)}" for value in values]


def _faded(colour: str, share: float) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def _fitted(name: str, most: int = 16) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
