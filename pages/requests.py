"""Requests: what the API answered, and one of them in full: where its time went, what was decided, what was said of it."""

import streamlit as st

from backend.actor import Permission
from backend.answer import Empty, Fresh, Stale
from backend.errors import ServiceError
from backend.monitoring.requests.record import STATUSES
from components import filters, frame, markup, ranges, recent, request_parts, requests_list, session
from components.services import services
from components.state import glyph
from components.views import requests as view
from components.views.readings import value_of
from components.wording import say

PAGE, NAMES, MORE = 100, ("route", "status", "only", "took", "order", "error", "actor"), ("took", "error", "actor")
DEFAULT = "1h"
seen = session.require(Permission.VIEW_REQUESTS)
actor, watch = seen.actor, seen.watch


def asked(outline):
    """What is asked for; it stands in the address, so that a link shows the same."""
    found = dict.fromkeys(MORE, "")
    routes = {name: f"{name} ({count:,})" for name, count in (outline.routes if outline else {}).items()}
    errors = {name: f"{name} ({count:,})" for name, count in (outline.errors if outline else {}).items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        found["id"] = st.text_input(say("requests.find"), key="requests_find", placeholder=say("requests.find_hint"), on_change=find)
        found["route"] = filters.choice("requests", "route", say("requests.route"), routes, anything=say("requests.any_route"))
        found["status"] = filters.several("requests", "status", say("requests.status"), STATUSES)
        found["only"] = filters.several("requests", "only", say("requests.kind"), ("degraded", "failed"))
        slowest = {"slowest": say("requests.order_slowest")}
        found["order"] = filters.choice("requests", "order", say("requests.order"), slowest, anything=say("requests.order_newest"))
        with filters.more("requests", MORE) as is_drawn:
            if is_drawn:
                found["took"] = filters.text("requests", "took", say("requests.took"), hint=say("requests.took_hint"))
                found["error"] = filters.choice("requests", "error", say("requests.error"), errors, anything=say("requests.any_error"))
                found["actor"] = filters.text("requests", "actor", say("requests.actor"))
                st.button(say("requests.clear"), key="requests_clear", on_click=filters.clear, args=(NAMES,), width="stretch")
    return found


def from_address():
    """The same, as it was before any of it is drawn: what may be chosen depends on what is there."""
    given = st.query_params
    parts = {name: tuple(one for one in given.get(name, "").split(",") if one) for name in ("status", "only")}
    return {**{name: given.get(name, "") for name in NAMES}, **parts}


def find():
    """An id that was pasted is opened in full."""
    typed = st.session_state["requests_find"].strip()
    if typed:
        st.query_params["id"] = typed
        st.session_state["requests_find"] = ""


def nothing(reading):
    ends = {"start": watch.full(span.start), "end": watch.full(span.end)}
    since = getattr(reading, "since", None)
    said = say("requests.empty_since", at=watch.full(since), **ends) if since else say("requests.empty", **ends)
    return f"{said} {say('requests.empty_next')}"


def listed(criteria):
    """A page of requests, and the ways to the others."""
    before = st.query_params.get(filters.PAGE, "")
    skip = int(before) if before.isascii() and before.isdigit() and len(before) < 6 else 0
    _, reading = recent.lately(
        "requests", (*NAMES, filters.PAGE), span, services().clock, lambda: services().requests.requests(actor, criteria, PAGE, skip)
    )
    found = value_of(reading)
    records = found.records if found else ()
    order = say(f"requests.order_{criteria.order}")
    note = say("requests.shown", first=skip + 1, last=skip + len(records), order=order) if records else ""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(f"#### {say('requests.list')}\u2002{markup.soft(note)}", width="content", anchors=False)
        if records:
            with st.container(horizontal=True, horizontal_alignment="right", gap="small", width="content"):
                requests_list.take_along(records, f"requests-{span.end:%Y%m%dT%H%M%SZ}")
    frame.warn_stale(reading, watch)
    if records:
        requests_list.grid(records, criteria.order, seen)
    else:
        frame.nothing(reading, watch, nothing(reading))
    with st.container(horizontal=True, gap="small"):
        if skip:
            st.button(say("requests.earlier"), key="requests_earlier", on_click=turn, args=(max(0, skip - PAGE),))
        if found and found.more:
            st.button(say("requests.later"), key="requests_later", on_click=turn, args=(skip + PAGE,))


def turn(skip):
    filters.put({filters.PAGE: str(skip) if skip else ""})


def beside(request_id):
    """The one that is picked: where its time went, and the way to all of it."""
    if not request_id:
        frame.title_row(say("requests.list"))
        st.markdown(f"{glyph('info', 12)} {say('requests.pick')}")
        return
    reading = services().requests.request(actor, request_id)
    known = value_of(reading)
    if known is None or known.record is None:
        frame.nothing(reading, watch, say("requests.none"))
        return
    headline, told = view.verdict(known.record)
    st.markdown(f"#### {glyph(view.kind_of(known.record))} {headline}\n{told}", anchors=False)
    request_parts.facts(known.record, watch)
    st.button(say("requests.all_of_it"), key="requests_open", on_click=filters.put, args=({"id": request_id},), type="primary")
    request_parts.waterfall(known.record, brief=True)


def in_full(request_id):
    """Everything that is known of one."""
    reading = services().requests.request(actor, request_id)
    frame.warn_stale(reading, watch)
    if not isinstance(reading, Fresh | Stale):
        with st.container(border=True):
            frame.nothing(reading, watch, say("requests.none"))
            if isinstance(reading, Empty):
                st.markdown(markup.soft(say("requests.none_next")))
        return
    known = reading.value
    if known.record is None:
        frame.verdict("watch", say("requests.only_lines"), say("requests.only_lines_next"))
    else:
        headline, told = view.verdict(known.record)
        frame.verdict(view.kind_of(known.record), headline, told)
        request_parts.facts(known.record, watch)
    request_parts.leads(request_id, known.record, seen)
    if known.record is not None:
        request_parts.waterfall(known.record)
    left, right = st.columns(2, gap="small")
    with left:
        request_parts.decisions(known)
        request_parts.acts(known, seen)
    with right:
        request_parts.lines(known, seen)
        if known.record is not None:
            request_parts.profile(known.record)


wanted = st.query_params.get("id", "")
if wanted:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        frame.header(markup.code(wanted[:64]), f"{watch.name}", back="Requests")
        st.button(say("requests.back"), key="requests_back", on_click=filters.put, args=({"id": ""},), type="tertiary")
    in_full(wanted)
else:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        frame.header("Requests", f"{watch.name} · {say('requests.note')}")
        span = ranges.control(watch, DEFAULT)
    try:
        wished = view.criteria(span, from_address())
        shown, outline = recent.lately("request_outline", NAMES, span, services().clock, lambda: services().requests.outline(actor, wished))
        criteria = view.criteria(span, asked(value_of(outline)))
        requests_list.over_time(outline, shown, nothing(outline), seen)
        left, right = st.columns([2.1, 1.4], gap="small")
        with left:
            listed(criteria)
        with right.container(border=True, gap="small"):
            beside(st.query_params.get("pick", ""))
    except ServiceError as error:
        st.markdown(f"{glyph('watch')} {markup.sentence(error.detail)}")
