"""Now: is all well, what needs me, what changed."""

import streamlit as st

from backend.actor import Permission
from backend.answer import Empty, Fresh
from backend.audit.record import Criteria
from backend.errors import ServiceError
from components import drawings, frame, live, markup, navigation, search, session, tables
from components.recent import GLANCES
from components.services import services
from components.state import glyph, state
from components.views import now as view
from components.views import tiles
from components.wording import say

seen = session.require(Permission.VIEW_OPERATIONS)


def acts(actor, most=9):
    """The newest acts that this operator may read; none when their store does not answer."""
    whose = "all" if actor.may(Permission.READ_AUDIT) else actor.id
    try:
        return GLANCES.value(("acts", whose), services().clock, lambda: services().audit.search(actor, Criteria(), most))
    except ServiceError:
        return []


def tile(one):
    tone = {"bad": "red", "watch": "orange"}.get(one.kind, "gray")
    line = drawings.inline_spark(one.values, one.tone, one.limit, words=f"{one.label}, last 15 min, now {one.value}")
    words = f"{glyph(one.kind, 12)} :small[{one.label}]\n## {one.value}\n:small[:{tone}[{one.note}]]\n\n{line}"
    st.markdown(words, anchors=False, width=150)


def needed(need):
    word, what, verb = st.columns([1.7, 5.2, 2.2], vertical_alignment="center", gap="small")
    word.markdown(state(need.kind, need.word))
    what.markdown(f"**{need.what}**  \n{markup.soft(need.detail)}")
    with verb:
        st.page_link(navigation.page(need.page), label=f"{need.verb} →", query_params=need.params, width="stretch")


def board():
    """Everything that renews itself; it draws the same slots whatever is known."""
    here = session.require(Permission.VIEW_OPERATIONS, active=False)
    actor, watch = here.actor, here.watch
    clock = services().clock
    reads = {"summary": lambda: services().glance.summary(actor), "stores": services().health.check}
    for name, read in reads.items():
        GLANCES.begin(name, clock, read)
    summary, stores = (GLANCES.value(name, clock, read) for name, read in reads.items())
    circuits = GLANCES.value("circuits", clock, lambda: services().circuits.circuits(actor))
    transitions = GLANCES.value("transitions", clock, lambda: services().circuits.transitions(actor, None, 9))

    verdict = view.verdict(summary, circuits, stores, watch)
    frame.verdict(verdict.kind, verdict.headline, verdict.detail)
    search.box(here)
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", gap="small"):
        for one in tiles.tiles(summary, circuits):
            tile(one)
    left, right = st.columns(2, gap="small")
    needs = view.needs(actor, circuits, stores, watch)
    with left, frame.card(say("now.needs"), markup.soft(say("now.needs_note", count=len(needs)) if needs else ""), height="stretch"):
        for need in needs:
            needed(need)
        if not needs:
            known = isinstance(circuits, Fresh | Empty)
            words = say("now.needs_none" if known else "now.needs_unknown", at=watch.exact(watch.now))
            st.markdown(f"{glyph('ok' if known else 'neutral')} {words}")
    changes = view.changes(transitions, acts(actor))
    with right, frame.card(say("now.changed"), markup.soft(say("now.changed_note")), height="stretch"):
        rows = [
            {watch.name: f":gray[{watch.bare(one.at, '%H:%M')}]", "State": state(one.kind, one.word), "What": one.text} for one in changes
        ]
        if rows:
            tables.rows(rows)
        else:
            st.markdown(f"{glyph('info', 12)} {say('now.changed_none')}")


paused = frame.header("Now", f"{seen.watch.name} · every 5 s", pause="now_pause")
live.every(5, board, paused=paused)
