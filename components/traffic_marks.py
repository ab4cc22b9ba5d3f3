"""What happened around the charts of Traffic: drawn on them, and listed below with a way on from each."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from backend.operations.annotations import Annotations
from components import frame, markup, tables
from components.ranges import TimeRange
from components.recent import GLANCES
from components.services import services
from components.session import Seen
from components.state import glyph, state
from components.views import marks as view
from components.views.marks import Noted
from components.wording import say

MOST_LISTED = 8


def around(seen: Seen, span: TimeRange) -> Annotations:
    """Asked once for everybody with the same rights who looks within the same moment."""
    key = ("annotations", seen.actor.id, *span.params().values())
    return GLANCES.value(key, services().clock, lambda: services().annotations.between(seen.actor, span.start, span.end))


def on_charts(found: Annotations, span: TimeRange) -> dict[str, Any]:
    """As the plot takes them."""
    return {"marks": view.marks(found, span.start, span.end), "shades": view.shades(found, span.start, span.end)}


def listed(found: Annotations, seen: Seen, span: TimeRange) -> None:
    """The twin of the rules and spans on the charts."""
    watch = seen.watch
    rows = view.noted(found, span.start, span.end)
    with frame.card(say("traffic.marks"), markup.soft(say("traffic.marks_note"))):
        if found.unknown:
            names = ", ".join(say(f"traffic.source_{name}") for name in found.unknown)
            st.markdown(state("neutral", say("traffic.marks_missing", what=names)))
        if rows:
            tables.rows([_row(one, seen) for one in rows[:MOST_LISTED]])
        elif not found.unknown:
            words = say("traffic.marks_none", start=watch.bare(span.start, "%H:%M"), end=watch.clock(span.end))
            st.markdown(f"{glyph('info', 12)} {words}")
        if rows[MOST_LISTED:]:
            with st.expander(say("traffic.marks_more", count=len(rows) - MOST_LISTED), key="traffic_older"):
                tables.rows([_row(one, seen) for one in rows[MOST_LISTED:]])


def _row(one: Noted, seen: Seen) -> dict[str, str]:
    ways = [f"[{say('traffic.open')}]({address(one.page, one.params)})"]
    if one.link:
        ways.append(f"[{say('traffic.deploy_link')}](<{one.link}>)")
    return {
        seen.watch.name: f":gray[{seen.watch.bare(one.at)}]",
        "State": state(one.kind, one.word),
        say("traffic.what"): one.text,
        say("traffic.more_of_it"): " · ".join(ways),
    }


def address(page: str, params: dict[str, str]) -> str:
    """A page of ours with these parameters."""
    return f"/{page}?{urlencode(params)}" if params else f"/{page}"
