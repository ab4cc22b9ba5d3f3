"""Curves of a range: one chart of what can be told apart, the same in numbers, and a list of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from backend.monitoring.promql.labels import Labels
from components import explorer_tables, frame, markup, pictures, ranges, time_charts
from components.figures import FIGURES
from components.session import Seen
from components.state import theme
from components.times import Watch
from components.views import explorer_answers as view
from components.views import time_figures
from components.views.curves import Line, told_apart
from components.views.explorer_answers import Answered, Kept
from components.views.explorer_figure import swatch
from components.wording import say

HEIGHT = 300


def draw(answers: Sequence[Answered], kept: Kept, seen: Seen) -> None:
    """The curves with their names, and a list of all series in numbers."""
    first, drawn = answers[0], kept.drawn
    shared = view.common(drawn)
    without = frozenset(name for name, _ in shared)
    lines = told_apart((_line_name(one, without), one.curve) for one in drawn)
    plot = time_charts.Plot(first.start, first.end, first.step_seconds, seen.watch, theme(), bottom=view.floor(drawn), height=HEIGHT)
    with st.container(border=True, gap="small"):
        explorer_tables.title("graph", markup.soft(f"{_graph_note(first, seen.watch)}, {_drawn_words(kept)}"), answers)
        plot = replace(plot, watch=plot.watch.of_day())
        key = (*((one.query, one.letter, one.reading.at if one.reading else None) for one in answers), plot)
        figure = FIGURES.shown(key, lambda: time_figures.lines(lines, plot))
        time_charts.draw(figure, plot, key="explorer_graph", alt=_words(kept, seen.watch), choose=ranges.choose)
        _legend(drawn, lines, shared)
    with frame.card(say("explorer.all_series"), markup.soft(explorer_tables.listed(kept))):
        explorer_tables.grid(_columns(kept), "explorer_series", say("explorer.all_series"), seen)


def _line_name(one: view.Series, without: frozenset[str]) -> str:
    """A curve's name beside the pointer; Plotly knows a few tags, which a label's value must not form."""
    return f"{one.letter} {markup.short(view.series_name(one.curve.labels, without), 80)}".replace("<", "‹").replace(">", "›")


def _graph_note(first: Answered, watch: Watch) -> str:
    return say(
        "explorer.graph_note", from_=watch.exact(first.start), to=watch.exact(first.end), step=view.duration_text(first.step_seconds)
    )


def _drawn_words(kept: Kept) -> str:
    drawn = len(kept.drawn)
    if drawn == kept.total:
        return say("explorer.drawn_all", count=drawn)
    return say("explorer.drawn_some", drawn=drawn, count=kept.total, left=kept.total - drawn)


def _words(kept: Kept, watch: Watch) -> str:
    """The chart for those who do not see it."""
    return f"{_drawn_words(kept)}. " + ". ".join(_spoken(one, watch) for one in kept.drawn[:3])


def _spoken(one: view.Series, watch: Watch) -> str:
    told = view.summary(one.curve)
    return say(
        "explorer.alt",
        name=one.name,
        last=view.number(told.last),
        at=watch.exact(told.at),
        least=_known(told.least),
        most=_known(told.most),
    )


def _legend(drawn: Sequence[view.Series], lines: Sequence[Line], shared: Labels) -> None:
    """Each curve as it is drawn, its name and its last value; the labels that all share are said once."""
    if shared:
        st.markdown(markup.soft(say("explorer.common", labels=markup.code(view.series_name(shared)))))
    without, colours = frozenset(name for name, _ in shared), theme()
    st.markdown(
        "  \n".join(_legend_line(one, pictures.inline(swatch(line, colours)), without) for one, line in zip(drawn, lines, strict=True))
    )


def _legend_line(one: view.Series, picture: str, without: frozenset[str]) -> str:
    name = markup.short(view.series_name(one.curve.labels, without), 160)
    return f"{picture} **{one.letter}** {markup.code(name)} {view.number(float(one.curve.values[-1]))}"


def _known(value: float | None) -> str:
    return "–" if value is None else view.number(value)


def _columns(kept: Kept) -> dict[str, list[Any]]:
    told = [view.summary(one.curve) for one in kept.series]
    return {
        say("explorer.query"): [one.letter for one in kept.series],
        say("explorer.series"): [one.name for one in kept.series],
        say("explorer.last"): [one.last for one in told],
        say("explorer.least"): [one.least for one in told],
        say("explorer.mean"): [one.mean for one in told],
        say("explorer.most"): [one.most for one in told],
        say("explorer.points"): [one.points for one in told],
    }
