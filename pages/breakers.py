"""Breakers: a card for each dependency, live; one of them in detail; isolate and release."""

from datetime import timedelta

import streamlit as st

from backend.actor import Permission
from backend.answer import Stale
from backend.errors import NotFound, ServiceError
from components import actions, acts, drawings, frame, live, markup, navigation, session, tables
from components.services import services
from components.state import glyph, state
from components.views import circuits as view
from components.views.readings import value_of
from components.wording import say

seen = session.require(Permission.VIEW_OPERATIONS)
chosen = st.query_params.get("circuit")


def card(one):
    with st.container(border=True, gap="xsmall"):
        frame.title_row(one.title, state(one.kind, one.word))
        st.markdown(markup.soft(one.since))
        drawings.window_strip(one.bars)
        frame.facts(*one.facts)
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(
                f"{glyph(one.agreement[0], 11)} :small[{one.agreement[1]}] " + markup.soft(f"· {one.note}" if one.note else ""),
                width="content",
            )
            st.page_link(navigation.page("breakers"), label=say("breakers.details"), query_params={"circuit": one.name}, width="content")


def fleet():
    here = session.require(Permission.VIEW_OPERATIONS, active=False)
    reading = services().circuits.circuits(here.actor)
    known, old = value_of(reading) or [], isinstance(reading, Stale)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for kind, words in view.counts(known, old=old) or [("neutral", say("breakers.none_known"))]:
            st.markdown(state(kind, words), width="content")
        st.markdown(frame.freshness(reading, here.watch) + markup.soft(f" · {say('breakers.legend')}"), width="content")
    frame.warn_stale(reading, here.watch)
    if not known:
        with st.container(border=True):
            frame.nothing(reading, here.watch, say("breakers.no_geocoder"))
    cards = [view.card(circuit, here.watch, old=old) for circuit in view.worst_first(known)]
    for start in range(0, len(cards), 3):
        for column, one in zip(st.columns(3, gap="small"), cards[start : start + 3], strict=False):
            with column:
                card(one)
    with frame.card(say("breakers.transitions"), markup.soft(say("breakers.newest"))):
        tables.transitions(services().circuits.transitions(here.actor, None, 20), here.watch, named=True)


def detail():
    here = session.require(Permission.VIEW_OPERATIONS, active=False)
    reading = services().circuits.circuit(here.actor, chosen)
    frame.warn_stale(reading, here.watch)
    circuit = value_of(reading)
    moves = services().circuits.transitions(here.actor, chosen, 50)
    with st.container(border=True, gap="small"):
        if circuit is None:
            frame.nothing(reading, here.watch, say("breakers.no_geocoder"))
        else:
            kind, word = view.shown(circuit, old=isinstance(reading, Stale))
            st.markdown(f"## {state(kind, word, 16)} {view.headline(circuit, here.watch)}", anchors=False)
            end = here.watch.now
            start = end - timedelta(hours=1)
            ticks = [(part / 4, here.watch.bare(start + part / 4 * (end - start), "%H:%M")) for part in range(5)]
            drawings.span_bar(view.spans(value_of(moves) or [], circuit, start, end, known_from(value_of(moves) or [])), ticks)
    left, right = st.columns([1.55, 1], gap="small")
    with left, frame.card(say("breakers.transitions"), markup.soft(say("breakers.newest")), height="stretch"):
        tables.transitions(moves, here.watch)
    with right:
        with frame.card(say("breakers.processes"), _agreement(circuit)):
            tables.processes(circuit)
        with frame.card(say("breakers.window"), frame.freshness(reading, here.watch)):
            drawings.window_strip([(bar.ok, bar.bad) for bar in circuit.bars] if circuit else [(0, 0)] * 30, width=410)
            st.markdown(markup.soft(view.rule(circuit, here.watch) if circuit else say("breakers.no_rule")))


def known_from(moves):
    """Since when anybody kept a record; unknown while the list of processes cannot be read."""
    try:
        return view.known_since(moves, services().monitoring.instances())
    except ServiceError:
        return None


def _agreement(circuit):
    if circuit is None:
        return ""
    kind, words = view.agreement(circuit)
    return f"{glyph(kind, 11)} :small[{words}]"


def offered():
    """The acts that this operator may do on this circuit; drawn by the page, as a dialog must not be opened by a timer."""
    try:
        circuit = value_of(services().circuits.circuit(seen.actor, chosen))
        if circuit is None:
            return
        if view.isolated(circuit):
            if seen.actor.may(Permission.RELEASE_CIRCUITS):
                actions.opener(acts.release(circuit))
        elif seen.actor.may(Permission.ISOLATE_CIRCUITS):
            actions.opener(acts.isolate(circuit, seen.actor, seen.watch), danger=True)
    except ServiceError as error:
        frame.refused(error)


actions.outcome()
if chosen:
    try:
        found = value_of(services().circuits.circuit(seen.actor, chosen))
    except NotFound as error:
        frame.refused(error)
        st.page_link(navigation.page("breakers"), label=say("breakers.back"))
        st.stop()
    title = markup.text(found.title if found else chosen)
    paused = frame.header(title, f"{seen.watch.name} · every 2 s", back="Breakers", pause="breakers_pause")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.page_link(navigation.page("breakers"), label=say("breakers.back"), width="content")
        offered()
    live.every(2, detail, paused=paused)
else:
    paused = frame.header("Breakers", f"{seen.watch.name} · every 2 s", pause="breakers_pause")
    live.every(2, fleet, paused=paused)
