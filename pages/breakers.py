"""Breakers: a card for each dependency, live; one of them in detail, with what may be done about it."""

import json

import streamlit as st

from backend.actor import Permission
from backend.answer import Stale
from backend.errors import ServiceError
from components import actions, circuit_cards, circuit_offers, frame, live, markup, navigation, session, tables
from components.services import services
from components.state import state
from components.views import circuit_history as history
from components.views import circuits as view
from components.views.readings import value_of
from components.wording import say

seen = session.require(Permission.VIEW_OPERATIONS)
chosen = st.query_params.get("circuit")


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
                circuit_cards.card(one)
    with frame.card(say("breakers.transitions"), markup.soft(say("breakers.newest"))):
        tables.transitions(services().circuits.transitions(here.actor, None, 20), here.watch)


def detail():
    here = session.require(Permission.VIEW_OPERATIONS, active=False)
    try:
        reading = services().circuits.circuit(here.actor, chosen)
    except ServiceError as error:  # gone meanwhile, or nobody can tell whether there is such a circuit
        frame.refused(error)
        return
    frame.warn_stale(reading, here.watch)
    circuit = value_of(reading)
    moves = services().circuits.transitions(here.actor, chosen, 50)
    found = value_of(moves) or []
    records = asked(lambda: services().circuits.history(here.actor, chosen))
    with st.container(border=True, gap="small"):
        if circuit is None:
            frame.nothing(reading, here.watch, say("breakers.no_geocoder"))
        else:
            since = asked(lambda: history.known_since(found, services().monitoring.instances()))
            circuit_cards.verdict(circuit, reading, found, here.watch, since)
    left, right = st.columns([1.55, 1], gap="small")
    with left:
        circuit_cards.transitions(moves, records, here.watch)
    with right:
        circuit_cards.tiers(circuit, here.watch)
        circuit_cards.window(circuit, reading, here.watch)
    circuit_cards.around(circuit)
    circuit_cards.policy(circuit, here.watch)
    circuit_cards.orders(records, circuit, here.watch)


def asked(read):
    """What a store says; None while it does not answer."""
    try:
        return read()
    except ServiceError:
        return None


def export(label, name):
    """Everything that this page is drawn from, collected at the click."""
    file_name = f"breakers-{name or 'all'}.json"
    st.download_button(
        label, lambda: exported(name), file_name, "application/json", key="breakers_export", help=say("breakers.export_help")
    )


def exported(name):
    try:
        return json.dumps(services().circuits.export(seen.actor, name), indent=2)
    except ServiceError as error:
        return json.dumps({"known": "no", "why": error.detail})


def offered(circuit):
    """The acts that this operator may do on this circuit; drawn by the page, as a dialog must not be opened by a timer."""
    if circuit is None:
        return
    may = circuit_offers.offered(circuit, seen)
    for offer in may.main:
        actions.opener_of(offer)
    actions.menu(say("breakers.more"), may.more, "breakers_more")


def all_of_them():
    paused = frame.header("Breakers", f"{seen.watch.name} · every 2 s", pause="breakers_pause")
    live.every(2, fleet, paused=paused)
    export(say("breakers.export_all"), None)


def one_of_them():
    try:
        found = value_of(services().circuits.circuit(seen.actor, chosen))
    except ServiceError as error:
        frame.refused(error)
        st.page_link(navigation.page("breakers"), label=say("breakers.back"))
        return
    title = markup.text(found.title if found else chosen)
    paused = frame.header(title, f"{seen.watch.name} · every 2 s", back="Breakers", pause="breakers_pause")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.page_link(navigation.page("breakers"), label=say("breakers.back"), width="content")
        with st.container(horizontal=True, horizontal_alignment="right", gap="small", width="content"):
            offered(found)
            export(say("breakers.export"), chosen)
    live.every(2, detail, paused=paused)


actions.outcome()
if chosen:
    one_of_them()
else:
    all_of_them()
