"""Draws the panels of a dashboard: a card each, whatever became of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import streamlit as st

from backend.monitoring.dashboards.record import Panel
from backend.monitoring.dashboards.service import PanelAnswer
from components import markup, pictures, tables, time_charts
from components.colours import DIRECTIVE, tint
from components.figures import FIGURES
from components.state import glyph, state, theme
from components.views import panel_figures, panel_tables, panels, units
from components.views.curves import Line
from components.views.panels import Trouble
from components.views.plots import Plot
from components.wording import say

MOST_ROWS = 12
_STAT_WIDTH = 420.0  # as wide as the narrower of two cards beside each other
_SMALLER = ('width="140" height="32"', 'width="84" height="19"')  # a sparkline in the row of a table


@dataclass(frozen=True)
class Place:
    """Where panels are drawn: the plot they share, a key that changes with what is asked, and what a selected span does."""

    plot: Plot
    key: str
    choose: Callable[[datetime, datetime], None]
    details: Callable[[str], None] | None = None


def card(answer: PanelAnswer, place: Place) -> None:
    """Title with the newest value, the chart, and whatever is wrong with it in its own place."""
    found = panels.trouble(answer, place.plot.watch)
    with st.container(border=True, gap="xsmall", height="stretch"):
        title(answer, place)
        content(answer, found, place)


def _right(answer: PanelAnswer, found: Trouble | None, place: Place) -> str:
    """Beside the title: what is the matter, else the newest value."""
    if found is not None:
        return f":small[{glyph(found.kind, 11)} {_toned(found)}]"
    quiet = panel_figures.note(answer, place.plot)
    return panels.headline(answer, lambda line: _sample(line, place.plot)) or (markup.soft(quiet) if quiet else "")


def _sample(line: Line, plot: Plot) -> str:
    """A short piece of the line, as it is drawn in the chart."""
    dash = {"dash": ' stroke-dasharray="5 3"', "dot": ' stroke-dasharray="1.5 2"', "dashdot": ' stroke-dasharray="5 2 1.5 2"'}.get(
        line.dash or "", ""
    )
    stroke = f'<path d="M0 5H18" stroke="{tint(line.tone, plot.colours)}" stroke-width="{line.width}"{dash}/>'
    return pictures.inline(pictures.svg(18, 10, stroke))


def _toned(found: Trouble) -> str:
    return f":{DIRECTIVE[found.kind]}[{found.word}]"


def title(answer: PanelAnswer, place: Place) -> None:
    """The title with what is to be said beside it, and the way to the panel's details."""
    panel, right = answer.panel, _right(answer, panels.trouble(answer, place.plot.watch), place)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(f"#### {panel.title}" + (f"\u2002{right}" if right else ""), width="stretch", anchors=False, help=panel.about or None)
        if place.details is not None:
            st.button(
                say("traffic.details"), key=f"{place.key}_details_{panel.id}", type="tertiary", on_click=place.details, args=(panel.id,),
                help=say("traffic.details_help"),
            )  # fmt: skip


def content(answer: PanelAnswer, found: Trouble | None, place: Place, **changes: Any) -> None:
    """What the panel shows; where there is nothing, why."""
    if found is not None and found.detail:
        st.markdown(markup.soft(found.detail) if not found.is_all else found.detail)
    if found is not None and found.is_all:
        return
    if answer.panel.kind == "table":
        rows_of(answer, answer.panel, MOST_ROWS)
    elif answer.panel.kind == "stat":
        stat(answer)
    else:
        chart(answer, place, **changes)


def chart(answer: PanelAnswer, place: Place, **changes: Any) -> None:
    plot = panel_figures.fitted(place.plot, answer, **changes)
    plot = replace(plot, watch=plot.watch.of_day())
    key = (
        answer.panel.id,
        plot,
        tuple((one.text, one.start, one.end, type(one.reading), _at(one.reading)) for one in (*answer.asked, *answer.previous)),
    )
    figure = FIGURES.shown(key, lambda: panel_figures.figure(answer, plot))
    if figure is None:
        st.markdown(markup.soft(say("traffic.no_rows")))
        return
    time_charts.draw(figure, plot, key=f"{place.key}_{answer.panel.id}", alt=panel_figures.words(answer, plot.watch), choose=place.choose)


def stat(answer: PanelAnswer) -> None:
    """One number, its change against the time before, and how it went."""
    panel, found = answer.panel, panels.newest(answer)
    value = panels.shown(found[0]) if found else None
    by = units.change(value, panels.before(answer), panel.unit)
    tone = panel.threshold.tone(value) if panel.threshold else "info"
    line = ""
    if found:
        curve = answer.asked[0].result.curves[0] if answer.asked[0].result else None
        values = panel_tables.spark(curve, answer.asked[0]) if curve is not None else ()
        limit = panel.threshold.watch if panel.threshold else None
        drawn = pictures.spark(values, theme(), tone if tone in {"watch", "bad"} else "info", limit, width=_STAT_WIDTH)
        line = pictures.inline(drawn, panel.title)
    head = f"{glyph(tone, 12)} " if panel.threshold else ""
    st.markdown(f"## {head}{units.words(value, panel.unit)}\n:small[:gray[{by or panel.note}]]\n\n{line}", anchors=False)


def rows_of(answer: PanelAnswer, panel: Panel, most: int) -> None:
    """A table: real rows, a state as shape and word where a limit says so, and how the first column went."""
    names, rows = panel_tables.table(answer)
    label = panel.rows.replace("_", " ").capitalize()
    lines = []
    for name, cells in rows[:most]:
        words = [_cell(cell, is_first=place == 0) for place, cell in enumerate(cells)]
        lines.append({label: markup.text(name) or "–", **dict(zip(names, words, strict=True))})
    tables.rows(lines)
    if rows[most:]:
        st.markdown(markup.soft(say("traffic.left_out", left=len(rows) - most)))


def _cell(cell: panel_tables.Cell, *, is_first: bool) -> str:
    if cell.tone in {"watch", "bad"}:
        return state(cell.tone, cell.words, 12)
    if not is_first or not cell.values:
        return cell.words
    small = pictures.spark(cell.values, theme()).replace(*_SMALLER, 1)
    return f"{cell.words}\u2002{pictures.inline(small, cell.words)}"


def _at(reading: Any) -> datetime | None:
    found: datetime | None = getattr(reading, "at", None)
    return found
