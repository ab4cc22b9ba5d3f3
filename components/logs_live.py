"""Draws log lines as they arrive: what is new joins what is shown, unless one of them is open beside it: then it waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import streamlit as st

from backend.actor import Permission
from backend.answer import Failed, Fresh
from backend.monitoring.logs.record import Criteria, LogLine, newest_first
from components import frame, logs_lines, markup, session
from components.services import services
from components.session import Seen
from components.state import glyph
from components.views.ranges import TimeRange
from components.views.readings import value_of
from components.wording import say

MOST = 200
AHEAD = timedelta(minutes=5)  # clocks of processes may differ
_QUESTION, _CURSOR, _LINES, _OPEN = "logs_live_question", "logs_live_cursor", "logs_live_lines", "logs_live_open"
_DRAWN = "logs_live_drawn"


def drawing(criteria: Criteria, span: TimeRange) -> Callable[[], None]:
    """What a timer draws again and again; the span's length goes on with the clock."""
    question = (span.end - span.start, criteria.besides_time())

    def draw() -> None:
        here = session.require(Permission.VIEW_LOGS, active=False)
        now = here.watch.now
        _draw(criteria.within(now - (span.end - span.start), now + AHEAD), question, here)

    return draw


def _draw(criteria: Criteria, question: Any, seen: Seen) -> None:
    if st.session_state.get(_QUESTION) != question:
        _begin(criteria, question, seen)
    tail = services().logs.tail(seen.actor, criteria, st.session_state.get(_CURSOR), MOST)
    if isinstance(tail, Fresh):
        _join(tail.value.lines, criteria)
        st.session_state[_CURSOR] = tail.value.cursor
    lines, waiting = _shown()
    note = say("logs.skipped", count=MOST) if isinstance(tail, Fresh) and tail.value.skipped else say("logs.shown", count=len(lines))
    note = say("logs.held", count=waiting) if waiting else note
    st.markdown(f"#### {say('logs.lines')}\u2002{markup.soft(f'{note} ·')} {frame.freshness(tail, seen.watch)}", anchors=False)
    if isinstance(tail, Failed):
        frame.nothing(tail, seen.watch, "")
    if lines:
        logs_lines.grid(lines, seen, steady=True)
    elif not isinstance(tail, Failed):
        st.markdown(f"{glyph('info', 12)} {say('logs.waiting', at=seen.watch.exact(criteria.start))}")
    _open_beside()


def _begin(criteria: Criteria, question: Any, seen: Seen) -> None:
    """First the cursor, then what is there already: so nothing between the two is missed."""
    first = value_of(services().logs.tail(seen.actor, criteria))
    found = value_of(services().logs.search(seen.actor, criteria, MOST))
    st.session_state[_CURSOR] = first.cursor if first else None
    st.session_state[_LINES] = list(found.lines) if found else []
    st.session_state[_QUESTION] = question if first else None
    st.session_state.pop(_DRAWN, None)


def _shown() -> tuple[list[LogLine], int]:
    """The lines to draw, and how many wait: while one of them is open they stay as they were drawn."""
    lines: list[LogLine] = st.session_state.get(_LINES, [])
    drawn: list[LogLine] = st.session_state.get(_DRAWN, [])
    if st.query_params.get("line", "") in (ids := {line.id for line in drawn}):
        return drawn, sum(line.id not in ids for line in lines)
    st.session_state[_DRAWN] = lines
    return lines, 0


def _join(new: tuple[LogLine, ...], criteria: Criteria) -> None:
    known = {line.id: line for line in (*st.session_state.get(_LINES, []), *new)}
    st.session_state[_LINES] = [line for line in newest_first(list(known.values())) if line.at >= criteria.start][:MOST]


def _open_beside() -> None:
    """A line that was picked here is shown in full beside, which is not part of what the timer draws."""
    picked = st.query_params.get("line", "")
    if session.is_tick() and st.session_state.get(_OPEN, picked) != picked:
        st.session_state[_OPEN] = picked
        st.rerun(scope="app")
    st.session_state[_OPEN] = picked
