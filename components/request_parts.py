"""Draws one request: where its time went, what was decided on the way, what was said of it, and where it leads."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from backend.actor import Permission
from backend.answer import Fresh, Stale
from backend.monitoring.logs.record import Found
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import RequestInFull
from components import drawings, frame, markup, navigation, tables
from components.session import Seen
from components.state import glyph, state
from components.times import Watch, seconds_word
from components.views import logs as log_view
from components.views import requests as view
from components.views.acts import act_sentence
from components.views.ranges import written
from components.views.readings import value_of
from components.wording import say

_AROUND = timedelta(minutes=15)
_SOON = timedelta(minutes=1)
MOST_LINES = 100


def facts(record: RequestRecord, watch: Watch) -> None:
    """By which it is known elsewhere."""
    frame.provenance(
        ("At", markup.text(watch.full(record.at))),
        (say("requests.key_fact"), markup.code(record.actor_id or "none")),
        (say("requests.process_fact"), markup.code(record.instance)),
        (say("requests.trace_fact"), markup.code(record.trace_id)),
    )


def waterfall(record: RequestRecord, *, brief: bool = False) -> None:
    """Each part with its place in the whole; ``brief`` for a narrow place: without what they came to and their details."""
    bars = view.waterfall(record)
    note = say("requests.waterfall_note", count=len(bars), took=seconds_word(record.seconds)) if bars else ""
    with frame.card(say("requests.waterfall"), markup.soft(note)):
        if not bars:
            st.markdown(f"{glyph('info', 12)} {say('requests.no_spans')}")
            return
        tables.rows([_part(bar) if brief else {**_part(bar), **_more(bar)} for bar in bars])
        st.markdown(markup.soft(f"{seconds_word(view.outside_seconds(record))} {say('requests.outside')}"))


def _part(bar: view.Bar) -> dict[str, str]:
    drawn = drawings.inline_part(bar.begins, bar.ends, "info" if bar.span.outcome == "ok" else "bad")
    return {"Part": view.part_name(bar), "Took": view.took(bar.span), "Within the request": drawn}


def _more(bar: view.Bar) -> dict[str, str]:
    return {"Came to": state(*view.outcome(bar.span), 11), "Details": view.attributes(bar.span.attributes) or ":gray[–]"}


def decisions(known: RequestInFull) -> None:
    found: Found | None = value_of(known.lines) if known.lines is not None else None
    rows = view.decisions(known.record, found.lines if found else ())
    with frame.card(say("requests.decisions")):
        if rows:
            tables.rows(rows)
        else:
            st.markdown(f"{glyph('info', 12)} {say('requests.no_decisions')}")


def lines(known: RequestInFull, seen: Seen) -> None:
    """What processes said while it went on, the oldest first."""
    with frame.card(say("requests.lines")):
        if known.lines is None:
            st.markdown(f"{glyph('held', 12)} {say('requests.lines_forbidden')}")
            return
        frame.warn_stale(known.lines, seen.watch)
        if isinstance(known.lines, Fresh | Stale):
            found = tuple(reversed(known.lines.value.lines))[:MOST_LINES]
            tables.rows(log_view.neighbours(found, "", seen.watch))
        else:
            frame.nothing(known.lines, seen.watch, say("requests.no_lines"))


def acts(known: RequestInFull, seen: Seen) -> None:
    """What it did that is audited."""
    with frame.card(say("requests.acts")):
        if known.acts is None:
            st.markdown(f"{glyph('neutral', 12)} {say('requests.acts_unknown')}")
        elif not known.acts:
            st.markdown(f"{glyph('info', 12)} {say('requests.no_acts')}")
        for one in known.acts or ():
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(markup.soft(seen.watch.exact(one.at)), width="content")
                st.page_link(navigation.page("audit"), label=act_sentence(one), query_params={"record": one.id}, width="content")


def profile(record: RequestRecord) -> None:
    with frame.card(say("requests.profile")):
        if record.profile:
            st.code(record.profile, language=None)
        else:
            st.markdown(f"{glyph('info', 12)} {say('requests.no_profile')}")


def leads(request_id: str, record: RequestRecord | None, seen: Seen) -> None:
    """To its lines, to what happened around it, and to the technique it asked for."""
    actor = seen.actor
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if actor.may(Permission.VIEW_LOGS):
            _link("logs", "to_logs", {"request": request_id, **_moment(record)})
        if record is None:
            return
        if "traffic" in navigation.BY_NAME:
            _link("traffic", "to_moment", _moment(record))
        technique = view.technique_of(record.route)
        if technique and actor.may(Permission.COMPUTE_CHARTS):
            _link("playground", "playground", {"technique": technique})
            st.markdown(markup.soft(say("requests.playground_why")))


def _link(page: str, text: str, params: dict[str, str]) -> None:
    st.page_link(navigation.page(page), label=say(f"requests.{text}"), query_params=params, width="content")


def _moment(record: RequestRecord | None) -> dict[str, str]:
    if record is None:
        return {"range": "7d"}
    return {"from": written(record.at - _AROUND), "to": written(record.at + _SOON)}
