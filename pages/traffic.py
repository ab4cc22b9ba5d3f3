"""Traffic: dashboards over time, as narrow as one likes; a panel of its own with the query behind it; everything in the address."""

from contextlib import nullcontext
from dataclasses import replace

import streamlit as st

from backend.actor import Permission
from components import live, panel_details, panels, ranges, session, traffic_head, traffic_marks
from components.services import services
from components.state import theme
from components.turns import TURNS
from components.views.plots import Plot

seen = session.require(Permission.VIEW_OPERATIONS)


def details(panel_id):
    """For a button: the view of one panel."""
    st.query_params["panel"] = panel_id
    st.session_state["traffic_moved"] = True


def choose(start, end):
    """For a selection on a chart: that span, for all panels."""
    ranges.choose(start, end)
    st.session_state["traffic_moved"] = True


def ask(here):
    """All panels of what the address asks for; whoever looks waits for each by itself."""
    now = traffic_head.chosen(here)
    return now, services().boards.run(here.actor, now.board.name, now.window, at_once=not session.is_tick())


def board():
    """The panels, side by side; each is drawn when its own answer is there."""
    here = session.require(Permission.VIEW_OPERATIONS, active=False)
    if st.session_state.pop("traffic_moved", False) and session.is_tick():
        st.rerun(scope="app")
    now, running = asked.pop() if asked else ask(here)
    marks = traffic_marks.around(here, now.span)
    plot = Plot(now.span.start, now.span.end, now.window.step_seconds, here.watch, theme(), **traffic_marks.on_charts(marks, now.span))
    key = f"traffic_{now.board.name}_{'_'.join(now.span.params().values())}"
    first, others = panels.Place(replace(plot, labelled=True), key, choose, details), panels.Place(plot, key, choose, details)
    for row in rows_of(now.board.panels):
        for column, number in zip(st.columns(len(row), gap="small"), row, strict=True):
            with column:
                panels.card(answer(running, now.board.panels[number].id), others if number else first)
    traffic_marks.listed(marks, here, now.span)


def answer(running, panel_id):
    """What the panel says; whoever has to wait for it holds up nobody."""
    with TURNS.away() if running.waits(panel_id) else nullcontext():
        return running.panel(panel_id)


def rows_of(shown):
    """Two beside each other; a table has a row to itself."""
    rows = []
    for number, panel in enumerate(shown):
        is_wide = panel.kind == "table"
        if is_wide or not rows or len(rows[-1]) == 2 or shown[rows[-1][0]].kind == "table":
            rows.append([number])
        else:
            rows[-1].append(number)
    return rows


# Before the head waits for what its variables may be: both come at the same time.
asked = [] if st.query_params.get("panel") else [ask(seen)]
chosen, paused = traffic_head.draw(seen)
if st.query_params.get("panel"):
    panel_details.draw(seen, chosen, choose)
else:
    live.every(chosen.board.refresh_seconds, board, paused=paused or not chosen.is_live)
