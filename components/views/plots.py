"""What all charts of a view share: span, step, the reader's zone, colours, marks; and the layout that follows from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

import numpy as np

from backend.monitoring.promql.samples import Times, Values
from components.colours import Theme, tint
from components.times import Watch

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Mark:
    """An instant to be seen in a chart."""

    at: datetime
    words: str
    tone: str = "info"


@dataclass(frozen=True)
class Shade:
    """A span of time to be seen in a chart."""

    start: datetime
    end: datetime
    words: str
    tone: str = "bad"


@dataclass(frozen=True)
class Plot:
    """What all charts of a view share: span, step, the reader's zone, colours; and what one chart has of its own.

    ``limit`` is drawn dashed; ``bottom`` and ``top`` (in the unit) fix the axis; ``labelled`` writes the words of marks above the plot.
    """

    start: datetime
    end: datetime
    step_seconds: float
    watch: Watch
    colours: Theme
    unit: str = "none"
    limit: float | None = None
    bottom: float | None = 0.0
    top: float | None = None
    height: int = 122
    legend: bool = False
    selectable: bool = True
    labelled: bool = False
    marks: tuple[Mark, ...] = ()
    shades: tuple[Shade, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """The reader's zone; UTC when its clock changes within the span, as an axis would show an hour twice or never."""
        ends = (self.start.astimezone(self.watch.zone), self.end.astimezone(self.watch.zone))
        return self.watch.zone if ends[0].utcoffset() == ends[1].utcoffset() else UTC


def instant(text: Any, plot: Plot) -> datetime | None:
    """The instant at which the axis says so."""
    try:
        return datetime.fromisoformat(str(text).replace(" ", "T")[:26].rstrip("Z")).replace(tzinfo=plot.zone).astimezone(UTC)
    except ValueError:
        return None


def layout(plot: Plot, y: Mapping[str, Any]) -> dict[str, Any]:
    colours = plot.colours
    common = {
        "gridcolor": colours["faint"],
        "zeroline": False,
        "ticks": "",
        "title": None,
        "automargin": False,
        "fixedrange": True,
        "tickfont": tick_font(plot),
    }
    where, words = _ticks(plot)
    x = {**common, "type": "date", "showgrid": False, "showline": True, "linecolor": colours["line"], "tickvals": where, "ticktext": words}
    x["range"] = list(axis(np.array([milliseconds(plot.start), milliseconds(plot.end)]), plot))
    x["hoverformat"] = "%H:%M:%S" if plot.end - plot.start <= timedelta(days=1) else "%-d %b %H:%M"
    return {
        "height": plot.height + (36 if plot.legend else 0),
        "margin": {"l": 52, "r": 20, "t": 18, "b": 62 if plot.legend else 26},
        "showlegend": plot.legend,
        "legend": {"orientation": "h", "y": -0.36, "yanchor": "top", "x": 0, "font": tick_font(plot)},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colours["panel"],
            "bordercolor": colours["line"],
            "font": {"size": 11.5, "color": colours["ink"]},
            "namelength": 60,
        },
        "dragmode": "select" if plot.selectable else False,
        "selectdirection": "h",
        "newselection": {"line": {"color": colours["info"], "width": 1, "dash": "dot"}},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 11.5, "color": colours["ink"]},
        "template": "none",
        "xaxis": x,
        "yaxis": {**common, **y},
        "shapes": [*_shades(plot), *_marks(plot)],
        "annotations": _words(plot) if plot.labelled else [],
    }


def _ticks(plot: Plot, count: int = 5) -> tuple[list[Any], list[str]]:
    """The first and last instant and three between, in the reader's words; with the day where one differs."""
    step = (plot.end - plot.start) / (count - 1)
    at = [plot.start + step * place for place in range(count)]
    local = [one.astimezone(plot.zone) for one in at]
    form = "%H:%M" if plot.end - plot.start >= timedelta(minutes=8) else "%H:%M:%S"
    several_days = local[0].date() != local[-1].date()
    words = [f"{one:{form}}" for one in local]
    if several_days:
        firsts = [True, *(one.date() != other.date() for one, other in pairwise(local))]
        words = [f"{one.day} {one:%b} {word}" if first else word for one, word, first in zip(local, words, firsts, strict=True)]
        if plot.end - plot.start > timedelta(days=4):
            words = [f"{one.day} {one:%b}" for one in local]
    return list(axis(np.array([milliseconds(one) for one in at]), plot)), words


def _shades(plot: Plot) -> list[dict[str, Any]]:
    return [
        {
            "type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below", "line": {"width": 0}, "opacity": 0.09,
            "x0": _place(max(one.start, plot.start), plot), "x1": _place(min(one.end, plot.end), plot),
            "fillcolor": tint(one.tone, plot.colours),
        }
        for one in plot.shades
        if one.end > plot.start and one.start < plot.end
    ]  # fmt: skip


def _marks(plot: Plot) -> list[dict[str, Any]]:
    return [
        {
            "type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "x0": _place(one.at, plot), "x1": _place(one.at, plot),
            "line": {"color": tint(one.tone, plot.colours), "width": 1.2},
        }
        for one in plot.marks
        if plot.start <= one.at <= plot.end
    ]  # fmt: skip


def _words(plot: Plot) -> list[dict[str, Any]]:
    """Above the plot; words that would stand on others are left out, as the list below the charts has all of them."""
    wanted = [(one.at, one.words, one.tone) for one in plot.marks] + [(min(one.end, plot.end), one.words, one.tone) for one in plot.shades]
    taken: list[tuple[float, float]] = []
    found = []
    for at, text, tone in sorted(wanted, key=lambda one: one[0], reverse=True):
        if not plot.start <= at <= plot.end or not text:
            continue
        right = 440 * (at - plot.start) / (plot.end - plot.start)
        left = right - 6.2 * len(text)
        if left < -30 or any(left < other_right + 8 and right > other_left - 8 for other_left, other_right in taken):
            continue
        taken.append((left, right))
        font = {"size": 11, "color": tint(tone, plot.colours)}
        found.append({
            "x": _place(at, plot), "y": 1, "yref": "paper", "text": plain(text), "showarrow": False, "xanchor": "right",
            "yanchor": "bottom", "xshift": -3, "font": font,
        })  # fmt: skip
    return found


def plain(text: str) -> str:
    """What comes from outside must not be read as the few tags and places that Plotly knows."""
    return text.replace("<", "‹").replace(">", "›").replace("%{", "% {")


def axis(times: Times, plot: Plot) -> Values:
    """Instants as the axis has them: milliseconds of local time."""
    offset = plot.start.astimezone(plot.zone).utcoffset() or timedelta()
    found: Values = times.astype(np.float64) + offset.total_seconds() * 1000
    return found


def _place(at: datetime, plot: Plot) -> Any:
    return axis(np.array([milliseconds(at)]), plot)[0]


def milliseconds(at: datetime) -> int:
    return round((at - _EPOCH) / timedelta(milliseconds=1))


def tick_font(plot: Plot, size: int = 11) -> dict[str, Any]:
    return {"size": size, "color": plot.colours["neutral"]}
