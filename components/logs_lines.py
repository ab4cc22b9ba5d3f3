"""Draws log lines: the grid to pick from, one line in full, and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from backend.actor import Permission
from backend.answer import Fresh, Stale
from backend.monitoring.logs.record import LogLine
from components import filters, frame, markup, navigation, picking, tables
from components.services import services
from components.session import Seen
from components.state import glyph, state
from components.views import logs as view
from components.views.readings import value_of
from components.wording import say

AROUND = 8
HEIGHT = 560
_WIDTHS = {"Level": 76, "Role": 60, "Event": 116, "Said": 300, "Request": 72}


def grid(lines: Sequence[LogLine], seen: Seen, *, steady: bool = False) -> None:
    """The lines, to pick one from."""
    look = picking.Grid("logs", "line", _WIDTHS, 26 if seen.compact else 30, HEIGHT, 16, steady)
    alt = say("logs.grid", count=len(lines))
    picking.draw(look, [line.id for line in lines], lambda: view.columns(lines, seen.watch), alt, seen.watch)


def in_full(line_id: str, seen: Seen) -> None:
    """One line: everything it says, where it leads, and what was said around it."""
    if not line_id:
        frame.title_row(say("logs.line"))
        st.markdown(f"{glyph('info', 12)} {say('logs.pick')}")
        return
    reading = services().logs.around(seen.actor, line_id, 0, 0)
    found = value_of(reading)
    if not found:
        frame.title_row(say("logs.line"))
        frame.nothing(reading, seen.watch, say("logs.gone"))
        return
    line: LogLine = found[0]
    frame.title_row(markup.text(line.event), state(view.KINDS[line.level], line.level.capitalize()))
    frame.warn_stale(reading, seen.watch)
    st.markdown(markup.soft(seen.watch.full(line.at)))
    _leads(line, seen)
    tables.rows(view.fields(line), header=False)
    _around(line, seen)


def _leads(line: LogLine, seen: Seen) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if line.request_id and seen.actor.may(Permission.VIEW_REQUESTS):
            st.page_link(navigation.page("requests"), label=say("logs.open_request"), query_params={"id": line.request_id}, width="content")
        _narrow("only_request", "request", line.request_id)
        _narrow("only_process", "process", line.instance)
        _narrow("only_event", "q", line.event)


def _narrow(text: str, name: str, value: str | None) -> None:
    if value and st.query_params.get(name) != value:
        st.button(say(f"logs.{text}"), key=f"logs_{text}", type="tertiary", on_click=filters.put, args=({name: value},))


def _around(line: LogLine, seen: Seen) -> None:
    """Folded until it is wanted, as it asks the store."""
    with st.expander(say("logs.around"), key="logs_around", on_change="rerun") as expander:
        if not expander.open:
            return
        of_process = st.segmented_control(
            say("logs.around"),
            [True, False],
            format_func=lambda one: say("logs.around_of" if one else "logs.around_all"),
            default=True,
            key="logs_around_of",
            required=True,
            label_visibility="collapsed",
        )
        reading = services().logs.around(seen.actor, line.id, AROUND, AROUND, line.instance if of_process else "")
        if isinstance(reading, Fresh | Stale):
            tables.rows(view.neighbours(reading.value, line.id, seen.watch))
        else:
            frame.nothing(reading, seen.watch, say("logs.around_none"))


def take_along(lines: Sequence[LogLine], stem: str) -> None:
    """The lines that are shown, as files."""
    kinds: tuple[tuple[str, Any, str], ...] = (("csv", view.as_csv, "text/csv"), ("json", view.as_json, "application/json"))
    for name, written, mime in kinds:
        st.download_button(
            say(f"logs.{name}"),
            partial(written, lines),
            f"{stem}.{name}",
            mime,
            key=f"logs_{name}",
            help=say("logs.export_help"),
            on_click="ignore",
            type="tertiary",
        )
