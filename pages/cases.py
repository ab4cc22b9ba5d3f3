"""Cases: one's own and the team's stored requests; regression sets with their runs and what has drifted."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from components import actions, address, case_acts, case_cards, frame, live, markup, navigation, regression_cards, session
from components.services import services
from components.state import glyph
from components.views import regressions as view
from components.wording import say

seen = session.require(Permission.KEEP_CASES)
chosen = st.query_params.get("set")


def overview():
    frame.header("Cases", say("cases.note"))
    told()
    left, right = st.columns([1.9, 1], gap="small")
    with left:
        picked = case_cards.lists(seen, st.query_params.get("case"))
        if seen.actor.may(Permission.SEE_REGRESSIONS):
            regression_cards.all_sets(seen)
    with right:
        case_cards.card(picked, seen)


def told():
    """What went wrong at the last click, and where what was opened is."""
    problem = case_acts.problem()
    if problem:
        st.error(f"{glyph('bad')} {markup.text(problem)}")
    opened = st.session_state.pop("cases_opened", None)
    if opened:
        st.page_link(navigation.page("playground"), label=say("cases.open"), query_params={"case": opened}, width="content")


def one_set():
    found = services().regressions.view(seen.actor, chosen)
    frame.header(markup.text(found.set.title), seen.watch.name, back="Cases")
    run = asked_run(found)
    results = services().regressions.results(seen.actor, run.id) if run else []
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        address.link(say("regressions.back"), "cases_back")
        with st.container(horizontal=True, horizontal_alignment="right", gap="small", width="content"):
            regression_cards.acts(found, run, results, seen)
    told()
    if found.runs and found.runs[0].is_open:
        st.session_state["regressions_open"] = found.runs[0].id
        live.every(1, progress, paused=False)
    if run is not None and run.id != (view.newest_done(found) or run).id:
        st.markdown(say("regressions.looking_at", at=seen.watch.exact(run.asked_at)))
        address.link(say("regressions.newest"), "cases_newest", set=found.set.id)
    if run is not None or not found.runs:
        regression_cards.verdict(run, results, seen)
    if run is None:
        regression_cards.entries(found, seen)
    else:
        regression_cards.drift(found, run, results, seen)
    left, right = st.columns(2, gap="small")
    with left:
        regression_cards.about(found, run, seen)
    with right:
        regression_cards.history(found, run, seen)


def asked_run(found):
    """The run that the address names, else the newest that is over."""
    asked = st.query_params.get("run")
    return next((run for run in found.runs if run.id == asked and not run.is_open), None) or view.newest_done(found)


def progress():
    """The open run, each second; the whole page anew when it is over."""
    here = session.require(Permission.KEEP_CASES, active=False)
    try:
        run = services().regressions.run_of(here.actor, st.session_state["regressions_open"])
    except ServiceError as error:
        frame.refused(error)
        return
    if not run.is_open and session.is_tick():
        st.rerun(scope="app")
    regression_cards.progress(run, here)


actions.outcome()
try:
    if chosen and seen.actor.may(Permission.SEE_REGRESSIONS):
        one_set()
    else:
        overview()
except ServiceError as error:
    frame.refused(error)
    address.link(say("regressions.back"), "cases_back_after")
