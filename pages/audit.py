"""Audit: who did what, when and why; one record in full."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from components import frame, markup, navigation, session, tables
from components.services import services
from components.state import glyph, state
from components.views import audit as view
from components.views import ranges
from components.wording import say

PAGE, HEIGHT = 50, 652
seen = session.require(Permission.READ_OWN_ACTS)
actor, watch = seen.actor, seen.watch


def filters():
    """What is asked for; it stands in the address, so that a link shows the same."""
    within = st.selectbox(
        "Time", list(view.RANGES), format_func=lambda name: view.RANGES[name][0], index=3, key="audit_range", bind="query-params"
    )
    choices = view.act_choices(services().audit.facets(actor))
    act = st.selectbox(
        "Act", list(choices), format_func=lambda name: choices.get(name, name), index=None, key="audit_act", placeholder="Any act"
    )
    who = st.text_input("Actor", key="audit_actor", placeholder="name or id", bind="query-params", max_chars=64)
    what = st.text_input("Object or reason", key="audit_text", placeholder="id or part of it", bind="query-params", max_chars=64)
    fixed = span()
    if fixed:
        st.markdown(markup.soft(say("audit.only", span=f"{fixed.words(watch)} {watch.name}")))
        st.button(say("audit.all_times"), key="audit_all_times", on_click=all_times, width="stretch")
    st.button(say("audit.refresh"), key="audit_refresh", on_click=forget, width="stretch")
    if not actor.may(Permission.READ_AUDIT):
        st.markdown(markup.soft(say("audit.own_only")))
    return (within, who or "", act, what or "", fixed)


def span():
    """The fixed span that a link from a chart asks for; None: what the filter says."""
    return ranges.asked(st.query_params, watch.now) if {"from", "to"} <= set(st.query_params) else None


def all_times():
    """Away from that span."""
    for name in ("from", "to"):
        st.query_params.pop(name, None)


def forget():
    """Look anew: until then the rows stay as they were drawn, so that a picked row is the one that was meant."""
    for name in ("audit_asked", "audit_before", "audit_picked"):
        st.session_state.pop(name, None)


def page_of(asked):
    """The rows of the present page, under a ceiling that only a new question lifts."""
    if st.session_state.get("audit_asked") != asked:
        forget()
        st.session_state["audit_asked"] = asked
    records = services().audit.search(actor, view.criteria(*asked, now=watch.now), PAGE, st.session_state.get("audit_before"))
    if records and "audit_before" not in st.session_state:
        st.session_state["audit_before"] = records[0].sequence + 1
    return records


def first_row():
    """The newest record is open from the start, unless the address names another."""
    rows = [] if st.query_params.get("record") else [0]
    return {"selection": {"rows": rows, "columns": [], "cells": []}}


def log(records):
    columns = {
        name: st.column_config.TextColumn(width=width)
        for name, width in zip(view.rows(records, watch)[0], (72, 84, 140, 132, 84), strict=True)
    }
    picked = st.dataframe(
        view.rows(records, watch),
        key=f"audit_log_{records[0].sequence}",
        alt=say("audit.grid", count=len(records)),
        hide_index=True,
        row_height=30 if seen.compact else 36,
        height=HEIGHT if len(records) > 16 else "content",
        on_select="rerun",
        selection_mode="single-row",
        selection_default=first_row(),
        column_config=columns,
    )
    chosen = picked["selection"]["rows"]
    return records[chosen[0]].id if chosen and chosen[0] < len(records) else None


def older(last):
    st.session_state["audit_before"] = last


def record(record_id):
    if record_id is None:
        frame.title_row("Record")
        st.markdown(f"{glyph('info', 12)} {say('audit.pick')}")
        return
    try:
        found = services().audit.record(actor, record_id)
    except ServiceError as error:
        frame.refused(error)
        return
    kind = ("ok", "Done") if found.outcome == "done" else ("bad", "Refused")
    frame.title_row(f"Record {found.sequence:,}", state(*kind))
    st.markdown(f"**{view.sentence(found)}**  \n{markup.soft(view.origin(found, watch))}")
    if found.reason:
        st.markdown(f"Reason: *{markup.text(found.reason)}*")
    changed = view.differences(found.before, found.after)
    if changed:
        st.markdown("##### Before and after", anchors=False)
        tables.rows(changed)
    st.markdown("##### Known as", anchors=False)
    tables.rows(view.identifiers(found), header=False)
    if found.object_kind == "circuit":
        st.page_link(navigation.page("breakers"), label=say("audit.to_breaker"), query_params={"circuit": found.object_id}, width="content")


frame.header("Audit", f"{watch.name} · {say('audit.note')}")
sought, table, full = st.columns([1, 2.9, 2], gap="small")
try:
    with sought.container(border=True, gap="small", height="stretch"):
        asked = filters()
    records = page_of(asked)
    with table:
        picked = log(records) if records else None
        if not records:
            with st.container(border=True):
                st.markdown(f"{glyph('info', 12)} {say('audit.empty_filter' if any(asked[1:]) or asked[0] != 'all' else 'audit.empty')}")
        elif len(records) == PAGE:
            st.button(say("audit.older"), key="audit_older", on_click=older, args=(records[-1].sequence,))
    with full.container(border=True, gap="small", height="stretch"):
        record(picked or st.query_params.get("record"))
except ServiceError:
    with full.container(border=True, height="stretch"):
        st.markdown(f"{state('neutral', say('frame.unknown'))}  \n{say('audit.failed')}")
