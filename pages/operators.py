"""Operators: who may sign in, as what; invitations, sessions and the keys of programs."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from components import actions, acts, frame, markup, session, tables
from components.services import services
from components.state import glyph, state
from components.views import accounts as view
from components.wording import say

seen = session.require(Permission.VIEW_OPERATORS)
actor, watch = seen.actor, seen.watch
manages = actor.may(Permission.MANAGE_OPERATORS)


def told_once():
    """A code or a key, shown once, by itself, with what to do with it."""
    code, key = st.session_state.pop("operators_code", None), st.session_state.pop("operators_key", None)
    if code:
        with frame.card(say("operators.code", name=markup.text(code[0])), markup.soft(say("operators.until", at=watch.clock(code[2])))):
            st.code(code[1], language=None)
            st.markdown(say("operators.code_next"))
    if key:
        with frame.card(say("operators.key", name=markup.text(key[0])), state("watch", say("operators.once"))):
            st.code(key[1], language=None)
            st.markdown(say("operators.key_next"))


def people():
    found = services().accounts.operators(actor)
    waiting = services().accounts.invitations(actor)
    with frame.card(say("operators.people"), markup.soft(say("operators.count", count=len(found)))):
        tables.rows(view.operators(found, watch))
        if waiting:
            st.markdown(f"##### {say('operators.invited')}", anchors=False)
            tables.rows(view.invitations(waiting, watch))
            for one in waiting[:5] if manages else []:
                actions.opener(acts.withdraw(one))
    return found


def one_of(found):
    """One operator: their sessions, and what may be done about them."""
    with frame.card(say("operators.one"), markup.soft(say("operators.one_note"))):
        names = {one.id: one.name for one in found}
        chosen_id = st.selectbox(
            say("operators.choose"), list(names), format_func=names.__getitem__, key="operators_one", label_visibility="collapsed"
        )
        chosen = next((one for one in found if one.id == chosen_id), None)
        if chosen is None:
            return
        open_sessions = services().accounts.sessions_of(actor, chosen.id)
        st.markdown(f"{state(*view.operator_state(chosen))} · {chosen.role.value}")
        if open_sessions:
            tables.rows(view.sessions(open_sessions, actor.session_id, watch))
        else:
            st.markdown(markup.soft(say("operators.no_sessions")))
        if manages:
            with st.container(horizontal=True, gap="small"):
                actions.opener(acts.change_role(chosen))
                actions.opener(acts.end_sessions(chosen, len(open_sessions)))
                actions.opener(acts.disable(chosen) if chosen.disabled_at is None else acts.enable(chosen))


def programs():
    found = services().keys.keys(actor)
    with frame.card(say("operators.keys"), markup.soft(say("operators.keys_note"))):
        if found:
            tables.rows(view.keys(found, watch))
        else:
            st.markdown(f"{glyph('info', 12)} {say('operators.no_keys')}")
        with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
            actions.opener(acts.create_key())
            valid = {key.id: key for key in found if key.revoked_at is None}
            if valid:
                name = st.selectbox(
                    say("operators.choose_key"),
                    list(valid),
                    format_func=lambda key_id: valid[key_id].name,
                    key="operators_key_one",
                    width=240,
                    label_visibility="collapsed",
                )
                actions.opener(acts.revoke_key(valid[name]))


actions.outcome()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.markdown("# Operators", width="content", anchors=False)
    if manages:
        actions.opener(acts.invite())
    else:
        st.markdown(markup.soft(say("operators.read_only")), width="content")
told_once()
try:
    left, right = st.columns([1.25, 1], gap="small")
    with left:
        found = people()
    with right:
        one_of(found)
    if actor.may(Permission.MANAGE_KEYS):
        programs()
except ServiceError as error:
    with st.container(border=True):
        st.markdown(f"{state('neutral', say('frame.unknown'))}  \n{markup.text(error.detail)}. {say('operators.failed')}")
