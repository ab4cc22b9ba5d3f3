"""You: zone, density, your own sessions, your password."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from components import actions, clicks, frame, markup, session, tables
from components.services import services
from components.state import glyph
from components.times import zone_names
from components.views import accounts as view
from components.wording import say

seen = session.require(Permission.MANAGE_OWN_SESSIONS)
actor, watch, operator = seen.actor, seen.watch, seen.session.operator


def saying(outcome, run):
    """Do something about oneself, and say what came of it."""
    clicks.done(outcome, run, told="actions_outcome", problem="me_problem")


def save():
    zone, density = st.session_state["me_zone"], st.session_state["me_density"]
    saying(say("me.saved"), lambda by: services().accounts.set_preferences(by, zone, density))


def change():
    old, new, again = (st.session_state.get(name, "") for name in ("me_old", "me_new", "me_again"))
    if new != again:
        st.session_state["me_problem"] = say("me.differ")
        return
    saying(say("me.changed"), lambda by: services().accounts.change_password(by, old, new))
    for name in ("me_old", "me_new", "me_again"):
        st.session_state[name] = ""


def end(session_id):
    saying(say("me.ended"), lambda by: services().accounts.end_own_session(by, session_id))


def preferences():
    with frame.card(say("me.preferences"), markup.soft(say("me.preferences_note")), height="stretch"):
        zones = zone_names()
        st.selectbox(say("me.zone"), zones, index=zones.index(operator.zone) if operator.zone in zones else 0, key="me_zone")
        st.segmented_control(say("me.density"), ["comfortable", "compact"], default=operator.density, key="me_density", required=True)
        st.markdown(markup.soft(say("me.theme")))
        st.button(say("me.save"), key="me_save", on_click=save)


def password():
    with frame.card(say("me.password"), markup.soft(say("me.password_note")), height="stretch"), st.form("me_form", border=False):
        st.text_input(say("me.old"), type="password", key="me_old", autocomplete="current-password", max_chars=1024)
        st.text_input(say("me.new"), type="password", key="me_new", autocomplete="new-password", max_chars=1024)
        st.text_input(say("me.again"), type="password", key="me_again", autocomplete="new-password", max_chars=1024)
        st.form_submit_button(say("me.change"), on_click=change)


def sessions():
    found = services().accounts.own_sessions(actor)
    with frame.card(say("me.sessions"), markup.soft(say("me.sessions_note"))):
        tables.rows(view.sessions(found, actor.session_id, watch))
        others = [one for one in found if one.id != actor.session_id]
        with st.container(horizontal=True, gap="small"):
            for number, one in enumerate(others[:6]):
                words = say("me.end_one", agent=view.agent_words(one.agent), address=markup.text(one.address or "–"))
                st.button(words, key=f"me_end_{number}", on_click=end, args=(one.id,))
        if not others:
            st.markdown(markup.soft(say("me.only_this")))


actions.outcome()
frame.header("You", f"{markup.text(operator.name)} · {operator.role.value} · {watch.name}")
problem = st.session_state.pop("me_problem", None)
if problem:
    st.error(f"{glyph('bad')} {markup.text(problem)}")
left, right = st.columns(2, gap="small")
with left:
    preferences()
with right:
    password()
try:
    sessions()
except ServiceError as error:
    frame.refused(error)
with frame.card(say("me.may"), markup.soft(operator.role.value)):
    st.markdown(", ".join(markup.code(permission.value) for permission in sorted(actor.permissions)))
    st.markdown(markup.soft(say("me.may_note")))
