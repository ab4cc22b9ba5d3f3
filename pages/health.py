"""Health: each store, how fast it answers, and what one cannot see without it."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from components import frame, live, markup, session, tables
from components.services import services
from components.state import glyph
from components.views import health as view
from components.wording import say

seen = session.require(Permission.VIEW_OPERATIONS)


def board():
    here = session.require(Permission.VIEW_OPERATIONS, active=False)
    stores = services().health.check()
    frame.verdict(*view.verdict(stores, here.watch.exact(here.watch.now)))
    with frame.card(say("health.stores"), markup.soft(say("health.stores_note"))):
        tables.rows(view.rows(stores))
    with frame.card(say("health.processes"), markup.soft(say("health.processes_note"))):
        processes(here.watch)


def processes(watch):
    try:
        found = view.processes(services().monitoring.instances(), watch)
    except ServiceError as error:
        frame.refused(error)
        return
    if found:
        tables.rows(found)
    else:
        st.markdown(f"{glyph('neutral', 12)} {say('health.no_processes')}")


def product():
    settings = services().settings_view
    with frame.card(say("health.product"), markup.soft(say("health.licence"))):
        frame.provenance(
            ("Version", markup.text(settings.version)),
            ("API", markup.code(settings.api_base)),
            ("Geocoder", say("health.geocoder_set" if settings.geocoder_configured else "health.geocoder_unset")),
            ("Data", say("health.demo" if settings.demo else "health.own")),
            ("This process", markup.code(services().instance_id)),
        )
        st.markdown(say("health.source", address=frame.source_address(settings)))


paused = frame.header("Health", f"{seen.watch.name} · every 5 s", pause="health_pause")
live.every(5, board, paused=paused)
product()
