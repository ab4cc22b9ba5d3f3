"""Logs: what every process says, searched by time, level, id and words; counted over time; live as it arrives."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from backend.monitoring.logs.record import LEVELS
from components import filters, frame, live, logs_lines, logs_live, markup, ranges, recent, session, time_charts
from components.figures import FIGURES
from components.services import services
from components.state import glyph, theme
from components.time_charts import Plot
from components.views import count_figures
from components.views import logs as view
from components.views.readings import value_of
from components.wording import say

NAMES, MORE, MOST = ("q", "level", "role", "route", "request", "trace", "process"), ("route", "request", "trace", "process"), 300
seen = session.require(Permission.VIEW_LOGS)
actor, watch = seen.actor, seen.watch


def asked():
    """What is asked for; it stands in the address, so that a link shows the same."""
    found = dict.fromkeys(MORE, "")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        found["q"] = filters.text("logs", "q", say("logs.search"), hint=say("logs.search_hint"), help_words=say("logs.search_help"))
        found["level"] = filters.several("logs", "level", say("logs.level"), LEVELS, view.level_word)
        found["role"] = filters.choice("logs", "role", say("logs.role"), roles(), anything=say("logs.any_role"))
        with filters.more("logs", MORE) as is_drawn:
            if is_drawn:
                for name in MORE:
                    found[name] = filters.text("logs", name, say(f"logs.{name}"), hint=say("logs.route_hint") if name == "route" else "")
                st.button(say("logs.clear"), key="logs_clear", on_click=filters.clear, args=(NAMES,), width="stretch")
    return found


def roles():
    """The roles that said something in the span."""
    _, reading = recent.lately("log_roles", (), span, services().clock, lambda: services().logs.roles(actor, view.criteria(span, {})))
    return {name: name for name in value_of(reading) or ()}


def over_time(criteria):
    """How many lines there are, by level; a span that is drawn on it is the next to be shown."""
    shown, reading = recent.lately("log_counts", NAMES, span, services().clock, lambda: services().logs.counts(actor, criteria))
    counts = value_of(reading)
    words = view.total_words(counts)
    if counts and counts.since:
        words = say("logs.counted_since", words=words, at=watch.full(counts.since))
    with frame.card(say("logs.over_time"), markup.soft(words)):
        frame.warn_stale(reading, watch)
        if counts is None:
            frame.nothing(reading, watch, nothing(None))
            return
        rows = [(bucket.at, bucket.counts) for bucket in counts.buckets]
        tones = {level: view.KINDS[level] for level in reversed(LEVELS)}
        plot = Plot(shown.start, shown.end, counts.width.total_seconds(), watch.of_day(), theme(), height=count_figures.HEIGHT)
        figure = FIGURES.shown(("logs", rows, plot), lambda: count_figures.bars(rows, counts.width, tones, plot))
        time_charts.draw(figure, plot, key="logs_counts", alt=count_figures.words(rows, list(tones)), choose=ranges.choose)


def at_rest(criteria):
    """A page of lines, the newest first; older pages follow by the address."""
    before, logs = st.query_params.get("before"), services().logs
    _, reading = recent.lately("log_lines", (*NAMES, "before"), span, services().clock, lambda: logs.search(actor, criteria, MOST, before))
    found = value_of(reading)
    lines = found.lines if found else ()
    title(lines, say("logs.shown_more" if found and found.more else "logs.shown", count=len(lines)) if found else "")
    frame.warn_stale(reading, watch)
    if lines:
        logs_lines.grid(lines, seen)
    else:
        frame.nothing(reading, watch, f"{nothing(getattr(reading, 'since', None))} {say('logs.empty_next')}")
    with st.container(horizontal=True, gap="small"):
        if found and found.more:
            st.button(say("logs.older"), key="logs_older", on_click=filters.put, args=({"before": lines[-1].id},))
        if st.query_params.get("before"):
            st.button(say("logs.newest"), key="logs_newest", on_click=filters.clear, args=(("before",),))


def nothing(since):
    ends = {"start": watch.full(span.start), "end": watch.full(span.end)}
    return say("logs.empty_since", at=watch.full(since), **ends) if since else say("logs.empty", **ends)


def title(lines, note):
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(f"#### {say('logs.lines')}\u2002{markup.soft(note)}", width="content", anchors=False)
        if lines:
            with st.container(horizontal=True, horizontal_alignment="right", gap="small", width="content"):
                logs_lines.take_along(lines, f"logs-{span.end:%Y%m%dT%H%M%SZ}")


with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    frame.header("Logs", f"{watch.name} · {say('logs.note')}")
    span = ranges.control(watch)
    is_live = filters.switch("logs", "live", say("logs.live"), say("logs.live_help"))
try:
    criteria = view.criteria(span, asked())
    over_time(criteria)
    left, right = st.columns([2.5, 1], gap="small")
    with left:
        if is_live:
            live.every(2, logs_live.drawing(criteria, span), paused=False)
        else:
            at_rest(criteria)
    with right.container(border=True, gap="small"):
        logs_lines.in_full(st.query_params.get("line", ""), seen)
except ServiceError as error:
    st.markdown(f"{glyph('watch')} {markup.sentence(error.detail)}")
