"""A panel's answer as a figure, and the same in words for who does not see it. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.monitoring.dashboards.record import Panel
from backend.monitoring.dashboards.service import PanelAnswer
from components.colours import LIGHT
from components.times import Watch
from components.views import buckets, panels, plots, spans, time_figures, units
from components.views.plots import Plot
from components.wording import say

MOST_IN_LEGEND = 6


def figure(answer: PanelAnswer, plot: Plot) -> Any:
    """Lines, spread or bars, by the panel's kind; None when there is nothing to draw."""
    if panels.newest_at(answer) is None:
        return None
    return {"heat": _heat, "states": _states}.get(answer.panel.kind, _lines)(answer, plot)


def note(answer: PanelAnswer, plot: Plot) -> str:
    """What the title says beside a chart that has no newest value of its own."""
    if answer.panel.kind == "heat":
        return say("traffic.more_light" if plot.colours is LIGHT else "traffic.more")
    left = panels.lines(answer)[1] if answer.panel.kind == "lines" else 0
    return say("traffic.left_out", left=left) if left else ""


def words(answer: PanelAnswer, watch: Watch) -> str:
    """The chart in a sentence."""
    panel, one = answer.panel, answer.asked[0]
    span = f"{watch.bare(one.start, '%H:%M')} – {watch.clock(one.end)}"
    found = [] if panel.kind in {"heat", "states"} else panels.newest(answer)[:6]
    told = [say("traffic.alt_value", name=each.name, value=units.words(panels.shown(each), panel.unit)) for each in found]
    if panel.kind == "states":
        told = [f"{row.name} {row.spans[-1].word}" for row in _rows(answer)]
    return "; ".join([say("traffic.alt", title=panel.title, span=span), *told])


def _lines(answer: PanelAnswer, plot: Plot) -> Any:
    drawn, _ = panels.lines(answer)
    return time_figures.lines(drawn, plot)


def _heat(answer: PanelAnswer, plot: Plot) -> Any:
    one = answer.asked[0]
    found = buckets.heat(
        one.result.curves if one.result else (),
        plots.milliseconds(one.start),
        plots.milliseconds(one.end),
        round(one.step_seconds * 1000),
    )
    return None if found is None else time_figures.heat(found, plot)


def _states(answer: PanelAnswer, plot: Plot) -> Any:
    return time_figures.states(_rows(answer), plot)


def _rows(answer: PanelAnswer) -> list[spans.Row]:
    panel, one = answer.panel, answer.asked[0]
    meanings = {name: (meaning.kind, meaning.word) for name, meaning in panel.meanings.items()}
    return spans.rows(
        one.result.curves if one.result else (), panel.rows, panel.state_label or None, meanings, round(one.step_seconds * 1000)
    )


def fitted(plot: Plot, answer: PanelAnswer, **changes: Any) -> Plot:
    """The plot of this panel: its unit, limit and ends of the axis, over exactly what was asked."""
    panel: Panel = answer.panel
    one = answer.asked[0]
    limit = panel.threshold.watch if panel.threshold else None
    count = len(panels.newest(answer))
    own: dict[str, Any] = {"unit": panel.unit, "limit": limit, "bottom": panel.bottom, "top": panel.top}
    own["legend"] = panel.kind == "lines" and panels.MOST_HEADLINES < count <= MOST_IN_LEGEND
    if panel.kind != "lines":
        own.update(marks=(), shades=())  # they would hide what is told by colour alone
    step = timedelta(seconds=one.step_seconds)
    return replace(plot, start=one.start, end=max(one.end, one.start + step), step_seconds=one.step_seconds, **{**own, **changes})
